//! `codegraph replay` of runs that are not of one piece: with attempts, forked, taken up again, not brought to an end.

use codegraph::services::steering;
use serde_json::{Value, json};
use workflows::{
    RunId,
    definitions::coding::{ANSWERED, Mode, Options},
};

use super::{
    attempts::{several, two},
    bed::{Bed, alone},
    replay::{replay, said},
    words::{approve, calls, conversation, edit, finish, good, read},
};
use crate::support::eventually;

/// Replays a run, which is the same with so many calls.
pub(super) fn same(bed: &Bed, run: RunId, calls: usize) {
    let output = replay(bed, run, true);
    assert!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["divergence"], Value::Null);
    assert_eq!(
        (&told["calls"], &told["same"]),
        (&json!(calls), &json!(calls))
    );
}

/// Replays a run, which is another at this place.
fn other(bed: &Bed, run: RunId, place: &str) {
    let output = replay(bed, run, false);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let told = said(&output);
    assert!(told.contains(&format!("at   {place}: ")), "{told}");
}

impl Bed {
    /// As if the program had asked for something else then, in this turn of this role in this run.
    async fn retell(&self, run: RunId, role: &str, turn: i32) {
        let changed = sqlx::query(
            "update model_calls c set request = jsonb_set(c.request, '{max_tokens}', '1')
             from agent_runs a where a.id = c.agent_run_id and a.run_id = $1 and a.agent = $2 and c.turn = $3",
        )
        .bind(run.0)
        .bind(role)
        .bind(turn)
        .execute(&self.db.pool)
        .await
        .unwrap();
        assert!(changed.rows_affected() > 0);
    }

    /// The journal row at which an activity ended.
    async fn ended_at(&self, run: RunId, key: &str) -> i32 {
        let finished = self.db.events_of(run, "activity.finished").await;
        let found = finished.iter().find(|event| event.data["key"] == key);
        found.unwrap().seq
    }

    async fn step_at(&self, run: RunId, step: &str) -> i32 {
        let steps = self.db.steps(run).await;
        steps.iter().find(|row| row.name == step).unwrap().seq
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_made_side_by_side_once_more() {
    let Some(bed) = Bed::with(&two()).await else {
        return;
    };
    let (run, _) = bed.run(several(2)).await;
    // A plan, two coders, two reviewers of theirs, and who chooses.
    same(&bed, run, 1 + 6 + 2 + 1);
    let attempts = bed.attempts(run).await;
    same(&bed, attempts[0], 4);
    bed.retell(attempts[1], "coder", 2).await;
    other(&bed, run, "attempt 2, step 1, coder, turn 2");
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_of_the_choice_shares_the_attempts_and_is_the_same_once_more() {
    let mut words = two();
    words.push(words[3].clone());
    let Some(bed) = Bed::with(&words).await else {
        return;
    };
    let (run, first) = bed.run(several(2)).await;
    let joined = bed.db.events_of(run, "children.joined").await[0].seq;
    let asked = bed.model.asked("coder").len();
    let fork = steering::fork(&bed.db.pool, run, joined, None)
        .await
        .unwrap();
    let output = bed.db.succeeded(fork).await;
    assert_eq!(output["result"], "published", "{output}");
    let chosen = |steps: &[codegraph::models::step::StepRow]| {
        let choice = steps.iter().find(|step| step.name == "choose").unwrap();
        choice.output["chosen"].clone()
    };
    let (ours, theirs) = (bed.db.steps(fork).await, bed.db.steps(run).await);
    assert_eq!(chosen(&ours), chosen(&theirs));
    assert_eq!(output["evidence"]["diff"], first["evidence"]["diff"]);
    assert_eq!(bed.model.asked("coder").len(), asked, "no attempt anew");
    same(&bed, fork, 1 + 6 + 2 + 1);
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_is_done_from_where_it_was_forked() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let (run, _) = bed.run(alone()).await;
    let mut other_task = bed.assignment(alone());
    other_task.description = "Another description.".to_owned();
    let models = &mut other_task.options.models;
    models.insert("coder".to_owned(), "claude-opus-5-5".to_owned());
    let at = bed.step_at(run, "plan").await;
    let fork = steering::fork(&bed.db.pool, run, at, Some(json!(other_task)))
        .await
        .unwrap();
    bed.db.succeeded(fork).await;
    same(&bed, fork, 5);
    // From the middle of a step, and once more from the middle of that one.
    let at = bed.ended_at(run, "turn 1 tool 0").await;
    let deeper = steering::fork(&bed.db.pool, run, at, None).await.unwrap();
    bed.db.succeeded(deeper).await;
    let at = bed.ended_at(deeper, "turn 2 tool 0").await;
    let deepest = steering::fork(&bed.db.pool, deeper, at, None)
        .await
        .unwrap();
    bed.db.succeeded(deepest).await;
    // What was recorded here is gone; all but the source's own is made anew.
    std::fs::remove_dir_all(bed.home.join("mirrors")).unwrap();
    same(&bed, deepest, 5);
    bed.retell(deepest, "coder", 3).await;
    other(&bed, deepest, "step 2, coder, turn 3");
    // What it shares is another already.
    bed.retell(run, "planner", 1).await;
    other(&bed, fork, &format!("{run}, step 1, planner, turn 1"));
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_taken_up_again_is_what_counts_of_it() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let (run, _) = bed.run(alone()).await;
    let at = bed.step_at(run, "plan").await;
    steering::retry(&bed.db.pool, run, Some(at)).await.unwrap();
    bed.db.succeeded(run).await;
    let ended = bed.db.events_of(run, "activity.finished").await;
    let edited = |event: &&codegraph::models::event::EventRow| event.data["key"] == "turn 2 tool 0";
    let at = ended.iter().rfind(edited).unwrap().seq;
    steering::retry(&bed.db.pool, run, Some(at)).await.unwrap();
    bed.db.succeeded(run).await;
    assert_eq!(bed.model.asked("coder").len(), 3 + 3 + 1);
    same(&bed, run, 5);
    bed.finish().await;
}

/// One that a person ended is compared as far as it went; one that failed fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_came_to_no_good_end_is_the_same_up_to_there() {
    let ask = calls(&[("ask_human", json!({"question": "Which number?"}))]);
    let mut wrong = edit();
    wrong["fails"] = json!([{"class": "denied", "status": 401}]);
    let words = [
        conversation("coder", &[read(), wrong, ask, finish()]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&words).await else {
        return;
    };
    let options = Options {
        mode: Mode::NoPlan,
        ..Options::default()
    };
    let run = bed.start(options).await;
    bed.db.failed(run).await;
    // It ended before its first step did, so nobody can tell where it began.
    assert!(said(&replay(&bed, run, false)).contains("ended before its first step did"));
    steering::retry(&bed.db.pool, run, None).await.unwrap();
    bed.waits(run, ANSWERED).await;
    let gate = bed.model.hold("coder", 3);
    bed.signal(run, ANSWERED, json!({"text": "available"}))
        .await;
    eventually("the coder is asked once more", async || {
        (bed.model.asked("coder").len() == 5).then_some(())
    })
    .await;
    steering::cancel(&bed.db.pool, run).await.unwrap();
    gate.open();
    same(&bed, run, 3);
    bed.forget().await;
}
