//! What is over for long goes, and nothing else.

use std::time::Duration;

use codegraph::services::{
    retention::{self, Removed},
    runs::{self, Start},
};
use serde_json::json;
use uuid::Uuid;
use workflows::RunId;

use crate::support::{SCRIPT, TestDb, eventually};

const DAYS: u32 = 30;

/// A run that ended so many days ago, with a row in its journal.
async fn over(db: &TestDb, days: i32) -> Uuid {
    let start = Start {
        input: json!({"acts": []}),
        ..Start::default()
    };
    let RunId(run) = runs::start(&db.pool, &SCRIPT, start)
        .await
        .expect("it starts");
    write(&db.pool, &format!(
        "insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
         values ('{run}', 1, 1, 1, 1, 1, 'one', '{{}}');
         delete from run_heads where run_id = '{run}';
         update runs set outcome = 'succeeded', output = 'null', ended_at = now() - interval '{days} days',
                         created_at = now() - interval '{days} days' - interval '1 hour' where id = '{run}'"
    ))
    .await;
    run
}

async fn write(db: &sqlx::PgPool, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(db)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn count(db: &TestDb, from: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {from}")))
        .fetch_one(&db.pool)
        .await
        .expect("rows are counted")
}

async fn is_there(db: &TestDb, run: Uuid) -> bool {
    count(db, &format!("runs where id = '{run}'")).await == 1
}

#[tokio::test]
async fn old_runs_of_no_task_go_with_their_journals_and_young_ones_stay() {
    let db = TestDb::new().await;
    let (old, young) = (over(&db, 31).await, over(&db, 29).await);
    let living = runs::start(
        &db.pool,
        &SCRIPT,
        Start {
            input: json!({"acts": []}),
            ..Start::default()
        },
    )
    .await
    .expect("it starts");
    db.sql("update runs set created_at = now() - interval '1 year' where ended_at is null")
        .await;
    let removed = retention::tidy_up(&db.pool, DAYS)
        .await
        .expect("it tidies up");
    assert_eq!(removed.runs, 1);
    assert!(!is_there(&db, old).await);
    assert!(is_there(&db, young).await && is_there(&db, living.0).await);
    assert_eq!(
        count(&db, &format!("steps where run_id = '{old}'")).await,
        0
    );
    assert_eq!(count(&db, "steps").await, 1, "of the young one");
    let again = retention::tidy_up(&db.pool, DAYS)
        .await
        .expect("it tidies up");
    assert_eq!(again, Removed::default(), "nothing is left to remove");
    db.forget().await;
}

#[tokio::test]
async fn what_others_came_from_goes_after_them_and_not_before() {
    let db = TestDb::new().await;
    let (parent, child, fork) = (
        over(&db, 90).await,
        over(&db, 90).await,
        over(&db, 90).await,
    );
    let (origin, young) = (over(&db, 90).await, over(&db, 1).await);
    write(
        &db.pool,
        &format!(
        "update runs set parent_run = '{parent}', parent_seq = 1, ordinal = 0 where id = '{child}';
         update runs set fork_of = '{child}', fork_seq = 0 where id = '{fork}';
         update runs set fork_of = '{origin}', fork_seq = 0 where id = '{young}'"
    ),
    )
    .await;
    let removed = retention::tidy_up(&db.pool, DAYS)
        .await
        .expect("it tidies up");
    assert_eq!(removed.runs, 3, "a parent, its child, a fork of that");
    assert!(
        is_there(&db, origin).await,
        "a young run still reads the journal of the one it was forked from"
    );
    db.forget().await;
}

#[tokio::test]
async fn work_of_people_money_and_the_audit_stay() {
    let db = TestDb::new().await;
    let (task, paid) = (over(&db, 400).await, over(&db, 400).await);
    write(&db.pool, &format!(
        "insert into users (id, email, name, role) values ('{task}', 'ada@example.org', 'Ada', 'admin');
         insert into repositories (id, owner_id, name, forge, url, default_branch)
             values ('{task}', '{task}', 'one', 'git', 'https://example.org/one', 'main');
         insert into tasks (id, repository_id, created_by, title, base_branch, budget_usd_micros, created_at)
             values ('{task}', '{task}', '{task}', 'a task', 'main', 1, now() - interval '2 years');
         update runs set task_id = '{task}' where id = '{task}';
         insert into artifacts (sha256, media_type, size_bytes, content, created_at)
             values (sha256('x'), 'text/plain', 1, 'x', now() - interval '2 years');
         insert into snapshots (run_id, seq, tree, commit_id, pack) values ('{task}', 1, 't', 'c', sha256('x'));
         insert into effects (natural_key, run_id, step_no, state, started_at)
             values ('a push', '{task}', 1, 'started', now() - interval '2 years');
         insert into ledger_entries (id, run_id, kind, usd_micros, created_at)
             values ('{paid}', '{paid}', 'settled', 5, now() - interval '2 years');
         insert into audit_entries (seq, at, actor, action, subject, previous, hash)
             values (1, now() - interval '2 years', 'ada', 'task.created', 'one', '', 'h')"
    ))
    .await;
    let removed = retention::tidy_up(&db.pool, DAYS)
        .await
        .expect("it tidies up");
    assert_eq!(removed, Removed::default());
    for table in [
        "tasks",
        "artifacts",
        "snapshots",
        "effects",
        "ledger_entries",
        "audit_entries",
    ] {
        assert_eq!(count(&db, table).await, 1, "{table}");
    }
    assert_eq!(
        (count(&db, "runs").await, count(&db, "steps").await),
        (2, 2)
    );
    db.forget().await;
}

#[tokio::test]
async fn dead_jobs_settled_deliveries_and_expired_sign_ins_go() {
    let db = TestDb::new().await;
    let id = Uuid::now_v7();
    write(&db.pool, &format!(
        "insert into users (id, email, name, role) values ('{id}', 'ada@example.org', 'Ada', 'admin');
         insert into webhook_endpoints (id, owner_id, url, kinds, secret) values ('{id}', '{id}', 'https://x.example', '{{}}', 's');
         insert into webhook_deliveries (id, endpoint_id, run_id, seq, kind, body, state, created_at, tried_at)
             select gen_random_uuid(), '{id}', '{id}', n, 'plan', '', state, now() - age, now() - age
             from (values (1, 'delivered', interval '40 days'), (2, 'failed', '40 days'), (3, 'pending', '40 days'),
                          (4, 'delivered', '20 days')) d(n, state, age);
         insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority, done_at)
             select apalis.generate_ulid(), 'outbound', '{{}}', status, 1, 1, now() + interval '1 year', 0, now() - age
             from (values ('Killed', interval '40 days'), ('Killed', '20 days'), ('Pending', '40 days')) j(status, age)"
    ))
    .await;
    let removed = retention::tidy_up(&db.pool, DAYS)
        .await
        .expect("it tidies up");
    assert_eq!((removed.deliveries, removed.jobs), (2, 1));
    assert_eq!(
        count(
            &db,
            "webhook_deliveries where state = 'pending' or created_at > now() - interval '30 days'"
        )
        .await,
        2
    );
    assert_eq!(count(&db, "apalis.jobs").await, 2);
    db.sql("delete from apalis.jobs").await;
    db.forget().await;
}

#[tokio::test]
async fn a_worker_does_it_today_and_sees_to_tomorrow() {
    let db = TestDb::new().await;
    let old = over(&db, 31).await;
    let worker = db.worker().keeping(DAYS).start().await;
    eventually("the old run is gone", async || {
        (!is_there(&db, old).await).then_some(())
    })
    .await;
    // Of any number of workers that start, one asks for a day.
    let another = db.worker().keeping(DAYS).start().await;
    let next = "apalis.jobs where convert_from(job, 'UTF8')::jsonb ->> 'job' = 'tidy_up'
                and run_at between now() and now() + interval '24 hours' and status = 'Pending'";
    eventually("tomorrow is planned", async || {
        (count(&db, next).await == 1).then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(count(&db, next).await, 1);
    db.sql("delete from apalis.jobs").await;
    worker.stop().await;
    another.stop().await;
    db.forget().await;
}
