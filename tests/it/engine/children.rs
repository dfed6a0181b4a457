//! Runs that start runs: joins, failures of branches, ends that reach down.

use codegraph::{Error, services::steering};
use serde_json::{Value, json};
use uuid::Uuid;
use workflows::{RunId, StepError};

use crate::support::{Act, Gate, Plan, TestDb, Trace, eventually, step};

async fn children(db: &TestDb, of: RunId) -> Vec<RunId> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select id from runs where parent_run = $1 order by ordinal")
            .bind(of.0)
            .fetch_all(&db.pool)
            .await
            .expect("runs are read");
    ids.into_iter().map(RunId).collect()
}

/// A worker whose step `hangs` says `begun`, waits at the gate, and says `gone` when it is dropped.
fn hanging(db: &TestDb, trace: &Trace, gate: &Gate) -> Plan {
    let (saying, held) = (trace.clone(), gate.clone());
    db.worker().says(trace).on("hangs", move |_| {
        saying.add("begun");
        let (gone, held) = (saying.on_drop("gone"), held.clone());
        async move {
            let _gone = gone;
            held.pass().await;
            Ok(Value::Null)
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_join_in_their_order_and_a_failing_one_harms_no_other() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db
        .worker()
        .says(&trace)
        .on("fails", |_| async { Err(StepError::fatal("no")) })
        .start()
        .await;
    let branches = vec![
        step("say", json!("one")),
        step("fails", Value::Null),
        step("say", json!("three")),
    ];
    let run = db.script(&[Act::FanOut(branches)]).await;
    let failure = json!({"reason": "no", "step": "fails", "attempts": 1});
    assert_eq!(
        db.succeeded(run).await,
        json!([{"kind": "children", "name": "branches", "outcomes": [
            {"outcome": "succeeded", "output": "one"},
            {"outcome": "failed", "failure": failure},
            {"outcome": "succeeded", "output": "three"},
        ]}])
    );
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_of_nobody_is_over_at_once() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let run = db
        .script(&[Act::FanOut(vec![]), Act::FanOut(vec![]), Act::Sleep(1)])
        .await;
    let history = db.succeeded(run).await;
    assert_eq!(history[1]["outcomes"], json!([]));
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_fan_out_joins_only_its_own_branches() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = db.worker().says(&trace).start().await;
    let first = Act::FanOut(vec![step("say", json!(1)), step("say", json!(2))]);
    let run = db
        .script(&[
            first,
            Act::FanOut(vec![]),
            Act::FanOut(vec![step("say", json!(3))]),
        ])
        .await;
    let history = db.succeeded(run).await;
    assert_eq!(history[0]["outcomes"].as_array().map(Vec::len), Some(2));
    assert_eq!(history[1]["outcomes"], json!([]));
    assert_eq!(
        history[2]["outcomes"],
        json!([{"outcome": "succeeded", "output": 3}])
    );
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_canceled_takes_children_and_grandchildren_along() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let worker = hanging(&db, &trace, &gate).start().await;
    let leaf = vec![Act::Do(step("hangs", Value::Null))];
    let run = db
        .script(&[Act::Spawn(vec![vec![Act::Spawn(vec![leaf.clone(), leaf])]])])
        .await;
    trace.until("begun", 2).await;
    steering::cancel(&db.pool, run).await.expect("it lives");
    trace.until("gone", 2).await;
    let [child] = children(&db, run).await[..] else {
        panic!("one child");
    };
    for canceled in [vec![run, child], children(&db, child).await].concat() {
        let outcome = db.run(canceled).await.outcome;
        assert_eq!(outcome.as_deref(), Some("canceled"));
    }
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_branch_is_an_outcome_like_others() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let worker = hanging(&db, &trace, &gate).start().await;
    let run = db
        .script(&[Act::FanOut(vec![
            step("hangs", Value::Null),
            step("say", json!("there")),
        ])])
        .await;
    trace.until("begun", 1).await;
    let child = children(&db, run).await[0];
    steering::cancel(&db.pool, child).await.expect("it lives");
    assert_eq!(
        db.succeeded(run).await[0]["outcomes"],
        json!([{"outcome": "canceled"}, {"outcome": "succeeded", "output": "there"}])
    );
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_is_taken_up_again_is_waited_for_again() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let worker = hanging(&db, &trace, &gate)
        .on("fails", |_| async { Err(StepError::fatal("no")) })
        .start()
        .await;
    let run = db
        .script(&[Act::FanOut(vec![
            step("fails", Value::Null),
            step("hangs", Value::Null),
        ])])
        .await;
    trace.until("begun", 1).await;
    let failed = children(&db, run).await[0];
    db.failed(failed).await;
    // Its parent has counted it. A second end must not be taken for that of the branch still at work.
    steering::retry(&db.pool, failed, None).await.unwrap();
    eventually("it has failed twice", async || {
        let ends = db.events_of(failed, "run.failed").await;
        (ends.len() == 2).then_some(())
    })
    .await;
    let head = db.head(run).await.unwrap();
    assert_eq!(
        (head.waits.as_deref(), head.pending_children),
        (Some("children"), 1)
    );
    gate.open();
    let history = db.succeeded(run).await;
    let outcomes = &history[0]["outcomes"];
    assert_eq!(outcomes[0]["outcome"], "failed");
    assert_eq!(outcomes[1], json!({"outcome": "succeeded", "output": null}));
    // Who has ended waits again for the one branch, and for no other.
    steering::retry(&db.pool, failed, None).await.unwrap();
    let again = db.succeeded(run).await;
    assert_eq!(again[0]["outcomes"], history[0]["outcomes"]);
    assert_eq!(db.events_of(failed, "run.failed").await.len(), 3);
    let other = children(&db, run).await[1];
    let refused = steering::retry(&db.pool, other, None).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_hears_of_children_that_end_while_no_worker_lives() {
    let db = TestDb::new().await;
    let worker = db.worker().start().await;
    let waits = || vec![Act::Await(vec!["go".into()], None)];
    let run = db.script(&[Act::Spawn(vec![waits(), waits()])]).await;
    eventually("both children wait", async || {
        let children = children(&db, run).await;
        for child in &children {
            db.head(*child)
                .await
                .filter(|head| head.state == "waiting")?;
        }
        (children.len() == 2).then_some(())
    })
    .await;
    worker.stop().await;
    for child in children(&db, run).await {
        steering::cancel(&db.pool, child).await.expect("it lives");
    }
    db.until(run, "ready").await;
    let worker = db.worker().start().await;
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}
