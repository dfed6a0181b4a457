//! Runs that are taken up again: forked, retried, from a step or from the middle of one.

use codegraph::services::steering;
use serde_json::json;
use workflows::{
    RunId,
    definitions::coding::{Mode, Options},
};

use super::{
    bed::{Bed, alone, git},
    model::words,
    words::{RIGHT, approve, conversation, edit, finish, good, read},
};
use crate::support::eventually;

impl Bed {
    /// The journal row of a step.
    async fn row_of(&self, run: RunId, step: &str) -> i32 {
        let steps = self.db.steps(run).await;
        steps.iter().find(|row| row.name == step).unwrap().seq
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_shares_what_was_before_it_and_pays_for_the_rest() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let (run, _) = bed.run(alone()).await;
    let mut other = bed.assignment(alone());
    other.description = "Another description.".to_owned();
    other
        .options
        .models
        .insert("coder".to_owned(), "claude-opus-5-5".to_owned());
    let at = bed.row_of(run, "plan").await;
    let fork = steering::fork(&bed.db.pool, run, at, Some(json!(other)))
        .await
        .unwrap();
    let output = bed.db.succeeded(fork).await;
    assert_eq!(output["result"], "published");
    assert_eq!(bed.model.asked("planner").len(), 1);
    let coder = bed.model.asked("coder");
    assert_eq!(coder.len(), 6);
    assert_eq!(coder[3].model, "claude-opus-5-5");
    assert!(words(&coder[3]).contains("Another description."));
    assert!(words(&coder[3]).contains("Compare with what is available"));
    let paid: i64 = sqlx::query_scalar(
        "select count(*) from model_calls c join agent_runs a on a.id = c.agent_run_id where a.run_id = $1",
    )
    .bind(fork.0)
    .fetch_one(&bed.db.pool)
    .await
    .unwrap();
    assert_eq!(paid, 4);
    assert_eq!(
        git(&bed.repository, &["branch", "--list"]).lines().count(),
        3
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_from_the_middle_of_a_step_has_the_tree_of_that_moment() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let (run, first) = bed.run(alone()).await;
    let finished = bed.db.events_of(run, "activity.finished").await;
    let edited = finished.iter().find(|e| e.data["key"] == "turn 2 tool 0");
    let fork = steering::fork(&bed.db.pool, run, edited.unwrap().seq, None)
        .await
        .unwrap();
    let output = bed.db.succeeded(fork).await;
    // The edit was not made again, and stands.
    assert_eq!(bed.model.asked("coder").len(), 4);
    let diff = |output: &serde_json::Value| output["evidence"]["diff"].clone();
    assert_eq!(diff(&output), diff(&first));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_machine_goes_on_in_the_middle_of_a_step() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    // The edit is made and kept; the answer after it is on its way.
    let gate = bed.model.hold("coder", 2);
    let run = bed.start(alone()).await;
    eventually("the coder is asked after its edit", async || {
        (bed.model.asked("coder").len() == 3).then_some(())
    })
    .await;
    let bed = bed.elsewhere().await;
    gate.open();
    let output = bed.db.succeeded(run).await;
    assert_eq!(output["result"], "published");
    assert_eq!(bed.model.asked("planner").len(), 1, "nothing is asked anew");
    assert!(bed.model.asked("coder").len() <= 4, "but for one request");
    let branch = &output["evidence"]["branch"];
    assert!(bed.on_branch(branch, "inventory/stock.py").contains(RIGHT));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_on_another_machine_finds_the_trees_of_the_run_it_comes_from() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let (run, first) = bed.run(alone()).await;
    let finished = bed.db.events_of(run, "activity.finished").await;
    let edited = finished.iter().find(|e| e.data["key"] == "turn 2 tool 0");
    let bed = bed.elsewhere().await;
    let fork = steering::fork(&bed.db.pool, run, edited.unwrap().seq, None)
        .await
        .unwrap();
    let output = bed.db.succeeded(fork).await;
    let diff = |output: &serde_json::Value| output["evidence"]["diff"].clone();
    assert_eq!(diff(&output), diff(&first));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_hears_what_is_said_to_it() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let gate = bed.model.hold("coder", 0);
    let run = bed.start(alone()).await;
    eventually("the coder is asked", async || {
        (bed.model.asked("coder").len() == 1).then_some(())
    })
    .await;
    bed.signal(run, "message", json!({"text": "To the first."}))
        .await;
    gate.open();
    bed.db.succeeded(run).await;
    let at = bed.row_of(run, "code").await;
    let held = bed.model.hold("reviewer", 0);
    let fork = steering::fork(&bed.db.pool, run, at, None).await.unwrap();
    bed.signal(fork, "message", json!({"text": "To the second."}))
        .await;
    held.open();
    bed.db.succeeded(fork).await;
    let review = words(bed.model.asked("reviewer").last().unwrap());
    assert!(review.contains("To the second.") && !review.contains("To the first."));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_retried_is_done_anew() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let (run, first) = bed.run(alone()).await;
    let at = bed.row_of(run, "plan").await;
    steering::retry(&bed.db.pool, run, Some(at)).await.unwrap();
    let second = bed.db.succeeded(run).await;
    assert_eq!(second["result"], "published");
    assert_eq!(second["evidence"]["branch"], first["evidence"]["branch"]);
    assert_eq!(bed.model.asked("planner").len(), 1);
    assert_eq!(bed.model.asked("coder").len(), 6, "the coder is asked anew");
    assert_eq!(bed.model.asked("reviewer").len(), 2);
    // The work began where the plan left it, not where the first coder did.
    assert!(words(&bed.model.asked("coder")[3]).contains("Bolts are sold twice"));
    assert_eq!(bed.model.asked("coder")[3].messages.len(), 1);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_is_retried_at_the_call_that_failed() {
    let mut wrong = edit();
    wrong["fails"] = json!([{"class": "denied", "status": 401}]);
    let said = [
        conversation("coder", &[read(), wrong, finish()]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let options = Options {
        mode: Mode::NoPlan,
        ..Options::default()
    };
    let run = bed.start(options).await;
    let failure = bed.db.failed(run).await;
    assert!(
        failure["reason"]
            .as_str()
            .unwrap()
            .contains("did not answer"),
        "{failure}"
    );
    assert_eq!(bed.balance(run).await.reserved, 0);
    steering::retry(&bed.db.pool, run, None).await.unwrap();
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    // Four requests for three replies: the one that was refused is asked once more.
    assert_eq!(bed.model.asked("coder").len(), 4);
    bed.finish().await;
}
