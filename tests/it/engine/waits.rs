//! Runs that wait: for signals, for time. They hold nothing while they do.

use std::time::{Duration, Instant};

use codegraph::{Error, services::steering};
use serde_json::{Value, json};
use workflows::RunId;

use crate::support::{Act, Gate, TestDb, Trace, eventually, step};

fn go(within: Option<u64>) -> Act {
    Act::Await(vec!["go".into()], within)
}

async fn signal(db: &TestDb, run: RunId, payload: &Value, key: Option<&str>) {
    steering::signal(&db.pool, run, "go", payload, key)
        .await
        .expect("the run takes signals");
}

fn received(payload: &Value) -> Value {
    json!({"kind": "signal", "name": "go", "payload": payload})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_comes_too_early_is_kept() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let (begun, held) = (trace.clone(), gate.clone());
    let worker = db
        .worker()
        .on("waits", move |_| {
            begun.add("begun");
            let held = held.clone();
            async move {
                held.pass().await;
                Ok(Value::Null)
            }
        })
        .start()
        .await;
    let run = db
        .script(&[Act::Do(step("waits", Value::Null)), go(None)])
        .await;
    trace.until("begun", 1).await;
    signal(&db, run, &json!(1), None).await;
    gate.open();
    assert_eq!(db.succeeded(run).await[1], received(&json!(1)));
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_signal_sent_twice_is_heard_once() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[go(None), go(None)]).await;
    db.until(run, "waiting").await;
    signal(&db, run, &json!(1), Some("first")).await;
    signal(&db, run, &json!(1), Some("first")).await;
    eventually("the run waits a second time", async || {
        let head = db.head(run).await.filter(|head| head.state == "waiting")?;
        let heard = db.events_of(run, "signal.received").await;
        (heard.len() == 1).then_some(head)
    })
    .await;
    signal(&db, run, &json!(1), Some("first")).await;
    assert_eq!(
        db.until(run, "waiting").await.waits.as_deref(),
        Some("signal")
    );
    signal(&db, run, &json!(2), Some("second")).await;
    assert_eq!(
        db.succeeded(run).await,
        json!([received(&json!(1)), received(&json!(2))])
    );
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_ended_or_never_was_takes_no_signal() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[]).await;
    db.succeeded(run).await;
    let late = steering::signal(&db.pool, run, "go", &Value::Null, None).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    let never = steering::signal(&db.pool, RunId::new(), "go", &Value::Null, None).await;
    assert!(matches!(never, Err(Error::NotFound(_))), "{never:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_a_signal_may_run_out_of_time() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[go(Some(100))]).await;
    assert_eq!(
        db.succeeded(run).await,
        json!([{"kind": "timer", "name": "timeout"}])
    );
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_run_holds_nothing_and_outlives_every_worker() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[go(None)]).await;
    let head = db.until(run, "waiting").await;
    assert_eq!(
        (head.owner, head.waits_for),
        (None, Some(vec!["go".into()]))
    );
    worker.stop().await;
    assert_eq!(db.jobs().await, 0);
    signal(&db, run, &Value::Null, None).await;
    db.until(run, "ready").await;
    let worker = db.worker().start().await;
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleep_lasts_as_long_as_it_was_to_and_hardly_longer() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[Act::Sleep(300)]).await;
    let began = Instant::now();
    db.succeeded(run).await;
    let slept = began.elapsed();
    assert!(slept >= Duration::from_millis(280), "{slept:?}");
    assert!(slept < Duration::from_millis(2000), "{slept:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleep_that_ends_while_no_worker_lives_ends_with_the_next() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[Act::Sleep(500)]).await;
    db.until(run, "waiting").await;
    worker.stop().await;
    let due = async || {
        let due: bool =
            sqlx::query_scalar("select bool_and(due_at < clock_timestamp()) from run_heads")
                .fetch_one(&db.pool)
                .await
                .expect("the head is there");
        due.then_some(())
    };
    eventually("the sleep is over", due).await;
    let began = Instant::now();
    let worker = db.worker().start().await;
    db.succeeded(run).await;
    let late = began.elapsed();
    assert!(late < Duration::from_secs(3), "noticed after {late:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleep_is_taken_over_from_a_worker_that_stopped() {
    let db = TestDb::new().await;
    let first = db.worker().start().await;
    let run = db.script(&[Act::Sleep(1500)]).await;
    db.until(run, "waiting").await;
    let began = Instant::now();
    let second = db.worker().start().await;
    first.stop().await;
    db.succeeded(run).await;
    let slept = began.elapsed();
    assert!(slept < Duration::from_secs(4), "noticed after {slept:?}");
    second.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sleeps_may_end_in_the_same_moment() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let mut runs = Vec::new();
    for _ in 0..300 {
        runs.push(db.script(&[Act::Sleep(1000)]).await);
    }
    for run in runs {
        db.succeeded(run).await;
    }
    worker.stop().await;
    db.finish().await;
}
