//! What jobs do: one handler a job name.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use serde_json::Value;
use workflows::Policy;

use crate::job::Job;

/// Why a job is not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Worth another try, at the policy's pace.
    #[error("{0}")]
    Retry(String),
    /// Trying again cannot help; the job is kept with this reason.
    #[error("{0}")]
    Fatal(String),
    /// Not for this worker, or not now; does not count as an attempt.
    #[error("{reason}")]
    Later {
        /// Why.
        reason: String,
        /// When to try again.
        after: Duration,
    },
}

/// The id of a job's row.
pub type JobId = String;

type Handle = dyn Fn(Value, JobId) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Handler {
    pub(crate) policy: Policy,
    /// The handler itself takes the job, in the same write as what it is about.
    pub(crate) takes_itself: bool,
    pub(crate) handle: Arc<Handle>,
}

/// The handlers of a worker.
#[derive(Clone, Default)]
pub struct Handlers(HashMap<&'static str, Handler>);

impl Handlers {
    /// Adds the handler of a job.
    #[must_use]
    pub fn on<J, F, Fut>(self, handle: F) -> Self
    where
        J: Job,
        F: Fn(J) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.add(false, move |job: J, _| handle(job))
    }

    /// Adds the handler of a job that it takes itself: it deletes the job's row in the same write by which
    /// it claims what the job is about. Until then others may be handed the same job.
    #[must_use]
    pub fn on_self_taken<J, F, Fut>(self, handle: F) -> Self
    where
        J: Job,
        F: Fn(J, JobId) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.add(true, handle)
    }

    fn add<J, F, Fut>(mut self, takes_itself: bool, handle: F) -> Self
    where
        J: Job,
        F: Fn(J, JobId) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let handle: Arc<Handle> =
            Arc::new(move |args, id| match serde_json::from_value::<J>(args) {
                Ok(job) => Box::pin(handle(job, id)),
                Err(error) => {
                    let reason = format!("the payload is not a {}: {error}", J::NAME);
                    Box::pin(async { Err(JobError::Fatal(reason)) })
                }
            });
        self.0.insert(
            J::NAME,
            Handler {
                policy: J::POLICY,
                takes_itself,
                handle,
            },
        );
        self
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Handler> {
        self.0.get(name)
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
