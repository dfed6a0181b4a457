//! Reading a run back: where it stands, and its journal as a table for people.

use sqlx::PgPool;
use workflows::RunId;

use crate::{
    error::{Error, Result},
    models::{event, head, run, step, worker},
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
