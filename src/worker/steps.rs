//! The steps a worker can perform, by name. Time limits and panics are dealt with here, once for all.

use std::{collections::HashMap, fmt, panic::AssertUnwindSafe, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use rand::Rng;
use serde_json::Value;
use tracing::Instrument as _;
use workflows::{StepContext, StepError, Steps};

use super::{drill, journal::PgJournal};

type Perform =
    dyn Fn(StepContext<PgJournal>) -> BoxFuture<'static, Result<Value, StepError>> + Send + Sync;

/// What a worker can do.
#[derive(Clone, Default)]
pub struct StepSet(HashMap<&'static str, Arc<Perform>>);

impl StepSet {
    /// The steps of the product.
    #[must_use]
    pub fn product() -> Self {
        Self::default().on(workflows::definitions::drill::APPEND, drill::append)
    }

    /// Adds a step.
    #[must_use]
    pub fn on<F, Fut>(mut self, name: &'static str, perform: F) -> Self
    where
        F: Fn(StepContext<PgJournal>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, StepError>> + Send + 'static,
    {
        self.0
            .insert(name, Arc::new(move |context| perform(context).boxed()));
        self
    }
}

impl Steps<PgJournal> for StepSet {
    async fn call(&self, context: StepContext<PgJournal>) -> Result<Value, StepError> {
        let Some(perform) = self.0.get(&*context.step.name) else {
            // The engine asks `knows` first.
            return Err(StepError::fatal("no such step"));
        };
        let limit = context.step.policy.timeout;
        // Whatever is logged on the way names the run and the step.
        let span = tracing::info_span!(
            "step",
            run = %context.run,
            step_no = context.step_no,
            step = &*context.step.name,
            attempt = context.attempt,
        );
        let work = AssertUnwindSafe(perform(context))
            .catch_unwind()
            .instrument(span);
        match tokio::time::timeout(limit, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => {
                let said = panic.downcast_ref::<&str>().map(ToString::to_string);
                let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
                Err(StepError::retry(format!(
                    "the step panicked: {}",
                    said.unwrap_or_default()
                )))
            }
            Err(_) => Err(StepError::retry(format!(
                "the step took longer than {limit:?}"
            ))),
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn jitter(&self) -> f64 {
        rand::rng().random()
    }
}

impl fmt::Debug for StepSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
