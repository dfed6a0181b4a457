//! The engine room: lanes, workers, and jobs that died, for whoever looks after the installation.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Db, access::Caller, audit};
pub use crate::models::{gauge::HeadCount, worker::WorkerRow};
use crate::{
    error::Result,
    models::{gauge, worker},
};
pub use jobs::store::DeadJob;

/// What is under way, and who does it.
#[derive(Debug, Clone)]
pub struct EngineRoom {
    /// Living runs by lane and state.
    pub heads: Vec<HeadCount>,
    /// Jobs by lane and status.
    pub jobs: Vec<(String, String, i64)>,
    /// Workers that are known.
    pub workers: Vec<WorkerRow>,
}

/// What is under way now.
pub async fn overview(db: &Db) -> Result<EngineRoom> {
    Ok(EngineRoom {
        heads: gauge::heads(db).await?,
        jobs: jobs::store::queue_lengths(db).await?,
        workers: worker::list(db).await?,
    })
}

/// The jobs that died last, those before this one, which died then.
pub async fn dead(
    db: &Db,
    before: Option<(DateTime<Utc>, String)>,
    most: i64,
) -> Result<Vec<DeadJob>> {
    Ok(jobs::store::dead(db, before, most).await?)
}

/// Gives dead jobs all their attempts again; says how many of these were dead.
pub async fn retry(db: &Db, caller: &Caller, ids: &[String]) -> Result<u64> {
    let mut tx = db.begin().await?;
    let retried = jobs::store::retry_dead(&mut tx, ids).await?;
    if retried > 0 {
        let detail = json!({"jobs": ids, "retried": retried});
        audit::note(&mut tx, caller, "jobs.retried", "jobs", &detail).await?;
    }
    tx.commit().await?;
    if retried > 0
        && let Err(error) = jobs::wake::announce(db, &jobs::Lane::ALL).await
    {
        // They are found within a second or two all the same.
        tracing::warn!(%error, "could not announce jobs that are tried again");
    }
    Ok(retried)
}
