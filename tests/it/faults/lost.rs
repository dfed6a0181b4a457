//! Answers that are lost after the commit: the server has done it, and who asked is never told.

use std::time::{Duration, Instant};

use codegraph::services::runs::{self, Start};
use serde_json::json;
use sqlx::{PgPool, postgres::PgPoolOptions};
use workflows::{
    RunId,
    definitions::drill::{self, Drill},
};

use super::{
    process::Manner,
    scale,
    stage::{Shape, Stage},
    wire::Wire,
};

const SHAPE: Shape = Shape {
    acts: 8,
    work_ms: 20,
};

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_after_their_commit_lose_and_repeat_nothing() {
    let mut stage = Stage::set().await;
    let (wire, clients) = (stage.wire().await, stage.wire().await);
    stage.worker_through(&wire, Manner::default()).await;
    stage.worker_through(&wire, Manner::default()).await;
    let db = PgPoolOptions::new()
        .max_connections(2)
        .connect_lazy(clients.url())
        .expect("the wire's URL");
    wire.lose(6);
    // Clients say less, and are to lose their share.
    clients.lose(35);
    let wanted = scale(15, 250);
    let end = Instant::now() + Duration::from_secs(100);
    let (mut accepted, mut retries) = (Vec::new(), 0);
    while wire.lost() < wanted {
        assert!(Instant::now() < end, "too few: {}", wire.losses());
        if stage.living().await < 12 {
            for _ in 0..4 {
                let (key, run, tries) = submit(&mut stage, &db).await;
                accepted.push((key, run));
                retries += tries - 1;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    wire.lose(0);
    clients.lose(0);
    println!("{} answers to workers lost: {}", wire.lost(), wire.losses());
    println!(
        "{} submits, {retries} of them again; {} answers lost: {}",
        accepted.len(),
        clients.lost(),
        clients.losses()
    );
    assert!(retries > 0, "no client had to try again");
    for (key, run) in accepted {
        let runs: Vec<uuid::Uuid> =
            sqlx::query_scalar("select id from runs where request_key = $1")
                .bind(&key)
                .fetch_all(&stage.pool)
                .await
                .expect("runs are read");
        assert_eq!(runs, [run.0], "the run of the key {key}");
    }
    db.close().await;
    stage.judge().await;
}

/// Submits as a client does: the same key, until it is told that it was taken.
async fn submit(stage: &mut Stage, db: &PgPool) -> (String, RunId, usize) {
    let key = uuid::Uuid::new_v4().to_string();
    let drill = Drill {
        ledger: stage.ledger().display().to_string(),
        acts: stage.acts(SHAPE),
    };
    let mut tries = 0;
    loop {
        tries += 1;
        let start = Start {
            input: json!(drill),
            request_key: Some(key.clone()),
            ..Start::default()
        };
        if let Ok(run) = runs::start(db, &drill::V1, start).await {
            stage.drills.push((run, drill));
            return (key, run, tries);
        }
        assert!(tries < 50, "it is never taken");
    }
}

impl Stage {
    /// A wire before the server, in fair weather.
    pub(super) async fn wire(&mut self) -> Wire {
        use rand::{Rng, SeedableRng};
        let chance = rand::rngs::StdRng::seed_from_u64(self.chance.random());
        Wire::before(self.server.url(), chance).await
    }
}
