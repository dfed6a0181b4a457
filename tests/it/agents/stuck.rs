//! Whoever cannot go on asks a person, waits at no cost, and goes on with what the person says.

use codegraph::services::{runs::Start, steering};
use serde_json::{Value, json};
use workflows::definitions::coding::{self, ANSWERED, BUDGET_RAISED, Options, RoleLimits};

use super::{
    bed::{Bed, alone, no_plan},
    model::{news, words},
    replay::{replay, said},
    words::{approve, bash, calls, conversation, edit, finish, plan, read, text, verdict},
};

fn infeasible() -> Value {
    let input = json!({"status": "infeasible", "summary": "There is no such shelf.", "pr_title": "-", "pr_body": "-"});
    calls(&[("finish", input)])
}

/// The same call four times.
fn in_circles() -> Vec<Value> {
    vec![bash("ls nowhere"); 4]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coder_in_circles_says_what_it_tried_and_goes_on_with_the_answer() {
    let replies = [in_circles(), vec![read(), edit(), finish()]].concat();
    let Some(bed) = Bed::coder(&replies).await else {
        return;
    };
    let run = bed.start(no_plan()).await;
    bed.waits(run, ANSWERED).await;
    assert_eq!(bed.steps(run).await, ["code: gave_up"]);
    assert_eq!(bed.db.jobs().await, 0, "who waits holds nothing");
    let question = bed.question(run).await;
    for part in [
        "The coder is stuck: it made the same call with the same result four times.",
        "What did not work:\n- bash ls nowhere: ended with 2",
        "Its last calls:\n- bash ls nowhere",
    ] {
        assert!(question.contains(part), "`{part}` is missing in {question}");
    }
    bed.signal(
        run,
        ANSWERED,
        json!({"text": "Look into inventory/stock.py."}),
    )
    .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    let requests = bed.model.asked("coder");
    let told = news(&requests[4]);
    assert!(
        told.contains("[a person answers]\nLook into inventory/stock.py."),
        "{told}"
    );
    assert_eq!(requests[4].messages.len(), 9, "it is the same conversation");
    // Once more, offline, it takes the same way.
    let output = replay(&bed, run, true);
    assert!(output.status.success(), "{}", said(&output));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_a_question_and_no_end() {
    let Some(bed) = Bed::coder(&[infeasible(), read(), edit(), finish()]).await else {
        return;
    };
    let run = bed.start(no_plan()).await;
    bed.waits(run, ANSWERED).await;
    assert_eq!(bed.steps(run).await, ["code: infeasible"]);
    let question = bed.question(run).await;
    assert!(
        question.contains("cannot be done: There is no such shelf."),
        "{question}"
    );
    // Somebody who lays it aside and takes it up again changes nothing about it.
    steering::pause(&bed.db.pool, run).await.unwrap();
    steering::resume(&bed.db.pool, run).await.unwrap();
    bed.signal(run, ANSWERED, json!({"text": "Then the one below."}))
        .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_of_a_run_that_asks_waits_too_and_each_goes_on_with_its_own_answer() {
    let Some(bed) = Bed::coder(&[infeasible(), read(), edit(), finish()]).await else {
        return;
    };
    let run = bed.start(no_plan()).await;
    bed.waits(run, ANSWERED).await;
    let at = bed.db.steps(run).await[0].seq;
    let fork = steering::fork(&bed.db.pool, run, at, None).await.unwrap();
    bed.waits(fork, ANSWERED).await;
    assert_eq!(bed.model.asked("coder").len(), 1, "nobody was asked anew");
    for (run, answer) in [(fork, "The shelf below."), (run, "The shelf above.")] {
        bed.signal(run, ANSWERED, json!({"text": answer})).await;
        assert_eq!(bed.db.succeeded(run).await["result"], "published");
    }
    let requests = bed.model.asked("coder");
    for (request, own, other) in [(1, "below", "above"), (4, "above", "below")] {
        let told = words(&requests[request]);
        assert!(told.contains(own) && !told.contains(other), "{told}");
        assert_eq!(
            requests[request].messages.len(),
            3,
            "it is the same conversation"
        );
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answers_can_be_canceled() {
    let Some(bed) = Bed::coder(&[infeasible()]).await else {
        return;
    };
    let run = bed.start(no_plan()).await;
    bed.waits(run, ANSWERED).await;
    steering::cancel(&bed.db.pool, run).await.unwrap();
    assert_eq!(bed.db.run(run).await.outcome.as_deref(), Some("canceled"));
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_is_answered_whatever_it_is_stuck_with() {
    let no = json!({"summary": "Nobody can say.", "feasibility": "infeasible", "risks": ["It may be meant."]});
    let planner = [text("No."), text("No plan."), text(&no.to_string()), plan()];
    let words = [
        conversation("planner", &planner),
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&words).await else {
        return;
    };
    let run = bed.start(alone()).await;
    bed.waits(run, ANSWERED).await;
    let question = bed.question(run).await;
    assert!(question.contains("the planner wrote no plan"), "{question}");
    bed.signal(run, ANSWERED, json!({"text": "Try."})).await;
    // The same signal again: it is another question that is waited with.
    bed.steps_are(run, &["plan: gave_up", "plan: infeasible"])
        .await;
    let question = bed.question(run).await;
    for part in ["cannot be done: Nobody can say.", "- It may be meant."] {
        assert!(question.contains(part), "{question}");
    }
    bed.signal(run, ANSWERED, json!({"text": "It is not meant."}))
        .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_that_wants_a_person_is_answered_and_judges() {
    let said = [
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[text(&verdict("needs_human", &[])), approve()]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let run = bed.start(no_plan()).await;
    bed.waits(run, ANSWERED).await;
    let question = bed.question(run).await;
    assert!(
        question.contains("The reviewer wants a person to look: As asked."),
        "{question}"
    );
    bed.signal(run, ANSWERED, json!({"text": "It is meant."}))
        .await;
    let output = bed.db.succeeded(run).await;
    assert_eq!(output["evidence"]["approved"], true);
    let requests = bed.model.asked("reviewer");
    assert!(news(&requests[1]).contains("It is meant."));
    assert!(
        words(&requests[1]).contains("needs_human"),
        "it knows what it said"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_out_of_turns_is_given_as_many_again_and_money_is_asked_for_apart() {
    let Some(bed) = Bed::coder(&[read(), bash("true"), edit(), finish()]).await else {
        return;
    };
    let turns = RoleLimits {
        turns: Some(2),
        usd_micros: None,
    };
    let options = Options {
        limits: [("coder".to_owned(), turns)].into(),
        budget_usd_micros: 1_000,
        ..no_plan()
    };
    let run = bed.start(options).await;
    bed.waits(run, BUDGET_RAISED).await;
    bed.signal(run, BUDGET_RAISED, json!({"usd_micros": 5_000_000}))
        .await;
    bed.waits(run, ANSWERED).await;
    let question = bed.question(run).await;
    assert!(question.contains("it took more than 2 turns"), "{question}");
    bed.signal(run, ANSWERED, json!({"text": "Go on."})).await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_began_before_ends_as_it_did() {
    let Some(bed) = Bed::coder(&in_circles()).await else {
        return;
    };
    let start = Start {
        input: json!(bed.assignment(no_plan())),
        ..Start::default()
    };
    let run = bed.db.start(&coding::V3, start).await;
    assert_eq!(bed.db.succeeded(run).await["result"], "needs_human");
    assert!(!words(&bed.model.asked("coder")[0]).contains("# The repository"));
    bed.forget().await;
}
