//! What is kept for how long. Work of people (tasks, their runs, what these cost, who did what) is kept for ever.

use std::time::Duration;

use jobs::{Enqueued, TidyUp};
use sqlx::PgPool;
use uuid::Uuid;
use workflows::RunId;

use crate::{
    error::Result,
    models::{retention, session},
};

/// Runs that are looked at in one transaction, and deliveries that are deleted in one.
const BATCH: i64 = 500;

/// What went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Runs of no task, with their journals.
    pub runs: usize,
    /// Jobs that had failed for good.
    pub jobs: u64,
    /// Deliveries of webhooks that were taken or given up.
    pub deliveries: u64,
    /// Sign-ins that had expired.
    pub sessions: u64,
}

/// Has today's tidying up done, unless somebody has seen to it.
pub async fn schedule(db: &PgPool) -> Result<()> {
    let mut conn = db.acquire().await?;
    let (day, _) = retention::today(&mut *conn).await?;
    let added = jobs::enqueue(&mut conn, &TidyUp { day }).await?;
    if added == Enqueued::New {
        jobs::wake::announce(&mut *conn, &[jobs::Lane::Upkeep]).await?;
    }
    Ok(())
}

/// Has it done tomorrow as well.
pub async fn again_tomorrow(db: &PgPool) -> Result<()> {
    let mut conn = db.acquire().await?;
    let (day, left) = retention::today(&mut *conn).await?;
    let tomorrow = TidyUp { day: day + 1 };
    jobs::enqueue_in(&mut conn, &tomorrow, Duration::from_secs_f64(left)).await?;
    Ok(())
}

/// Removes what has been over for more than so many days.
pub async fn tidy_up(db: &PgPool, days: u32) -> Result<Removed> {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    let mut removed = Removed::default();
    // Those that others were forked from or spawned by go in the pass after these.
    loop {
        let gone = remove_runs(db, days).await?;
        removed.runs += gone;
        if gone == 0 {
            break;
        }
    }
    loop {
        let gone = retention::delete_deliveries(db, days, BATCH).await?;
        removed.deliveries += gone;
        if gone == 0 {
            break;
        }
    }
    removed.jobs = jobs::store::drop_long_dead(db, days).await?;
    removed.sessions = session::prune(&mut *db.acquire().await?, days).await?;
    if removed != Removed::default() {
        tracing::info!(days, ?removed, "removed what was over for long");
    }
    Ok(removed)
}

/// Those of these runs whose traces on disk nobody needs: over for more than so many days, and no living or younger run
/// builds on them.
pub async fn over_on_disk(db: &PgPool, runs: &[RunId], days: u32) -> Result<Vec<RunId>> {
    let ids: Vec<Uuid> = runs.iter().map(|run| run.0).collect();
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    let over = retention::over_on_disk(db, &ids, days).await?;
    Ok(over.into_iter().map(RunId).collect())
}

/// Walks all old runs once; says how many went.
async fn remove_runs(db: &PgPool, days: i32) -> Result<usize> {
    let (mut after, mut gone) = (Uuid::nil(), 0);
    loop {
        let mut tx = db.begin().await?;
        let looked = retention::look(&mut tx, after, days, BATCH).await?;
        retention::delete_runs(&mut tx, &looked.over).await?;
        tx.commit().await?;
        gone += looked.over.len();
        match looked.last {
            Some(last) => after = last,
            None => return Ok(gone),
        }
    }
}
