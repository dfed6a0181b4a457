//! A worker's lanes: one apalis worker each, with its own number of places.

use std::sync::Arc;

use apalis::prelude::{ParallelizeExt, WorkerBuilder, WorkerError};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use workflows::Lane;

use crate::{
    backend::Feeder,
    deliver::{Shop, deliver},
    handlers::Handlers,
    settle::{InHand, Settler},
    store::hold::holder,
    wake::Bells,
};

/// How many jobs of a lane a worker does at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// The lane.
    pub lane: Lane,
    /// Its places, at least 1.
    pub places: usize,
}

/// A lane ended although nobody asked it to.
#[derive(Debug, thiserror::Error)]
#[error("the lane {lane} stopped: {source}")]
pub struct LanesError {
    lane: Lane,
    source: WorkerError,
}

/// The lanes of one worker, working.
#[derive(Debug)]
pub struct Lanes {
    workers: Vec<(Lane, tokio::task::JoinHandle<Result<(), WorkerError>>)>,
    settler: Settler,
    settling: tokio::task::JoinHandle<()>,
    stop: CancellationToken,
}

impl Lanes {
    /// Starts working. `pool` serves the queue alone and may commit without waiting for the disk: what the
    /// queue forgets in a crash of the server is found again.
    #[must_use]
    pub fn start(
        pool: &PgPool,
        worker: i64,
        widths: &[Width],
        bells: &Bells,
        in_hand: InHand,
        handlers: Handlers,
    ) -> Self {
        let stop = CancellationToken::new();
        let (settler, settling) = Settler::start(pool.clone(), in_hand);
        let shop = Arc::new(Shop {
            handlers,
            settler: settler.clone(),
            pool: pool.clone(),
        });
        let start = |width: &Width| {
            let holder: Arc<str> = holder(worker, width.lane).into();
            let feeder = Feeder {
                pool: pool.clone(),
                lane: width.lane,
                holder: Arc::clone(&holder),
                places: width.places,
                bell: Arc::clone(bells.of(width.lane)),
                settler: settler.clone(),
                stop: stop.clone(),
            };
            let worker = WorkerBuilder::new(&*holder)
                .backend(feeder.start())
                .data(Arc::clone(&shop))
                .parallelize(tokio::spawn)
                .build(deliver);
            (width.lane, tokio::spawn(worker.run()))
        };
        let workers = widths.iter().map(start).collect();
        Self {
            workers,
            settler,
            settling,
            stop,
        }
    }

    /// Takes no further job from now on; those in hand go on.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until every job in hand has ended and is settled. Call [`Lanes::stop`] first.
    pub async fn finished(self) -> Result<(), LanesError> {
        for (lane, worker) in self.workers {
            match worker.await {
                Ok(Ok(())) => {}
                Ok(Err(source)) => return Err(LanesError { lane, source }),
                Err(panic) => tracing::error!(%lane, %panic, "a lane's worker panicked"),
            }
        }
        drop(self.settler);
        drop(self.settling.await);
        Ok(())
    }
}
