//! A wire that was cut without a word: nothing comes through, and no connection ends.

use std::{
    fs,
    time::{Duration, Instant},
};

use super::{
    frozen::{SHORT_LEASE, ended, holds, nothing_after_the_takeover, work},
    scale,
    stage::Stage,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_behind_a_silent_wire_lets_go_before_others_take_over() {
    let mut stage = Stage::set().await;
    for round in 0..scale(1, 2) {
        let wire = stage.wire().await;
        let cut_off = stage.worker_through(&wire, SHORT_LEASE).await;
        let mut runs = Vec::new();
        for _ in 0..4 {
            runs.push(stage.drill(vec![work(2500), work(10), work(10)]).await);
        }
        holds(&mut stage, cut_off, 4).await;
        let other = stage.worker(SHORT_LEASE).await;
        stage.a_while(300).await;
        wire.still(true);
        let began = Instant::now();
        // By its own word, in its own log: nothing else of it can be seen.
        let gave_up = format!("\"worker\":{cut_off},");
        stage
            .eventually("it gives itself up", async |stage| {
                let said = fs::read_to_string(stage.folder().join("workers.log")).ok()?;
                said.lines()
                    .any(|line| {
                        line.contains("this worker was given up") && line.contains(&gave_up)
                    })
                    .then_some(())
            })
            .await;
        let fenced = began.elapsed();
        let (held, left): (i64, f64) = sqlx::query_as(
            "select (select count(*) from run_heads where owner = $1),
                    coalesce((select extract(epoch from lease_until - clock_timestamp())::float8 from workers where id = $1), -1)",
        )
        .bind(cut_off)
        .fetch_one(&stage.pool)
        .await
        .expect("workers are read");
        println!("let go after {fenced:?}, {left:.3} s before the end of its lease");
        assert!(
            held == 4 && left > 0.0,
            "it must let go while all is still its own: {held} runs, {left} s left"
        );
        holds(&mut stage, other, 4).await;
        println!("taken over after {:?}", began.elapsed());
        assert!(
            began.elapsed() < Duration::from_secs(4),
            "its lease was one second"
        );
        for run in &runs {
            ended(&mut stage, *run).await;
        }
        let silent = Duration::from_secs(if round == 0 { scale(3, 30) as u64 } else { 3 });
        tokio::time::sleep(silent.saturating_sub(began.elapsed())).await;
        // What it had on its tongue is said now.
        wire.still(false);
        let pid = stage.workers[0].pid();
        stage
            .eventually("it comes back as another", async |stage| {
                stage.id_of(pid).await.filter(|id| *id > cut_off)
            })
            .await;
        for run in &runs {
            nothing_after_the_takeover(&stage, *run).await;
        }
        stage.workers.pop().expect("two workers").stop();
        let run = stage.drill(vec![work(1), work(1)]).await;
        ended(&mut stage, run).await;
        for worker in stage.workers.drain(..) {
            worker.stop();
        }
    }
    stage.judge().await;
}
