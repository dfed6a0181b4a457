//! Pause and resume: nothing is lost, nothing is repeated, no try is used up.

use codegraph::{Error, services::steering};
use serde_json::{Value, json};
use workflows::RunId;

use crate::support::{Act, Gate, Plan, TestDb, Trace, eventually, step};

async fn pause(db: &TestDb, run: RunId) {
    steering::pause(&db.pool, run).await.expect("it lives");
}

async fn resume(db: &TestDb, run: RunId) {
    steering::resume(&db.pool, run).await.expect("it is paused");
}

/// Waits until the run has come to rest.
async fn rests(db: &TestDb, run: RunId) {
    let head = db.until(run, "ready").await;
    assert!(head.paused);
    eventually("no job is left for it", async || {
        (db.jobs().await == 0).then_some(())
    })
    .await;
}

fn say(what: &str) -> Act {
    Act::Do(step("say", json!(what)))
}

/// A worker whose step `two` has two activities, with the gate inside the first.
fn two(db: &TestDb, trace: &Trace, gate: &Gate) -> Plan {
    let (saying, held) = (trace.clone(), gate.clone());
    db.worker().says(trace).on("two", move |cx| {
        let (saying, held) = (saying.clone(), held.clone());
        async move {
            let first = cx
                .paid("first", async || {
                    saying.add("first");
                    held.pass().await;
                    Ok(json!(1))
                })
                .await?;
            cx.paid("second", async || {
                saying.add("second");
                Ok(json!([first, 2]))
            })
            .await
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_under_way_is_finished_first() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let (begun, held) = (trace.clone(), gate.clone());
    let worker = db
        .worker()
        .says(&trace)
        .on("plain", move |_| {
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
        .script(&[Act::Do(step("plain", Value::Null)), say("after")])
        .await;
    trace.until("begun", 1).await;
    pause(&db, run).await;
    let twice = steering::pause(&db.pool, run).await;
    assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
    gate.open();
    rests(&db, run).await;
    // The step that was under way was told of the pause by its own end, the next by not being begun.
    assert_eq!(trace.all(), ["begun", "after"][..db.steps(run).await.len()]);
    resume(&db, run).await;
    db.succeeded(run).await;
    assert_eq!(trace.all(), ["begun", "after"]);
    assert_eq!(db.steps(run).await.len(), 2);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_step_pauses_between_two_activities() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let worker = two(&db, &trace, &gate).start().await;
    let run = db.script(&[Act::Do(step("two", Value::Null))]).await;
    trace.until("first", 1).await;
    pause(&db, run).await;
    gate.open();
    rests(&db, run).await;
    assert_eq!(trace.all(), ["first"]);
    resume(&db, run).await;
    assert_eq!(db.succeeded(run).await[0]["output"], json!([1, 2]));
    assert_eq!(trace.all(), ["first", "second"], "what was paid is kept");
    assert_eq!(db.steps(run).await[0].attempt, 1, "no try is used up");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_is_taken_back_in_time_changes_nothing() {
    let db = TestDb::new().await;
    let (trace, gate, between) = (Trace::default(), Gate::default(), Gate::default());
    let (saying, held, held_between) = (trace.clone(), gate.clone(), between.clone());
    let worker = db
        .worker()
        .on("three", move |cx| {
            let (saying, held, between) = (saying.clone(), held.clone(), held_between.clone());
            async move {
                cx.paid("first", async || {
                    saying.add("first");
                    held.pass().await;
                    Ok(Value::Null)
                })
                .await?;
                saying.add("told");
                between.pass().await;
                cx.paid("second", async || Ok(Value::Null)).await
            }
        })
        .start()
        .await;
    let run = db.script(&[Act::Do(step("three", Value::Null))]).await;
    trace.until("first", 1).await;
    pause(&db, run).await;
    gate.open();
    // The record of the first activity has told the step of the pause.
    trace.until("told", 1).await;
    resume(&db, run).await;
    between.open();
    db.succeeded(run).await;
    assert_eq!(trace.count("first"), 1);
    let released = db.events_of(run, "run.released").await;
    assert!(released.is_empty(), "{released:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_paused_run_waited_for_is_kept_for_it() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    let go = Act::Await(vec!["go".into()], None);
    let signaled = db.script(&[go, say("signaled")]).await;
    let slept = db.script(&[Act::Sleep(200), say("slept")]).await;
    for run in [signaled, slept] {
        db.until(run, "waiting").await;
        pause(&db, run).await;
    }
    steering::signal(&db.pool, signaled, "go", &json!(7), None)
        .await
        .expect("it lives");
    for run in [signaled, slept] {
        rests(&db, run).await;
    }
    assert!(trace.all().is_empty());
    for run in [signaled, slept] {
        resume(&db, run).await;
    }
    assert_eq!(db.succeeded(signaled).await[0]["payload"], json!(7));
    db.succeeded(slept).await;
    assert_eq!(trace.all().len(), 2);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_while_waiting_may_end_before_the_wait() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db.script(&[Act::Await(vec!["go".into()], None)]).await;
    db.until(run, "waiting").await;
    pause(&db, run).await;
    resume(&db, run).await;
    steering::signal(&db.pool, run, "go", &Value::Null, None)
        .await
        .expect("it lives");
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_paused_before_anybody_took_it_up_begins_when_resumed() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let run = db.script(&[say("once")]).await;
    pause(&db, run).await;
    let worker = db.worker().says(&trace).start().await;
    rests(&db, run).await;
    assert!(trace.all().is_empty());
    resume(&db, run).await;
    let twice = steering::resume(&db.pool, run).await;
    assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
    db.succeeded(run).await;
    assert_eq!(trace.all(), ["once"]);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_before_the_pause_and_one_of_after_it_run_the_step_once() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let run = db.script(&[say("once")]).await;
    for _ in 0..3 {
        pause(&db, run).await;
        resume(&db, run).await;
    }
    assert_eq!(db.jobs().await, 4, "each resume wrote a job");
    let worker = db.worker().says(&trace).start().await;
    db.succeeded(run).await;
    worker.stop().await;
    assert_eq!(trace.all(), ["once"]);
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_reaches_what_branched_off_however_far_below() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let worker = two(&db, &trace, &gate).start().await;
    let below = vec![Act::Spawn(vec![vec![Act::Do(step("two", Value::Null))]])];
    let run = db.script(&[Act::Spawn(vec![below])]).await;
    trace.until("first", 1).await;
    pause(&db, run).await;
    gate.open();
    eventually("the run at work rests", async || {
        let resting: i64 =
            sqlx::query_scalar("select count(*) from run_heads where paused and state = 'ready'")
                .fetch_one(&db.pool)
                .await
                .expect("heads are read");
        (resting == 1).then_some(())
    })
    .await;
    assert_eq!(
        trace.count("second"),
        0,
        "it stopped between its activities"
    );
    resume(&db, run).await;
    db.succeeded(run).await;
    assert_eq!(trace.count("second"), 1);
    worker.stop().await;
    db.finish().await;
}
