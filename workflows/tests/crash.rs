//! Every workflow, with the process dying before and after every durable write, every activity's worth of
//! interruption, cancel anywhere and pause anywhere. Pass: the run ends as it would have, every step is
//! recorded once, nothing external happens twice, nothing finished is performed again.

use std::{collections::BTreeMap, sync::Arc};

use futures::{FutureExt, executor::block_on, future::BoxFuture};
use serde_json::{Value, json};
use workflows::{
    Definition, Outcome, StepContext, StepError,
    activity::{Found, Performed},
    definitions::{coding, drill},
    testing::{Crash, MemoryJournal, Trial, When, World},
};

fn perform(
    cx: StepContext<MemoryJournal>,
    world: Arc<World>,
) -> BoxFuture<'static, Result<Value, StepError>> {
    async move {
        let place = format!("{}/{}", cx.run, cx.step_no);
        let thought = cx
            .paid("think", async || {
                Ok(json!(world.happen(&format!("paid {place}"))))
            })
            .await?;
        let again = cx
            .paid("think", async || {
                unreachable!("a finished call is never made again")
            })
            .await?;
        assert_eq!(thought, again);
        let edited = cx
            .workspace(
                "edit",
                async || {
                    world.happen(&format!("restored {place}"));
                    Ok(())
                },
                async || Ok(json!(world.happen(&format!("edited {place}")))),
            )
            .await?;
        assert!(
            matches!(edited, Performed::Done(_)),
            "one death is not enough to give up"
        );
        let key = format!("sent {place}");
        let lookup = async || {
            Ok(if world.times(&key) > 0 {
                Found::Yes(json!("sent"))
            } else {
                Found::No
            })
        };
        let send = async || {
            world.happen(&key);
            Ok(json!("sent"))
        };
        cx.external("send", &key, lookup, send).await?;
        if cx.step.input["failures"]
            .as_u64()
            .is_some_and(|failures| u64::from(cx.attempt) <= failures)
        {
            return Err(StepError::retry("asked to fail"));
        }
        Ok(result_of(&cx.step.name, cx.step_no))
    }
    .boxed()
}

/// Results that take a coding task through every branch once: failing tests, then a review that wants changes.
fn result_of(step: &str, step_no: i32) -> Value {
    let verdict = match step {
        "test" if step_no <= 3 => "failing",
        "review" if step_no <= 6 => "request_changes",
        "review" => "approve",
        _ => "ok",
    };
    json!({"result": verdict})
}

fn answer(signal: &str) -> Value {
    json!({"decision": "approve", "signal": signal})
}

fn trials() -> Vec<Trial> {
    let acts = json!([
        {"act": "append", "lane": "agents", "work_ms": 0},
        {"act": "append", "lane": "checks", "work_ms": 0, "failures": 2},
        {"act": "sleep", "ms": 1},
        {"act": "fan_out", "branches": 3, "work_ms": 0},
        {"act": "await", "signal": "go"},
        {"act": "append", "lane": "agents", "work_ms": 0},
    ]);
    let trial = |definition: Definition, input: Value| Trial {
        definition,
        input,
        perform,
        answer,
    };
    vec![
        trial(drill::V1, json!({"ledger": "unused", "acts": acts})),
        trial(coding::V1, json!({})),
        trial(
            coding::V1,
            json!({"options": {"mode": "no_plan", "approve_delivery": true}}),
        ),
        trial(coding::V2, json!({"options": {"attempts": 3}})),
        trial(coding::V2, json!({})),
        trial(coding::V3, json!({"options": {"attempts": 2}})),
    ]
}

/// The external effects, which no crash may double or lose.
fn sent(world: &BTreeMap<String, usize>) -> Vec<usize> {
    world
        .iter()
        .filter(|(what, _)| what.starts_with("sent"))
        .map(|(_, times)| *times)
        .collect()
}

#[test]
fn a_crash_anywhere_changes_nothing_that_counts() {
    for trial in trials() {
        let calm = block_on(trial.run(None));
        assert!(
            calm.writes > 5,
            "{}: the trial must write",
            trial.definition.name
        );
        for write in 0..calm.writes {
            for when in [When::Before, When::After] {
                let crash = Crash { write, when };
                let struck = block_on(trial.run(Some(crash)));
                let place = format!("{} {crash:?}", trial.definition.name);
                assert_eq!(struck.deaths, 1, "{place}");
                assert_eq!(struck.outcome, calm.outcome, "{place}");
                assert_eq!(struck.steps, calm.steps, "{place}");
                assert_eq!(
                    sent(&struck.world),
                    sent(&calm.world),
                    "{place}: an effect was lost or doubled"
                );
                let again = |(what, times): (&String, &usize)| {
                    (what.starts_with("paid") && *times > 1) as usize
                };
                let paid_again: usize = struck.world.iter().map(again).sum();
                assert!(
                    paid_again <= 1,
                    "{place}: only the call that was cut off may be made again"
                );
            }
        }
    }
}

#[test]
fn cancel_is_final_wherever_it_falls() {
    for trial in trials() {
        for claim in 0..12 {
            let verdict = block_on(trial.meddled(|journal, id, claims| {
                if claims == claim {
                    journal.cancel(id);
                }
            }));
            let calm = block_on(trial.run(None));
            assert!(verdict.outcome == Outcome::Canceled || verdict.outcome == calm.outcome);
            if claim == 0 {
                assert_eq!(verdict.outcome, Outcome::Canceled);
                assert!(
                    verdict.world.is_empty(),
                    "a run canceled before it began does nothing"
                );
            }
        }
    }
}

#[test]
fn a_pause_loses_and_repeats_nothing() {
    for trial in trials() {
        let calm = block_on(trial.run(None));
        let paused =
            block_on(trial.meddled(|journal, _, claims| journal.set_pausing(claims % 2 == 0)));
        assert_eq!(paused.outcome, calm.outcome);
        assert_eq!(paused.steps, calm.steps);
        assert!(
            paused.world.values().all(|times| *times == 1)
                || calm.world.values().any(|times| *times > 1)
        );
    }
}

#[test]
fn the_same_history_always_gives_the_same_answer() {
    let history = workflows::History::new(json!({}));
    assert_eq!((coding::V2.next)(&history), (coding::V2.next)(&history));
}
