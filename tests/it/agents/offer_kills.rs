//! A worker process that dies around the pull request it opens. Another finds what is there and opens no second one.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use codegraph::services::runs::{self, Start};
use serde_json::json;
use sqlx::ConnectOptions as _;
use workflows::{
    RunId,
    definitions::coding::{self, Assignment, Deliver, Options, Origin},
};

use super::{
    bed::{alone, plant, wall},
    vendor::Vendor,
    words::{approve, conversation, edit, finish, plan, read, scenario},
};
use crate::support::{GitHub, TOKEN, TestDb};

/// Longest time that a worker may take to come to a place, or from there to the end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A worker's process. Dropping it kills it.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn worker(
    db: &TestDb,
    home: &Path,
    github: &GitHub,
    vendor: &Vendor,
    place: Option<&str>,
) -> Worker {
    let log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(home.join("workers.log"))
        .unwrap();
    let errors = log.try_clone().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_codegraph"));
    command
        .arg("work")
        .env("CODEGRAPH_HOME", home.join("home"))
        .env("CODEGRAPH_DATABASE_URL", db.options.to_url_lossy().as_str())
        .env("CODEGRAPH_ANTHROPIC_BASE_URL", vendor.url())
        .env("CODEGRAPH_ANTHROPIC_API_KEY", "sk-test-hunter22-hunter22")
        .env("CODEGRAPH_LANES", "all")
        .env("CODEGRAPH_LEASE", "2")
        .env("CODEGRAPH_GITHUB_TOKEN", TOKEN)
        .envs(github.settings())
        .env_remove("CODEGRAPH_SCRIPT")
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors);
    if let Some(place) = place {
        command.env("CODEGRAPH_TEST_FAILPOINT", place);
    }
    Worker(command.spawn().unwrap())
}

/// How many pull requests there are when the worker died here and another took over.
async fn killed(vendor: &Vendor, place: &str) {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    plant("python-inventory", &home.join("repository"));
    let github = GitHub::hosting(&home.join("repository")).await;
    let db = TestDb::new().await;
    let assignment = Assignment {
        title: "Bolts are sold twice".to_owned(),
        repository: Origin::Url(github.url()),
        base: Some("main".to_owned()),
        options: Options {
            deliver: Deliver::PullRequest,
            ..alone()
        },
        ..Assignment::default()
    };
    let start = Start {
        input: json!(assignment),
        ..Start::default()
    };
    let run: RunId = runs::start(&db.pool, &coding::V2, start).await.unwrap();
    let said = || fs::read_to_string(home.join("workers.log")).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let mut first = worker(&db, home, &github, vendor, Some(place));
    while first.0.try_wait().unwrap().is_none() {
        assert!(
            Instant::now() < deadline,
            "{place}: it did not die\n{}",
            said()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        db.run(run).await.outcome.is_none(),
        "{place}: the run had ended before"
    );
    let second = worker(&db, home, &github, vendor, None);
    while db.run(run).await.outcome.is_none() {
        assert!(Instant::now() < deadline, "{place}\n{}", said());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(second);
    let row = db.run(run).await;
    assert_eq!(
        row.outcome.as_deref(),
        Some("succeeded"),
        "{place}: {:?}\n{}",
        row.failure,
        said()
    );
    assert_eq!(github.pulls().len(), 1, "{place}: {:?}", github.pulls());
    let output = row.output.unwrap();
    assert_eq!(output["evidence"]["pull_request"]["number"], 1, "{place}");
    assert_eq!(
        github.branches().len(),
        2,
        "{place}: {:?}",
        github.branches()
    );
    let log = said();
    assert!(!log.contains(TOKEN), "{place}: the token is in the log");
    db.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_around_a_pull_request_opens_no_second_one() {
    if wall().await.is_none() {
        return;
    }
    let vendor = Vendor::start(scenario(&[
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[approve()]),
    ]));
    for place in [
        "after branch pushed:1",
        "before pull request opened:1",
        "after pull request opened:1",
        "before pull request recorded:1",
        "after pull request recorded:1",
    ] {
        killed(&vendor, place).await;
    }
}
