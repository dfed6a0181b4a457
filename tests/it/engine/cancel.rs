//! Cancelling, wherever the run stands; and the time a run may take.

use std::time::{Duration, Instant};

use codegraph::{
    Error,
    services::{places::Limit, runs::Start, steering},
};
use serde_json::Value;
use workflows::{Policy, RunId, StepError};

use crate::support::{Act, SCRIPT, TestDb, Trace, script, step};

async fn cancel(db: &TestDb, run: RunId) {
    steering::cancel(&db.pool, run).await.expect("it lives");
    let row = db.run(run).await;
    assert_eq!(row.outcome.as_deref(), Some("canceled"));
    assert!(db.head(run).await.is_none());
}

fn hang() -> Act {
    Act::Do(step("hangs", Value::Null))
}

/// A worker whose step `hangs` never returns.
fn hanging(db: &TestDb, trace: &Trace) -> crate::support::Plan {
    let saying = trace.clone();
    db.worker().on("hangs", move |_| {
        saying.add("begun");
        let gone = saying.on_drop("gone");
        async move {
            let _gone = gone;
            std::future::pending().await
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_reaches_a_running_step_within_a_second() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = hanging(&db, &trace).start().await;
    let run = db.script(&[hang()]).await;
    trace.until("begun", 1).await;
    let began = Instant::now();
    cancel(&db, run).await;
    trace.until("gone", 1).await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_ends_a_run_that_waits() {
    let db = TestDb::new().await;
    let worker = db
        .worker()
        .on("fails", |_| async { Err(StepError::retry("later")) })
        .start()
        .await;
    let signal = db.script(&[Act::Await(vec!["go".into()], None)]).await;
    let timer = db.script(&[Act::Sleep(3_600_000)]).await;
    let slow = Policy {
        backoff: Duration::from_secs(3600),
        backoff_cap: Duration::from_secs(3600),
        ..Policy::DEFAULT
    };
    let retry = db
        .script(&[Act::Do(step("fails", Value::Null).policy(slow))])
        .await;
    for run in [signal, timer, retry] {
        db.until(run, "waiting").await;
        cancel(&db, run).await;
    }
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_ends_a_run_that_nobody_has_taken_up() {
    let db = TestDb::new().await;
    let ready = db.script(&[hang()]).await;
    cancel(&db, ready).await;
    // Its job is still there, finds nothing to do and goes.
    let trace = Trace::default();
    let worker = hanging(&db, &trace).start().await;
    let other = db.script(&[]).await;
    db.succeeded(other).await;
    assert_eq!(trace.count("begun"), 0);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_ends_a_run_that_stands_in_line_and_frees_the_place_of_one_that_works() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = hanging(&db, &trace).start().await;
    let start = async || {
        let limit = Limit {
            key: "user:1".into(),
            most: 1,
        };
        let start = Start {
            input: script(&[hang()]),
            limits: vec![limit],
            ..Start::default()
        };
        db.start(&SCRIPT, start).await
    };
    let (works, second, third) = (start().await, start().await, start().await);
    trace.until("begun", 1).await;
    for run in [second, third] {
        db.until(run, "queued").await;
    }
    cancel(&db, second).await;
    cancel(&db, works).await;
    db.until(third, "running").await;
    cancel(&db, third).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_cannot_be_canceled() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[]).await;
    db.succeeded(run).await;
    let late = steering::cancel(&db.pool, run).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    let never = steering::cancel(&db.pool, RunId::new()).await;
    assert!(matches!(never, Err(Error::NotFound(_))), "{never:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_past_its_deadline_fails_wherever_it_stands() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = hanging(&db, &trace).start().await;
    let mut runs = Vec::new();
    for act in [hang(), Act::Sleep(3_600_000)] {
        let start = Start {
            input: script(&[act]),
            deadline: Some(Duration::from_millis(700)),
            ..Start::default()
        };
        runs.push(db.start(&SCRIPT, start).await);
    }
    for run in runs {
        let failure = db.failed(run).await;
        assert_eq!(failure["reason"], "the run took longer than it may");
    }
    trace.until("gone", 1).await;
    worker.stop().await;
    db.finish().await;
}
