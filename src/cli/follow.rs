//! A run as it happens, in lines: for people, or one JSON object each for machines. On a terminal, what is at work now
//! stands below them.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgPool;
use workflows::RunId;

use super::{
    Failed,
    status::{Now, Status},
};
use crate::{
    client::screen::clean,
    services::{
        replay::{self, Stage},
        runs,
    },
};

/// Pause between looks.
const LOOK: Duration = Duration::from_millis(100);

/// Who prints what happens.
#[derive(Debug)]
pub(super) struct Follower {
    db: PgPool,
    run: RunId,
    json: bool,
    /// The line at the bottom, where there is one.
    status: Option<Status>,
    begun: Instant,
    /// What was printed last.
    seen_act: DateTime<Utc>,
    seen_row: i32,
    cost: i64,
    tokens: i64,
}

/// Why following came to a halt.
#[derive(Debug)]
pub(super) enum Halt {
    /// The run has ended.
    Ended,
    /// The run, or one of its attempts, waits for this signal.
    Waits(RunId, String),
    /// Somebody at work has the run.
    Works(Stage),
}

impl Follower {
    pub(super) fn new(db: PgPool, run: RunId, json: bool) -> Self {
        Self {
            db,
            run,
            json,
            status: if json { None } else { Status::of_terminal() },
            begun: Instant::now(),
            seen_act: DateTime::UNIX_EPOCH,
            seen_row: 0,
            cost: 0,
            tokens: 0,
        }
    }

    /// Millionths of a dollar that were printed.
    pub(super) fn cost(&self) -> i64 {
        self.cost
    }

    /// Prints until the run ends or waits for a person, or until `enough` says so.
    pub(super) async fn follow(
        &mut self,
        mut enough: impl FnMut(&Stage) -> bool,
    ) -> Result<Halt, Failed> {
        loop {
            let stage = replay::stage(&self.db, self.run).await?;
            self.print().await?;
            let halt = match &stage {
                Stage::Ended => Halt::Ended,
                Stage::Waits { run, signal } => Halt::Waits(*run, signal.clone()),
                stage if enough(stage) => Halt::Works(stage.clone()),
                stage => {
                    self.show(stage).await?;
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            };
            // Whoever goes on writes from the beginning of the line.
            if let Some(status) = &mut self.status {
                status.clear();
            }
            return Ok(halt);
        }
    }

    /// Shows what is at work now.
    async fn show(&mut self, stage: &Stage) -> Result<(), Failed> {
        let Some(status) = &mut self.status else {
            return Ok(());
        };
        let step = match stage {
            Stage::Held { step, .. } => step.clone().unwrap_or_default(),
            _ => "between two steps".to_owned(),
        };
        let acts = replay::at_work(&self.db, self.run).await?.into_iter();
        let acts = acts.map(|act| {
            let said = said("tool", act.detail.as_ref());
            let gist = format!("{} {} {said}", act.agent, act.what);
            let length = (Utc::now() - act.since).to_std().unwrap_or_default();
            (gist.trim_end().to_owned(), length)
        });
        status.draw(&Now {
            step,
            acts: acts.collect(),
            elapsed: self.begun.elapsed(),
            tokens: self.tokens,
            cost: self.cost,
        });
        Ok(())
    }

    /// Prints what is new.
    async fn print(&mut self) -> Result<(), Failed> {
        let acts = replay::acts_after(&self.db, self.run, self.seen_act).await?;
        for act in acts {
            self.seen_act = act.at;
            self.cost += act.cost_usd_micros;
            self.tokens += act.tokens;
            let said = said(&act.kind, act.detail.as_ref());
            self.line(
                &json!({"type": act.kind, "at": act.at, "agent": act.agent, "what": act.what, "said": said,
                       "is_error": act.is_error, "tokens": act.tokens, "cost_usd_micros": act.cost_usd_micros}),
                &match act.kind.as_str() {
                    "tool" => {
                        let mark = if act.is_error { "✗" } else { "·" };
                        format!("  {:<8} {mark} {} {said}", act.agent, act.what)
                    }
                    _ => format!(
                        "  {:<8}   {said}  [{} tokens, ${:.4}]",
                        act.agent,
                        act.tokens,
                        usd(act.cost_usd_micros)
                    ),
                },
            );
        }
        for row in replay::rows_after(&self.db, self.run, self.seen_row).await? {
            self.seen_row = row.seq;
            let at = row.at;
            let value = json!({"type": row.kind, "at": at, "row": row.seq, "what": row.what});
            let line = format!("{} {}", mark(&row.kind), row.what);
            if row.told {
                self.line(&value, &line);
            }
        }
        Ok(())
    }

    fn line(&mut self, value: &Value, text: &str) {
        if let Some(status) = &mut self.status {
            status.clear();
        }
        if self.json {
            println!("{value}");
        } else {
            println!("{}", clean(text));
        }
    }

    /// What the run returned, or why it failed.
    pub(super) async fn end(&self) -> Result<(String, Value), Failed> {
        let run = runs::get(&self.db, self.run).await?;
        let outcome = run.outcome.unwrap_or_default();
        Ok((outcome, run.output.or(run.failure).unwrap_or_default()))
    }
}

fn mark(kind: &str) -> &'static str {
    match kind {
        "step" => "✓",
        "run.recovered" => "↻",
        "step.failed" | "run.failed" => "✗",
        _ => "…",
    }
}

/// Dollars.
pub(super) fn usd(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// The gist of an act in one line.
fn said(kind: &str, detail: Option<&Value>) -> String {
    let Some(detail) = detail else {
        return String::new();
    };
    let text = if kind == "tool" {
        let keys = ["command", "path", "pattern", "filter", "question"];
        let first = keys.iter().find_map(|key| detail[*key].as_str());
        first.unwrap_or_default().to_owned()
    } else {
        let blocks = detail["answered"]["reply"]["content"].as_array();
        let texts = blocks.into_iter().flatten();
        let texts = texts.filter_map(|block| match block["type"].as_str() {
            Some("text") => block["text"].as_str().map(str::to_owned),
            Some("tool_use") => Some(format!("→ {}", block["name"].as_str().unwrap_or_default())),
            _ => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(100).collect();
    if cut.len() < line.len() {
        cut + "…"
    } else {
        cut
    }
}
