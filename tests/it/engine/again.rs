//! Runs that ended and are taken up again: from where they stopped, or from an earlier row.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use codegraph::{
    Error,
    services::{runs, steering},
};
use serde_json::{Value, json};
use workflows::{RunId, StepError};

use crate::support::{Act, Plan, TestDb, Trace, step};

/// Whether the world is well: `mends` fails in its second activity while it is not.
#[derive(Clone, Default)]
struct Well(Arc<AtomicBool>);

impl Well {
    fn set(&self, well: bool) {
        self.0.store(well, Ordering::Relaxed);
    }
}

fn plan(db: &TestDb, trace: &Trace, well: &Well) -> Plan {
    let (saying, well) = (trace.clone(), well.clone());
    db.worker().says(trace).on("mends", move |cx| {
        let (saying, well) = (saying.clone(), well.clone());
        async move {
            cx.paid("bill", async || {
                saying.add("paid");
                Ok(Value::Null)
            })
            .await?;
            cx.pure("luck", async || match well.0.load(Ordering::Relaxed) {
                true => Ok(json!("mended")),
                false => Err(StepError::fatal("not yet")),
            })
            .await
        }
    })
}

fn say(what: &str) -> Act {
    Act::Do(step("say", json!(what)))
}

fn mends() -> Act {
    Act::Do(step("mends", Value::Null))
}

async fn retry(db: &TestDb, run: RunId, from: Option<i32>) {
    steering::retry(&db.pool, run, from)
        .await
        .expect("it can be retried");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_goes_on_where_it_stopped() {
    let db = TestDb::new().await;
    let (trace, well) = (Trace::default(), Well::default());
    let worker = plan(&db, &trace, &well).start().await;
    let run = db.script(&[say("one"), mends(), say("three")]).await;
    assert_eq!(db.failed(run).await["reason"], "not yet");
    well.set(true);
    retry(&db, run, None).await;
    db.succeeded(run).await;
    assert_eq!(trace.all(), ["one", "paid", "three"], "nothing twice");
    assert_eq!(db.steps(run).await.len(), 3);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_run_can_be_taken_up_again() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    let go = || Act::Await(vec!["go".into()], None);
    let run = db.script(&[say("one"), go(), say("three")]).await;
    db.until(run, "waiting").await;
    steering::cancel(&db.pool, run).await.expect("it lives");
    retry(&db, run, None).await;
    db.until(run, "waiting").await;
    steering::signal(&db.pool, run, "go", &Value::Null, None)
        .await
        .expect("it lives");
    db.succeeded(run).await;
    assert_eq!(trace.all(), ["one", "three"]);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_about_the_canceled_run_does_not_reach_the_retried_one() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let saying = trace.clone();
    let worker = db
        .worker()
        .on("hangs", move |_| {
            saying.add("begun");
            std::future::pending()
        })
        .start()
        .await;
    let run = db.script(&[Act::Do(step("hangs", Value::Null))]).await;
    for round in 1..30 {
        // A new hold each time, never let go because of what was said about an older one.
        trace.until("begun", round).await;
        steering::cancel(&db.pool, run).await.expect("it lives");
        retry(&db, run, None).await;
    }
    trace.until("begun", 30).await;
    steering::cancel(&db.pool, run).await.expect("it lives");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_can_be_taken_up_from_an_earlier_row() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    let run = db.script(&[say("one"), say("two"), say("three")]).await;
    let first = db.succeeded(run).await;
    let one = db.steps(run).await[0].seq;
    retry(&db, run, Some(one)).await;
    assert_eq!(db.succeeded(run).await, first);
    assert_eq!(trace.all(), ["one", "two", "three", "two", "three"]);
    let numbers: Vec<_> = db.steps(run).await.iter().map(|s| s.step_no).collect();
    assert_eq!(numbers, [1, 2, 3, 2, 3], "what was recorded stays");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_after_a_rewind_is_not_paid_again() {
    let db = TestDb::new().await;
    let (trace, well) = (Trace::default(), Well::default());
    let worker = plan(&db, &trace, &well).start().await;
    well.set(true);
    let run = db.script(&[say("one"), mends(), say("three")]).await;
    db.succeeded(run).await;
    let one = db.steps(run).await[0].seq;
    well.set(false);
    retry(&db, run, Some(one)).await;
    db.failed(run).await;
    assert_eq!(trace.count("paid"), 2, "a rewind pays anew");
    well.set(true);
    retry(&db, run, None).await;
    db.succeeded(run).await;
    assert_eq!(trace.count("paid"), 2, "going on does not");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewind_into_a_step_keeps_the_activities_before_it() {
    let db = TestDb::new().await;
    let (trace, well) = (Trace::default(), Well::default());
    let worker = plan(&db, &trace, &well).start().await;
    let run = db.script(&[say("one"), mends()]).await;
    db.failed(run).await;
    let paid = db.events_of(run, "activity.finished").await[0].seq;
    well.set(true);
    retry(&db, run, Some(paid)).await;
    db.succeeded(run).await;
    assert_eq!(trace.all(), ["one", "paid"]);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_makes_sense_can_be_retried() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let lives = db.script(&[Act::Sleep(3_600_000)]).await;
    let done = db.script(&[Act::Sleep(1)]).await;
    db.until(lives, "waiting").await;
    db.succeeded(done).await;
    for (run, from) in [(lives, None), (lives, Some(0)), (done, None)] {
        let refused = steering::retry(&db.pool, run, from).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    }
    for row in [-1, 1000] {
        let refused = steering::retry(&db.pool, done, Some(row)).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    let never = steering::retry(&db.pool, RunId::new(), None).await;
    assert!(matches!(never, Err(Error::NotFound(_))), "{never:?}");
    let output = runs::get(&db.pool, done).await.expect("it exists").output;
    assert!(output.is_some(), "a refusal changes nothing");
    steering::cancel(&db.pool, lives).await.expect("it lives");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_retries_at_once_are_one() {
    let db = TestDb::new().await;
    let run = db.script(&[say("one")]).await;
    steering::cancel(&db.pool, run).await.expect("it lives");
    let (a, b) = tokio::join!(
        steering::retry(&db.pool, run, None),
        steering::retry(&db.pool, run, None)
    );
    assert_ne!(a.is_ok(), b.is_ok(), "{a:?} {b:?}");
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    db.succeeded(run).await;
    assert_eq!(trace.all(), ["one"]);
    worker.stop().await;
    db.finish().await;
}
