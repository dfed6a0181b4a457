//! The queue by itself: jobs that are delayed, fail, panic, have keys.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use ::jobs::{
    self, Enqueued, Handlers, Job, JobError, Lane, Lanes, Policy, Width, store, wake::Bells,
};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use crate::support::{TestDb, Trace, eventually};

/// A job that does what it says.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Chore {
    says: String,
    does: Does,
    key: Option<String>,
    priority: i16,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
enum Does {
    #[default]
    Nothing,
    Fail,
    FailForGood,
    Panic,
    Hang,
    ComeLater,
}

impl Job for Chore {
    const NAME: &'static str = "test_chore";
    const POLICY: Policy = Policy {
        attempts: 2,
        timeout: Duration::from_millis(200),
        backoff: Duration::from_millis(20),
        backoff_cap: Duration::from_secs(1),
    };

    fn lane(&self) -> Lane {
        Lane::Upkeep
    }

    fn key(&self) -> Option<String> {
        self.key.clone()
    }

    fn priority(&self) -> i16 {
        self.priority
    }
}

fn chore(says: &str, does: Does) -> Chore {
    Chore {
        says: says.into(),
        does,
        ..Chore::default()
    }
}

/// One lane at work, without the rest of a worker.
struct Queue {
    lanes: Lanes,
    looking: JoinHandle<()>,
}

async fn queue(db: &TestDb, places: usize, handlers: Handlers) -> Queue {
    let mut conn = db.pool.acquire().await.expect("the database answers");
    store::register(&mut conn, 1).await.expect("it is known");
    let bells = Bells::default();
    let width = Width {
        lane: Lane::Upkeep,
        places,
    };
    let lanes = Lanes::start(
        &db.pool,
        1,
        &[width],
        &bells,
        jobs::InHand::default(),
        handlers,
    );
    let looking = tokio::spawn(async move {
        loop {
            bells.ring("");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    Queue { lanes, looking }
}

impl Queue {
    async fn stop(self) {
        self.lanes.stop();
        self.lanes.finished().await.expect("it ends well");
        self.looking.abort();
    }
}

/// Says the word, then does the deed; a second try succeeds.
fn handlers(trace: &Trace) -> Handlers {
    let trace = trace.clone();
    Handlers::default().on(move |chore: Chore| {
        let trace = trace.clone();
        async move {
            let tried = trace.count(&chore.says);
            trace.add(&chore.says);
            match chore.does {
                Does::Nothing => Ok(()),
                Does::Fail => Err(JobError::Retry(format!("no {}", chore.says))),
                Does::FailForGood => Err(JobError::Fatal("never".into())),
                Does::Panic => panic!("boom"),
                Does::Hang => std::future::pending().await,
                Does::ComeLater if tried > 4 => Ok(()),
                Does::ComeLater => Err(JobError::Later {
                    reason: "not now".into(),
                    after: Duration::from_millis(10),
                }),
            }
        }
    })
}

async fn enqueue(db: &TestDb, chore: &Chore, delay: Duration) -> Enqueued {
    let mut conn = db.pool.acquire().await.expect("the database answers");
    jobs::enqueue_in(&mut conn, chore, delay)
        .await
        .expect("it is stored")
}

async fn dead(db: &TestDb, many: usize) -> Vec<store::DeadJob> {
    eventually("jobs die", async || {
        let dead = store::dead(&db.pool, None, 100)
            .await
            .expect("they are read");
        (dead.len() == many).then_some(dead)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_job_runs_when_it_is_due_and_not_before() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let queue = queue(&db, 4, handlers(&trace)).await;
    let began = Instant::now();
    let later = chore("later", Does::Nothing);
    enqueue(&db, &later, Duration::from_millis(400)).await;
    enqueue(&db, &chore("now", Does::Nothing), Duration::ZERO).await;
    trace.until("now", 1).await;
    assert_eq!(trace.count("later"), 0);
    trace.until("later", 1).await;
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(400), "{took:?}");
    queue.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_looks_for_scheduled_jobs_by_itself() {
    let db = TestDb::new().await;
    let run = db.script(&[]).await;
    db.sql("delete from apalis.jobs").await;
    let worker = db.worker().start().await;
    let job = jobs::AdvanceRun {
        run,
        epoch: 0,
        lane: Lane::Agents,
        priority: 0,
        crashes: 0,
    };
    let mut conn = db.pool.acquire().await.expect("the database answers");
    jobs::enqueue_in(&mut conn, &job, Duration::from_millis(500))
        .await
        .expect("it is stored");
    jobs::wake::announce(&mut *conn, &[Lane::Agents])
        .await
        .expect("it is told");
    drop(conn);
    db.succeeded(run).await;
    worker.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_good_is_kept_with_its_reason_until_it_is_retried_or_dropped() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let queue = queue(&db, 4, handlers(&trace)).await;
    let cases = [
        ("luck", Does::Fail, "no luck", 2),
        ("fatal", Does::FailForGood, "never", 1),
        ("panic", Does::Panic, "panicked: boom", 2),
        ("hang", Does::Hang, "took longer than 200ms", 2),
    ];
    for (says, does, ..) in cases {
        enqueue(&db, &chore(says, does), Duration::ZERO).await;
    }
    let dead = dead(&db, cases.len()).await;
    for (says, _, reason, tries) in cases {
        assert_eq!(trace.count(says), tries, "{says}");
        let found = dead
            .iter()
            .find(|job| job.reason.as_deref() == Some(reason));
        let found = found.unwrap_or_else(|| panic!("{reason}: {dead:?}"));
        assert_eq!(found.name.as_deref(), Some("test_chore"));
        assert_eq!(found.lane, "upkeep");
    }
    let ids: Vec<String> = dead.into_iter().map(|job| job.id).collect();
    let mut conn = db.pool.acquire().await.expect("the database answers");
    let retried = store::retry_dead(&mut conn, &ids).await.expect("retried");
    assert_eq!(retried, 4);
    trace.until("luck", 4).await;
    let again = self::dead(&db, cases.len()).await;
    assert_eq!(trace.count("fatal"), 2);
    let ids: Vec<String> = again.into_iter().map(|job| job.id).collect();
    let dropped = store::drop_dead(&mut conn, &ids).await.expect("dropped");
    assert_eq!(dropped, 4);
    drop(conn);
    queue.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_now_is_no_attempt() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let queue = queue(&db, 4, handlers(&trace)).await;
    enqueue(&db, &chore("later", Does::ComeLater), Duration::ZERO).await;
    trace.until("later", 6).await;
    queue.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_key_is_queued_another_job_of_it_is_not_added() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let keyed = Chore {
        key: Some("index:1".into()),
        ..chore("keyed", Does::Nothing)
    };
    let mut tx = db.pool.begin().await.expect("it begins");
    let mut add = async |expected| {
        let added = jobs::enqueue(&mut tx, &keyed).await.expect("it is stored");
        assert_eq!(added, expected);
    };
    add(Enqueued::New).await;
    // A repeated key does not poison the transaction.
    add(Enqueued::AlreadyQueued).await;
    tx.commit().await.expect("it commits");
    let queue = queue(&db, 4, handlers(&trace)).await;
    trace.until("keyed", 1).await;
    eventually("the key is free", async || {
        (db.jobs().await == 0).then_some(())
    })
    .await;
    assert_eq!(enqueue(&db, &keyed, Duration::ZERO).await, Enqueued::New);
    trace.until("keyed", 2).await;
    queue.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_transaction_that_is_undone_never_was() {
    let db = TestDb::new().await;
    let mut tx = db.pool.begin().await.expect("it begins");
    jobs::enqueue_all(
        &mut tx,
        &[chore("a", Does::Nothing), chore("b", Does::Nothing)],
    )
    .await
    .expect("they are stored");
    tx.rollback().await.expect("it is undone");
    assert_eq!(db.jobs().await, 0);
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_urgent_goes_first_and_then_the_oldest() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    for (says, priority) in [("c", 0), ("d", 0), ("a", 5), ("e", -1), ("b", 1)] {
        let chore = Chore {
            priority,
            ..chore(says, Does::Nothing)
        };
        enqueue(&db, &chore, Duration::ZERO).await;
    }
    let queue = queue(&db, 1, handlers(&trace)).await;
    trace.until("e", 1).await;
    assert_eq!(trace.all(), ["a", "b", "c", "d", "e"]);
    queue.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_works_on_as_many_as_it_has_places_and_on_no_more() {
    let db = TestDb::new().await;
    for number in 0..20 {
        enqueue(
            &db,
            &chore(&number.to_string(), Does::Nothing),
            Duration::ZERO,
        )
        .await;
    }
    // At work now, most at once, done.
    let counts: Arc<[AtomicUsize; 3]> = Arc::default();
    let counting = Arc::clone(&counts);
    let handlers = Handlers::default().on(move |_: Chore| {
        let counts = Arc::clone(&counting);
        async move {
            let [now, most, done] = &*counts;
            most.fetch_max(now.fetch_add(1, Relaxed) + 1, Relaxed);
            tokio::time::sleep(Duration::from_millis(30)).await;
            now.fetch_sub(1, Relaxed);
            done.fetch_add(1, Relaxed);
            Ok(())
        }
    });
    let queue = queue(&db, 3, handlers).await;
    eventually("all are done", async || {
        (counts[2].load(Relaxed) == 20).then_some(())
    })
    .await;
    assert_eq!(counts[1].load(Relaxed), 3);
    queue.stop().await;
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_nobody_here_knows_waits_for_a_newer_worker() {
    let db = TestDb::new().await;
    let queue = queue(&db, 1, Handlers::default()).await;
    enqueue(&db, &chore("new", Does::Nothing), Duration::ZERO).await;
    let postponed = eventually("it is put off", async || {
        let found: (String, i32, Option<String>) =
            sqlx::query_as("select status, attempts, last_result ->> 'Err' from apalis.jobs")
                .fetch_one(&db.pool)
                .await
                .expect("it is there");
        found.2.clone().map(|_| found)
    })
    .await;
    let reason = "no handler for `test_chore` in this worker".to_owned();
    assert_eq!(postponed, ("Pending".into(), 0, Some(reason)));
    queue.stop().await;
    db.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_cannot_be_read_is_kept_and_stops_nobody() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let queue = queue(&db, 1, handlers(&trace)).await;
    enqueue(
        &db,
        &chore("first", Does::Nothing),
        Duration::from_secs(3600),
    )
    .await;
    db.sql(r#"update apalis.jobs set run_at = now(), job = '{"job": "test_chore", "args": 7}'"#)
        .await;
    enqueue(&db, &chore("second", Does::Nothing), Duration::ZERO).await;
    trace.until("second", 1).await;
    let dead = dead(&db, 1).await;
    let reason = dead[0].reason.clone().unwrap_or_default();
    assert!(
        reason.starts_with("the payload is not a test_chore"),
        "{reason}"
    );
    queue.stop().await;
    db.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_job_that_nobody_can_read_is_in_the_list_like_any_other() {
    let db = TestDb::new().await;
    let trace = Trace::default();
    let queue = queue(&db, 1, handlers(&trace)).await;
    for says in ["unread", "nul"] {
        let later = Duration::from_secs(3600);
        enqueue(&db, &chore(says, Does::Nothing), later).await;
    }
    db.sql(r"update apalis.jobs set run_at = now(), job = '\xff00' where convert_from(job, 'UTF8') like '%unread%'")
        .await;
    // Its handler says something about it that no column can keep: others must be settled all the same.
    db.sql(
        r#"update apalis.jobs set run_at = now(), job = '{"job":"test_chore","args":"\\u0000"}' where job <> '\xff00'"#,
    )
    .await;
    enqueue(&db, &chore("after", Does::Nothing), Duration::ZERO).await;
    trace.until("after", 1).await;
    let dead = dead(&db, 2).await;
    let mut names: Vec<_> = dead.iter().map(|job| job.name.as_deref()).collect();
    names.sort_unstable();
    assert_eq!(names, [None, Some("test_chore")]);
    queue.stop().await;
    db.forget().await;
}
