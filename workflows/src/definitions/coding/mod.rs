//! A coding task: plan → (approval) → code → test → review → (back to code, bounded) → deliver. Since version 2, several
//! attempts may be made between plan and delivery, of which the best is chosen. Since version 3, agents are given the
//! second edition of their tools and instructions. Since version 4, whoever cannot go on asks a person.

mod assignment;
mod attempt;
mod brief;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::{Value, json};

pub use assignment::{
    Assignment, Commands, Deliver, Given, MOST_ATTEMPTS, Mode, Options, Origin, RoleLimits,
    USUAL_MINUTES,
};
pub use attempt::{ATTEMPT_V1, ATTEMPT_V2, ATTEMPT_V3};
pub use brief::Brief;

use crate::{
    definition::Definition,
    history::{Entry, History},
    lane::Lane,
    next::{Next, Step, Wait},
    policy::Policy,
};

/// Version 1: one attempt; what the review finds guarded is delivered like anything else.
pub const V1: Definition = Definition {
    name: "coding",
    version: 1,
    next: |h| {
        next(
            h,
            Rules {
                several: false,
                guards: false,
                asks: false,
                edition: 0,
            },
        )
    },
};

/// Version 2: as many attempts as were asked for, and a change to what is guarded is not delivered before a person has
/// decided.
pub const V2: Definition = Definition {
    name: "coding",
    version: 2,
    next: |h| {
        next(
            h,
            Rules {
                several: true,
                guards: true,
                asks: false,
                edition: 0,
            },
        )
    },
};

/// Version 3: version 2, whose agents have the second edition of tools and instructions. A conversation is held with one
/// edition from its beginning to its end, and so is a run that is done once more.
pub const V3: Definition = Definition {
    name: "coding",
    version: 3,
    next: |h| {
        next(
            h,
            Rules {
                several: true,
                guards: true,
                asks: false,
                edition: 1,
            },
        )
    },
};

/// Version 4: version 3 with the third edition, and whoever cannot go on (a planner or coder that is stuck or finds the task
/// infeasible, a reviewer that wants a person) does not end the run: it waits, at no cost, for what a person says to it.
pub const V4: Definition = Definition {
    name: "coding",
    version: 4,
    next: |h| {
        next(
            h,
            Rules {
                several: true,
                guards: true,
                asks: true,
                edition: 2,
            },
        )
    },
};

/// What new runs begin with.
pub const NEWEST: Definition = V4;

/// In what the versions differ.
#[derive(Debug, Clone, Copy)]
struct Rules {
    several: bool,
    guards: bool,
    /// Whoever cannot go on asks a person.
    asks: bool,
    /// Of the tools and instructions of agents.
    edition: u16,
}

/// In the result of a review or a choice: the guarded files that the change touches, by name.
pub const GUARDED: &str = "guarded";

/// In the result of a step after which a person is asked for help: `{"question", "options"}`.
pub const ASKS: &str = "asks";

/// The steps' names: stored data. Each returns `{"result": …}` and what the later ones are told of it.
pub const PLAN: &str = "plan";
/// Implements the plan in the workspace.
pub const CODE: &str = "code";
/// Runs the tests on base and head.
pub const TEST: &str = "test";
/// Judges the diff.
pub const REVIEW: &str = "review";
/// Delivers the branch.
pub const PUBLISH: &str = "publish";
/// Chooses among attempts and takes over the work of the best.
pub const CHOOSE: &str = "choose";

/// The name under which attempts are started side by side and their ends are known.
pub const ATTEMPTS: &str = "attempts";

/// The signal that carries `{"decision": "approve" | "request_changes" | "reject", "plan"?, "text"?}`.
pub const PLAN_DECIDED: &str = "plan_decided";
/// The signal that carries a person's answer: `{"text": …}`.
pub const ANSWERED: &str = "answered";
/// The signal that carries `{"usd_micros": …, "minutes": …}`, what the run may cost and take more; nothing ends it.
pub const BUDGET_RAISED: &str = "budget_raised";
/// The signal that carries `{"decision": "approve" | "request_changes" | "reject", "text"?}`.
pub const DELIVERY_DECIDED: &str = "delivery_decided";

fn next(h: &History, rules: Rules) -> Next {
    let mut task = match serde_json::from_value::<Assignment>(h.input.clone()) {
        Ok(task) => task.in_edition(rules.edition),
        Err(error) => return Next::Fail(format!("the input is not a coding task: {error}")),
    };
    let most = if rules.several { MOST_ATTEMPTS } else { 1 };
    task.options.attempts = task.options.attempts.clamp(1, most);
    match h.last() {
        None if task.options.mode == Mode::NoPlan => work(h, &task),
        None => run(h, &task, PLAN),
        Some(Entry::Children { name, .. }) if rules.several && name == ATTEMPTS => {
            run(h, &task, CHOOSE)
        }
        Some(Entry::Step { name, output }) => after_step(h, &task, rules, name, output),
        Some(Entry::Signal { name, payload }) => after_signal(h, &task, name, payload),
        Some(other) => Next::Fail(format!("a coding task cannot follow {other:?}")),
    }
}

fn after_step(h: &History, task: &Assignment, rules: Rules, name: &str, output: &Value) -> Next {
    let options = &task.options;
    let guarded = rules.guards
        && output[GUARDED]
            .as_array()
            .is_some_and(|all| !all.is_empty());
    match (name, said(output)) {
        (_, "out_of_budget" | "out_of_time") => wait(BUDGET_RAISED),
        (PLAN | CODE, "infeasible" | "gave_up") | (REVIEW, "needs_human") if rules.asks => {
            wait(ANSWERED)
        }
        (PLAN | CODE, "infeasible") => finish("infeasible", output),
        (PLAN | CODE, "needs_answer") => wait(ANSWERED),
        (PLAN, _) if options.approve_plan => wait(PLAN_DECIDED),
        (PLAN, _) => planned(h, task),
        (CODE, "gave_up") => finish("needs_human", output),
        (CODE, _) => run(h, task, TEST),
        (TEST, "failing") if h.count(TEST) < options.test_rounds => run(h, task, CODE),
        (TEST, _) => run(h, task, REVIEW),
        (REVIEW, "request_changes") if judged(h, rules) < options.review_rounds => {
            run(h, task, CODE)
        }
        (REVIEW, "reject") | (CHOOSE, "rejected") => finish("rejected", output),
        (CHOOSE, "none") => finish("needs_human", output),
        (REVIEW | CHOOSE, _) if options.approve_delivery || guarded => wait(DELIVERY_DECIDED),
        (REVIEW | CHOOSE, _) => run(h, task, PUBLISH),
        (PUBLISH, _) => finish("published", output),
        (other, _) => Next::Fail(format!("a coding task has no step `{other}`")),
    }
}

/// How often the reviewer has judged. Who asks a person has not judged yet.
fn judged(h: &History, rules: Rules) -> usize {
    let asked = |entry: &&Entry| matches!(entry, Entry::Step { name, output } if name == REVIEW && said(output) == "needs_human");
    let asked = h.entries().iter().filter(asked).count();
    h.count(REVIEW) - if rules.asks { asked } else { 0 }
}

fn after_signal(h: &History, task: &Assignment, name: &str, payload: &Value) -> Next {
    let decision = payload["decision"].as_str();
    match (name, decision) {
        (PLAN_DECIDED, Some("approve")) => planned(h, task),
        (PLAN_DECIDED, Some("request_changes")) => run(h, task, PLAN),
        (DELIVERY_DECIDED, Some("approve")) => run(h, task, PUBLISH),
        (DELIVERY_DECIDED, Some("request_changes")) => run(h, task, CODE),
        (PLAN_DECIDED | DELIVERY_DECIDED, Some("reject")) => finish("rejected", payload),
        // Whoever asked, or ran out of money, goes on.
        (ANSWERED, _) => again(h, task),
        (BUDGET_RAISED, _) if brief::raises(payload) => again(h, task),
        (BUDGET_RAISED, _) => finish("out_of_budget", payload),
        (_, other) => Next::Fail(format!(
            "`{}` is no decision for {name}",
            other.unwrap_or("nothing")
        )),
    }
}

/// There is a plan that counts.
fn planned(h: &History, task: &Assignment) -> Next {
    if task.options.mode == Mode::PlanOnly {
        let plan = Brief::of(h, task, CODE).plan.unwrap_or_default();
        return finish("planned", &plan);
    }
    work(h, task)
}

/// The plan is followed: by one coder, or by several who know nothing of each other.
fn work(h: &History, task: &Assignment) -> Next {
    match task.options.attempts {
        1 => run(h, task, CODE),
        many => attempt::side_by_side(h, task, many),
    }
}

/// The newest step once more.
fn again(h: &History, task: &Assignment) -> Next {
    let newest = h.entries().iter().rev().find_map(|entry| match entry {
        Entry::Step { name, .. } => STEPS.iter().find(|step| *step == name),
        _ => None,
    });
    match newest {
        Some(step) => run(h, task, step),
        None => Next::Fail("nobody had asked anything".to_owned()),
    }
}

const STEPS: [&str; 6] = [PLAN, CODE, TEST, REVIEW, PUBLISH, CHOOSE];

/// The one word of a step's result that decides what follows.
fn said(output: &Value) -> &str {
    output["result"].as_str().unwrap_or_default()
}

fn run(h: &History, task: &Assignment, name: &'static str) -> Next {
    let lane = match name {
        TEST => Lane::Checks,
        PUBLISH => Lane::Outbound,
        _ => Lane::Agents,
    };
    let policy = Policy {
        timeout: Duration::from_secs(4 * 3600),
        ..Policy::DEFAULT
    };
    Next::Run(Step::new(name, lane, json!(Brief::of(h, task, name))).policy(policy))
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
