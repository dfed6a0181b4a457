//! The runs this worker holds, and how it is told to let go of one.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use workflows::{Fence, RunId};

use super::company::Seat;

#[derive(Debug)]
struct Hold {
    epoch: i32,
    seat: Option<Seat>,
    /// Its end concerns others: a parent, or runs in line for its place.
    bound: bool,
    let_go: CancellationToken,
}

/// Shared by everything in one incarnation of a worker.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    runs: Mutex<HashMap<RunId, Hold>>,
    draining: AtomicBool,
    busy: Notify,
}

/// A hold on a run; dropping it ends the hold.
#[derive(Debug)]
pub(super) struct Holding {
    held: Held,
    fence: Fence,
    let_go: CancellationToken,
}

impl Held {
    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, Hold>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hold(&self, fence: Fence, bound: bool, seat: Seat) -> Holding {
        let let_go = CancellationToken::new();
        let mut runs = self.runs();
        let hold = Hold {
            epoch: fence.epoch,
            seat: Some(seat),
            bound,
            let_go: let_go.clone(),
        };
        // What came back under a new epoch was taken away before, even if nobody said so.
        if let Some(stale) = runs.insert(fence.run, hold) {
            stale.let_go.cancel();
        }
        if runs.len() == 1 {
            self.0.busy.notify_one();
        }
        drop(runs);
        Holding {
            held: self.clone(),
            fence,
            let_go,
        }
    }

    /// This run has moved, so it did not kill its worker and is no suspect any more.
    pub(super) fn moved(&self, fence: Fence) {
        if let Some(hold) = self.runs().get_mut(&fence.run) {
            hold.seat = hold.seat.take().map(Seat::cleared);
        }
    }

    pub(super) fn bound(&self, fence: Fence) -> bool {
        self.runs().get(&fence.run).is_none_or(|hold| hold.bound)
    }

    /// Lets go of these runs, unless they have come back under another epoch meanwhile.
    pub(super) fn let_go(&self, fences: &[Fence]) {
        let runs = self.runs();
        let holds = fences.iter().filter_map(|fence| {
            runs.get(&fence.run)
                .filter(|hold| hold.epoch == fence.epoch)
        });
        for hold in holds {
            hold.let_go.cancel();
        }
    }

    pub(super) fn let_go_of_all(&self) {
        for hold in self.runs().values() {
            hold.let_go.cancel();
        }
    }

    /// What this worker believes it holds.
    pub(super) fn all(&self) -> Vec<Fence> {
        self.runs()
            .iter()
            .map(|(run, hold)| Fence {
                run: *run,
                epoch: hold.epoch,
            })
            .collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs().is_empty()
    }

    /// Resolves when the worker has come to hold something.
    pub(super) async fn became_busy(&self) {
        self.0.busy.notified().await;
    }

    /// From now on runs are handed over at their next good moment.
    pub(super) fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }
}

impl Holding {
    /// Resolves when the run was taken away.
    pub(super) async fn taken(&self) {
        self.let_go.cancelled().await;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut runs = self.held.runs();
        if runs
            .get(&self.fence.run)
            .is_some_and(|hold| hold.epoch == self.fence.epoch)
        {
            runs.remove(&self.fence.run);
        }
    }
}
