//! Workers that stand still for longer than their lease, and healthy ones that only take long.

use std::time::{Duration, Instant};

use uuid::Uuid;
use workflows::{Lane, RunId, definitions::drill::Act};

use super::{process::Manner, scale, stage::Stage};

pub(super) const SHORT_LEASE: Manner = Manner {
    places: 8,
    lease: 1,
};

pub(super) fn work(ms: u64) -> Act {
    Act::Append {
        lane: Lane::Agents,
        work_ms: ms,
        failures: 0,
    }
}

/// Waits until a worker holds runs under its short lease: one that has just become busy still has a long one.
pub(super) async fn holds(stage: &mut Stage, id: i64, many: i64) {
    stage
        .eventually("the worker holds its runs", async |stage| {
            let (held, left): (i64, f64) = sqlx::query_as(
                "select (select count(*) from run_heads where owner = $1),
                        (select extract(epoch from lease_until - clock_timestamp())::float8 from workers where id = $1)",
            )
            .bind(id)
            .fetch_one(&stage.pool)
            .await
            .ok()?;
            (held == many && left < 2.0).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_worker_writes_nothing_when_it_wakes_and_goes_on_as_another() {
    let mut stage = Stage::set().await;
    for _ in 0..scale(1, 10) {
        let frozen = stage.worker(SHORT_LEASE).await;
        let mut runs = Vec::new();
        for _ in 0..4 {
            // Frozen inside the first, it wakes while the other is inside it too.
            runs.push(stage.drill(vec![work(2500), work(10), work(10)]).await);
        }
        holds(&mut stage, frozen, 4).await;
        let other = stage.worker(SHORT_LEASE).await;
        stage.workers[0].freeze();
        let began = Instant::now();
        holds(&mut stage, other, 4).await;
        let took = began.elapsed();
        println!("taken over from a frozen worker after {took:?}");
        assert!(took < Duration::from_secs(4), "its lease was one second");
        stage.workers[0].thaw();
        let pid = stage.workers[0].pid();
        stage
            .eventually("it comes back as another", async |stage| {
                stage.id_of(pid).await.filter(|id| *id > frozen)
            })
            .await;
        for run in runs {
            ended(&mut stage, run).await;
            nothing_after_the_takeover(&stage, run).await;
        }
        // It works again: the other is told to go, and the next run ends.
        stage.workers.pop().expect("two workers").stop();
        let run = stage.drill(vec![work(1), work(1)]).await;
        ended(&mut stage, run).await;
        for worker in stage.workers.drain(..) {
            worker.stop();
        }
    }
    stage.judge().await;
}

pub(super) async fn ended(stage: &mut Stage, run: RunId) {
    stage
        .eventually("the run ends", async |stage| {
            let ended: bool =
                sqlx::query_scalar("select outcome is not null from runs where id = $1")
                    .bind(run.0)
                    .fetch_one(&stage.pool)
                    .await
                    .ok()?;
            ended.then_some(())
        })
        .await;
}

/// The rows of the frozen worker's epoch end where it was taken over.
pub(super) async fn nothing_after_the_takeover(stage: &Stage, run: RunId) {
    let (takeovers, late): (i64, i64) = sqlx::query_as(
        "with taken as (select seq, epoch from events where run_id = $1 and kind = 'run.recovered')
         select (select count(*) from taken),
                (select count(*) from (select seq, epoch from steps where run_id = $1
                                       union all select seq, epoch from events where run_id = $1) j
                 join taken t on j.seq > t.seq and j.epoch < t.epoch)",
    )
    .bind(run.0)
    .fetch_one(&stage.pool)
    .await
    .expect("the journal is read");
    assert_eq!((takeovers, late), (1, 0), "{run}: takeovers, late rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_worker_may_take_three_times_its_lease_for_a_step() {
    let mut stage = Stage::set().await;
    stage.worker(SHORT_LEASE).await;
    stage.worker(SHORT_LEASE).await;
    for _ in 0..3 {
        stage.drill(vec![work(3500), work(1)]).await;
    }
    let runs: Vec<Uuid> = stage.drills.iter().map(|(run, _)| run.0).collect();
    for run in &runs {
        ended(&mut stage, RunId(*run)).await;
    }
    let again: i64 = sqlx::query_scalar(
        "select count(*) from steps where run_id = any($1) and (epoch > 1 or attempt > 1)",
    )
    .bind(&runs)
    .fetch_one(&stage.pool)
    .await
    .expect("steps are read");
    assert_eq!(again, 0, "steps that were begun more than once");
    stage.judge().await;
}
