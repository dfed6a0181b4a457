//! Measures the engine from outside: `probe setup | enqueue KIND N | worker`, on the database in `PG_URL`,
//! or with `probe server HOME BUNDLES` on one of its own. The same engine and tables as the product, with
//! workflows that do nothing. One JSON object a line on stdout; times are Unix seconds. `BENCH_CONC` is the
//! concurrency and the number of pooled connections, and `BENCH_LANES=all` serves every lane with it.

mod kinds;
mod meter;
#[cfg(unix)]
mod server;

use std::{env, path::PathBuf, sync::Arc, time::Duration};

use codegraph::{
    database,
    services::{
        announce::Announcement,
        runs::{self, Start},
    },
    worker::{Settings, StepSet, Worker},
};
use rand::Rng;
use serde_json::{Value, json};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio_util::sync::CancellationToken;
use workflows::{Definition, Definitions};

type Failed = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    tracing_subscriber::fmt()
        .with_env_filter(env::var("CODEGRAPH_LOG").unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["setup"] => Ok(database::migrate(&pool(options()?)).await?),
        ["enqueue", kind, count] => enqueue(&pool(options()?), kind, count.parse()?).await,
        ["worker"] => work(options()?).await,
        #[cfg(unix)]
        ["server", home, bundles] => {
            let (home, bundles) = (PathBuf::from(home), PathBuf::from(bundles));
            Ok(tokio::task::spawn_blocking(move || server::serve(home, &bundles)).await??)
        }
        _ => Err(
            "usage: probe setup | enqueue noop|seq|lat|crash|long|park N | worker | server HOME BUNDLES"
                .into(),
        ),
    }
}

fn options() -> Result<PgConnectOptions, Failed> {
    let url = env::var("PG_URL").map_err(|_| "PG_URL is not set")?;
    Ok(url.parse()?)
}

fn number(name: &str, default: usize) -> usize {
    env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

fn lease() -> Duration {
    let given = env::var("BENCH_LEASE").ok().and_then(|s| s.parse().ok());
    Duration::from_secs_f64(given.unwrap_or(10.0))
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(options)
}

async fn enqueue(db: &PgPool, kind: &str, count: usize) -> Result<(), Failed> {
    let definition = kinds::ALL
        .into_iter()
        .find(|d| d.name == kind)
        .ok_or("unknown kind")?;
    if kind == "lat" {
        warm_up(db, &definition).await?;
        for _ in 0..count {
            let pause = rand::rng().random_range(150..=450);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            submit(db, &definition, json!({"submitted": meter::now()})).await?;
        }
    } else {
        let mut left = count;
        while left > 0 {
            let batch = left.min(1000);
            runs::start_many(db, &definition, &Value::Null, batch).await?;
            left -= batch;
        }
    }
    meter::print(&json!({"e": "enq", "n": count}));
    Ok(())
}

/// A node that serves has its connection open and its statements prepared. One start that is rolled back.
async fn warm_up(db: &PgPool, definition: &Definition) -> Result<(), Failed> {
    let mut tx = db.begin().await?;
    let mut after = Announcement::default();
    runs::start_in(&mut tx, definition, Start::default(), &mut after).await?;
    tx.rollback().await?;
    after.tell(db).await;
    Ok(())
}

async fn submit(db: &PgPool, definition: &Definition, input: Value) -> Result<(), Failed> {
    runs::start(
        db,
        definition,
        Start {
            input,
            ..Start::default()
        },
    )
    .await?;
    Ok(())
}

async fn work(options: PgConnectOptions) -> Result<(), Failed> {
    let places = number("BENCH_CONC", 32);
    let lanes = if env::var("BENCH_LANES").is_ok_and(|lanes| lanes == "all") {
        &jobs::Lane::ALL[..]
    } else {
        &[jobs::Lane::Agents]
    };
    let settings = Settings {
        lanes: lanes
            .iter()
            .map(|&lane| jobs::Width { lane, places })
            .collect(),
        lease: lease(),
        grace: Duration::from_secs(5),
        // One of them is the session by which the worker is known to live.
        connections: u32::try_from(places.max(2))?,
    };
    let meter = Arc::new(meter::Meter::new(number("BENCH_N", usize::MAX)));
    let steps: StepSet = kinds::steps(&meter);
    let worker = Worker::new(settings, options, Definitions::of(&kinds::ALL), steps);
    let mut health = worker.health();
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker.run(stop.clone()));
    let ready = health
        .wait_for(|health| *health == codegraph::worker::Health::Working)
        .await
        .is_ok();
    if ready {
        meter::print(&json!({"e": "ready", "pid": std::process::id()}));
    }
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    stop.cancel();
    Ok(running.await??)
}
