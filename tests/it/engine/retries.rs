//! Steps that fail: how often they are tried again, when, and what is left when they never succeed.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use workflows::{Policy, Step, StepError};

use crate::support::{Act, TestDb, Trace, step};

const QUICK: Policy = Policy {
    attempts: 3,
    timeout: Duration::from_secs(60),
    backoff: Duration::from_millis(100),
    backoff_cap: Duration::from_secs(10),
};

fn quick(name: &'static str) -> Step {
    step(name, Value::Null).policy(QUICK)
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_between_tries_grow_and_the_last_failure_is_the_reason() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let tries = trace.clone();
    let began = Instant::now();
    let worker = db
        .worker()
        .on("fails", move |cx| {
            tries.add(began.elapsed().as_millis().to_string());
            async move { Err(StepError::retry(format!("no luck, try {}", cx.attempt))) }
        })
        .start()
        .await;
    let run = db.script(&[Act::Do(quick("fails"))]).await;
    assert_eq!(
        db.failed(run).await,
        json!({"reason": "no luck, try 3", "step": "fails", "attempts": 3})
    );
    let at: Vec<u64> = trace.all().iter().map(|ms| ms.parse().unwrap()).collect();
    assert_eq!(at.len(), 3);
    // Jitter takes at most half of 100 and 200 ms.
    assert!(at[1] - at[0] >= 50 && at[2] - at[1] >= 100, "{at:?}");
    let failed = db.events_of(run, "step.failed").await;
    let told: Vec<_> = failed.iter().map(|event| &event.data["attempt"]).collect();
    assert_eq!(told, [1, 2]);
    assert!(db.steps(run).await.is_empty());
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fatal_failure_is_not_tried_again() {
    let db = TestDb::new().await;
    let worker = db
        .worker()
        .on("fatal", |_| async { Err(StepError::fatal("never")) })
        .start()
        .await;
    let run = db.script(&[Act::Do(quick("fatal"))]).await;
    assert_eq!(
        db.failed(run).await,
        json!({"reason": "never", "step": "fatal", "attempts": 1})
    );
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_side_may_name_the_pause() {
    let db = TestDb::new().await;
    let worker = db
        .worker()
        .on("asks", |cx| async move {
            if cx.attempt == 1 {
                let reason = "busy".to_owned();
                let after = Some(Duration::from_millis(10));
                return Err(StepError::Retry { reason, after });
            }
            Ok(json!(cx.attempt))
        })
        .start()
        .await;
    let patient = Policy {
        backoff: Duration::from_secs(3600),
        backoff_cap: Duration::from_secs(3600),
        ..QUICK
    };
    let asks = step("asks", Value::Null).policy(patient);
    let run = db.script(&[Act::Do(asks)]).await;
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_step_is_a_failed_try_and_harms_nobody_else() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db
        .worker()
        .says(&trace)
        .on("panics", |cx| async move {
            assert!(cx.attempt > 2, "boom {}", cx.attempt);
            Ok(Value::Null)
        })
        .start()
        .await;
    let twice = Policy {
        attempts: 2,
        ..QUICK
    };
    let dies = db
        .script(&[Act::Do(step("panics", Value::Null).policy(twice))])
        .await;
    let lives = db.script(&[Act::Do(quick("panics"))]).await;
    let other = db.script(&[Act::Do(step("say", json!("hello")))]).await;
    assert_eq!(
        db.failed(dies).await,
        json!({"reason": "the step panicked: boom 2", "step": "panics", "attempts": 2})
    );
    db.succeeded(lives).await;
    db.succeeded(other).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_takes_too_long_is_stopped_and_tried_again() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let hanging = trace.clone();
    let worker = db
        .worker()
        .on("hangs", move |_| {
            let gone = hanging.on_drop("stopped");
            async move {
                let _gone = gone;
                std::future::pending().await
            }
        })
        .start()
        .await;
    let short = Policy {
        attempts: 2,
        timeout: Duration::from_millis(100),
        ..QUICK
    };
    let run = db
        .script(&[Act::Do(step("hangs", Value::Null).policy(short))])
        .await;
    assert_eq!(
        db.failed(run).await,
        json!({"reason": "the step took longer than 100ms", "step": "hangs", "attempts": 2})
    );
    assert_eq!(trace.count("stopped"), 2);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_stopped_in_the_middle_of_a_write_has_used_up_its_try() {
    let db = TestDb::new().await;
    let worker = db
        .worker()
        .on("writes", |cx| async move {
            loop {
                cx.note("test.note", Value::Null).await?;
            }
        })
        .start()
        .await;
    let short = Policy {
        attempts: 2,
        timeout: Duration::from_millis(100),
        ..QUICK
    };
    let run = db
        .script(&[Act::Do(step("writes", Value::Null).policy(short))])
        .await;
    assert_eq!(
        db.failed(run).await,
        json!({"reason": "the step took longer than 100ms", "step": "writes", "attempts": 2})
    );
    assert!(db.events_of(run, "run.released").await.is_empty());
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_this_program_does_not_know_waits_for_one_that_does() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let old = db.worker().says(&trace).start().await;
    let run = db
        .script(&[Act::Do(step("say", json!("one"))), Act::Do(quick("new"))])
        .await;
    let head = db.until(run, "waiting").await;
    assert_eq!(
        (head.waits.as_deref(), head.step.as_deref(), head.crashes),
        (Some("retry"), Some("new"), 0)
    );
    old.stop().await;
    let new = db
        .worker()
        .on("new", |_| async { Ok(json!("two")) })
        .start()
        .await;
    db.sql("update run_heads set due_at = clock_timestamp(); select pg_notify('codegraph_lanes', 'later')")
        .await;
    db.succeeded(run).await;
    assert_eq!(db.steps(run).await[1].attempt, 1, "no try was used up");
    assert_eq!(trace.all(), ["one"]);
    new.stop().await;
    db.finish().await;
}
