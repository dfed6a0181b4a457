//! Very many runs that sleep until the same moment.

use std::time::{Duration, Instant};

use uuid::Uuid;
use workflows::{RunId, definitions::drill::Act};

use super::{frozen::work, process::Manner, scale, stage::Stage};

/// All that slept are called up within this time.
const WAVE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn very_many_that_sleep_until_the_same_moment_all_go_on_soon_after_it() {
    let many = scale(300, 10_000);
    let mut stage = Stage::set().await;
    let manner = Manner {
        places: 64,
        ..Manner::default()
    };
    stage.worker(manner).await;
    stage.worker(manner).await;
    let due = asleep(&mut stage, many).await;
    let mut connections = 0;
    let deadline = Instant::now() + Duration::from_secs(240);
    while stage.living().await > 0 {
        assert!(
            Instant::now() < deadline,
            "{} still live",
            stage.living().await
        );
        connections = connections.max(clients(&stage).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // By the server's clock alone.
    let (early, late, ended): (f64, f64, f64) = sqlx::query_as(
        "select extract(epoch from min(e.at) - to_timestamp($1))::float8,
                extract(epoch from max(e.at) - to_timestamp($1))::float8,
                extract(epoch from (select max(ended_at) from runs) - to_timestamp($1))::float8
         from events e where e.kind = 'timer.fired'",
    )
    .bind(due)
    .fetch_one(&stage.pool)
    .await
    .expect("events are read");
    println!(
        "{many} were called up {early:.3} s to {late:.3} s after their time, over {connections} connections"
    );
    println!("the last ended {ended:.3} s after it");
    assert!(early >= 0.0, "called up {early} s too early");
    assert!(late < WAVE.as_secs_f64(), "called up {late} s too late");
    assert!(
        connections < 80,
        "a wave opens no connections: {connections}"
    );
    stage.judge().await;
}

/// Puts so many to sleep, all until one moment; answers with that moment, in seconds since 1970. One of them lay down by
/// itself, the others are copies of all that was written about it.
async fn asleep(stage: &mut Stage, many: usize) -> f64 {
    let acts = vec![Act::Sleep { ms: 3_600_000 }, work(1)];
    let model = stage.drill(acts).await;
    stage
        .eventually("the model sleeps", async |stage| {
            sqlx::query_scalar::<_, i32>(
                "select 1 from run_heads where run_id = $1 and state = 'waiting'",
            )
            .bind(model.0)
            .fetch_optional(&stage.pool)
            .await
            .ok()?
            .map(drop)
        })
        .await;
    let mut copies = String::new();
    for (table, key) in [
        ("runs", "id"),
        ("run_heads", "run_id"),
        ("events", "run_id"),
    ] {
        let columns: String = sqlx::query_scalar(
            "select string_agg(quote_ident(column_name), ', ') from information_schema.columns
             where table_schema = 'public' and table_name = $1 and column_name <> $2 and is_generated = 'NEVER'",
        )
        .bind(table)
        .bind(key)
        .fetch_one(&stage.pool)
        .await
        .expect("columns are read");
        copies += &format!(
            "insert into {table} ({key}, {columns}) select copy, {columns} from {table}, copies where {key} = '{}';",
            model.0
        );
    }
    let script = format!(
        "begin;
         create table copies as select gen_random_uuid() as copy from generate_series(2, {many});
         {copies}
         update run_heads set due_at = now() + interval '15 seconds';
         commit"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script))
        .execute(&stage.pool)
        .await
        .expect("they are copied");
    let copies: Vec<Uuid> = sqlx::query_scalar("select copy from copies")
        .fetch_all(&stage.pool)
        .await
        .expect("copies are read");
    let drill = stage.drills[0].1.clone();
    let copies = copies.into_iter().map(|id| (RunId(id), drill.clone()));
    stage.drills.extend(copies);
    sqlx::query_scalar("select extract(epoch from max(due_at))::float8 from run_heads")
        .fetch_one(&stage.pool)
        .await
        .expect("heads are read")
}

/// Sessions on the server, ours among them.
async fn clients(stage: &Stage) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity where backend_type = 'client backend'",
    )
    .fetch_one(&stage.pool)
    .await
    .expect("the server tells")
}
