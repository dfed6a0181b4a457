//! Every way that a coding run can take within a few entries of its history.

use serde_json::{Value, json};

use super::*;
use crate::{failure::Failure, history::Outcome};

/// Entries of a history that are tried.
const DEPTH: usize = 8;

/// What each step may say.
fn words(step: &str) -> &'static [&'static str] {
    match step {
        PLAN => &[
            "planned",
            "infeasible",
            "needs_answer",
            "gave_up",
            "out_of_budget",
        ],
        CODE => &["done", "infeasible", "needs_answer", "gave_up"],
        TEST => &["failing", "green"],
        REVIEW => &[
            "approve",
            "request_changes",
            "needs_human",
            "reject",
            "out_of_time",
        ],
        CHOOSE => &["chosen", "none", "rejected", "out_of_budget"],
        PUBLISH => &["published"],
        other => panic!("no step `{other}`"),
    }
}

/// What people may say.
fn payloads(signal: &str) -> Vec<Value> {
    match signal {
        ANSWERED => vec![json!({"text": "yes"})],
        BUDGET_RAISED => vec![json!({"usd_micros": 700}), json!({})],
        _ => vec![
            json!({"decision": "approve"}),
            json!({"decision": "request_changes", "text": "more"}),
            json!({"decision": "reject"}),
        ],
    }
}

fn shown(tree: &str) -> Outcome {
    let evidence = json!({"base": "b", "head": {"tree": tree}, "raised_usd_micros": 40});
    Outcome::Succeeded {
        output: json!({"result": "candidate", "evidence": evidence}),
    }
}

/// How attempts may end.
fn ends(many: usize) -> Vec<Vec<Outcome>> {
    let failed = Outcome::Failed {
        failure: Failure::of_run("no"),
    };
    let mut mixed = vec![shown("t"); many];
    mixed[0] = failed.clone();
    mixed[many - 1] = Outcome::Canceled;
    vec![vec![shown("t"); many], mixed, vec![failed; many]]
}

/// What may follow a decision.
fn following(next: &Next) -> Vec<Entry> {
    match next {
        Next::Run(step) => {
            let said = |word: &&str| Entry::Step {
                name: step.name.to_string(),
                output: json!({"result": word, "base": "b", "cost_usd_micros": 100, "conversation": "c"}),
            };
            words(&step.name).iter().map(said).collect()
        }
        Next::Wait(Wait::Signal { names, .. }) => {
            let name = names[0].to_string();
            let said = |payload| Entry::Signal {
                name: name.clone(),
                payload,
            };
            payloads(&names[0]).into_iter().map(said).collect()
        }
        Next::Spawn { name, children } => {
            let ended = |outcomes| Entry::Children {
                name: name.to_string(),
                outcomes,
            };
            ends(children.len()).into_iter().map(ended).collect()
        }
        Next::Wait(_) => panic!("a coding run keeps no time"),
        Next::Finish(_) | Next::Fail(_) => Vec::new(),
    }
}

/// Visits every history of up to [`DEPTH`] entries with what follows it.
fn explore(definition: &Definition, h: &History, visit: &mut dyn FnMut(&History, &Next)) {
    let next = (definition.next)(h);
    visit(h, &next);
    if h.entries().len() == DEPTH {
        return;
    }
    for entry in following(&next) {
        let mut longer = h.clone();
        longer.push(entry);
        explore(definition, &longer, visit);
    }
}

fn started(options: &Value) -> History {
    History::new(json!({"title": "t", "options": options}))
}

fn modes() -> Vec<Value> {
    vec![
        json!({"test_rounds": 2}),
        json!({"mode": "no_plan", "approve_delivery": true}),
        json!({"mode": "plan_only"}),
    ]
}

fn with(mut options: Value, attempts: usize) -> Value {
    options["attempts"] = json!(attempts);
    options
}

#[test]
fn no_way_ends_in_a_dead_end() {
    for (definition, attempts) in [(V2, 1), (V2, 3), (V4, 1), (V4, 2)] {
        for options in modes() {
            let mut ends = 0;
            let history = started(&with(options, attempts));
            explore(&definition, &history, &mut |h, next| {
                assert!(!matches!(next, Next::Fail(_)), "{next:?} after {h:?}");
                ends += usize::from(matches!(next, Next::Finish(_)));
            });
            // What nobody answers does not end.
            assert!(ends > 2, "{ends}");
        }
    }
    let attempt = started(&json!({"mode": "no_plan"}));
    explore(&ATTEMPT_V1, &attempt, &mut |h, next| {
        assert!(!matches!(next, Next::Fail(_)), "{next:?} after {h:?}");
        assert!(
            !matches!(next, Next::Spawn { .. }),
            "an attempt begins no others"
        );
        if let Next::Run(step) = next {
            assert!([CODE, TEST, REVIEW].contains(&step.name.as_ref()), "{h:?}");
        }
    });
}

#[test]
fn version_1_goes_on_as_it_did() {
    // What was asked for later means nothing to it, and with one attempt both are the same.
    for options in modes() {
        let history = started(&with(options.clone(), 3));
        explore(&V1, &history, &mut |h, next| {
            let mut one = History::with_entries(h.input.clone(), h.entries().to_vec());
            one.input["options"]["attempts"] = json!(1);
            assert_eq!(next, &(V1.next)(&one));
            assert_eq!(next, &(V2.next)(&one));
            let mut before = one;
            before.input["options"]
                .as_object_mut()
                .expect("options")
                .remove("attempts");
            assert_eq!(next, &(V1.next)(&before));
        });
    }
}

#[test]
fn attempts_share_what_is_left_and_only_choosing_or_coding_follows() {
    for many in 2..=MOST_ATTEMPTS {
        for options in modes() {
            let history = started(&with(options, many));
            explore(&V2, &history, &mut |h, next| {
                if let Next::Spawn { children, .. } = next {
                    judge_shares(h, children, many);
                }
                let Some(Entry::Children { outcomes, .. }) = h.last() else {
                    return;
                };
                let Next::Run(step) = next else {
                    panic!("{next:?} after {h:?}");
                };
                assert_eq!(step.name, CHOOSE);
                let brief: Brief = serde_json::from_value(step.input.clone()).expect("a brief");
                assert_eq!(&brief.candidates, outcomes);
                let shown = outcomes
                    .iter()
                    .filter(|one| matches!(one, Outcome::Succeeded { .. }))
                    .count();
                let given = i64::try_from(shown).expect("few") * 40;
                assert_eq!(
                    brief.budget_usd_micros,
                    10_000_000 + brief::raised(h) + given
                );
            });
        }
    }
}

fn judge_shares(h: &History, children: &[crate::next::Child], many: usize) {
    assert_eq!(children.len(), many);
    let mut sum = 0;
    for (number, child) in (1..).zip(children) {
        assert_eq!(child.workflow, ATTEMPT_V1.name);
        let task: Assignment = serde_json::from_value(child.input.clone()).expect("a task");
        let given = task.given.expect("what is given");
        assert_eq!((given.number, given.of), (number, many));
        assert_eq!(task.options.attempts, 1);
        assert!(!task.options.approve_plan && !task.options.approve_delivery);
        sum += task.options.budget_usd_micros;
        if h.count(PLAN) > 0 {
            assert_eq!(task.base.as_deref(), Some("b"));
        }
    }
    let left = 10_000_000 + brief::raised(h) - brief::spent(h);
    assert!(
        sum < left && sum > left * 8 / 10,
        "{sum} of {left} for {many}"
    );
}

#[test]
fn what_is_asked_for_beyond_the_most_is_the_most() {
    let history = started(&json!({"mode": "no_plan", "attempts": 99}));
    let Next::Spawn { children, .. } = (V2.next)(&history) else {
        panic!("attempts begin");
    };
    assert_eq!(children.len(), MOST_ATTEMPTS);
}

#[test]
fn what_was_chosen_is_delivered_and_may_be_sent_back() {
    let options = json!({"mode": "no_plan", "approve_delivery": true, "attempts": 2});
    let mut history = started(&options);
    history.push(Entry::Children {
        name: ATTEMPTS.to_owned(),
        outcomes: vec![shown("one"), shown("two")],
    });
    let chosen = json!({"result": "chosen", "head": {"tree": "two"}, "verdict": {"verdict": "approve"},
                        "finish": {"pr_title": "Two"}, "evidence": [1]});
    history.push(Entry::Step {
        name: CHOOSE.to_owned(),
        output: chosen,
    });
    assert!(matches!((V2.next)(&history), Next::Wait(_)));
    history.push(Entry::Signal {
        name: DELIVERY_DECIDED.to_owned(),
        payload: json!({"decision": "request_changes", "text": "shorter"}),
    });
    let Next::Run(step) = (V2.next)(&history) else {
        panic!("it is sent back");
    };
    assert_eq!(step.name, CODE);
    let brief: Brief = serde_json::from_value(step.input).expect("a brief");
    assert_eq!(brief.head, Some(json!({"tree": "two"})));
    assert_eq!(brief.finish, Some(json!({"pr_title": "Two"})));
    assert_eq!(brief.verdict, Some(json!({"verdict": "approve"})));
    assert_eq!(brief.base.as_deref(), Some("b"));
}

fn reviewed(definition: Definition, options: &Value, review: &Value) -> Next {
    let mut history = History::new(json!({"options": options}));
    for (name, output) in [
        (CODE, json!({"result": "done"})),
        (TEST, json!({"result": "green"})),
        (REVIEW, review.clone()),
    ] {
        history.push(Entry::Step {
            name: name.to_owned(),
            output,
        });
    }
    (definition.next)(&history)
}

#[test]
fn what_is_guarded_waits_for_a_person_and_old_runs_go_on_as_they_were() {
    let touches = json!({"result": "approve", "guarded": [".github/workflows/ci.yml"]});
    let plain = json!({"result": "approve", "guarded": []});
    let waits = |next: &Next| matches!(next, Next::Wait(_));
    let (all, asked) = (json!({}), json!({"approve_delivery": true}));
    assert!(waits(&reviewed(V2, &all, &touches)));
    assert!(!waits(&reviewed(V2, &all, &json!({"result": "approve"}))));
    assert!(!waits(&reviewed(V2, &all, &plain)));
    assert!(!waits(&reviewed(V1, &all, &touches)));
    assert!(waits(&reviewed(V1, &asked, &touches)));
    assert!(waits(&reviewed(V2, &asked, &plain)));
}

#[test]
fn a_branch_is_written_as_it_was_before_there_was_a_choice() {
    let usual = json!(Options::default());
    assert!(usual.get("deliver").is_none(), "{usual}");
    let options: Options = serde_json::from_value(usual).unwrap();
    assert_eq!(options.deliver, Deliver::Branch);
    let pull = Options {
        deliver: Deliver::PullRequest,
        ..Options::default()
    };
    let written = json!(pull);
    assert_eq!(written["deliver"], "pull_request");
    assert_eq!(serde_json::from_value::<Options>(written).unwrap(), pull);
}

#[test]
fn agents_keep_the_edition_that_their_run_began_with() {
    let edition = |definition: &Definition| {
        let history = History::new(json!({"options": {"mode": "no_plan"}}));
        let Next::Run(step) = (definition.next)(&history) else {
            panic!("a run begins with a step");
        };
        step.input["edition"].clone()
    };
    assert_eq!(edition(&V1), Value::Null);
    assert_eq!(edition(&V2), Value::Null);
    assert_eq!(edition(&V3), json!(1));
    assert_eq!(edition(&ATTEMPT_V1), Value::Null);
    assert_eq!(edition(&ATTEMPT_V2), json!(1));
    assert_eq!(edition(&V4), json!(2));
    assert_eq!(edition(&ATTEMPT_V3), json!(2));
    let history = started(&json!({"mode": "no_plan", "attempts": 2}));
    let Next::Spawn { children, .. } = (V4.next)(&history) else {
        panic!("attempts begin");
    };
    assert!(children.iter().all(|child| child.version == 3));
}

/// A history of these steps, each with its word and the conversation in it.
fn after(steps: &[(&str, &str)]) -> History {
    let mut history = started(&json!({"approve_plan": false}));
    for (step, word) in steps {
        let output = json!({"result": word, "conversation": format!("of {step}")});
        history.push(Entry::Step {
            name: (*step).to_owned(),
            output,
        });
    }
    history
}

#[test]
fn whoever_cannot_go_on_is_answered_and_goes_on_in_the_same_conversation() {
    let to_review = [(PLAN, "planned"), (CODE, "done"), (TEST, "green")];
    for (before, step, stuck) in [
        (&to_review[..0], PLAN, "infeasible"),
        (&to_review[..0], PLAN, "gave_up"),
        (&to_review[..1], CODE, "infeasible"),
        (&to_review[..1], CODE, "gave_up"),
        (&to_review[..], REVIEW, "needs_human"),
    ] {
        let mut history = after(&[before, &[(step, stuck)]].concat());
        let waits = wait(ANSWERED);
        assert_eq!((V4.next)(&history), waits, "{step} {stuck}");
        // Before, it was the end of it, or nobody was asked.
        assert_ne!((V3.next)(&history), waits, "{step} {stuck}");
        history.push(Entry::Signal {
            name: ANSWERED.to_owned(),
            payload: json!({"text": "look again"}),
        });
        let Next::Run(next) = (V4.next)(&history) else {
            panic!("it goes on after {step} {stuck}");
        };
        let brief: Brief = serde_json::from_value(next.input).expect("a brief");
        assert_eq!(next.name, step);
        assert_eq!(brief.continues, Some(json!(format!("of {step}"))));
        assert_eq!(brief.answer, Some(json!({"text": "look again"})));
    }
}

#[test]
fn a_reviewer_that_asked_has_not_judged_yet() {
    let mut history = after(&[
        (PLAN, "planned"),
        (CODE, "done"),
        (TEST, "green"),
        (REVIEW, "needs_human"),
    ]);
    history.push(Entry::Signal {
        name: ANSWERED.to_owned(),
        payload: json!({"text": "yes"}),
    });
    let wants_changes = |history: &mut History| {
        history.push(Entry::Step {
            name: REVIEW.to_owned(),
            output: json!({"result": "request_changes"}),
        });
        let Next::Run(step) = (V4.next)(history) else {
            panic!("it goes on");
        };
        step.name.to_string()
    };
    assert_eq!(wants_changes(&mut history), CODE);
    assert_eq!(wants_changes(&mut history), PUBLISH, "two rounds");
}

#[test]
fn an_attempt_that_cannot_go_on_ends() {
    for stuck in ["infeasible", "gave_up"] {
        let history = after(&[(CODE, stuck)]);
        assert!(matches!((ATTEMPT_V3.next)(&history), Next::Finish(_)));
    }
}
