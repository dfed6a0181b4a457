//! Reading a run back: where it stands, and its journal as a table for people.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use workflows::RunId;

pub use crate::models::feed::{FeedRow, WorkRow};
use crate::{
    error::{Error, Result},
    models::{event, feed, head, run, step, worker},
};

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Steps recorded.
    pub recorded: i32,
    /// How often it has changed hands.
    pub epoch: i32,
    /// The process that holds it.
    pub holder: Option<i32>,
    /// Whether it has ended.
    pub ended: bool,
}

/// Where a run stands now.
pub async fn position(db: &PgPool, id: RunId) -> Result<Position> {
    if let Some(head) = head::find(db, id.0).await? {
        let holder = match head.owner {
            Some(owner) => worker::process(db, owner).await?,
            None => None,
        };
        return Ok(Position {
            recorded: head.step_no - 1,
            epoch: head.epoch,
            holder,
            ended: false,
        });
    }
    let run = run::find(db, id.0)
        .await?
        .ok_or_else(|| Error::not_found("run"))?;
    let recorded = i32::try_from(step::list(db, id.0).await?.len()).unwrap_or(i32::MAX);
    Ok(Position {
        recorded,
        epoch: run.epoch.unwrap_or_default(),
        holder: None,
        ended: true,
    })
}

/// Rows of a journal that are shown at most.
const MOST: i64 = 10_000;

/// The journal of a run: steps and events in their one numbering.
pub async fn table(db: &PgPool, id: RunId) -> Result<String> {
    let steps = step::list(db, id.0).await?.into_iter().map(|s| {
        (
            s.seq,
            s.at,
            s.epoch,
            format!("step {:<3} {} ({} ms)", s.step_no, s.name, s.duration_ms),
        )
    });
    let events = event::list(db, id.0, 0, MOST).await?.into_iter().map(|e| {
        let about = e.data["key"]
            .as_str()
            .or(e.data["cause"].as_str())
            .or(e.data["reason"].as_str());
        (
            e.seq,
            e.at,
            e.epoch,
            format!("  {} {}", e.kind, about.unwrap_or_default()),
        )
    });
    let mut rows: Vec<_> = steps.chain(events).collect();
    rows.sort_by_key(|row| row.0);
    let mut table = String::from("  row  epoch  at            what\n");
    for (seq, at, epoch, what) in rows {
        table += &format!(
            "  {seq:>3}  {epoch:>5}  {}  {what}\n",
            at.format("%H:%M:%S%.3f")
        );
    }
    Ok(table)
}

/// Where a run stands, for somebody who follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// A worker's process holds it, in the step of this name.
    Held {
        /// The process.
        pid: Option<i32>,
        /// The step.
        step: Option<String>,
    },
    /// It goes on by itself: in line, between two tries, at the end of its branches.
    Between,
    /// It, or one of its attempts, waits until somebody sends this signal.
    Waits {
        /// Which run waits.
        run: RunId,
        /// The signal's name.
        signal: String,
    },
    /// It has ended.
    Ended,
}

/// Where a run stands now.
pub async fn stage(db: &PgPool, id: RunId) -> Result<Stage> {
    let Some(head) = head::find(db, id.0).await? else {
        return match run::find(db, id.0).await? {
            Some(_) => Ok(Stage::Ended),
            None => Err(Error::not_found("run")),
        };
    };
    Ok(match (head.owner, head.waits.as_deref()) {
        (Some(owner), _) => Stage::Held {
            pid: worker::process(db, owner).await?,
            step: head.step,
        },
        (None, Some("signal")) => Stage::Waits {
            run: id,
            signal: head.waits_for.unwrap_or_default().join(" | "),
        },
        (None, Some("children")) => match head::waiting_child(db, id.0).await? {
            Some(child) => Stage::Waits {
                run: RunId(child.run_id),
                signal: child.waits_for.unwrap_or_default().join(" | "),
            },
            None => Stage::Between,
        },
        _ => Stage::Between,
    })
}

/// What agents of a run did after this moment, oldest first.
pub async fn acts_after(db: &PgPool, id: RunId, after: DateTime<Utc>) -> Result<Vec<FeedRow>> {
    Ok(feed::after(db, id.0, after).await?)
}

/// What agents of a run and its attempts do now, the newest first.
pub async fn at_work(db: &PgPool, id: RunId) -> Result<Vec<WorkRow>> {
    Ok(feed::at_work(db, id.0).await?)
}

/// A row of a journal in words.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its position.
    pub seq: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// `step`, or the event's kind.
    pub kind: String,
    /// What happened.
    pub what: String,
    /// Whether somebody who follows the run wants to know.
    pub told: bool,
}

/// The rows of a journal after position `after` (0: all that are its own), oldest first. Steps are read before events, and a
/// run goes on in between: what is behind a row that was missed is left to the next look.
pub async fn rows_after(db: &PgPool, id: RunId, after: i32) -> Result<Vec<Told>> {
    let before = match after {
        0 => run::find(db, id.0).await?.and_then(|run| run.fork_seq),
        after => Some(after),
    };
    let before = before.unwrap_or_default();
    let steps = step::list(db, id.0).await?.into_iter();
    let steps = steps.filter(|step| step.seq > after).map(|step| Told {
        seq: step.seq,
        at: step.at,
        kind: "step".to_owned(),
        what: format!(
            "{}: {} ({:.1} s)",
            step.name,
            step.output["result"].as_str().unwrap_or("done"),
            f64::from(step.duration_ms) / 1000.0
        ),
        told: true,
    });
    let events = event::list(db, id.0, after, MOST).await?.into_iter();
    let events = events.map(|event| {
        let about = ["name", "reason", "cause", "step"];
        let about = about.iter().find_map(|key| event.data[*key].as_str());
        Told {
            seq: event.seq,
            at: event.at,
            what: format!("{} {}", event.kind, about.unwrap_or_default()),
            told: !event.kind.starts_with("activity.") && event.kind != "step.dispatched",
            kind: event.kind,
        }
    });
    let mut rows: Vec<Told> = steps.chain(events).collect();
    rows.sort_by_key(|row| row.seq);
    let unbroken = rows
        .iter()
        .zip(before + 1..)
        .take_while(|(row, next)| row.seq == *next);
    rows.truncate(unbroken.count());
    Ok(rows)
}

/// What the steps of a run returned, oldest first, by their names.
pub async fn outputs(db: &PgPool, id: RunId) -> Result<Vec<(String, serde_json::Value)>> {
    let steps = step::list(db, id.0).await?.into_iter();
    Ok(steps.map(|step| (step.name, step.output)).collect())
}
