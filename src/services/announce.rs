//! What others must hear of once a transaction has committed: lanes with new work, runs taken from their
//! holders. Never part of the transaction: a NOTIFY in it would make every writer wait for every other.

use std::collections::BTreeSet;

use sqlx::PgPool;
use workflows::{Lane, RunId};

use crate::models::head;

/// Collected during a transaction, told after it.
#[derive(Debug, Default)]
pub struct Announcement {
    lanes: BTreeSet<Lane>,
    taken: BTreeSet<(RunId, i32)>,
}

impl Announcement {
    /// This lane has a new job.
    pub fn lane(&mut self, lane: Lane) {
        self.lanes.insert(lane);
    }

    /// Whoever holds this run under this epoch must let go of it.
    pub fn taken(&mut self, run: RunId, epoch: i32) {
        self.taken.insert((run, epoch));
    }

    /// The lanes with new jobs.
    pub fn lanes(&self) -> impl Iterator<Item = Lane> {
        self.lanes.iter().copied()
    }

    /// Tells everybody. What goes unheard is found by the next slow look, so a failure is only logged.
    pub async fn tell(self, db: &PgPool) {
        if !self.lanes.is_empty() {
            let lanes: Vec<Lane> = self.lanes.into_iter().collect();
            if let Err(error) = jobs::wake::announce(db, &lanes).await {
                tracing::warn!(%error, "could not announce new work");
            }
        }
        if !self.taken.is_empty() {
            let fence = |(run, epoch): &(RunId, i32)| format!("{run}:{epoch}");
            let runs: Vec<String> = self.taken.iter().map(fence).collect();
            if let Err(error) = head::announce_taken(db, &runs).await {
                tracing::warn!(%error, "could not announce a run that was taken from its holder");
            }
        }
    }
}
