//! A run with attempts that is taken up again: what its attempts have done is used.

use codegraph::services::steering;
use serde_json::json;
use workflows::{
    RunId,
    definitions::coding::{ANSWERED, Options},
};

use super::{
    attempts::{attempt, chooses, remarking, several},
    bed::Bed,
    model::words,
    words::{approve, calls, conversation, edit, finish, plan, read},
};

impl Bed {
    /// How often the coder of this attempt was asked.
    fn asked_of(&self, attempt: usize) -> usize {
        let title = format!("# Attempt {attempt} of 2");
        let asked = self.model.asked("coder");
        asked
            .iter()
            .filter(|one| words(one).contains(&title))
            .count()
    }

    async fn outcome_of(&self, run: RunId) -> Option<String> {
        self.db.run(run).await.outcome
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_that_came_to_their_end_are_not_made_anew() {
    let ask = calls(&[("ask_human", json!({"question": "Which number?"}))]);
    let second = [
        ask,
        read(),
        remarking("Nothing is promised twice."),
        finish(),
    ];
    let said = [
        conversation("planner", &[plan()]),
        attempt("1 of 2", &[read(), edit(), finish()]),
        attempt("2 of 2", &second),
        chooses(2),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let options: Options = several(2);
    let run = bed.start(options).await;
    let attempts = bed.begun_attempts(run, 2).await;
    bed.db.ended(attempts[0]).await;
    bed.waits(attempts[1], ANSWERED).await;
    steering::cancel(&bed.db.pool, run).await.unwrap();
    assert_eq!(
        bed.outcome_of(attempts[1]).await.as_deref(),
        Some("canceled")
    );

    // The whole goes on where it was: one has ended, the other asks again.
    steering::retry(&bed.db.pool, run, None).await.unwrap();
    bed.waits(attempts[1], ANSWERED).await;
    let answer = json!({"text": "available"});
    bed.signal(attempts[1], ANSWERED, answer).await;
    bed.db.succeeded(run).await;
    assert_eq!(bed.attempts(run).await, attempts, "they are the same");
    assert_eq!((bed.asked_of(1), bed.asked_of(2)), (3, 4));
    let choice = bed.db.steps(run).await[1].output.clone();
    assert_eq!(choice["chosen"], json!(attempts[1].0));

    // One of them alone, from its beginning: the choice is made again, and nothing else.
    steering::retry(&bed.db.pool, attempts[0], Some(0))
        .await
        .unwrap();
    let again = bed.db.succeeded(run).await;
    assert_eq!(again["result"], "published", "{again}");
    assert_eq!((bed.asked_of(1), bed.asked_of(2)), (6, 4));
    assert_eq!(bed.model.asked("planner").len(), 1);
    let steps = bed.steps(run).await;
    let chosen = steps.iter().filter(|step| *step == "choose: chosen");
    assert_eq!(chosen.count(), 2, "{steps:?}");

    // And from the row at which they were begun, where all of them have succeeded: the choice alone.
    let spawned = bed.db.events_of(run, "children.spawned").await[0].seq;
    steering::retry(&bed.db.pool, run, Some(spawned))
        .await
        .unwrap();
    bed.db.succeeded(run).await;
    assert_eq!((bed.asked_of(1), bed.asked_of(2)), (6, 4));
    super::replay_parts::same(&bed, run, 1 + 3 + 4 + 2 + 1);
    bed.finish().await;
}
