//! Workers that come and go: graceful stops, lanes, versions, lost connections.

use std::time::Duration;

use codegraph::{services::runs::Start, worker::Health};
use serde_json::{Value, json};
use workflows::{Definition, Lane, Policy, Step};

use crate::support::{Act, Gate, Plan, SCRIPT, TestDb, Trace, eventually, script, step};

/// A worker that says `NAME begun` in its step `waits` and passes the gate there.
fn named(db: &TestDb, name: &'static str, trace: &Trace, gate: &Gate) -> Plan {
    let (saying, held) = (trace.clone(), gate.clone());
    db.worker().says(trace).on("waits", move |_| {
        saying.add(format!("{name} begun"));
        let (gone, held) = (saying.on_drop("left"), held.clone());
        async move {
            let _gone = gone;
            held.pass().await;
            Ok(json!(name))
        }
    })
}

fn waits() -> Act {
    Act::Do(step("waits", Value::Null))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_told_to_stop_ends_the_step_and_leaves_the_rest_to_others() {
    let db = TestDb::new().await;
    let (trace, gate, open) = (Trace::default(), Gate::default(), Gate::default());
    open.open();
    let first = named(&db, "first", &trace, &gate).start().await;
    let run = db.script(&[waits(), waits()]).await;
    trace.until("first begun", 1).await;
    let second = named(&db, "second", &trace, &open).start().await;
    first.tell();
    eventually("the first hears it", async || {
        (first.health() == Health::Draining).then_some(())
    })
    .await;
    gate.open();
    first.stop().await;
    let history = db.succeeded(run).await;
    assert_eq!(history[0]["output"], "first");
    assert_eq!(history[1]["output"], "second");
    assert_eq!(db.steps(run).await.len(), 2);
    second.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_longer_than_the_grace_is_left_to_others() {
    let db = TestDb::new().await;
    let (trace, shut, open) = (Trace::default(), Gate::default(), Gate::default());
    open.open();
    let first = named(&db, "first", &trace, &shut)
        .grace(Duration::from_millis(200))
        .start()
        .await;
    let run = db.script(&[waits()]).await;
    trace.until("first begun", 1).await;
    first.stop().await;
    assert_eq!(trace.count("left"), 1);
    let head = db.until(run, "ready").await;
    assert_eq!(head.crashes, 0, "a stop is no crash");
    let second = named(&db, "second", &trace, &open).start().await;
    assert_eq!(db.succeeded(run).await[0]["output"], "second");
    assert_eq!(db.steps(run).await[0].attempt, 1);
    second.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_moves_between_lanes_served_by_different_workers() {
    let db = TestDb::new().await;
    let (trace, open) = (Trace::default(), Gate::default());
    open.open();
    let agents = named(&db, "agents", &trace, &open).lanes(&[(Lane::Agents, 1)]);
    let checks = named(&db, "checks", &trace, &open).lanes(&[(Lane::Checks, 1)]);
    let (agents, checks) = (agents.start().await, checks.start().await);
    let mut acts = Vec::new();
    for _ in 0..3 {
        for lane in [Lane::Agents, Lane::Checks] {
            acts.push(Act::Do(Step::new("waits", lane, Value::Null)));
        }
    }
    let run = db.script(&acts).await;
    let history = db.succeeded(run).await;
    let who: Vec<_> = history
        .as_array()
        .expect("a history")
        .iter()
        .map(|entry| entry["output"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(who, ["agents", "checks"].repeat(3));
    agents.stop().await;
    checks.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_a_newer_program_waits_for_a_newer_worker() {
    let db = TestDb::new().await;
    let newer = Definition {
        version: 2,
        ..SCRIPT
    };
    let trace = Trace::default();
    let old = db.worker().says(&trace).start().await;
    let start = Start {
        input: script(&[Act::Do(step("say", json!("new")))]),
        ..Start::default()
    };
    let run = db.start(&newer, start).await;
    let head = db.until(run, "waiting").await;
    assert_eq!(head.waits.as_deref(), Some("retry"));
    assert_eq!((head.crashes, head.attempt), (0, 1), "nobody is to blame");
    let new = db.worker().says(&trace).knows(newer).start().await;
    old.stop().await;
    // Its next look is due now.
    db.sql("update run_heads set due_at = clock_timestamp()")
        .await;
    db.succeeded(run).await;
    assert_eq!(trace.all(), ["new"]);
    new.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_outlives_all_its_connections() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let saying = trace.clone();
    let worker = db
        .worker()
        .on("slow", move |cx| {
            saying.add(format!("{} {}", cx.run, cx.step_no));
            async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                cx.pure("activity", async || Ok(json!(cx.step_no))).await
            }
        })
        .start()
        .await;
    let quick = Policy {
        attempts: 10,
        backoff: Duration::from_millis(10),
        ..Policy::DEFAULT
    };
    let acts: Vec<_> = (0..40)
        .map(|_| Act::Do(step("slow", Value::Null).policy(quick)))
        .collect();
    let mut runs = Vec::new();
    for _ in 0..6 {
        runs.push(db.script(&acts).await);
    }
    for round in 1..=5 {
        // Every round begins after some progress since the last.
        eventually("the runs move", async || {
            (trace.all().len() >= round * 20).then_some(())
        })
        .await;
        let cut: i64 = sqlx::query_scalar(
            "select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()) t",
        )
        .fetch_one(&db.pool)
        .await
        .expect("we may");
        assert!(cut > 0, "the worker was connected");
    }
    for run in &runs {
        db.succeeded(*run).await;
        let steps = db.steps(*run).await;
        let numbers: Vec<_> = steps.iter().map(|s| s.step_no).collect();
        assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    }
    let begun = trace.all();
    let twice = begun.iter().filter(|line| trace.count(line) > 1).count();
    assert_eq!(twice, 0, "this worker lived all along: no step began twice");
    worker.stop().await;
    db.finish().await;
}
