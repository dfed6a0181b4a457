//! Several attempts at one plan, of which the best is delivered.

use serde_json::{Value, json};
use workflows::{
    RunId,
    definitions::coding::{ANSWERED, Mode, Options},
};

use super::{
    bed::{Bed, alone, git},
    model::words,
    words::{
        RIGHT, WRONG, about, approve, calls, conversation, edit, finish, plan, read, text, verdict,
    },
};
use crate::support::eventually;

/// So many attempts, and nobody is asked.
pub(super) fn several(attempts: usize) -> Options {
    Options {
        attempts,
        ..alone()
    }
}

/// The same mended with another remark, so that the trees of attempts differ.
pub(super) fn remarking(remark: &str) -> Value {
    let right = format!("        # {remark}\n{RIGHT}");
    let input = json!({"path": "inventory/stock.py", "old_string": WRONG, "new_string": right});
    calls(&[("edit_file", input)])
}

/// A change after which a test fails that did not fail before.
fn breaking() -> Value {
    let wrong = WRONG.replace("quantity > item.on_hand", "quantity > 0");
    let input = json!({"path": "inventory/stock.py", "old_string": WRONG, "new_string": wrong});
    calls(&[("edit_file", input)])
}

pub(super) fn chooses(number: usize) -> Value {
    let choice = json!({"chosen": number, "reasons": ["It says why."],
                        "compared": [{"attempt": 1, "for": "short", "against": "mute"}]});
    about("# Attempt 1\n", "reviewer", &[text(&choice.to_string())])
}

pub(super) fn attempt(title: &str, replies: &[Value]) -> Value {
    about(&format!("# Attempt {title}"), "coder", replies)
}

/// Two attempts that both succeed, and the second is chosen.
pub(super) fn two() -> Vec<Value> {
    vec![
        conversation("planner", &[plan()]),
        attempt("1 of 2", &[read(), edit(), finish()]),
        attempt(
            "2 of 2",
            &[read(), remarking("Nothing is promised twice."), finish()],
        ),
        chooses(2),
        conversation("reviewer", &[approve()]),
    ]
}

impl Bed {
    /// The runs of the attempts, in their order.
    pub(super) async fn attempts(&self, run: RunId) -> Vec<RunId> {
        self.environment.records.attempts(run).await.unwrap()
    }

    /// The runs of so many attempts, once they are there.
    pub(super) async fn begun_attempts(&self, run: RunId, many: usize) -> Vec<RunId> {
        eventually("the attempts have begun", async || {
            let attempts = self.attempts(run).await;
            (attempts.len() == many).then_some(attempts)
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reviewer_chooses_among_those_that_code_lets_through() {
    let broken = attempt(
        "1 of 3",
        &[
            read(),
            breaking(),
            finish(),
            read(),
            finish(),
            read(),
            finish(),
        ],
    );
    let said = [
        conversation("planner", &[plan()]),
        broken,
        attempt("2 of 3", &[read(), edit(), finish()]),
        attempt(
            "3 of 3",
            &[read(), remarking("Nothing is promised twice."), finish()],
        ),
        about(
            "# Attempt 2\n",
            "reviewer",
            &[
                text("I like the third."),
                text(r#"{"chosen": 3, "reasons": ["It says why."]}"#),
            ],
        ),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let mut options = several(3);
    options.test_rounds = 1;
    options.review_rounds = 1;
    let (run, output) = bed.run(options).await;
    assert_eq!(
        bed.steps(run).await,
        ["plan: planned", "choose: chosen", "publish: published"]
    );
    let attempts = bed.attempts(run).await;
    let choice = &bed.db.steps(run).await[1].output;
    assert_eq!(choice["chosen"], json!(attempts[2].0));
    assert_eq!(choice["by"], "reviewer");
    let why = choice["candidates"][0]["left_out"].as_str().unwrap();
    assert!(why.contains("tests fail that did not fail before"), "{why}");
    assert_eq!(output["evidence"]["approved"], true);
    let delivered = bed.on_branch(&output["evidence"]["branch"], "inventory/stock.py");
    assert!(delivered.contains("Nothing is promised twice."));
    // The plan was written once and given to all; who chooses was shown two differences and not the third.
    assert_eq!(bed.model.asked("planner").len(), 1);
    let asked = bed.model.asked("reviewer");
    let chooser = asked
        .iter()
        .find(|one| words(one).contains("# Attempt 2\n"))
        .unwrap();
    assert!(words(chooser).contains("# Attempt 3\n") && !words(chooser).contains("# Attempt 1\n"));
    assert!(words(chooser).contains("Compare with what is available"));
    // Everything counts to the run that began it, and each attempt had its share.
    let mut spent = 0;
    for one in &attempts {
        let own = bed.balance(*one).await;
        assert!(own.spent > 0 && own.reserved == 0);
        spent += own.spent;
        let row = bed.db.run(*one).await;
        let share = row.input["options"]["budget_usd_micros"].as_i64().unwrap();
        assert!((2_900_000..3_000_000).contains(&share), "{share}");
    }
    assert!(bed.balance(run).await.spent > spent);
    // One branch, of one commit.
    assert_eq!(
        git(&bed.repository, &["branch", "--list"]).lines().count(),
        2
    );
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_left_alone_needs_no_choice_and_a_question_of_an_attempt_is_answered() {
    let ask = calls(&[("ask_human", json!({"question": "Which number?"}))]);
    let stop = json!({"status": "infeasible", "summary": "No.", "pr_title": "-", "pr_body": "-"});
    let said = [
        attempt("1 of 2", &[calls(&[("finish", stop)])]),
        attempt("2 of 2", &[ask, read(), edit(), finish()]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let options = Options {
        mode: Mode::NoPlan,
        ..several(2)
    };
    let run = bed.start(options).await;
    let attempts = bed.begun_attempts(run, 2).await;
    bed.waits(attempts[1], ANSWERED).await;
    bed.db.ended(attempts[0]).await;
    bed.signal(attempts[1], ANSWERED, json!({"text": "available"}))
        .await;
    let output = bed.db.succeeded(run).await;
    assert_eq!(
        bed.steps(run).await,
        ["choose: chosen", "publish: published"]
    );
    let choice = &bed.db.steps(run).await[0].output;
    assert_eq!(
        (&choice["by"], &choice["number"]),
        (&json!("code"), &json!(2))
    );
    let branch = &output["evidence"]["branch"];
    assert!(bed.on_branch(branch, "inventory/stock.py").contains(RIGHT));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_nobody_can_read_falls_to_code() {
    let mut said = two();
    said[3] = about(
        "# Attempt 1\n",
        "reviewer",
        &[text("The nicer one."), text(r#"{"chosen": 7}"#)],
    );
    said[4] = conversation("reviewer", &[text(&verdict("request_changes", &[]))]);
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let mut options = several(2);
    options.review_rounds = 1;
    let (run, output) = bed.run(options).await;
    let choice = &bed.db.steps(run).await[1].output;
    assert_eq!(
        (&choice["by"], &choice["number"]),
        (&json!("code"), &json!(1))
    );
    let reason = choice["reasons"][0].as_str().unwrap();
    assert!(reason.contains("`chosen` is one of 1, 2"), "{reason}");
    assert_eq!(output["evidence"]["approved"], false, "nobody approved any");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_paused_resumed_and_ended_with_their_run() {
    let Some(bed) = Bed::with(&two()).await else {
        return;
    };
    let gate = bed.model.hold("coder", 0);
    let run = bed.start(several(2)).await;
    let attempts = bed.begun_attempts(run, 2).await;
    eventually("both coders are asked", async || {
        (bed.model.asked("coder").len() == 2).then_some(())
    })
    .await;
    codegraph::services::steering::pause(&bed.db.pool, run)
        .await
        .unwrap();
    gate.open();
    for one in &attempts {
        eventually("an attempt has paused", async || {
            let head = bed.db.head(*one).await.unwrap();
            (head.state == "ready" && head.paused).then_some(())
        })
        .await;
    }
    let asked = bed.model.asked("coder").len();
    let held = bed.model.hold("coder", 1);
    codegraph::services::steering::resume(&bed.db.pool, run)
        .await
        .unwrap();
    eventually("they go on", async || {
        (bed.model.asked("coder").len() > asked).then_some(())
    })
    .await;
    codegraph::services::steering::cancel(&bed.db.pool, run)
        .await
        .unwrap();
    for one in &attempts {
        assert_eq!(
            bed.db.ended(*one).await.outcome.as_deref(),
            Some("canceled")
        );
    }
    held.open();
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_is_made_on_another_machine() {
    let Some(bed) = Bed::with(&two()).await else {
        return;
    };
    let gate = bed.model.hold("reviewer", 0);
    let run = bed.start(several(2)).await;
    let attempts = bed.begun_attempts(run, 2).await;
    eventually("both are reviewed", async || {
        (bed.model.asked("reviewer").len() == 2).then_some(())
    })
    .await;
    let bed = bed.elsewhere().await;
    gate.open();
    let output = bed.db.succeeded(run).await;
    assert_eq!(
        bed.db.steps(run).await[1].output["chosen"],
        json!(attempts[1].0)
    );
    let delivered = bed.on_branch(&output["evidence"]["branch"], "inventory/stock.py");
    assert!(delivered.contains("Nothing is promised twice."));
    bed.finish().await;
}
