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

/// How a server goes: killed, shut down fast, shut down at once.
const WAYS: [Signal; 3] = [Signal::KILL, Signal::INT, Signal::QUIT];

/// From when the server takes connections again until a run has gone on.
const SOON: Duration = Duration::from_secs(5);

/// Kills the server.
pub(super) fn kill(stage: &Stage) {
    end(stage, Signal::KILL);
}

fn end(stage: &Stage, signal: Signal) {
    let pid = stage.server.pid().expect("it runs");
    let pid = Pid::from_raw(pid.cast_signed()).expect("a process id");
    kill_process(pid, signal).expect("the server of a stage is ours to end");
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

/// Waits until a run has gone on under the server that is back: its clock says what came after.
async fn goes_on(stage: &mut Stage) {
    let began = Instant::now();
    let back = "select extract(epoch from clock_timestamp())::float8";
    let back: f64 = stage
        .eventually("the server answers", async |stage| {
            sqlx::query_scalar(back).fetch_one(&stage.pool).await.ok()
        })
        .await;
    stage
        .eventually("a run goes on", async |stage| {
            let moved = "select 1 from steps where at > to_timestamp($1) limit 1";
            let moved = sqlx::query_scalar::<_, i32>(moved).bind(back);
            let moved = moved.fetch_optional(&stage.pool).await.ok()?;
            // Or there was nothing left to do.
            (moved.is_some() || stage.living().await == 0).then_some(())
        })
        .await;
    println!("runs went on after {:?}", began.elapsed());
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ended_and_comes_back_has_lost_nothing() {
    let mut stage = Stage::set().await;
    stage.worker(Manner::default()).await;
    stage.worker(Manner::default()).await;
    for turn in 0..scale(3, 15) {
        stage.drills(4, SHAPE).await;
        stage.a_while(500).await;
        end(&stage, WAYS[turn % WAYS.len()]);
        // Down for a while, or hardly at all.
        stage.a_while(600).await;
        bring_back(&mut stage).await;
        goes_on(&mut stage).await;
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
    kill(&stage);
    // What is waited for is time itself.
    tokio::time::sleep(Duration::from_secs(3)).await;
    bring_back(&mut stage).await;
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_starts_while_the_server_is_away_waits_for_it() {
    let mut stage = Stage::set().await;
    stage.drills(4, SHAPE).await;
    kill(&stage);
    let pid = stage.begin(Manner::default());
    // What is waited for is time itself.
    tokio::time::sleep(Duration::from_secs(scale(2, 10) as u64)).await;
    assert!(stage.workers[0].lives(), "{}", stage.log());
    bring_back(&mut stage).await;
    stage
        .eventually("the worker is known", async |stage| stage.id_of(pid).await)
        .await;
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_while_runs_are_taken_over_strands_none() {
    let mut stage = Stage::set().await;
    stage.worker(Manner::default()).await;
    for _ in 0..scale(2, 20) {
        stage.worker(Manner::default()).await;
        stage.drills(4, SHAPE).await;
        stage.a_while(400).await;
        stage.workers.remove(0).kill();
        // A takeover begins at once and takes a few milliseconds.
        stage.a_while(60).await;
        kill(&stage);
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
        kill(&stage);
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
    kill(&stage);
    bring_back(&mut stage).await;
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
    assert_eq!(crashes, 0, "deaths that it is blamed for");
    stage.judge().await;
}
