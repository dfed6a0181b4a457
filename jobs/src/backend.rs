//! apalis' back end for one lane: jobs come from a feeder that fetches only what there is room for.
//!
//! The feeder owns the wake-up: it looks when its bell rings, and again for as long as a look comes back
//! full. apalis' own poller either looks at every heartbeat or loses wake-ups.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
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
            let wanted = free.len();
            match find(&self.pool, self.lane, &self.settler.in_hand(), wanted).await {
                Ok(jobs) => {
                    more = jobs.len() == wanted;
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
