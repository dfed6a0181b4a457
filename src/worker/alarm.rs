//! When the pulse must look before its time.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

/// The earliest moment at which this worker knows that something is due.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    at: Mutex<Option<Instant>>,
    moved: Notify,
}

impl Alarm {
    /// Something is due after so long.
    pub(super) fn set(&self, after: Duration) {
        let due = Instant::now() + after;
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if at.is_none_or(|earlier| due < earlier) {
            *at = Some(due);
            self.moved.notify_one();
        }
    }

    /// Resolves when an earlier moment was set.
    pub(super) async fn moved(&self) {
        self.moved.notified().await;
    }

    /// Whether the moment has come; it is forgotten then.
    pub(super) fn take_due(&self) -> bool {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.take_if(|at| *at <= Instant::now()).is_some()
    }

    /// The moment, if one is set.
    pub(super) fn next(&self) -> Option<Instant> {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
