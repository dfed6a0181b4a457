//! One attempt of several at a plan: code → test → review → (back to code, bounded). It ends with what it has to show;
//! the run that began it chooses and delivers.

use serde_json::{Value, json};

use super::{
    ANSWERED, ATTEMPTS, Assignment, BUDGET_RAISED, Brief, CODE, Given, Mode, Options, REVIEW, TEST,
    again, brief, run, said, wait,
};
use crate::{
    definition::Definition,
    history::{Entry, History},
    lane::Lane,
    next::{Child, Next},
};

/// Version 1: the input is an [`Assignment`] with what is [`Given`].
pub const ATTEMPT_V1: Definition = Definition {
    name: "coding_attempt",
    version: 1,
    next: |h| next(h, 0),
};

/// Version 2: the same with the second edition of agents' tools and instructions.
pub const ATTEMPT_V2: Definition = Definition {
    name: "coding_attempt",
    version: 2,
    next: |h| next(h, 1),
};

/// Version 3: the same with the third edition. One that cannot go on ends, as ever: another may have found a way, and the run
/// that began them chooses.
pub const ATTEMPT_V3: Definition = Definition {
    name: "coding_attempt",
    version: 3,
    next: |h| next(h, 2),
};

/// Of what is left, the choice between the attempts may cost one in so many parts.
const FOR_THE_CHOICE: i64 = 10;

/// Starts so many attempts; what is left of the money is shared among them.
pub(super) fn side_by_side(h: &History, task: &Assignment, many: usize) -> Next {
    let told = Brief::of(h, task, CODE);
    let left = (told.budget_usd_micros - brief::spent(h)).max(0);
    let shares = i64::try_from(many).unwrap_or(i64::MAX);
    let share = (left - left / FOR_THE_CHOICE) / shares;
    let attempt = match task.edition {
        0 => ATTEMPT_V1,
        1 => ATTEMPT_V2,
        _ => ATTEMPT_V3,
    };
    let child = |number| {
        let assignment = Assignment {
            base: told.base.clone().or_else(|| task.base.clone()),
            branch: None,
            options: Options {
                mode: Mode::NoPlan,
                approve_plan: false,
                approve_delivery: false,
                attempts: 1,
                budget_usd_micros: share,
                ..task.options.clone()
            },
            given: Some(Given {
                number,
                of: many,
                plan: told.plan.clone(),
            }),
            ..task.clone()
        };
        Child {
            workflow: attempt.name.into(),
            version: attempt.version,
            lane: Lane::Agents,
            input: json!(assignment),
        }
    };
    Next::Spawn {
        name: ATTEMPTS.into(),
        children: (1..=many).map(child).collect(),
    }
}

fn next(h: &History, edition: u16) -> Next {
    let task = match serde_json::from_value::<Assignment>(h.input.clone()) {
        Ok(task) => task.in_edition(edition),
        Err(error) => return Next::Fail(format!("the input is not a coding task: {error}")),
    };
    match h.last() {
        None => run(h, &task, CODE),
        Some(Entry::Step { name, output }) => after_step(h, &task, name, output),
        Some(Entry::Signal { name, payload }) => match name.as_str() {
            ANSWERED => again(h, &task),
            BUDGET_RAISED if brief::raises(payload) => again(h, &task),
            BUDGET_RAISED => end(h, &task, "out_of_budget"),
            other => Next::Fail(format!("an attempt does not wait for `{other}`")),
        },
        Some(other) => Next::Fail(format!("an attempt cannot follow {other:?}")),
    }
}

fn after_step(h: &History, task: &Assignment, name: &str, output: &Value) -> Next {
    let options = &task.options;
    match (name, said(output)) {
        (_, "out_of_budget" | "out_of_time") => wait(BUDGET_RAISED),
        (CODE, "infeasible") => end(h, task, "infeasible"),
        (CODE, "needs_answer") => wait(ANSWERED),
        (CODE, "gave_up") => end(h, task, "needs_human"),
        (CODE, _) => run(h, task, TEST),
        (TEST, "failing") if h.count(TEST) < options.test_rounds => run(h, task, CODE),
        (TEST, _) => run(h, task, REVIEW),
        (REVIEW, "request_changes") if h.count(REVIEW) < options.review_rounds => {
            run(h, task, CODE)
        }
        (REVIEW, "reject") => end(h, task, "rejected"),
        (REVIEW, _) => end(h, task, "candidate"),
        (other, _) => Next::Fail(format!("an attempt has no step `{other}`")),
    }
}

/// What there is to show in the end.
fn end(h: &History, task: &Assignment, result: &str) -> Next {
    let told = Brief::of(h, task, "");
    let evidence = json!({
        "base": told.base, "head": told.head, "finish": told.finish, "evidence": told.evidence,
        "verdict": told.verdict, brief::RAISED: brief::raised(h),
    });
    Next::Finish(json!({"result": result, "evidence": evidence}))
}
