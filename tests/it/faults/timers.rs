//! Timers that only a dead worker knew of.

use std::time::Duration;

use rand::Rng;
use workflows::{RunId, definitions::drill::Act};

use super::{
    frozen::{ended, work},
    process::Manner,
    scale,
    stage::Stage,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_fires_in_time_although_the_worker_that_set_it_is_dead() {
    let mut stage = Stage::set().await;
    stage.worker(Manner::default()).await;
    stage.worker(Manner::default()).await;
    for _ in 0..scale(1, 6) {
        let ms = stage.chance.random_range(1500..3000);
        let begins = stage.chance.random_range(0..400);
        let run = stage
            .drill(vec![work(begins), Act::Sleep { ms }, work(1)])
            .await;
        let owner = parked(&mut stage, run).await;
        // It holds nothing now: nobody watches it any more.
        stage.kill(owner).await;
        ended(&mut stage, run).await;
        let late: f64 = sqlx::query_scalar(
            "select extract(epoch from f.at - w.at)::float8 from events f join events w using (run_id)
             where run_id = $1 and f.kind = 'timer.fired' and w.kind = 'run.waiting'",
        )
        .bind(run.0)
        .fetch_one(&stage.pool)
        .await
        .expect("events are read");
        let late = late - Duration::from_millis(ms).as_secs_f64();
        println!("{:+.0} ms", late * 1000.0);
        assert!((0.0..1.0).contains(&late), "the timer fired {late} s late");
        stage.worker(Manner::default()).await;
    }
    if scale(0, 1) == 1 {
        idle_costs_next_to_nothing(&mut stage).await;
    }
    stage.judge().await;
}

/// Waits until a run is parked; answers with who held it last.
async fn parked(stage: &mut Stage, run: RunId) -> i64 {
    let mut holder = None;
    stage
        .eventually("the run is parked", async |stage| {
            let (state, owner): (String, Option<i64>) =
                sqlx::query_as("select state, owner from run_heads where run_id = $1")
                    .bind(run.0)
                    .fetch_one(&stage.pool)
                    .await
                    .ok()?;
            holder = owner.or(holder);
            // Parked so soon that nobody saw its holder: either of them will do.
            let pid = stage.workers[0].pid();
            (state == "waiting").then_some(())?;
            match holder {
                Some(holder) => Some(holder),
                None => stage.id_of(pid).await,
            }
        })
        .await
}

async fn idle_costs_next_to_nothing(stage: &mut Stage) {
    let transactions = async |stage: &Stage| -> i64 {
        sqlx::query_scalar(
            "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()",
        )
        .fetch_one(&stage.pool)
        .await
        .expect("statistics are read")
    };
    // Parked for the whole time, and no alarm of anybody.
    stage
        .drill(vec![Act::Await {
            signal: "never".into(),
        }])
        .await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    let before = transactions(stage).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let spent = transactions(stage).await - before;
    println!("{spent} transactions in 20 s of two idle workers");
    assert!(spent <= 40, "one a second and worker: {spent}");
    let run = stage.drills.pop().expect("it was started").0;
    codegraph::services::steering::cancel(&stage.pool, run)
        .await
        .expect("it lives");
    sqlx::query("delete from runs where id = $1")
        .bind(run.0)
        .execute(&stage.pool)
        .await
        .expect("it is forgotten");
}
