//! What the engine must decide about a failure, and no more.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ports::JournalError;

/// Why a step did not return a result.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Worth another try; `after` overrides the policy's pause (a `retry-after` header, say).
    #[error("{reason}")]
    Retry {
        /// What went wrong, for people.
        reason: String,
        /// Pause before the next try, when the other side named one.
        after: Option<Duration>,
    },
    /// Trying again cannot help.
    #[error("{0}")]
    Fatal(String),
    /// Somebody asked the run to pause and the step stopped between two activities; no attempt is used up.
    #[error("paused between two activities")]
    Paused,
    /// The journal refused a write: the run belongs to somebody else now. Nothing more may be done for it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl StepError {
    /// A failure worth another try at the policy's pace.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry {
            reason: reason.into(),
            after: None,
        }
    }

    /// A failure that no further try can mend.
    pub fn fatal(reason: impl Into<String>) -> Self {
        Self::Fatal(reason.into())
    }
}

/// A reason as a journal can keep it: no text of a database has a null character, and what a failure says must not
/// be what keeps it from being recorded.
pub(crate) fn storable(reason: &str) -> String {
    reason.replace('\0', "\u{fffd}")
}

/// Why a run ended without success; stored with the run and shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong.
    pub reason: String,
    /// The step that failed, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How often that step was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u16>,
}

impl Failure {
    /// A failure of the run itself, not of one step.
    pub fn of_run(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            step: None,
            attempts: None,
        }
    }
}
