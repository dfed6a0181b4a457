//! Connections that are cut, one by one, all the time.

use std::time::{Duration, Instant};

use rand::Rng;

use super::{
    process::Manner,
    scale,
    stage::{OURS, Shape, Stage},
};

#[tokio::test(flavor = "multi_thread")]
async fn connections_cut_at_random_cost_nothing_but_time() {
    let mut stage = Stage::set().await;
    stage.worker(Manner::default()).await;
    stage.worker(Manner::default()).await;
    let shape = Shape {
        acts: 30,
        work_ms: 60,
    };
    let seconds = u64::try_from(scale(4, 120)).expect("small");
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut cut = 0;
    while Instant::now() < end {
        if stage.living().await < 10 {
            stage.drills(10, shape).await;
        }
        let pids: Vec<i32> = sqlx::query_scalar(
            "select pid from pg_stat_activity
             where datname = current_database() and application_name <> $1 order by pid",
        )
        .bind(OURS)
        .fetch_all(&stage.pool)
        .await
        .expect("we may");
        if !pids.is_empty() {
            let pid = pids[stage.chance.random_range(0..pids.len())];
            let done: bool = sqlx::query_scalar("select pg_terminate_backend($1)")
                .bind(pid)
                .fetch_one(&stage.pool)
                .await
                .expect("we may");
            cut += usize::from(done);
        }
        // Two in a second, on average.
        stage.a_while(1000).await;
    }
    println!("{cut} connections cut");
    assert!(cut > 0, "a test that cuts nothing shows nothing");
    stage.judge().await;
}

/// Nothing at all moves for no longer than this: whoever loses the session in which it listens, and by which others know
/// that it lives, comes back or is taken over.
const STALL: f64 = 1.5;

#[tokio::test(flavor = "multi_thread")]
async fn ears_that_are_cut_off_again_and_again_stall_nothing() {
    let mut stage = Stage::set().await;
    stage.worker(Manner::default()).await;
    stage.worker(Manner::default()).await;
    let shape = Shape {
        acts: 30,
        work_ms: 20,
    };
    let seconds = u64::try_from(scale(4, 60)).expect("small");
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut cut = 0;
    while Instant::now() < end {
        if stage.living().await < 10 {
            stage.drills(10, shape).await;
        }
        let done: i64 = sqlx::query_scalar(
            "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
             where datname = current_database() and application_name <> $1
               and pid in (select pid from pg_locks where locktype = 'advisory' and granted)",
        )
        .bind(OURS)
        .fetch_one(&stage.pool)
        .await
        .expect("we may");
        cut += done;
        stage.a_while(1000).await;
    }
    println!("{cut} listeners cut off");
    assert!(cut > 0, "a test that cuts nothing shows nothing");
    // By the server's clock, while there was always something to do.
    let stall: f64 = sqlx::query_scalar(
        "select coalesce(max(extract(epoch from at - before)), 0)::float8
         from (select at, lag(at) over (order by at) as before from steps) gaps",
    )
    .fetch_one(&stage.pool)
    .await
    .expect("steps are read");
    println!("the longest stall was {stall:.3} s");
    assert!(stall < STALL, "nothing moved for {stall} s");
    stage.judge().await;
}
