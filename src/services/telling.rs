//! The words in which people are told what a run itself does: one line for each kind of row in its journal. Kinds that
//! are not known here are told in their own words, so that a new one is seen rather than missed.

use serde_json::Value;
use workflows::definitions::coding::{ANSWERED, BUDGET_RAISED, DELIVERY_DECIDED, PLAN_DECIDED};

/// Reasons are shown up to so many characters; the whole is in the event.
const REASON: usize = 160;

/// A row in one line.
pub(super) fn title(kind: &str, data: &Value) -> String {
    let said = |name: &str| data[name].as_str().unwrap_or_default();
    match kind {
        "run.succeeded" => "The run has come to its end".to_owned(),
        "run.failed" => because("The run failed", said("reason")),
        "run.canceled" => "The run was canceled".to_owned(),
        "run.paused" => "The run was paused".to_owned(),
        "run.resumed" => "The run goes on".to_owned(),
        "run.retried" => "The run was taken up again".to_owned(),
        "run.rewound" => "The run was taken up again from an earlier step".to_owned(),
        "run.forked" => "The run begins where it was forked from another".to_owned(),
        "run.recovered" if said("cause") == "died" => {
            "A worker died; another takes over".to_owned()
        }
        "run.recovered" => "Another worker takes over".to_owned(),
        "run.released" => because("The worker let go of the run", said("reason")),
        "run.waiting" => waiting(said("for"), said("name")),
        "step.dispatched" => format!("Next: {}", said("step")),
        "step.failed" => because(
            &format!("The step {} will be tried again", said("step")),
            said("reason"),
        ),
        "run.blocked" => because("Still waits", said("reason")),
        "run.unblocked" => "All tasks that it waited for have succeeded".to_owned(),
        "timer.fired" => "The wait is over".to_owned(),
        "children.spawned" => "Runs of its own were started".to_owned(),
        "children.joined" => "The runs it had started have ended".to_owned(),
        "activity.started" => format!("Begins: {}", said("key")),
        "activity.finished" => format!("Done: {}", said("key")),
        "activity.failed" => because(&format!("Failed: {}", said("key")), said("reason")),
        "activity.interrupted" => format!("Was cut off: {}", said("key")),
        "activity.possible_charge" => format!("May have been charged: {}", said("key")),
        other => {
            let about = ["reason", "cause", "step", "name"];
            let about = about.iter().find_map(|name| data[*name].as_str());
            because(&other.replace(['.', '_'], " "), about.unwrap_or_default())
        }
    }
}

fn because(what: &str, reason: &str) -> String {
    if reason.is_empty() {
        return what.to_owned();
    }
    let reason: String = reason.chars().take(REASON).collect();
    format!("{what}: {reason}")
}

fn waiting(how: &str, name: &str) -> String {
    let for_whom = match name {
        PLAN_DECIDED => "Waits for a decision on the plan",
        ANSWERED => "Waits for an answer",
        BUDGET_RAISED => "Waits for more money or time",
        DELIVERY_DECIDED => "Waits for a decision on what was done",
        _ => match how {
            "timer" => "Waits for a while",
            "children" => "Waits for the runs it has started",
            "tasks" => "Waits for other tasks",
            "retry" => "Waits before the next try",
            _ => return because("Waits", &name.replace('_', " ")),
        },
    };
    for_whom.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_told_in_the_words_of_people() {
        for (kind, data, told) in [
            (
                "run.waiting",
                json!({"for": "signal", "name": "plan_decided"}),
                "Waits for a decision on the plan",
            ),
            (
                "step.dispatched",
                json!({"step": "test", "lane": "checks"}),
                "Next: test",
            ),
            (
                "activity.started",
                json!({"key": "baseline"}),
                "Begins: baseline",
            ),
            (
                "run.failed",
                json!({"reason": "no room"}),
                "The run failed: no room",
            ),
            ("run.new_kind", json!({"name": "x"}), "run new kind: x"),
        ] {
            assert_eq!(title(kind, &data), told);
        }
    }
}
