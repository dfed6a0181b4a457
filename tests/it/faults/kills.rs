//! SIGKILL: at any moment of a worker's life, and around every durable write.

use std::time::{Duration, Instant};

use rand::Rng;
use uuid::Uuid;

use super::{
    process::Manner,
    scale, server,
    stage::{Shape, Stage},
};

/// A worker whose process dies is replaced by one that already runs within this time, and what any run waits for its
/// first step on this machine at that time.
const TAKEOVER: Duration = Duration::from_secs(1);

/// How a series of kills goes.
struct Spree {
    kills: usize,
    /// Drills started before each kill.
    drills: usize,
    shape: Shape,
    /// Longest pause before a kill, in milliseconds.
    pause_ms: u64,
    /// The database server is killed as well, at a third and at two thirds of the way.
    server_too: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_moment_is_replaced_within_a_second() {
    // Long: a hundred kills during two hundred runs, and two of the server in between.
    let spree = Spree {
        kills: scale(5, 100),
        drills: scale(4, 2),
        shape: Shape {
            acts: 20,
            work_ms: 100,
        },
        pause_ms: 400,
        server_too: true,
    };
    let (stood, started) = go_on(spree).await;
    let (p99, start) = (at(&stood, 99), at(&started, 99));
    assert!(p99 < TAKEOVER + start, "p99 of the takeovers: {p99:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_around_a_write_loses_and_repeats_nothing() {
    // Steps that do next to nothing: nearly all of their time is spent in the writes about them. The machine is never
    // idle then, and a score of runs is taken over at once: the last of them also wait for the processor.
    let spree = Spree {
        kills: scale(6, 75),
        drills: 3,
        shape: Shape {
            acts: 20,
            work_ms: 1,
        },
        pause_ms: 30,
        server_too: false,
    };
    let (stood, started) = go_on(spree).await;
    let (p50, start) = (at(&stood, 50), at(&started, 50));
    assert!(p50 < TAKEOVER + start, "p50 of the takeovers: {p50:?}");
}

/// Answers with how long runs stood still, and how long those that were not hit waited for their first step; the
/// shortest first.
async fn go_on(spree: Spree) -> (Vec<Duration>, Vec<Duration>) {
    let mut stage = Stage::set().await;
    // What the dead held finds a place at once: a line for places is no part of a takeover.
    let manner = Manner {
        places: 64,
        ..Manner::default()
    };
    stage.worker(manner).await;
    stage.worker(manner).await;
    let mut took = Vec::new();
    let mut back: Option<Instant> = None;
    let thirds = [spree.kills / 3, spree.kills * 2 / 3];
    for kill in 0..spree.kills {
        // Before there is new work: it would be done while we wait, and nobody would be killed over anything.
        nobody_is_given_up(&mut stage).await;
        stage.drills(spree.drills, spree.shape).await;
        stage.a_while(spree.pause_ms).await;
        if spree.server_too && thirds.contains(&kill) {
            server::kill(&stage);
            server::bring_back(&mut stage).await;
            back = Some(Instant::now());
        }
        // After a restart of the server nobody is suspected for a moment, so that all can come back.
        let timed = back.is_none_or(|at| at.elapsed() > Duration::from_secs(3));
        let stood = kill_one(&mut stage).await;
        if timed {
            took.extend(stood);
        }
        stage.worker(manner).await;
    }
    let started = starts(&stage).await;
    stage.judge().await;
    took.sort_unstable();
    report("takeovers", &took);
    report("starts", &started);
    (took, started)
}

/// How long drills waited for their first step when nobody died over them.
async fn starts(stage: &Stage) -> Vec<Duration> {
    let waited: Vec<f64> = sqlx::query_scalar(
        "select greatest(0, extract(epoch from s.at - r.created_at)::float8 - s.duration_ms / 1000.0) as waited
         from steps s join runs r on r.id = s.run_id
         where s.step_no = 1 and s.epoch = 1 and s.attempt = 1 and r.input -> 'acts' -> 0 ->> 'act' = 'append'
         order by waited",
    )
    .fetch_all(&stage.pool)
    .await
    .expect("steps are read");
    waited.into_iter().map(Duration::from_secs_f64).collect()
}

/// A run whose holders die three times without a move of it is kept apart, and after five taken for their murderer;
/// here it is us.
async fn nobody_is_given_up(stage: &mut Stage) {
    stage
        .eventually("runs move between kills", async |stage| {
            let crashes: i32 =
                sqlx::query_scalar("select coalesce(max(crashes), 0)::int from run_heads")
                    .fetch_one(&stage.pool)
                    .await
                    .ok()?;
            (crashes < 2).then_some(())
        })
        .await;
}

/// Kills a worker and waits until everything it held has moved; answers with how long each run stood still.
async fn kill_one(stage: &mut Stage) -> Vec<Duration> {
    let victim = stage.chance.random_range(0..stage.workers.len());
    let victim = stage.workers.swap_remove(victim);
    let id = stage.id_of(victim.pid()).await.expect("it is known");
    victim.kill();
    let killed = Instant::now();
    let held: Vec<(Uuid, i32)> =
        sqlx::query_as("select run_id, seq from run_heads where owner = $1")
            .bind(id)
            .fetch_all(&stage.pool)
            .await
            .expect("heads are read");
    let mut standing: Vec<Uuid> = held.iter().map(|(run, _)| *run).collect();
    let mut took = Vec::new();
    stage
        .eventually("what the killed worker held moves", async |stage| {
            // Taken over is what somebody else holds, and what is over or waits for something by now.
            let still: Vec<Uuid> = sqlx::query_scalar(
                "select run_id from run_heads where run_id = any($1) and (owner = $2 or state = 'ready')",
            )
            .bind(&standing)
            .bind(id)
            .fetch_all(&stage.pool)
            .await
            .ok()?;
            for _ in still.len()..standing.len() {
                took.push(killed.elapsed());
            }
            standing = still;
            standing.is_empty().then_some(())
        })
        .await;
    took
}

/// The longest of so many of a hundred, the shortest first.
fn at(sorted: &[Duration], share: usize) -> Duration {
    let last = sorted.len().checked_sub(1);
    sorted[last.expect("a kill hit a worker that held a run, and another did not") * share / 100]
}

fn report(what: &str, sorted: &[Duration]) {
    println!(
        "{} {what}: p50 {:?}, p99 {:?}, longest {:?}",
        sorted.len(),
        at(sorted, 50),
        at(sorted, 99),
        at(sorted, 100)
    );
}
