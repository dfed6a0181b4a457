//! apalis' back end for one lane: jobs come from a feeder that fetches only what there is room for.
//!
//! The feeder owns the wake-up: it looks when its bell rings, and again for as long as a look comes back
//! full. apalis' own poller either looks at every heartbeat or loses wake-ups.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use apalis_core::{
    backend::{Backend, BackendConfig},
    task::{Task, builder::TaskBuilder},
    worker::context::WorkerContext,
};
use sqlx::PgPool;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tower::layer::util::Identity;
use workflows::Lane;

use crate::{
    settle::Settler,
    store::{Found, find},
};

/// A job in the hands of a worker. Its place in the lane is free again when this is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) job: Found,
    pub(crate) holder: Arc<str>,
    pub(crate) bell: Arc<Notify>,
    _place: Arc<OwnedSemaphorePermit>,
}

/// After a full look, places that come free within this time are filled by one look together.
const GATHER: Duration = Duration::from_millis(1);
/// Pause after a look that failed, while the database is away.
const AWAY: Duration = Duration::from_millis(250);
/// A look asks for so many times what there is room for at most.
const REACH: u128 = 128;
/// What a look brought along is good for no longer: the urgent, and others who look, are not to wait for it.
const GOOD: Duration = Duration::from_millis(500);

pub(crate) struct LaneBackend {
    jobs: mpsc::Receiver<Delivery>,
}

/// What a feeder needs.
pub(crate) struct Feeder {
    pub(crate) pool: PgPool,
    pub(crate) lane: Lane,
    pub(crate) holder: Arc<str>,
    pub(crate) places: usize,
    pub(crate) bell: Arc<Notify>,
    pub(crate) settler: Settler,
    pub(crate) stop: CancellationToken,
}

impl Feeder {
    /// Starts feeding; ends when told to stop.
    pub(crate) fn start(self) -> LaneBackend {
        let (sender, jobs) = mpsc::channel(self.places);
        tokio::spawn(async move {
            let stop = self.stop.clone();
            stop.run_until_cancelled(self.feed(sender)).await;
        });
        LaneBackend { jobs }
    }

    async fn feed(self, sender: mpsc::Sender<Delivery>) {
        let places = Arc::new(Semaphore::new(self.places));
        let mut spare = Spare::default();
        let mut more = true;
        loop {
            if !more {
                self.bell.notified().await;
            }
            let Ok(first) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            if more {
                tokio::time::sleep(GATHER).await;
            }
            let mut free = vec![first];
            while let Ok(another) = Arc::clone(&places).try_acquire_owned() {
                free.push(another);
            }
            let found = match spare.some(free.len()) {
                jobs if jobs.is_empty() => self.look(free.len(), &mut spare).await,
                jobs => Ok((jobs, true)),
            };
            match found {
                Ok((jobs, full)) => {
                    more = full;
                    for (job, place) in jobs.into_iter().zip(free) {
                        self.settler.take(&job.id);
                        let delivery = Delivery {
                            job,
                            holder: Arc::clone(&self.holder),
                            bell: Arc::clone(&self.bell),
                            _place: Arc::new(place),
                        };
                        if sender.send(delivery).await.is_err() {
                            return;
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(lane = %self.lane, %error, "could not look for jobs");
                    more = true;
                    tokio::time::sleep(AWAY).await;
                }
            }
        }
    }

    /// Looks for so many jobs, and for more where the last look took long; says whether there were as many.
    async fn look(&self, wanted: usize, spare: &mut Spare) -> sqlx::Result<(Vec<Found>, bool)> {
        let most = wanted * spare.reach;
        let began = Instant::now();
        let mut jobs = find(&self.pool, self.lane, &self.settler.in_hand(), most).await?;
        let full = jobs.len() >= wanted;
        let rest = jobs.split_off(wanted.min(jobs.len()));
        spare.keep(rest, began.elapsed());
        Ok((jobs, full))
    }
}

/// Jobs that a look found beyond what there was room for. Usually there are none. A look takes long where the index is
/// full of rows that are gone, because somebody's transaction has been open for hours and nothing may be cleared away;
/// it then brings more along, or looking would be all that is done.
struct Spare {
    jobs: VecDeque<Found>,
    until: Instant,
    reach: usize,
}

impl Default for Spare {
    fn default() -> Self {
        Self {
            jobs: VecDeque::new(),
            until: Instant::now(),
            reach: 1,
        }
    }
}

impl Spare {
    fn some(&mut self, most: usize) -> Vec<Found> {
        if self.until <= Instant::now() {
            self.jobs.clear();
        }
        self.jobs.drain(..most.min(self.jobs.len())).collect()
    }

    fn keep(&mut self, jobs: Vec<Found>, took: Duration) {
        let reach = (took.as_micros() / GATHER.as_micros()).clamp(1, REACH);
        self.reach = usize::try_from(reach).unwrap_or(1);
        self.jobs = jobs.into();
        self.until = Instant::now() + GOOD;
    }
}

impl Backend for LaneBackend {
    type Task = Task<Delivery>;
    type Error = std::convert::Infallible;

    fn poll_ready(
        &mut self,
        _: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Self::Error>>> {
        self.jobs
            .poll_recv(cx)
            .map(|job| job.map(|job| Ok(TaskBuilder::new(job).build())))
    }

    /// Everything in hand has ended. apalis waits for a stop even when its back end has run dry.
    fn poll_close(
        &mut self,
        _: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        // It fails only for a worker that has stopped already.
        drop(worker.stop());
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for LaneBackend {
    type Args = Delivery;
    type Id = String;
    type Kind = apalis_core::backend::finalize::Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(names: std::ops::Range<u8>) -> Vec<Found> {
        let job = |name: u8| Found {
            id: name.to_string(),
            job: Vec::new(),
            max_attempts: 1,
        };
        names.map(job).collect()
    }

    #[test]
    fn a_look_brings_more_along_the_longer_it_took() {
        let mut spare = Spare::default();
        assert!(spare.some(3).is_empty());
        for (took, reach) in [(0, 1), (1_900, 1), (2_000, 2), (9_000, 9), (300_000, 128)] {
            spare.keep(Vec::new(), Duration::from_micros(took));
            assert_eq!(spare.reach, reach, "{took} us");
        }
    }

    #[test]
    fn what_was_brought_along_goes_in_its_order_and_is_soon_good_for_nothing() {
        let mut spare = Spare::default();
        spare.keep(jobs(0..5), Duration::ZERO);
        let names = |jobs: Vec<Found>| jobs.into_iter().map(|job| job.id).collect::<Vec<_>>();
        assert_eq!(names(spare.some(2)), ["0", "1"]);
        assert_eq!(names(spare.some(9)), ["2", "3", "4"]);
        assert!(spare.some(1).is_empty());
        spare.keep(jobs(0..5), Duration::ZERO);
        spare.until = Instant::now();
        assert!(spare.some(5).is_empty());
    }
}
