//! A workflow that does what its input lists, so that a test shows on one page what its run does.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use workflows::{Child, Definition, History, Lane, Next, Policy, Step, Wait};

/// The workflow; its input is made by [`script`].
pub(crate) const SCRIPT: Definition = Definition {
    name: "script",
    version: 1,
    next,
};

/// One thing a script does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Act {
    Do(Step),
    Sleep(u64),
    /// Waits for any of these signals, for so many milliseconds at most.
    Await(Vec<String>, Option<u64>),
    /// Steps side by side.
    FanOut(Vec<Step>),
    /// Scripts as runs of their own.
    Spawn(Vec<Vec<Act>>),
    Fail(String),
}

/// The input of a run that does these things and returns its history.
pub(crate) fn script(acts: &[Act]) -> Value {
    json!({"acts": acts})
}

/// A step that is tried once.
pub(crate) fn step(name: &'static str, input: Value) -> Step {
    Step::new(name, Lane::Agents, input).policy(Policy::once(Duration::from_secs(60)))
}

fn next(h: &History) -> Next {
    let acts: Vec<Act> =
        serde_json::from_value(h.input["acts"].clone()).expect("the input is a script");
    let Some(act) = acts.get(h.entries().len()) else {
        return Next::Finish(json!(h.entries()));
    };
    match act.clone() {
        Act::Do(step) => Next::Run(step),
        Act::Sleep(ms) => Next::Wait(Wait::Sleep {
            name: "nap".into(),
            length: Duration::from_millis(ms),
        }),
        Act::Await(names, timeout) => Next::Wait(Wait::Signal {
            names: names.into_iter().map(Into::into).collect(),
            timeout: timeout.map(Duration::from_millis),
        }),
        Act::FanOut(steps) => Next::fan_out("branches", &steps),
        Act::Spawn(scripts) => Next::Spawn {
            name: "scripts".into(),
            children: scripts.iter().map(|acts| child(acts)).collect(),
        },
        Act::Fail(reason) => Next::Fail(reason),
    }
}

fn child(acts: &[Act]) -> Child {
    Child {
        workflow: SCRIPT.name.into(),
        version: SCRIPT.version,
        lane: Lane::Agents,
        input: script(acts),
    }
}
