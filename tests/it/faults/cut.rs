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
