//! A server that takes its time: far away, standing still for a moment, or with a run's row locked by somebody.

use std::time::{Duration, Instant};

use rand::Rng;
use workflows::definitions::drill::Act;

use super::{
    frozen::work,
    process::Manner,
    scale,
    stage::{Shape, Stage},
};

const SHAPE: Shape = Shape {
    acts: 2,
    work_ms: 50,
};

/// Less than a third of the lease.
const STALL: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_costs_time_and_nothing_else() {
    let mut stage = Stage::set().await;
    let wire = stage.wire().await;
    let ids = [
        stage.worker_through(&wire, Manner::default()).await,
        stage.worker_through(&wire, Manner::default()).await,
    ];
    // The same work first in fair weather: what it costs to be asked.
    let many = scale(2, 20);
    let calm = wire.asked();
    some_work(&mut stage, many).await;
    all_ended(&mut stage).await;
    let calm = wire.asked() - calm;

    wire.round_trip(Duration::from_millis(200));
    let (slow, began) = (wire.asked(), Instant::now());
    some_work(&mut stage, many).await;
    for _ in 0..scale(1, 6) {
        stage.a_while(500).await;
        if stage.chance.random() {
            wire.still(true);
            tokio::time::sleep(STALL).await;
            wire.still(false);
        } else {
            lock_some_run(&mut stage).await;
        }
    }
    all_ended(&mut stage).await;
    let (slow, took) = (wire.asked() - slow, began.elapsed());
    println!("{calm} questions in fair weather, {slow} in {took:?} on the slow wire");
    // What workers ask by the clock, two of them, twenty times a second at the very most.
    let by_the_clock = usize::try_from(took.as_millis() / 50).expect("small");
    assert!(slow < calm * 2 + by_the_clock, "they ask again and again");

    let living: Vec<i64> = sqlx::query_scalar("select id from workers order by id")
        .fetch_all(&stage.pool)
        .await
        .expect("workers are read");
    assert_eq!(living, ids, "workers that kept their lease");
    let lost: i64 = sqlx::query_scalar(
        "select count(*) from events where kind in ('run.recovered', 'run.released')",
    )
    .fetch_one(&stage.pool)
    .await
    .expect("events are read");
    assert_eq!(lost, 0, "runs that were taken from a worker that lived");
    wire.round_trip(Duration::ZERO);
    stage.judge().await;
}

/// Holds a lock on the row of a run that lives, as long as a stall lasts.
async fn lock_some_run(stage: &mut Stage) {
    let mut tx = stage.pool.begin().await.expect("a transaction begins");
    let locked: Option<uuid::Uuid> = sqlx::query_scalar(
        "select run_id from run_heads order by state = 'running' desc, run_id limit 1 for update",
    )
    .fetch_optional(&mut *tx)
    .await
    .expect("heads are read");
    println!("locked: {locked:?}");
    tokio::time::sleep(STALL).await;
    tx.rollback().await.expect("it ends");
}

async fn some_work(stage: &mut Stage, many: usize) {
    if many > 2 {
        return stage.drills(many, SHAPE).await;
    }
    // A step takes a dozen round trips, and a short test is short.
    for _ in 0..many {
        let acts = vec![work(20), Act::Sleep { ms: 20 }, work(20)];
        stage.drill(acts).await;
    }
}

async fn all_ended(stage: &mut Stage) {
    stage
        .eventually("every run ends", async |stage| {
            (stage.living().await == 0).then_some(())
        })
        .await;
}
