//! The database server dies in the middle of everything.

use std::time::{Duration, Instant};

use codegraph::postgres::Health;
use rustix::process::{Pid, Signal, kill_process};

use super::{
    frozen::work,
    process::Manner,
    scale,
    stage::{Shape, Stage},
};

/// Kills the server; false where that cannot be done.
pub(super) fn kill(stage: &Stage) -> bool {
    let pid = stage.server.pid().expect("it runs");
    let pid = Pid::from_raw(pid.cast_signed()).expect("a process id");
    match kill_process(pid, Signal::KILL) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("SKIPPED: this server cannot be killed here: {error}");
            false
        }
    }
}

pub(super) async fn bring_back(stage: &mut Stage) {
    let began = Instant::now();
    // A process that was killed takes a moment to be gone.
    stage
        .eventually("the server is back", async |stage| {
            let server = &mut stage.server;
            let health = tokio::task::block_in_place(|| server.check()).expect("it comes back");
            (health == Health::Restarted).then_some(())
        })
        .await;
    println!("the server was back after {:?}", began.elapsed());
}

const SHAPE: Shape = Shape {
    acts: 20,
    work_ms: 60,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_that_comes_back_has_lost_nothing() {
    let mut stage = Stage::set().await;
    stage.worker(Manner::default()).await;
    stage.worker(Manner::default()).await;
    for _ in 0..scale(3, 15) {
        stage.drills(4, SHAPE).await;
        stage.a_while(500).await;
        if !kill(&stage) {
            break;
        }
        // Down for a while, or hardly at all.
        stage.a_while(600).await;
        bring_back(&mut stage).await;
    }
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_waits_for_a_server_that_is_away_for_longer_than_its_lease() {
    let mut stage = Stage::set().await;
    let manner = Manner {
        lease: 1,
        ..Manner::default()
    };
    stage.worker(manner).await;
    stage.drills(4, SHAPE).await;
    stage.a_while(500).await;
    if kill(&stage) {
        // What is waited for is time itself.
        tokio::time::sleep(Duration::from_secs(3)).await;
        bring_back(&mut stage).await;
    }
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_outlives_a_server_that_dies_in_its_first_moments() {
    let mut stage = Stage::set().await;
    for _ in 0..scale(2, 20) {
        stage.worker(Manner::default()).await;
        stage.drills(1, SHAPE).await;
        if !kill(&stage) {
            break;
        }
        bring_back(&mut stage).await;
        // Twenty at once would be more than the server has sessions for.
        if stage.workers.len() > 3 {
            stage.workers.remove(0).stop();
        }
    }
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_not_back_in_time_after_the_servers_restart_is_blamed_for_nothing() {
    let mut stage = Stage::set().await;
    let slow = stage.worker(Manner::default()).await;
    let run = stage.drill(vec![work(3000), work(1)]).await;
    stage
        .eventually("the run is held", async |stage| {
            sqlx::query_scalar::<_, i64>("select owner from run_heads where run_id = $1")
                .bind(run.0)
                .fetch_one(&stage.pool)
                .await
                .ok()
        })
        .await;
    // As on a machine with far too much to do: others are back long before it.
    stage.workers[0].freeze();
    let killed = kill(&stage);
    if killed {
        bring_back(&mut stage).await;
    }
    stage.worker(Manner::default()).await;
    let crashes: i16 = stage
        .eventually("the run is taken over", async |stage| {
            sqlx::query_scalar(
                "select crashes from run_heads where run_id = $1 and owner <> $2 and epoch > 1",
            )
            .bind(run.0)
            .bind(slow)
            .fetch_optional(&stage.pool)
            .await
            .ok()?
        })
        .await;
    stage.workers[0].thaw();
    assert_eq!(crashes, i16::from(!killed), "deaths that it is blamed for");
    stage.judge().await;
}
