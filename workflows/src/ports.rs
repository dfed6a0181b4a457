//! What the engine needs from the outside: a journal that is durable and fenced, and somebody who performs steps.

use std::time::Duration;

use serde_json::Value;

use crate::{
    activity::{Effect, StepContext},
    failure::{Failure, StepError},
    history::History,
    ids::RunId,
    lane::Lane,
    next::{Child, Wait},
};

/// The right to write for a run: valid until the run changes hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The run.
    pub run: RunId,
    /// How often it had changed hands when this right was given.
    pub epoch: i32,
}

/// A run that this worker holds, as the journal knows it.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The right to write.
    pub fence: Fence,
    /// Name of the run's workflow.
    pub workflow: String,
    /// Version of the run's workflow.
    pub version: u16,
    /// The lane in which it was claimed.
    pub lane: Lane,
    /// Position of the newest journal row.
    pub seq: i32,
    /// Ordinal of the current step, from 1.
    pub step_no: i32,
    /// Number of the coming try of the current step, from 1.
    pub attempt: u16,
    /// What has happened.
    pub history: History,
    /// Activities of the current step, oldest first.
    pub activities: Vec<Recorded>,
}

/// One thing known about an activity of the current step.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The activity's key within its step.
    pub key: String,
    /// What is known.
    pub mark: Mark,
}

/// How far an activity came.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// It was about to be performed.
    Started,
    /// It was performed and returned this.
    Finished(Value),
    /// It was performed and said it failed.
    Failed,
}

/// A journal row written while a step is still under way.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// An activity is about to be performed.
    Started {
        /// Its key within the step.
        key: String,
        /// What a crash half way means.
        effect: Effect,
        /// For external effects: what makes it the same effect wherever it is attempted.
        natural_key: Option<String>,
    },
    /// An activity returned.
    Finished {
        /// Its key within the step.
        key: String,
        /// What it returned.
        output: Value,
        /// As in `Started`.
        natural_key: Option<String>,
    },
    /// An activity failed; the next try of the step performs it again.
    Failed {
        /// Its key within the step.
        key: String,
        /// Why.
        reason: String,
    },
    /// Anything else worth showing.
    Note {
        /// Its kind, dotted and lowercase.
        kind: &'static str,
        /// Its content.
        data: Value,
    },
}

/// The end of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepEnd {
    /// Ordinal within the run, from 1.
    pub step_no: i32,
    /// The step's name.
    pub name: String,
    /// Which try succeeded.
    pub attempt: u16,
    /// How long that try took.
    pub duration: Duration,
    /// What it returned.
    pub output: Value,
}

/// What a run does after a journal write.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// This worker goes on with the named step at once.
    Continue {
        /// The coming step.
        step: String,
    },
    /// The named step belongs to another lane: a job there takes it up.
    Dispatch {
        /// The coming step.
        step: String,
        /// Its lane.
        lane: Lane,
    },
    /// The run waits, holding nothing.
    Wait(Wait),
    /// Children start and the run waits for them.
    Spawn {
        /// The name their outcomes will have.
        name: String,
        /// What to start.
        children: Vec<Child>,
    },
    /// The current step is tried again after a pause.
    Retry {
        /// The step.
        step: String,
        /// The pause.
        after: Duration,
        /// What went wrong.
        reason: String,
    },
    /// The run stops here until somebody resumes it.
    Pause,
    /// The run succeeded.
    Finish(Value),
    /// The run failed.
    Fail(Failure),
}

/// One durable write of the engine: everything in it happens, or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The right under which it is written.
    pub fence: Fence,
    /// The position it builds on.
    pub seq: i32,
    /// Ordinal of the step that is current before it.
    pub step_no: i32,
    /// Number of the try that is current before it.
    pub attempt: u16,
    /// A step that ended, if one did.
    pub ended: Option<StepEnd>,
    /// What comes next.
    pub then: Then,
}

/// The answer to a durable write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// Written; this worker still holds the run.
    Held {
        /// The new position.
        seq: i32,
        /// Somebody wants the run to pause at the next good moment.
        pausing: bool,
    },
    /// Written; this worker no longer holds the run.
    Released,
}

/// Why a write was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The run belongs to somebody else, or has ended. Whoever gets this must stop working on it.
    #[error("the run has changed hands or ended; nothing was written")]
    Fenced,
    /// This content cannot be stored, however often it is tried.
    #[error("cannot be stored: {0}")]
    Rejected(String),
}

/// The durable, fenced journal. A write that returns has happened; a write that fails with
/// [`JournalError`] has not. An implementation waits out short outages itself.
pub trait Journal: Send + Sync + 'static {
    /// Writes the end of a step and what follows from it.
    fn commit(
        &self,
        transition: Transition,
    ) -> impl Future<Output = Result<Committed, JournalError>> + Send;

    /// Writes rows of a step under way, in order, after position `seq`.
    fn append(
        &self,
        fence: Fence,
        seq: i32,
        step_no: i32,
        records: Vec<Record>,
    ) -> impl Future<Output = Result<Committed, JournalError>> + Send;

    /// The recorded result of an external effect, whichever run it belongs to.
    fn effect(
        &self,
        natural_key: &str,
    ) -> impl Future<Output = Result<Option<Value>, JournalError>> + Send;
}

/// Performs steps. An implementation enforces the step's timeout and turns panics into errors.
pub trait Steps<J: Journal>: Send + Sync {
    /// Performs one try of one step.
    fn call(
        &self,
        context: StepContext<J>,
    ) -> impl Future<Output = Result<Value, StepError>> + Send;

    /// Whether this program can perform the step of this name; a newer one may.
    fn knows(&self, _name: &str) -> bool {
        true
    }

    /// A number from 0 to 1 that spreads retries.
    fn jitter(&self) -> f64;
}
