//! Tells whoever follows a run that its journal has grown. Several rows within a moment are told at once, and never
//! inside a transaction: a NOTIFY there would make every writer wait for every other.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use tokio::sync::Notify;
use workflows::RunId;

use crate::services::announce;

/// Rows within so long of each other are told together.
const MOMENT: Duration = Duration::from_millis(15);

/// Runs that have moved and of which nobody has been told.
#[derive(Debug, Default)]
pub(super) struct News {
    moved: Mutex<BTreeSet<RunId>>,
    some: Notify,
}

impl News {
    /// This run has moved.
    pub(super) fn add(&self, run: RunId) {
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        if moved.insert(run) && moved.len() == 1 {
            self.some.notify_one();
        }
    }

    /// Tells, until the worker is given up.
    pub(super) async fn tell(&self, db: &PgPool) {
        loop {
            self.some.notified().await;
            tokio::time::sleep(MOMENT).await;
            let moved =
                std::mem::take(&mut *self.moved.lock().unwrap_or_else(PoisonError::into_inner));
            let runs: Vec<RunId> = moved.into_iter().collect();
            announce::changed(db, &runs).await;
        }
    }
}
