//! Forks: a run that shares another's journal up to a row and pays only for what comes after it.

use codegraph::{Error, services::steering};
use serde_json::{Value, json};
use workflows::{RunId, StepError};

use crate::support::{Act, Gate, TestDb, Trace, script, step};

fn say(what: &str) -> Act {
    Act::Do(step("say", json!(what)))
}

async fn fork(db: &TestDb, of: RunId, seq: i32, input: Option<Value>) -> RunId {
    steering::fork(&db.pool, of, seq, input)
        .await
        .expect("it can be forked")
}

fn outputs(history: &Value) -> Vec<&str> {
    let entries = history.as_array().expect("a history");
    entries
        .iter()
        .filter_map(|entry| entry["output"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_shares_what_came_before_and_does_the_rest_itself() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    let run = db.script(&[say("one"), say("two"), say("three")]).await;
    let before = db.succeeded(run).await;
    let two = db.steps(run).await[1].seq;
    let same = fork(&db, run, two, None).await;
    assert_eq!(db.succeeded(same).await, before);
    assert_eq!(trace.all(), ["one", "two", "three", "three"]);
    let other = script(&[say("one"), say("two"), say("four"), say("five")]);
    let other = fork(&db, run, two, Some(other)).await;
    let history = db.succeeded(other).await;
    assert_eq!(outputs(&history), ["one", "two", "four", "five"]);
    let own = db.steps(other).await;
    let numbers: Vec<_> = own.iter().map(|step| step.step_no).collect();
    assert_eq!(numbers, [3, 4], "the fork's own rows are only its own");
    assert!(own.iter().all(|step| step.seq > two));
    assert_eq!(db.succeeded(run).await, before, "the origin is untouched");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_at_the_beginning_shares_nothing() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    let run = db.script(&[say("one")]).await;
    db.succeeded(run).await;
    let anew = fork(&db, run, 0, None).await;
    db.succeeded(anew).await;
    assert_eq!(trace.all(), ["one", "one"]);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_of_a_fork_reads_both_its_ancestors() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    let acts = [say("one"), say("two"), say("three"), say("four")];
    let first = db.script(&acts).await;
    let history = db.succeeded(first).await;
    let one = db.steps(first).await[0].seq;
    let second = fork(&db, first, one, None).await;
    db.succeeded(second).await;
    let three = db.steps(second).await[1].seq;
    let third = fork(&db, second, three, None).await;
    assert_eq!(db.succeeded(third).await, history);
    assert_eq!(db.steps(third).await.len(), 1, "only `four` was done anew");
    assert_eq!(db.steps(third).await[0].step_no, 4);
    // At a row that the second itself only shares.
    let fourth = fork(&db, second, one, None).await;
    assert_eq!(db.succeeded(fourth).await, history);
    assert_eq!(db.steps(fourth).await.len(), 3);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_inside_a_step_keeps_its_finished_activities() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let (saying, held) = (trace.clone(), gate.clone());
    let worker = db
        .worker()
        .says(&trace)
        .on("long", move |cx| {
            let (saying, held) = (saying.clone(), held.clone());
            async move {
                let bill = cx
                    .paid("bill", async || {
                        saying.add("paid");
                        Ok(json!("bill"))
                    })
                    .await?;
                saying.add("waits");
                held.pass().await;
                cx.pure("end", async || match cx.attempt {
                    0 => Err(StepError::fatal("tries begin at 1")),
                    _ => Ok(bill.clone()),
                })
                .await
            }
        })
        .start()
        .await;
    let run = db
        .script(&[say("one"), Act::Do(step("long", Value::Null))])
        .await;
    // While the origin is still inside the step.
    trace.until("waits", 1).await;
    let paid = db.events_of(run, "activity.finished").await[0].seq;
    let forked = fork(&db, run, paid, None).await;
    trace.until("waits", 2).await;
    gate.open();
    for run in [run, forked] {
        assert_eq!(outputs(&db.succeeded(run).await), ["one", "bill"]);
    }
    assert_eq!(trace.count("paid"), 1);
    assert_eq!(trace.count("one"), 1);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_of_a_run_that_was_rewound_follows_its_newest_history() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    let run = db.script(&[say("one"), say("two"), say("three")]).await;
    let history = db.succeeded(run).await;
    let one = db.steps(run).await[0].seq;
    steering::retry(&db.pool, run, Some(one))
        .await
        .expect("it can be retried");
    assert_eq!(db.succeeded(run).await, history);
    let two_again = db.steps(run).await[3].seq;
    let forked = fork(&db, run, two_again, None).await;
    assert_eq!(db.succeeded(forked).await, history);
    let own = db.steps(forked).await;
    assert_eq!((own.len(), own[0].step_no), (1, 3));
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_fork_at_a_row_that_is_not_there() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[]).await;
    db.succeeded(run).await;
    for row in [-1, 1000] {
        let refused = steering::fork(&db.pool, run, row, None).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    let never = steering::fork(&db.pool, RunId::new(), 0, None).await;
    assert!(matches!(never, Err(Error::NotFound(_))), "{never:?}");
    worker.stop().await;
    db.finish().await;
}
