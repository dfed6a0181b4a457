//! Content that cannot be stored fails the run it belongs to, says why, and harms nobody beside it.

use codegraph::{Error, services::steering};
use serde_json::{Value, json};
use workflows::{Lane, Step, StepError};

use crate::support::{Act, Gate, TestDb, Trace, step};

#[tokio::test(flavor = "multi_thread")]
async fn a_null_character_fails_only_its_run() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let (begun, held) = (trace.clone(), gate.clone());
    let worker = db
        .worker()
        .on("returns", move |cx| {
            let (begun, held) = (begun.clone(), held.clone());
            async move {
                begun.add("begun");
                // All of them end in the same moment and share a commit.
                held.pass().await;
                // As an input it would be refused before the run begins.
                Ok(json!(
                    cx.step.input.as_str().map(|text| text.replace('?', "\0"))
                ))
            }
        })
        .start()
        .await;
    let returns = |text: &str| Act::Do(step("returns", json!(text)));
    let mut good = Vec::new();
    for _ in 0..4 {
        good.push(db.script(&[returns("good"), returns("good")]).await);
    }
    let in_the_middle = db.script(&[returns("ba?d"), returns("good")]).await;
    let at_the_end = db.script(&[returns("ba?d")]).await;
    trace.until("begun", 6).await;
    gate.open();
    for run in good {
        db.succeeded(run).await;
        assert_eq!(db.steps(run).await.len(), 2);
    }
    for run in [in_the_middle, at_the_end] {
        let failure = db.failed(run).await;
        let reason = failure["reason"].as_str().unwrap_or_default();
        assert!(
            reason.starts_with("a result could not be stored"),
            "{reason}"
        );
        assert!(db.steps(run).await.is_empty());
    }
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_cannot_be_stored_are_refused_at_the_door() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[Act::Await(vec!["go".into()], None)]).await;
    db.until(run, "waiting").await;
    let refused = steering::signal(&db.pool, run, "go", &json!("\u{0}"), None).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    steering::signal(&db.pool, run, "go", &json!("fine"), None)
        .await
        .expect("it lives");
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_cannot_be_stored_is_replaced_by_one_that_can() {
    let db = TestDb::new().await;
    let worker = db
        .worker()
        .on("fatal", |_| async {
            Err(StepError::fatal("nul \u{0} nul"))
        })
        .start()
        .await;
    let run = db.script(&[Act::Do(step("fatal", Value::Null))]).await;
    let failure = db.failed(run).await;
    let reason = failure["reason"].as_str().unwrap_or_default();
    assert_eq!(reason, "nul \u{fffd} nul");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_of_a_failure_does_not_cost_the_next_try() {
    let db = TestDb::new().await;
    let worker = db
        .worker()
        .on("shaky", |cx| async move {
            let first = cx.attempt == 1;
            cx.paid("call", async || match first {
                true => Err(StepError::retry("nul \u{0} nul")),
                false => Ok(json!("done")),
            })
            .await
        })
        .start()
        .await;
    let shaky = Step::new("shaky", Lane::Agents, Value::Null);
    let run = db.script(&[Act::Do(shaky)]).await;
    db.succeeded(run).await;
    let failed = db.events_of(run, "step.failed").await;
    assert_eq!(failed[0].data["reason"], "nul \u{fffd} nul");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_result_is_stored_whole() {
    let db = TestDb::new().await;
    let worker = db
        .worker()
        .on("large", |_| async { Ok(json!("x".repeat(8 << 20))) })
        .start()
        .await;
    let run = db.script(&[Act::Do(step("large", Value::Null))]).await;
    let history = db.succeeded(run).await;
    let stored = history[0]["output"].as_str().map(str::len);
    assert_eq!(stored, Some(8 << 20));
    worker.stop().await;
    db.finish().await;
}
