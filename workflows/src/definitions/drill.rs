//! A fire drill: performs the acts its input lists, one after the other. It exercises everything the
//! engine can do without a model or a repository; the demo and the fault tests run it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    definition::Definition,
    history::History,
    lane::Lane,
    next::{Next, Step, Wait},
    policy::Policy,
};

/// Version 1: the input is a [`Drill`].
pub const V1: Definition = Definition {
    name: "drill",
    version: 1,
    next,
};

/// What a drill does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// The file to which every `append` adds one line.
    pub ledger: String,
    /// The acts, in order.
    pub acts: Vec<Act>,
}

/// One act of a drill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Add one line to the ledger, exactly once, after working for so long.
    Append {
        /// The lane to work in.
        lane: Lane,
        /// How long to work before writing, in milliseconds.
        work_ms: u64,
        /// How many of the first tries fail before writing.
        #[serde(default)]
        failures: u16,
    },
    /// Let so much time pass while parked.
    Sleep {
        /// In milliseconds.
        ms: u64,
    },
    /// Wait for a signal of this name.
    Await {
        /// The name.
        signal: String,
    },
    /// Add so many lines side by side.
    FanOut {
        /// How many branches.
        branches: u16,
        /// How long each works, in milliseconds.
        work_ms: u64,
    },
}

/// The name of the step that appends a line.
pub const APPEND: &str = "drill_append";

fn next(h: &History) -> Next {
    let drill: Drill = match serde_json::from_value(h.input.clone()) {
        Ok(drill) => drill,
        Err(error) => return Next::Fail(format!("the input is not a drill: {error}")),
    };
    let done = h.entries().len();
    let Some(act) = drill.acts.get(done) else {
        return Next::Finish(json!({"acts": done}));
    };
    match act {
        Act::Append {
            lane,
            work_ms,
            failures,
        } => Next::Run(append(&drill.ledger, *lane, *work_ms, *failures)),
        Act::Sleep { ms } => Next::Wait(Wait::Sleep {
            name: "sleep".into(),
            length: Duration::from_millis(*ms),
        }),
        Act::Await { signal } => Next::Wait(Wait::Signal {
            names: vec![signal.clone().into()],
            timeout: None,
        }),
        Act::FanOut { branches, work_ms } => {
            let one = |_| append(&drill.ledger, Lane::Checks, *work_ms, 0);
            Next::fan_out("branches", &(0..*branches).map(one).collect::<Vec<_>>())
        }
    }
}

fn append(ledger: &str, lane: Lane, work_ms: u64, failures: u16) -> Step {
    let policy = Policy {
        attempts: failures + 3,
        timeout: Duration::from_secs(60),
        backoff: Duration::from_millis(20),
        backoff_cap: Duration::from_millis(200),
    };
    let input = json!({"ledger": ledger, "work_ms": work_ms, "failures": failures});
    Step::new(APPEND, lane, input).policy(policy)
}
