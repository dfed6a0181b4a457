//! What a definition may answer.

use std::{borrow::Cow, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{lane::Lane, policy::Policy};

/// The decision of a definition.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Perform this step.
    Run(Step),
    /// Do nothing, at no cost, until this happens.
    Wait(Wait),
    /// Start these runs and wait until all have ended.
    Spawn {
        /// The name under which their outcomes appear in the history.
        name: Cow<'static, str>,
        /// What to start; empty means they have all ended already.
        children: Vec<Child>,
    },
    /// The run succeeded with this result.
    Finish(Value),
    /// The run failed.
    Fail(String),
}

impl Next {
    /// Steps performed side by side, wherever there is room; their outcomes join under `name`.
    #[must_use]
    pub fn fan_out(name: &'static str, steps: &[Step]) -> Self {
        let children = steps.iter().map(Child::step).collect();
        Self::Spawn {
            name: name.into(),
            children,
        }
    }
}

/// One act to be performed by a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Stored data: add names, never rename.
    pub name: Cow<'static, str>,
    /// Where it is worked off.
    pub lane: Lane,
    /// What it works on.
    pub input: Value,
    /// Attempts, timeout and backoff.
    pub policy: Policy,
}

impl Step {
    /// A step with the default policy.
    #[must_use]
    pub fn new(name: &'static str, lane: Lane, input: Value) -> Self {
        Self {
            name: name.into(),
            lane,
            input,
            policy: Policy::DEFAULT,
        }
    }

    /// The same step under another policy.
    #[must_use]
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }
}

/// What a parked run waits for. It holds a row and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub enum Wait {
    /// The first of these signals; with a timeout, a timer entry named `timeout` may come instead.
    Signal {
        /// Any of these names.
        names: Vec<Cow<'static, str>>,
        /// Longest wait, by the database's clock.
        timeout: Option<Duration>,
    },
    /// So much time, by the database's clock.
    Sleep {
        /// The timer's name in the history.
        name: Cow<'static, str>,
        /// How long.
        length: Duration,
    },
    /// A moment, by the database's clock.
    Until {
        /// The timer's name in the history.
        name: Cow<'static, str>,
        /// When.
        at: DateTime<Utc>,
    },
}

/// A run started by another run.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// Name of its workflow.
    pub workflow: Cow<'static, str>,
    /// Version of its workflow.
    pub version: u16,
    /// Lane of its first step.
    pub lane: Lane,
    /// What it is started with.
    pub input: Value,
}

impl Child {
    /// A child that performs one step and returns its result.
    #[must_use]
    pub fn step(step: &Step) -> Self {
        let lane = step.lane;
        Self {
            workflow: "step".into(),
            version: 1,
            lane,
            input: json!(step),
        }
    }
}
