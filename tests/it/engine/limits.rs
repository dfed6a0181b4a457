//! Places under limits, and who goes first.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use codegraph::services::{places::Limit, recovery, runs::Start, steering};
use serde_json::{Value, json};
use workflows::{Lane, RunId};

use crate::support::{
    Act, Gate, Plan, SCRIPT, TestDb, TestWorker, Trace, eventually, script, step,
};

fn limit(key: &str, most: u16) -> Limit {
    Limit {
        key: key.into(),
        most,
    }
}

fn work(owner: &str) -> Act {
    Act::Do(step("works", json!(owner)))
}

async fn start(db: &TestDb, acts: &[Act], limits: &[Limit], priority: i16) -> RunId {
    let start = Start {
        input: script(acts),
        limits: limits.to_vec(),
        priority,
        ..Start::default()
    };
    db.start(&SCRIPT, start).await
}

/// How many work at the same time, and the most that ever did.
#[derive(Clone, Default)]
struct Crowd(Arc<(AtomicUsize, AtomicUsize)>);

impl Crowd {
    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

/// A worker whose step `works` takes a tenth of a second and then says its input.
fn working(db: &TestDb, trace: &Trace, crowd: &Crowd) -> Plan {
    let (saying, crowd) = (trace.clone(), crowd.clone());
    db.worker().says(trace).on("works", move |cx| {
        let (saying, crowd) = (saying.clone(), crowd.clone());
        async move {
            let now = crowd.0.0.fetch_add(1, Ordering::SeqCst) + 1;
            crowd.0.1.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(100)).await;
            crowd.0.0.fetch_sub(1, Ordering::SeqCst);
            saying.add(cx.step.input.as_str().unwrap_or_default());
            Ok(Value::Null)
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn never_more_than_the_limit_at_once_and_all_of_them_in_the_end() {
    let db = TestDb::new().await;
    let (trace, crowd) = (Trace::default(), Crowd::default());
    let workers = [
        working(&db, &trace, &crowd).start().await,
        working(&db, &trace, &crowd).start().await,
    ];
    let mut runs = Vec::new();
    for _ in 0..15 {
        let acts = [work("a"), work("a")];
        runs.push(start(&db, &acts, &[limit("user:1", 3)], 0).await);
    }
    for run in runs {
        db.succeeded(run).await;
    }
    assert_eq!(crowd.most(), 3);
    assert_eq!(trace.count("a"), 30);
    for worker in workers {
        worker.stop().await;
    }
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_needs_a_place_under_each_of_its_limits() {
    let db = TestDb::new().await;
    let (trace, crowd) = (Trace::default(), Crowd::default());
    let worker = working(&db, &trace, &crowd).start().await;
    let both = [limit("repository:1", 1), limit("user:1", 4)];
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(start(&db, &[work("a")], &both, 0).await);
    }
    for run in runs {
        db.succeeded(run).await;
    }
    assert_eq!(crowd.most(), 1);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_import_of_one_delays_another_by_no_more_than_one_place() {
    let db = TestDb::new().await;
    let (trace, crowd) = (Trace::default(), Crowd::default());
    let worker = working(&db, &trace, &crowd)
        .lanes(&[(Lane::Agents, 2)])
        .start()
        .await;
    for _ in 0..40 {
        start(&db, &[work("bulk")], &[limit("user:1", 2)], 0).await;
    }
    trace.until("bulk", 2).await;
    let before = trace.count("bulk");
    let other = start(&db, &[work("other")], &[limit("user:2", 2)], 0).await;
    db.succeeded(other).await;
    let meanwhile = trace.count("bulk") - before;
    // Both places may come free once before the other's run is through, and once more beside it.
    assert!(meanwhile <= 6, "{meanwhile} of the import went first");
    trace.until("bulk", 40).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_people_gives_its_place_to_others() {
    let db = TestDb::new().await;
    let (trace, crowd) = (Trace::default(), Crowd::default());
    let worker = working(&db, &trace, &crowd).start().await;
    let mine = [limit("user:1", 1)];
    let go = Act::Await(vec!["go".into()], None);
    let asks = start(&db, &[work("asks"), go, work("asks")], &mine, 0).await;
    db.until(asks, "waiting").await;
    let other = start(&db, &[work("other")], &mine, 0).await;
    let third = start(&db, &[Act::Sleep(400), work("third")], &mine, 0).await;
    db.succeeded(other).await;
    db.until(third, "waiting").await;
    steering::signal(&db.pool, asks, "go", &Value::Null, None)
        .await
        .expect("it lives");
    db.succeeded(asks).await;
    db.succeeded(third).await;
    assert_eq!(crowd.most(), 1);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_urgent_goes_first_in_the_lane_and_in_the_line() {
    let db = TestDb::new().await;
    let (trace, gate) = (Trace::default(), Gate::default());
    let (begun, held) = (trace.clone(), gate.clone());
    let worker = db
        .worker()
        .says(&trace)
        .on("blocks", move |_| {
            begun.add("blocked");
            let held = held.clone();
            async move {
                held.pass().await;
                Ok(Value::Null)
            }
        })
        .lanes(&[(Lane::Agents, 1)])
        .start()
        .await;
    let blocks = [Act::Do(step("blocks", Value::Null))];
    let line = [limit("user:1", 1)];
    start(&db, &blocks, &line, 0).await;
    trace.until("blocked", 1).await;
    let say = |what: &str| [Act::Do(step("say", json!(what)))];
    start(&db, &say("line 0"), &line, 0).await;
    start(&db, &say("line 2"), &line, 2).await;
    start(&db, &say("lane -1"), &[], -1).await;
    start(&db, &say("lane 1"), &[], 1).await;
    gate.open();
    eventually("all four have spoken", async || {
        (trace.all().len() == 5).then_some(())
    })
    .await;
    let order = trace.all();
    let at = |what: &str| order.iter().position(|said| said == what);
    assert!(at("line 2") < at("line 0"), "{order:?}");
    assert!(at("lane 1") < at("lane -1"), "{order:?}");
    assert!(at("line 2") < at("lane -1"), "{order:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_and_a_fork_keep_the_limits_the_rank_and_the_time_limit() {
    let db = TestDb::new().await;
    let gate = Gate::default();
    let held = gate.clone();
    let worker = db
        .worker()
        .on("holds", move |_| {
            let held = held.clone();
            async move {
                held.pass().await;
                Ok(Value::Null)
            }
        })
        .start()
        .await;
    let fails = Start {
        input: script(&[Act::Fail("no".into())]),
        limits: vec![limit("user:1", 1)],
        priority: 5,
        deadline: Some(Duration::from_secs(3600)),
        ..Start::default()
    };
    let run = db.start(&SCRIPT, fails).await;
    db.failed(run).await;
    let holds = [Act::Do(step("holds", Value::Null))];
    let other = start(&db, &holds, &[limit("user:1", 1)], 0).await;
    db.until(other, "running").await;
    steering::retry(&db.pool, run, None).await.expect("retried");
    let forked = steering::fork(&db.pool, run, 0, None)
        .await
        .expect("forked");
    for run in [run, forked] {
        let head = db.head(run).await.expect("it lives");
        assert_eq!((head.state.as_str(), head.priority), ("queued", 5));
        let row = db.run(run).await;
        assert_eq!(row.limits, Some(vec!["user:1".to_owned()]));
        assert_eq!(row.time_limit_s, Some(3600.0));
    }
    let timed: i64 = sqlx::query_scalar("select count(deadline_at) from run_heads")
        .fetch_one(&db.pool)
        .await
        .expect("heads are read");
    assert_eq!(timed, 2);
    gate.open();
    db.succeeded(other).await;
    for run in [run, forked] {
        db.failed(run).await;
    }
    worker.stop().await;
    db.finish().await;
}

/// A worker whose steps say that they have begun, and are held up: `blocks` by one gate, `holds` by another.
async fn held_up(db: &TestDb, trace: &Trace, gates: [&Gate; 2]) -> TestWorker {
    let mut plan = db.worker().says(trace);
    for (name, gate) in ["blocks", "holds"].into_iter().zip(gates) {
        let (begun, gate) = (trace.clone(), gate.clone());
        plan = plan.on(name, move |cx| {
            begun.add(cx.step.name.as_ref());
            let gate = gate.clone();
            async move {
                gate.pass().await;
                Ok(Value::Null)
            }
        });
    }
    plan.start().await
}

fn act(name: &'static str) -> [Act; 1] {
    [Act::Do(step(name, json!(name)))]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_could_go_is_found_behind_any_number_that_cannot() {
    let db = TestDb::new().await;
    let (trace, full, mine) = (Trace::default(), Gate::default(), Gate::default());
    let worker = held_up(&db, &trace, [&full, &mine]).await;
    let (person, repository) = (limit("user:1", 1), limit("repository:full", 1));
    let blocks = start(&db, &act("blocks"), std::slice::from_ref(&repository), 0).await;
    let holds = start(&db, &act("holds"), std::slice::from_ref(&person), 0).await;
    trace.until("blocks", 1).await;
    trace.until("holds", 1).await;
    let both = [person.clone(), repository];
    let mut stuck = Vec::new();
    for _ in 0..30 {
        stuck.push(start(&db, &act("say"), &both, 0).await);
    }
    let elsewhere = [person, limit("repository:free", 1)];
    let free = start(&db, &act("say"), &elsewhere, 0).await;
    assert_eq!(
        db.head(free).await.map(|head| head.state),
        Some("queued".into())
    );
    mine.open();
    db.succeeded(holds).await;
    db.succeeded(free).await;
    assert_eq!(trace.count("say"), 1, "the others' repository is full");
    full.open();
    db.succeeded(blocks).await;
    for run in stuck {
        db.succeeded(run).await;
    }
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_grows_lets_those_in_line_have_the_new_places() {
    let db = TestDb::new().await;
    let (trace, full, mine) = (Trace::default(), Gate::default(), Gate::default());
    let worker = held_up(&db, &trace, [&full, &mine]).await;
    let repository = [limit("repository:full", 1)];
    let blocks = start(&db, &act("blocks"), &repository, 0).await;
    trace.until("blocks", 1).await;
    let waits = start(&db, &act("say"), &repository, 0).await;
    assert_eq!(
        db.head(waits).await.map(|head| head.state),
        Some("queued".into())
    );
    db.sql("update run_limits set most = 2").await;
    recovery::find_stranded(&db.pool).await.expect("looked");
    db.succeeded(waits).await;
    full.open();
    db.succeeded(blocks).await;
    worker.stop().await;
    db.finish().await;
}
