//! Every workflow, with the process dying before and after every durable write, every activity's worth of
//! interruption, cancel anywhere and pause anywhere. Pass: the run ends as it would have, every step is
//! recorded once, nothing external happens twice, nothing finished is performed again.

use std::{collections::BTreeMap, sync::Arc};

use futures::{FutureExt, executor::block_on, future::BoxFuture};
use serde_json::{Value, json};
use workflows::{
    Definition, Lane, Outcome, Step, StepContext, StepError,
    activity::{Found, Performed},
    definitions::{self, coding, drill, step},
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
        if edited == Performed::Interrupted {
            world.happen(&format!("interrupted {place}"));
        }
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
        // The first time, everybody is stuck and asks.
        if cx.step.input["assignment"]["title"] == "asks" && cx.step.input["round"] == 0 {
            let stuck = match cx.step.name.as_ref() {
                "plan" => Some("infeasible"),
                "code" => Some("gave_up"),
                "review" => Some("needs_human"),
                _ => None,
            };
            if let Some(stuck) = stuck {
                return Ok(json!({"result": stuck, "conversation": "kept"}));
            }
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
        trial(coding::V4, json!({"title": "asks"})),
        trial(
            coding::ATTEMPT_V1,
            json!({"given": {"number": 1, "of": 2, "plan": {}}}),
        ),
        trial(
            coding::ATTEMPT_V2,
            json!({"given": {"number": 1, "of": 2, "plan": {}}}),
        ),
        trial(
            coding::ATTEMPT_V3,
            json!({"given": {"number": 1, "of": 2, "plan": {}}}),
        ),
        trial(step::V1, json!(Step::new("alone", Lane::Checks, json!({})))),
    ]
}

#[test]
fn every_workflow_is_tried() {
    let tried: Vec<(&str, u16)> = trials()
        .iter()
        .map(|trial| (trial.definition.name, trial.definition.version))
        .collect();
    for definition in definitions::ALL {
        let known = (definition.name, definition.version);
        assert!(tried.contains(&known), "{known:?}");
    }
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
        let calm = block_on(trial.run(&[]));
        assert!(
            calm.writes > 5,
            "{}: the trial must write",
            trial.definition.name
        );
        assert!(
            matches!(calm.outcome, Outcome::Succeeded { .. }),
            "{}: {:?}",
            trial.definition.name,
            calm.outcome
        );
        for write in 0..calm.writes {
            for when in [When::Before, When::After] {
                let crash = Crash { write, when };
                let struck = block_on(trial.run(&[crash]));
                let place = format!("{} {crash:?}", trial.definition.name);
                assert_eq!(struck.deaths, 1, "{place}");
                assert_eq!(struck.outcome, calm.outcome, "{place}");
                assert_eq!(struck.steps, calm.steps, "{place}");
                assert!(
                    !struck
                        .world
                        .keys()
                        .any(|what| what.starts_with("interrupted")),
                    "{place}: one death is not enough to give up"
                );
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

/// Two deaths close to each other: the second one falls where the first has left traces.
#[test]
fn a_second_crash_soon_after_changes_nothing_either() {
    let mut interrupted = 0;
    for trial in trials() {
        let calm = block_on(trial.run(&[]));
        for write in 0..calm.writes {
            for (later, first, second) in pairs() {
                let crashes = [
                    Crash { write, when: first },
                    Crash {
                        write: write + later,
                        when: second,
                    },
                ];
                let struck = block_on(trial.run(&crashes));
                let place = format!("{} {crashes:?}", trial.definition.name);
                assert_eq!(struck.outcome, calm.outcome, "{place}");
                assert_eq!(struck.steps, calm.steps, "{place}");
                assert_eq!(
                    sent(&struck.world),
                    sent(&calm.world),
                    "{place}: an effect was lost or doubled"
                );
                interrupted += struck
                    .world
                    .keys()
                    .filter(|what| what.starts_with("interrupted"))
                    .count();
            }
        }
    }
    assert!(
        interrupted > 0,
        "two deaths in one activity tell its caller"
    );
}

fn pairs() -> impl Iterator<Item = (usize, When, When)> {
    let both = [When::Before, When::After];
    (1..=2).flat_map(move |later| {
        both.into_iter()
            .flat_map(move |first| both.into_iter().map(move |second| (later, first, second)))
    })
}

#[test]
fn a_cancel_at_any_write_is_final_and_leaves_nothing_half_done() {
    for trial in trials() {
        let calm = block_on(trial.run(&[]));
        for write in 0..calm.writes {
            let canceled = block_on(trial.canceled_at(write));
            let place = format!("{} canceled at {write}", trial.definition.name);
            assert_eq!(canceled.outcome, Outcome::Canceled, "{place}");
            assert!(canceled.steps.len() <= calm.steps.len(), "{place}");
            assert_eq!(
                canceled.steps,
                calm.steps[..canceled.steps.len()],
                "{place}: what was recorded stays as it was"
            );
            assert!(
                canceled.world.values().all(|times| *times == 1),
                "{place}: {:?}",
                canceled.world
            );
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
            let calm = block_on(trial.run(&[]));
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
        let calm = block_on(trial.run(&[]));
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
