//! Thousands of runs that sleep until the same moment.

use std::time::{Duration, Instant};

use workflows::definitions::drill::Act;

use super::{frozen::work, process::Manner, scale, stage::Stage};

/// All that slept go on within this time.
const WAVE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn thousands_that_sleep_until_the_same_moment_all_go_on_soon_after_it() {
    let many = if std::env::var("CODEGRAPH_FAULTS").is_ok_and(|faults| faults == "all") {
        10_000
    } else {
        scale(300, 2_000)
    };
    let mut stage = Stage::set().await;
    let manner = Manner {
        places: 64,
        ..Manner::default()
    };
    stage.worker(manner).await;
    stage.worker(manner).await;
    // Long enough for all to lie down before the first gets up.
    let due = Instant::now() + Duration::from_millis(25) * many as u32 + Duration::from_secs(3);
    for _ in 0..many {
        let left = due.saturating_duration_since(Instant::now());
        let ms = u64::try_from(left.as_millis()).expect("a short time");
        stage.drill(vec![Act::Sleep { ms }, work(1)]).await;
    }
    stage
        .eventually("all sleep", async |stage| {
            let asleep: i64 =
                sqlx::query_scalar("select count(*) from run_heads where state = 'waiting'")
                    .fetch_one(&stage.pool)
                    .await
                    .ok()?;
            (asleep == many as i64).then_some(())
        })
        .await;
    let left = due.saturating_duration_since(Instant::now());
    assert!(!left.is_zero(), "the first got up before the last lay down");
    println!("{many} sleep {left:?} before they are due");
    let mut connections = 0;
    let deadline = due + WAVE * 3;
    while stage.living().await > 0 {
        assert!(
            Instant::now() < deadline,
            "{} still live",
            stage.living().await
        );
        connections = connections.max(clients(&stage).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("the last ended {:?} after it", due.elapsed());
    // By the server's clock: what was due when, and when it was called up.
    let (early, late): (f64, f64) = sqlx::query_as(
        "select min(late)::float8, max(late)::float8
         from (select extract(epoch from f.at - w.at) - (r.input -> 'acts' -> 0 ->> 'ms')::numeric / 1000 as late
               from runs r
               join events w on w.run_id = r.id and w.kind = 'run.waiting'
               join events f on f.run_id = r.id and f.kind = 'timer.fired') times",
    )
    .fetch_one(&stage.pool)
    .await
    .expect("events are read");
    println!(
        "called up {early:.3} s to {late:.3} s after their time, over at most {connections} connections"
    );
    assert!(early >= 0.0, "called up {early} s too early");
    assert!(late < WAVE.as_secs_f64(), "called up {late} s too late");
    assert!(
        connections < 80,
        "a wave opens no connections: {connections}"
    );
    stage.judge().await;
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
