//! Adding jobs inside the caller's transaction: the row commits with the data it belongs to, or not at all.

use std::time::Duration;

use sqlx::PgConnection;

use crate::{
    job::{Envelope, Job},
    store::{self, NewJob},
};

/// Whether a job was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It is new.
    New,
    /// One with its key is there already.
    AlreadyQueued,
}

/// A job could not be added.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Its payload has no JSON form.
    #[error("the job cannot be encoded: {0}")]
    Encode(#[from] serde_json::Error),
    /// The database refused it.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Adds a job. After the commit, [announce](crate::wake::announce) its lane.
pub async fn enqueue(conn: &mut PgConnection, job: &impl Job) -> Result<Enqueued, QueueError> {
    enqueue_in(conn, job, Duration::ZERO).await
}

/// Adds a job that is due after `delay`, by the database's clock. After the commit,
/// [announce](crate::wake::announce_later) that there is one.
pub async fn enqueue_in(
    conn: &mut PgConnection,
    job: &impl Job,
    delay: Duration,
) -> Result<Enqueued, QueueError> {
    let added = store::insert(conn, &[encode(job, delay)?]).await?;
    Ok(if added == 1 {
        Enqueued::New
    } else {
        Enqueued::AlreadyQueued
    })
}

/// Adds many jobs in one statement.
pub async fn enqueue_all<J: Job>(conn: &mut PgConnection, jobs: &[J]) -> Result<(), QueueError> {
    let jobs: Result<Vec<NewJob>, QueueError> =
        jobs.iter().map(|job| encode(job, Duration::ZERO)).collect();
    store::insert(conn, &jobs?).await?;
    Ok(())
}

fn encode<J: Job>(job: &J, delay: Duration) -> Result<NewJob, QueueError> {
    let envelope = Envelope {
        job: J::NAME.to_owned(),
        args: serde_json::to_value(job)?,
    };
    Ok(NewJob {
        lane: job.lane(),
        envelope: serde_json::to_vec(&envelope)?,
        key: job.key(),
        priority: job.priority(),
        attempts: J::POLICY.attempts,
        delay,
    })
}
