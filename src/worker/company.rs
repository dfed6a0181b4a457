//! Who may share a worker with whom. A worker that dies takes everything with it that it held, and nobody can tell
//! which of it was the cause. So a run on which workers have died again and again is kept apart: first from others
//! like it, then from everybody. What is blamed in the end was alone.

use std::{sync::Arc, time::Duration};

use tokio::sync::{
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock, Semaphore,
};

use crate::services::run_state::POISON;

/// After so many deaths without any progress a run is a suspect: a worker holds one of them at most.
pub(super) const SUSPECT: i16 = 3;
/// After so many it gets one more chance, in a worker that holds nothing else.
pub(super) const ALONE: i16 = POISON - 1;
/// A worker takes nothing up for so long to become empty for it; when that was in vain, it goes on as before for
/// some time.
const CLEARING: Duration = Duration::from_secs(10);
const CROWDED: Duration = Duration::from_secs(30);
/// A suspect that finds another one there comes again after so long.
const TAKEN: Duration = Duration::from_millis(250);

/// What one worker holds, as far as it matters to newcomers.
#[derive(Debug, Clone)]
pub(super) struct Company {
    floor: Arc<RwLock<()>>,
    cell: Arc<Semaphore>,
}

impl Default for Company {
    fn default() -> Self {
        Self {
            floor: Arc::default(),
            cell: Arc::new(Semaphore::new(1)),
        }
    }
}

/// A run's seat in a worker.
#[derive(Debug)]
pub(super) enum Seat {
    /// Among others.
    Shared(OwnedRwLockReadGuard<()>),
    /// Among others, the only suspect.
    Cell(
        OwnedRwLockReadGuard<()>,
        #[expect(dead_code, reason = "held")] OwnedSemaphorePermit,
    ),
    /// Alone.
    Alone(OwnedRwLockWriteGuard<()>),
}

impl Company {
    /// A seat for a run on which so many workers have died, or when to ask this worker again. Others may take the
    /// run meanwhile.
    pub(super) async fn seat(&self, crashes: i16) -> Result<Seat, Duration> {
        if crashes >= ALONE {
            let alone = Arc::clone(&self.floor).write_owned();
            let alone = tokio::time::timeout(CLEARING, alone).await;
            return alone.map(Seat::Alone).map_err(|_| CROWDED);
        }
        if crashes < SUSPECT {
            return Ok(Seat::Shared(Arc::clone(&self.floor).read_owned().await));
        }
        let cell = Arc::clone(&self.cell).try_acquire_owned();
        let cell = cell.map_err(|_| TAKEN)?;
        Ok(Seat::Cell(Arc::clone(&self.floor).read_owned().await, cell))
    }
}

impl Seat {
    /// The run has moved: it is a run like any other.
    pub(super) fn cleared(self) -> Self {
        match self {
            Self::Shared(floor) | Self::Cell(floor, _) => Self::Shared(floor),
            Self::Alone(floor) => Self::Shared(floor.downgrade()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than a seat that is free takes.
    const MOMENT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn one_suspect_at_a_time_beside_as_many_others_as_there_are() {
        let company = Company::default();
        let _shared = company.seat(0).await.expect("there is room");
        let suspect = company.seat(SUSPECT).await.expect("the cell is free");
        let _another = company.seat(SUSPECT - 1).await.expect("there is room");
        assert!(company.seat(SUSPECT).await.is_err(), "two suspects");
        let _cleared = suspect.cleared();
        assert!(company.seat(SUSPECT).await.is_ok(), "it was cleared");
    }

    #[tokio::test]
    async fn the_last_chance_is_taken_alone() {
        let company = Company::default();
        let shared = company.seat(0).await;
        let waits = tokio::time::timeout(MOMENT, company.seat(ALONE)).await;
        assert!(waits.is_err(), "somebody is there");
        drop(shared);
        let alone = company.seat(ALONE).await.expect("nobody is there");
        let waits = tokio::time::timeout(MOMENT, company.seat(0)).await;
        assert!(waits.is_err(), "nobody joins it");
        let _cleared = alone.cleared();
        assert!(company.seat(0).await.is_ok(), "it was cleared");
    }
}
