//! One delivery of one job: find its handler, keep its time, survive its panic, say what came of it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use apalis::prelude::{BoxDynError, Data};
use futures::FutureExt;
use rand::Rng;
use serde_json::Value;
use sqlx::PgPool;

use crate::{
    backend::Delivery,
    handlers::{Handler, Handlers, JobError},
    job::Envelope,
    settle::{Settled, Settler},
    store,
};

/// A job whose name this program does not know waits for a newer worker.
const UNKNOWN: Duration = Duration::from_secs(15);
/// A job that could not be taken is looked for again after so long.
const UNTAKEN: Duration = Duration::from_millis(250);
/// The settler has written a postponement after so long, as a rule.
const WRITTEN: Duration = Duration::from_millis(15);

pub(crate) struct Shop {
    pub(crate) handlers: Handlers,
    pub(crate) settler: Settler,
    pub(crate) pool: PgPool,
}

pub(crate) async fn deliver(delivery: Delivery, shop: Data<Arc<Shop>>) -> Result<(), BoxDynError> {
    let envelope = match serde_json::from_slice::<Envelope>(&delivery.job.job) {
        Ok(envelope) => Ok(envelope),
        Err(error) => Err(format!("the job cannot be read: {error}")),
    };
    match envelope {
        Ok(Envelope { job, args }) => match shop.handlers.find(&job) {
            Some(handler) if handler.takes_itself => {
                self_taken(&delivery, handler, args, &shop).await;
            }
            handler => taken(&delivery, handler.ok_or(job), args, &shop).await,
        },
        Err(reason) => {
            if shop.take(&delivery).await.is_some() {
                shop.settle(&delivery, Settled::Dead { reason });
            }
        }
    }
    Ok(())
}

/// A job that its handler takes. Untaken, it is still there, and looked for again after a pause.
async fn self_taken(delivery: &Delivery, handler: &Handler, args: Value, shop: &Shop) {
    let performed = perform(handler, args, &delivery.job.id).await;
    if let Err(JobError::Later { reason, after }) = performed {
        tracing::debug!(job = delivery.job.id, reason, "a job is left for later");
        set_aside(delivery, shop, after);
        return;
    }
    if let Err(error) = performed {
        tracing::warn!(job = delivery.job.id, %error, "a job could not be taken");
        tokio::time::sleep(UNTAKEN).await;
        delivery.bell.notify_one();
    }
    shop.settler.forget(&delivery.job.id);
}

/// Leaves a job to others for a while, without keeping a place for it.
fn set_aside(delivery: &Delivery, shop: &Shop, pause: Duration) {
    let (settler, bell) = (shop.settler.clone(), Arc::clone(&delivery.bell));
    let job = delivery.job.id.clone();
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        settler.forget(&job);
        bell.notify_one();
    });
}

async fn taken(delivery: &Delivery, handler: Result<&Handler, String>, args: Value, shop: &Shop) {
    let Some(attempt) = shop.take(delivery).await else {
        return;
    };
    let settled = match handler {
        Ok(handler) => match perform(handler, args, &delivery.job.id).await {
            Ok(()) => Settled::Done,
            Err(error) => after_failure(error, handler, attempt, delivery.job.max_attempts),
        },
        Err(name) => {
            let reason = format!("no handler for `{name}` in this worker");
            Settled::Postponed {
                pause: UNKNOWN,
                reason,
                counted: false,
            }
        }
    };
    shop.settle(delivery, settled);
}

async fn perform(handler: &Handler, args: Value, id: &str) -> Result<(), JobError> {
    let work = AssertUnwindSafe((handler.handle)(args, id.to_owned())).catch_unwind();
    match tokio::time::timeout(handler.policy.timeout, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(JobError::Retry(format!("panicked: {}", message(&*panic)))),
        Err(_) => Err(JobError::Retry(format!(
            "took longer than {:?}",
            handler.policy.timeout
        ))),
    }
}

fn after_failure(error: JobError, handler: &Handler, attempt: i32, most: i32) -> Settled {
    match error {
        JobError::Later { reason, after } => Settled::Postponed {
            pause: after,
            reason,
            counted: false,
        },
        JobError::Retry(reason) if attempt < most => {
            let attempt = u16::try_from(attempt).unwrap_or(u16::MAX);
            let pause = handler.policy.pause(attempt, rand::rng().random());
            Settled::Postponed {
                pause,
                reason,
                counted: true,
            }
        }
        JobError::Retry(reason) | JobError::Fatal(reason) => Settled::Dead { reason },
    }
}

/// Looks for a job again when its pause is over. If this worker is gone by then, somebody's pulse does it.
fn ring_after(pause: Duration, delivery: &Delivery) {
    let bell = Arc::clone(&delivery.bell);
    tokio::spawn(async move {
        tokio::time::sleep(pause + WRITTEN).await;
        bell.notify_one();
    });
}

impl Shop {
    /// Takes a job; `None` when somebody else has it or the database is away, and it is found again.
    async fn take(&self, delivery: &Delivery) -> Option<i32> {
        let taken = store::take(&self.pool, &delivery.holder, &delivery.job.id).await;
        if let Ok(Some(attempt)) = taken {
            return Some(attempt);
        }
        if let Err(error) = taken {
            tracing::warn!(job = delivery.job.id, %error, "a job could not be taken");
            tokio::time::sleep(UNTAKEN).await;
            delivery.bell.notify_one();
        }
        self.settler.forget(&delivery.job.id);
        None
    }

    fn settle(&self, delivery: &Delivery, settled: Settled) {
        let job = &delivery.job.id;
        match &settled {
            Settled::Done => {}
            Settled::Postponed { pause, reason, .. } => {
                tracing::info!(job, ?pause, reason, "job postponed");
                ring_after(*pause, delivery);
            }
            Settled::Dead { reason } => tracing::error!(job, reason, "job failed for good"),
        }
        self.settler
            .settle(Arc::clone(&delivery.holder), job.clone(), settled);
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
