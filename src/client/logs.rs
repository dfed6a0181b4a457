//! What happens in a run, line by line.

use std::io::{self, Write};

use clap::Args;

use super::{
    Desk, Manner,
    failure::Failure,
    ids, operations, say,
    screen::{Screen, clean},
    stream,
    wire::{Event, Events, Frame},
};

/// Which run, and from where.
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// The run, or a task for its newest run; the first digits of an id will do.
    run: String,
    /// Go on as it happens, until the run ends. With --json: one message of the stream a line.
    #[arg(short, long)]
    follow: bool,
    /// Only what comes after this position.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    after: i64,
    /// With --json and without -f: how many at most. `has_more` says whether to go on with --after.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    #[command(flatten)]
    pub(super) manner: Manner,
}

/// Shows it.
pub(super) async fn show(logs: &Logs) -> Result<(), Failure> {
    let desk = Desk::of(&logs.manner)?;
    let run = ids::run(&desk.server, &logs.run).await?;
    if logs.follow {
        return follow(&desk, &run, logs.after).await;
    }
    let (mut after, mut more) = (logs.after, true);
    while more {
        let asked = desk.server.ask(operations::LIST_RUN_EVENTS, &[&run]);
        let asked = asked.query("after", &after).query("limit", &logs.limit);
        let answer = asked.send().await?;
        if desk.json {
            return say(answer.text().trim_end());
        }
        let page: Events = answer.read()?;
        for event in &page.items {
            after = event.seq;
            line(&desk.screen, event)?;
        }
        more = page.has_more;
    }
    Ok(())
}

/// Follows a run to its end.
pub(super) async fn follow(desk: &Desk, run: &str, after: i64) -> Result<(), Failure> {
    let mut waits = String::new();
    let end = stream::follow(&desk.server, run, after, |text, frame| {
        match frame {
            Frame::RunEvent { event } if !desk.json => line(&desk.screen, event)?,
            Frame::RunEvent { .. } | Frame::End { .. } if desk.json => say(text)?,
            Frame::RunChanged { run_id, status } if run_id == run && *status != waits => {
                waits.clone_from(status);
                if let Some(hint) = hint(run, status).filter(|_| !desk.json) {
                    eprintln!("{hint}");
                }
            }
            _ => {}
        }
        Ok(())
    });
    let status = end.await?;
    if !desk.json {
        let words = status.replace('_', " ");
        say(&format!(
            "The run ended: {}",
            desk.screen.status(&words, &status)
        ))?;
    }
    if status == "succeeded" {
        Ok(())
    } else {
        Err(Failure::Ended(status.replace('_', " ")))
    }
}

fn line(screen: &Screen, event: &Event) -> io::Result<()> {
    let mark = match event.phase.as_deref() {
        Some("started") => "…",
        Some("finished") => "✓",
        Some("failed") => "✗",
        _ => "·",
    };
    let (seq, at) = (event.seq, screen.clock(event.at));
    let agent = clean(event.agent.as_deref().unwrap_or_default());
    let title = clean(&event.title);
    let line = format!("{seq:>5}  {at}  {agent:<8}  {mark} {title}");
    writeln!(io::stdout(), "{}", screen.fit(&line))
}

/// What a person can do for a run that waits for one.
pub(super) fn hint(run: &str, status: &str) -> Option<String> {
    Some(match status {
        "awaiting_plan" => format!("Its plan waits for a decision: codegraph approve {run}"),
        "awaiting_delivery" => {
            format!("What it has done waits for a decision: codegraph approve {run}")
        }
        "awaiting_answer" => format!("It asks something: codegraph answer {run} \"…\""),
        "awaiting_budget" => {
            format!("It is out of money or time: codegraph raise {run} --usd 5")
        }
        "paused" => format!("It is paused: codegraph resume {run}"),
        _ => return None,
    })
}
