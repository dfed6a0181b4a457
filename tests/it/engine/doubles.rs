//! What is delivered, claimed or written twice, or by nobody any more: the journal takes it once.

use std::time::Duration;

use codegraph::{
    models::{
        head,
        record::{self, Follow},
        worker,
    },
    services::recovery,
};
use serde_json::{Value, json};
use sqlx::Connection;
use workflows::RunId;

use crate::support::{Act, Plan, TestDb, Trace, eventually, step};

/// Copies a few jobs many times, each copy under a fresh id and without a key.
const COPY: &str = "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority)
     select apalis.generate_ulid(), job_type, job, 'Pending', 0, max_attempts, clock_timestamp(), priority
     from (select * from apalis.jobs limit 3) j, generate_series(1, 20)";

/// A worker whose step `slow` says run and step, and takes its time.
fn slow(db: &TestDb, trace: &Trace) -> Plan {
    let saying = trace.clone();
    db.worker().on("slow", move |cx| {
        saying.add(format!("{} {}", cx.run, cx.step_no));
        async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            cx.pure("activity", async || Ok(json!(cx.step_no))).await
        }
    })
}

fn acts(steps: usize) -> Vec<Act> {
    vec![Act::Do(step("slow", Value::Null)); steps]
}

/// Every step of these runs was performed once and recorded once.
async fn once(db: &TestDb, trace: &Trace, runs: &[RunId], steps: usize) {
    for run in runs {
        db.succeeded(*run).await;
        let released = db.events_of(*run, "run.released").await;
        assert!(released.is_empty(), "{released:?}");
        assert_eq!(db.steps(*run).await.len(), steps);
        for number in 1..=steps {
            assert_eq!(trace.count(&format!("{run} {number}")), 1, "{run} {number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_delivered_many_times_at_once_is_one_claim() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(db.script(&acts(3)).await);
    }
    db.sql(COPY).await;
    let workers = [
        slow(&db, &trace).start().await,
        slow(&db, &trace).start().await,
    ];
    once(&db, &trace, &runs, 3).await;
    for worker in workers {
        worker.stop().await;
    }
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_delivered_again_while_its_run_works_finds_nothing_to_do() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = slow(&db, &trace).start().await;
    let run = db.script(&acts(10)).await;
    for number in 1..5 {
        trace.until(&format!("{run} {number}"), 1).await;
        db.sql(COPY).await;
        // The fence of every epoch that there was.
        let mut conn = db.pool.acquire().await.expect("the database answers");
        for epoch in 0..3 {
            let job = jobs::AdvanceRun {
                run,
                epoch,
                lane: workflows::Lane::Agents,
                priority: 9,
                crashes: 0,
            };
            jobs::enqueue(&mut conn, &job).await.expect("it is stored");
        }
        jobs::wake::announce(&db.pool, &[workflows::Lane::Agents])
            .await
            .expect("it is told");
    }
    once(&db, &trace, &[run], 10).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_whose_answer_was_lost_is_found_again() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let run = db.script(&acts(1)).await;
    db.sql("delete from apalis.jobs").await;
    let worker = slow(&db, &trace).start().await;
    // What the worker's own statement leaves when its connection is cut at the wrong moment.
    // It says nothing about the run: one more crash would be one too many.
    db.sql("update run_heads set state = 'running', epoch = epoch + 1, owner = (select id from workers), crashes = 4")
        .await;
    db.succeeded(run).await;
    assert_eq!(trace.all().len(), 1);
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_held_but_in_nobodys_hand_is_handed_back() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let run = db.script(&acts(1)).await;
    let worker = slow(&db, &trace).lanes(&[(workflows::Lane::Checks, 1)]);
    let worker = worker.start().await;
    // What a crash of the server leaves when it forgets that the job was settled.
    db.sql(
        "update apalis.jobs set status = 'Running', lock_at = now(),
                lock_by = 'w' || (select id from workers) || '.agents'",
    )
    .await;
    eventually("the job is handed back", async || {
        let pending: bool = sqlx::query_scalar("select status = 'Pending' from apalis.jobs")
            .fetch_one(&db.pool)
            .await
            .expect("the job is there");
        pending.then_some(())
    })
    .await;
    worker.stop().await;
    let worker = slow(&db, &trace).start().await;
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_a_former_holder_is_not_taken_for_the_right_to_go_on() {
    let db = TestDb::new().await;
    let run = db.script(&acts(1)).await;
    let mut conn = db.pool.acquire().await.expect("the database answers");
    let mut tx = conn.begin().await.expect("it begins");
    sqlx::query("update run_heads set state = 'running', owner = 1, epoch = 1")
        .execute(&mut *tx)
        .await
        .expect("it is claimed");
    let event = record::EventRecord {
        run_id: run.0,
        epoch: 1,
        seq: 0,
        step_no: 1,
        kind: "activity.started",
        data: json!({"key": "send"}),
    };
    let place = (run.0, 1, 1);
    let written = record::events(&mut tx, &[&event]).await.expect("written");
    assert_eq!(written.len(), 1);
    let mine = record::already(&mut tx, &[place]).await.expect("read");
    assert_eq!(mine, [(run.0, 1)], "the answer was lost, the row is there");
    let mut taken = head::lock(&mut tx, run.0)
        .await
        .expect("read")
        .expect("it lives");
    taken.epoch += 1;
    head::update(&mut tx, &taken, None).await.expect("written");
    let late = record::already(&mut tx, &[place]).await.expect("read");
    assert!(late.is_empty(), "somebody else may be sending by now");
    tx.rollback().await.expect("it is undone");
    drop(conn);
    db.forget().await;
}

/// A record that stood in line while its run was canceled and taken up again by the same worker.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_former_holder_left_in_line_is_not_written_beside_the_present_ones() {
    let db = TestDb::new().await;
    let run = db.script(&acts(2)).await;
    let other = db.script(&acts(1)).await;
    let mut conn = db.pool.acquire().await.expect("the database answers");
    let mut tx = conn.begin().await.expect("it begins");
    sqlx::query("update run_heads set state = 'running', owner = 1, epoch = 3")
        .execute(&mut *tx)
        .await
        .expect("they are claimed");
    let record = |run: RunId, epoch, follow| record::StepRecord {
        run_id: run.0,
        epoch,
        seq: if epoch == 3 { 0 } else { 1 },
        step_no: 1,
        attempt: 1,
        duration_ms: 1,
        name: "slow".into(),
        output: json!(epoch),
        follow,
    };
    let stale = record(run, 1, Follow::Step("slow".into()));
    let present = record(run, 3, Follow::Step("slow".into()));
    // Where one of them is the last of its run, the statement is another.
    let last = record(other, 3, Follow::Success(Value::Null));
    let written = record::steps(&mut tx, &[&stale, &present, &last])
        .await
        .expect("written");
    let mut held: Vec<_> = written.iter().map(|w| (w.run_id, w.epoch)).collect();
    held.sort_unstable();
    assert_eq!(held, [(run.0, 3), (other.0, 3)]);
    let rows: Vec<(i32, i32)> =
        sqlx::query_as("select seq, epoch from steps where run_id = $1 order by seq")
            .bind(run.0)
            .fetch_all(&mut *tx)
            .await
            .expect("steps are read");
    assert_eq!(rows, [(1, 3)], "the stale one is not among them");
    tx.rollback().await.expect("it is undone");
    drop(conn);
    db.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_forgotten_gives_itself_up_and_goes_on_as_another() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let worker = slow(&db, &trace).start().await;
    let run = db.script(&acts(60)).await;
    trace.until(&format!("{run} 20"), 1).await;
    let mut conn = db.pool.acquire().await.expect("the database answers");
    let known: i64 = sqlx::query_scalar("select id from workers")
        .fetch_one(&mut *conn)
        .await
        .expect("it is known");
    // Others took it for dead: its runs are somebody else's now, under a new epoch.
    worker::forget(&mut conn, &[known])
        .await
        .expect("forgotten");
    drop(conn);
    db.succeeded(run).await;
    assert_eq!(db.steps(run).await.len(), 60);
    let owners: Vec<i64> = sqlx::query_scalar("select id from workers")
        .fetch_all(&db.pool)
        .await
        .expect("workers are read");
    assert!(!owners.contains(&known), "{owners:?}");
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_no_worker_survives_is_taken_out_of_their_way() {
    let db = TestDb::new().await;
    let run = db.script(&acts(1)).await;
    db.sql("delete from apalis.jobs").await;
    for death in 1..=5 {
        // A worker nobody knows holds it: the trace of one that is gone.
        db.sql("update run_heads set state = 'running', owner = 1000")
            .await;
        recovery::take_over(&db.pool, &[1000], recovery::Cause::Died)
            .await
            .expect("it is taken over");
        let crashes = db.head(run).await.map(|head| head.crashes);
        assert_eq!(crashes, Some(death).filter(|death| *death < 5));
    }
    let failure = db.failed(run).await;
    assert_eq!(
        failure["reason"],
        "5 workers died on this step without any progress"
    );
    db.sql("delete from apalis.jobs").await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_comes_back_to_its_holder_is_held_once() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let saying = trace.clone();
    let worker = db
        .worker()
        .on("hangs", move |_| {
            saying.add("begun");
            let gone = saying.on_drop("gone");
            async move {
                let _gone = gone;
                std::future::pending().await
            }
        })
        .start()
        .await;
    let run = db.script(&[Act::Do(step("hangs", Value::Null))]).await;
    trace.until("begun", 1).await;
    // Taken away without a word that the worker hears, and given to it once more.
    db.sql("update run_heads set state = 'ready', owner = null, epoch = 2")
        .await;
    let job = jobs::AdvanceRun {
        run,
        epoch: 2,
        lane: workflows::Lane::Agents,
        priority: 0,
        crashes: 0,
    };
    let mut conn = db.pool.acquire().await.expect("the database answers");
    jobs::enqueue(&mut conn, &job).await.expect("it is stored");
    jobs::wake::announce(&mut *conn, &[workflows::Lane::Agents])
        .await
        .expect("it is told");
    drop(conn);
    trace.until("begun", 2).await;
    trace.until("gone", 1).await;
    codegraph::services::steering::cancel(&db.pool, run)
        .await
        .expect("it lives");
    trace.until("gone", 2).await;
    worker.stop().await;
    db.finish().await;
}
