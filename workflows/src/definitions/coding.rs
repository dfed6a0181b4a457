//! A coding task: plan → approve → code → test → review → publish, with bounded rounds.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    definition::Definition,
    history::{Entry, History},
    lane::Lane,
    next::{Next, Step, Wait},
    policy::Policy,
};

/// Version 1.
pub const V1: Definition = Definition {
    name: "coding",
    version: 1,
    next,
};

/// The steps' names: stored data.
pub const PLAN: &str = "plan";
/// Implements the plan in the workspace.
pub const CODE: &str = "code";
/// Runs the tests on base and head.
pub const TEST: &str = "test";
/// Judges the diff.
pub const REVIEW: &str = "review";
/// Pushes the branch or opens the pull request.
pub const PUBLISH: &str = "publish";
/// The signal that carries `{"decision": "approve" | "request_changes" | "reject"}`.
pub const PLAN_DECIDED: &str = "plan_decided";
/// The signal that carries a person's answer.
pub const ANSWERED: &str = "answered";

/// What the person chose when they gave the task.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
struct Choices {
    skip_plan: bool,
    approve_plan: bool,
    test_rounds: usize,
    review_rounds: usize,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            skip_plan: false,
            approve_plan: true,
            test_rounds: 3,
            review_rounds: 2,
        }
    }
}

fn next(h: &History) -> Next {
    let choices: Choices = match serde_json::from_value(h.input.clone()) {
        Ok(choices) => choices,
        Err(error) => return Next::Fail(format!("the input is not a coding task: {error}")),
    };
    match h.last() {
        None if choices.skip_plan => run(CODE, Lane::Agents),
        None => run(PLAN, Lane::Agents),
        Some(Entry::Step { name, output }) => after_step(h, choices, name, output),
        Some(Entry::Signal { name, payload }) if name == PLAN_DECIDED => after_decision(payload),
        Some(Entry::Signal { name, .. }) if name == ANSWERED => after_answer(h),
        Some(other) => Next::Fail(format!("a coding task cannot follow {other:?}")),
    }
}

fn after_step(h: &History, choices: Choices, name: &str, output: &Value) -> Next {
    match (name, said(output)) {
        (PLAN | CODE, "infeasible") => finish("infeasible", output),
        (PLAN, "needs_answer") | (CODE, "blocked") => wait(ANSWERED),
        (PLAN, _) if choices.approve_plan => wait(PLAN_DECIDED),
        (PLAN, _) => run(CODE, Lane::Agents),
        (CODE, _) => run(TEST, Lane::Checks),
        (TEST, "failing") if h.count(TEST) < choices.test_rounds => run(CODE, Lane::Agents),
        (TEST, _) => run(REVIEW, Lane::Agents),
        (REVIEW, "request_changes") if h.count(REVIEW) < choices.review_rounds => {
            run(CODE, Lane::Agents)
        }
        (REVIEW, "reject") => finish("rejected", output),
        (REVIEW, _) => run(PUBLISH, Lane::Outbound),
        (PUBLISH, _) => finish("published", output),
        (other, _) => Next::Fail(format!("a coding task has no step `{other}`")),
    }
}

fn after_decision(payload: &Value) -> Next {
    match payload["decision"].as_str() {
        Some("approve") => run(CODE, Lane::Agents),
        Some("request_changes") => run(PLAN, Lane::Agents),
        Some("reject") => finish("rejected", payload),
        other => Next::Fail(format!(
            "`{}` is no decision on a plan",
            other.unwrap_or("nothing")
        )),
    }
}

/// An answer goes to whoever asked: the planner, or the coder once there is code.
fn after_answer(h: &History) -> Next {
    if h.count(CODE) > 0 {
        run(CODE, Lane::Agents)
    } else {
        run(PLAN, Lane::Agents)
    }
}

/// The one word of a step's result that decides what follows.
fn said(output: &Value) -> &str {
    output["result"].as_str().unwrap_or_default()
}

fn run(name: &'static str, lane: Lane) -> Next {
    let policy = Policy {
        timeout: Duration::from_secs(4 * 3600),
        ..Policy::DEFAULT
    };
    Next::Run(Step::new(name, lane, Value::Null).policy(policy))
}

fn wait(signal: &'static str) -> Next {
    Next::Wait(Wait::Signal {
        names: vec![signal.into()],
        timeout: None,
    })
}

fn finish(result: &str, evidence: &Value) -> Next {
    Next::Finish(json!({"result": result, "evidence": evidence}))
}
