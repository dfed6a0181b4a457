//! A run that kills every worker that takes it up, among others that only take long.

use std::time::{Duration, Instant};

use codegraph::services::steering;
use workflows::RunId;

use super::{
    frozen::{ended, work},
    process::Manner,
    scale,
    stage::Stage,
};

/// Where a run stands, and who holds it.
type Standing = Option<(String, Option<i64>, i16)>;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_kills_its_workers_is_found_out_and_no_other_is_blamed() {
    let mut stage = Stage::set().await;
    for _ in 0..scale(1, 2) {
        stage.worker(Manner::default()).await;
        stage.worker(Manner::default()).await;
        let mut innocents = Vec::new();
        for _ in 0..3 {
            // They make no progress between two of its murders.
            innocents.push(stage.drill(vec![work(2500), work(1)]).await);
        }
        let murderer = stage.drill(vec![work(400), work(1)]).await;
        let (deaths, deadline) = (murders(&mut stage, murderer).await, Instant::now());
        println!("found out after {deaths} deaths");
        assert_eq!(deaths, 5, "deaths until it is taken for what it is");
        for run in &innocents {
            ended(&mut stage, *run).await;
        }
        println!("the others ended {:?} later", deadline.elapsed());
        let (outcome, why): (Option<String>, Option<String>) =
            sqlx::query_as("select outcome, failure ->> 'reason' from runs where id = $1")
                .bind(murderer.0)
                .fetch_one(&stage.pool)
                .await
                .expect("runs are read");
        assert_eq!(outcome.as_deref(), Some("failed"));
        let why = why.unwrap_or_default();
        assert!(why.contains("5 workers died"), "{why}");
        // Mended by somebody, it goes on; and that all others succeeded is judged with everything else.
        steering::retry(&stage.pool, murderer, None)
            .await
            .expect("it failed");
        ended(&mut stage, murderer).await;
        for worker in stage.workers.drain(..) {
            worker.stop();
        }
    }
    stage.judge().await;
}

/// Kills whoever takes the run up, until it has ended; answers with how many that were. There are always two workers,
/// and always something else to do.
async fn murders(stage: &mut Stage, murderer: RunId) -> usize {
    let (mut deaths, mut dead) = (0, None);
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let standing: Standing =
            sqlx::query_as("select state, owner, crashes from run_heads where run_id = $1")
                .bind(murderer.0)
                .fetch_optional(&stage.pool)
                .await
                .expect("heads are read");
        let Some((_, owner, crashes)) = standing else {
            return deaths;
        };
        // A dead one may hold it still, by the table's word.
        if let Some(owner) = owner.filter(|owner| Some(*owner) != dead) {
            let others: i64 = sqlx::query_scalar(
                "select count(*) from run_heads where owner = $1 and run_id <> $2",
            )
            .bind(owner)
            .bind(murderer.0)
            .fetch_one(&stage.pool)
            .await
            .expect("heads are read");
            println!("after {crashes} deaths it shares its worker with {others}");
            assert!(crashes < 4 || others == 0, "the last time it is alone");
            stage.kill(owner).await;
            dead = Some(owner);
            deaths += 1;
            stage.worker(Manner::default()).await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is never found out\n{}", stage.log());
}

impl Stage {
    /// Kills the worker of this id.
    pub(super) async fn kill(&mut self, id: i64) {
        let pid: i32 = sqlx::query_scalar("select pid from workers where id = $1")
            .bind(id)
            .fetch_one(&self.pool)
            .await
            .expect("it is known");
        let place = self.workers.iter().position(|worker| worker.pid() == pid);
        self.workers
            .remove(place.expect("it is one of ours"))
            .kill();
    }
}
