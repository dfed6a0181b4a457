//! What agents work with.

use std::{fmt, path::PathBuf, sync::Arc};

use serde_json::Value;
use tokio::sync::OnceCell;
use workflows::{Journal, RunId, StepContext, StepError, activity::Performed};

use super::{desk::Desk, rerun::Rerun};
use crate::{
    config::Wall,
    error::Error,
    providers::{
        git::Store,
        llm::{Catalogue, Providers},
        sandbox::{Egress, Sandbox},
    },
    services::{agent_records::AgentRecords, pull_requests::PullRequests},
};

/// Everything an agent may use. One for all runs of a worker.
#[derive(Clone)]
pub struct Environment {
    /// What agents did and what it cost.
    pub records: AgentRecords,
    /// Models and their prices.
    pub catalogue: Arc<Catalogue>,
    /// Who serves them.
    pub providers: Arc<Providers>,
    /// Mirrors of repositories.
    pub store: Store,
    /// What offers delivered branches, and knows the tokens for servers.
    pub pulls: PullRequests,
    /// The folder that holds the mirrors and working trees; commands do not see it.
    pub home: PathBuf,
    /// Which wall commands run behind.
    pub wall: Wall,
    /// What commands may reach at most.
    pub egress: Egress,
    /// Masks secrets in what is stored and in what models are told.
    pub mask: Arc<dyn Fn(&str) -> String + Send + Sync>,
    /// The wall, once it has been tried.
    pub sandbox: Arc<OnceCell<Sandbox>>,
    /// Where runs are done once more: what they did then.
    pub rerun: Option<Rerun>,
}

impl Environment {
    /// Waits until what a run did then is known, where runs are done once more.
    pub async fn begins(&self, run: RunId) {
        if let Some(rerun) = &self.rerun {
            rerun.begins(run).await;
        }
    }

    /// The working tree of a run.
    pub(super) fn workspace_of(&self, run: RunId) -> PathBuf {
        self.home.join("workspaces").join(run.to_string())
    }

    /// An activity that changes the working tree; without a result when workers died in it too often.
    pub(super) async fn workspace<J, F, Fut>(
        &self,
        cx: &StepContext<J>,
        desk: &Desk<'_>,
        key: &str,
        perform: F,
    ) -> Result<Performed, StepError>
    where
        J: Journal,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Value, StepError>>,
    {
        let rerun = self.rerun.as_ref();
        if rerun.is_some_and(|rerun| rerun.gave_up(cx.run, cx.step_no, key)) {
            return Ok(Performed::Interrupted);
        }
        cx.workspace(key, async || desk.restore().await, perform)
            .await
    }

    /// Which wall stands here: `bubblewrap`, `landlock`, `none`, or `unknown` when none does and nothing is run.
    pub async fn wall_name(&self) -> &'static str {
        match self.sandbox().await {
            Ok(sandbox) => sandbox.wall(),
            Err(error) => {
                tracing::error!(%error, "commands of agents will not be run");
                "unknown"
            }
        }
    }

    /// The wall; the first who needs it finds out whether it stands.
    pub(super) async fn sandbox(&self) -> Result<&Sandbox, StepError> {
        self.sandbox
            .get_or_try_init(|| Sandbox::new(self.wall))
            .await
            .map_err(|error| StepError::fatal(error.to_string()))
    }

    /// The text without secrets, and without the one character that Postgres cannot keep.
    pub(super) fn masked(&self, text: &str) -> String {
        (self.mask)(text).replace('\0', "\u{fffd}")
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("home", &self.home)
            .field("wall", &self.wall)
            .finish_non_exhaustive()
    }
}

/// A failure of our own records or of the disk: worth another try.
pub(super) fn again(error: impl Into<Error>) -> StepError {
    match error.into() {
        error @ (Error::Unavailable(_) | Error::Internal(_)) => StepError::retry(error.to_string()),
        error => StepError::fatal(error.to_string()),
    }
}
