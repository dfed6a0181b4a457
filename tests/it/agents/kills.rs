//! A worker process that dies around every durable write of a whole coding run, once at each place. Whatever the
//! place, another worker brings the run to the same end: the same tree, every effect once, at most one request more,
//! nothing held back.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use codegraph::services::runs::{self, Start};
use futures::StreamExt;
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use tempfile::TempDir;
use uuid::Uuid;
use workflows::{
    RunId,
    definitions::coding::{self, Assignment, Options, Origin},
};

use super::{
    attempts,
    bed::{alone, git, plant, wall},
    vendor::Vendor,
    words::{approve, calls, conversation, edit, finish, plan, read, scenario},
};
use crate::support::TestDb;

/// Longest time that a worker may take to come to a place, or from there to the end.
const PATIENCE: Duration = Duration::from_secs(40);

/// One line in one file for every time that this is performed.
const DEED: &str = "echo done >> deeds.txt; cat deeds.txt";

fn said() -> Value {
    let deed = calls(&[("bash", json!({"command": DEED}))]);
    let mut said = scenario(&[
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit(), deed, finish()]),
        conversation("reviewer", &[approve()]),
    ]);
    // One call of each run is refused and made again, and the answer of another breaks off.
    said["overloaded"] = json!({"role": "coder", "turn": 1});
    said["broken"] = json!({"role": "coder", "turn": 2});
    said
}

/// What is left of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) steps: Vec<String>,
    tree: String,
    commits: String,
    deeds: String,
    /// How often each tool was called to its end.
    tools: Vec<(String, i64)>,
}

impl End {
    /// What became of the file of deeds.
    pub(super) fn deeds(&self) -> &str {
        &self.deeds
    }
}

/// A run with a database, a home and a repository of its own.
pub(super) struct Case<'v> {
    pub(super) db: TestDb,
    folder: TempDir,
    vendor: &'v Vendor,
    pub(super) run: RunId,
}

impl<'v> Case<'v> {
    pub(super) async fn new(vendor: &'v Vendor) -> Self {
        Self::with(vendor, alone()).await
    }

    pub(super) async fn with(vendor: &'v Vendor, options: Options) -> Self {
        let db = TestDb::new().await;
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("repository");
        plant("python-inventory", &repository);
        let assignment = Assignment {
            title: "Bolts are sold twice".to_owned(),
            repository: Origin::Path(repository.display().to_string()),
            options,
            ..Assignment::default()
        };
        let start = Start {
            input: json!(assignment),
            ..Start::default()
        };
        let run = runs::start(&db.pool, &coding::NEWEST, start).await.unwrap();
        Self {
            db,
            folder,
            vendor,
            run,
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program as it ships, with this in its environment.
    pub(super) fn worker(&self, environment: &[(&str, &str)]) -> Worker {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path("workers.log"))
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_codegraph"));
        let url = self.db.options.to_url_lossy();
        command
            .arg("work")
            .env("CODEGRAPH_HOME", self.path("home"))
            .env("CODEGRAPH_DATABASE_URL", url.as_str())
            .env("CODEGRAPH_ANTHROPIC_BASE_URL", self.vendor.url())
            .env("CODEGRAPH_ANTHROPIC_API_KEY", "sk-test-hunter22-hunter22")
            .env("CODEGRAPH_LANES", "all")
            .env("CODEGRAPH_CONCURRENCY", "2")
            .env("CODEGRAPH_LOG", "info")
            .env("CODEGRAPH_TEST_FAILPOINT_LOG", self.path("places"))
            .env_remove("CODEGRAPH_SCRIPT")
            .envs(environment.iter().copied());
        let errors = log.try_clone().unwrap();
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        Worker(command.spawn().unwrap())
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.path("workers.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Everything that was written about the run, in tables and in the log.
    pub(super) async fn told(&self) -> Vec<String> {
        let mut told: Vec<String> = sqlx::query_scalar(
            "select to_jsonb(t)::text from runs t union all select to_jsonb(t)::text from steps t
             union all select to_jsonb(t)::text from events t union all select to_jsonb(t)::text from agent_runs t
             union all select to_jsonb(t)::text from model_calls t union all select to_jsonb(t)::text from tool_calls t
             union all select convert_from(content, 'UTF8') from artifacts where media_type <> 'application/x-git-pack'",
        )
        .fetch_all(&self.db.pool)
        .await
        .unwrap();
        told.push(fs::read_to_string(self.path("workers.log")).unwrap());
        told
    }

    /// Starts a worker after another has died, and waits until it has begun to work: where the end of the run was
    /// written already, what the dead one had in hand is still there to be settled.
    pub(super) async fn successor(&self, environment: &[(&str, &str)]) -> Worker {
        let begun = || {
            let log = fs::read_to_string(self.path("workers.log")).unwrap_or_default();
            log.matches("\"message\":\"working\"").count()
        };
        // Who died right at the start may never have said so.
        let before = begun();
        let successor = self.worker(environment);
        let deadline = Instant::now() + PATIENCE;
        while begun() == before {
            assert!(Instant::now() < deadline, "{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        successor
    }

    /// Waits for the end of the run.
    pub(super) async fn ended(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.db.run(self.run).await.outcome.is_none() {
            assert!(Instant::now() < deadline, "{}", self.log());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// What came of it, once nothing is left over.
    pub(super) async fn judge(self) -> (End, usize) {
        let row = self.db.run(self.run).await;
        let log = self.log();
        assert_eq!(
            row.outcome.as_deref(),
            Some("succeeded"),
            "{:?}\n{log}",
            row.failure
        );
        let output = row.output.unwrap();
        let repository = self.path("repository");
        let show = |arguments: &[&str]| git(&repository, arguments).trim().to_owned();
        let branch = output["evidence"]["branch"].as_str().unwrap();
        let steps = self.db.steps(self.run).await;
        let steps = steps
            .iter()
            .map(|step| format!("{}: {}", step.name, step.output["result"]));
        let held_back: i64 = sqlx::query_scalar(
            "select coalesce(sum(case kind when 'reserved' then usd_micros when 'released' then -usd_micros else 0 end), 0)::bigint
             from ledger_entries",
        )
        .fetch_one(&self.db.pool)
        .await
        .unwrap();
        assert_eq!(held_back, 0, "{log}");
        let under_way: i64 = sqlx::query_scalar(
            "select (select count(*) from model_calls where state = 'sent')
                  + (select count(*) from tool_calls where state = 'running')
                  + (select count(*) from agent_runs where state = 'running')",
        )
        .fetch_one(&self.db.pool)
        .await
        .unwrap();
        assert_eq!(under_way, 0, "{log}");
        let tools = sqlx::query_as(
            "select tool, count(*) from tool_calls where state = 'finished' group by tool order by tool",
        );
        let end = End {
            steps: steps.collect(),
            tree: show(&["rev-parse", &format!("{branch}^{{tree}}")]),
            commits: show(&["rev-list", "--count", branch]),
            deeds: show(&["log", "-1", "--format=%s", "-p", branch, "--", "deeds.txt"]),
            tools: tools.fetch_all(&self.db.pool).await.unwrap(),
        };
        let whole: Vec<Uuid> =
            sqlx::query_scalar("select id from runs where id = $1 or parent_run = $1")
                .bind(self.run.0)
                .fetch_all(&self.db.pool)
                .await
                .unwrap();
        let asked = |run: &Uuid| self.vendor.asked(&RunId(*run).to_string());
        let asked = whole.iter().map(asked).sum();
        self.db.finish().await;
        (end, asked)
    }
}

/// A worker's process. Dropping it kills it.
pub(super) struct Worker(Child);

impl Worker {
    /// Waits until it has died by its own hand.
    pub(super) async fn died(&mut self, case: &Case<'_>, place: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                assert_eq!(
                    status.signal(),
                    Some(9),
                    "{place}: {status}\n{}",
                    case.log()
                );
                return;
            }
            let ended = case.db.run(case.run).await.outcome;
            assert!(
                ended.is_none() || Instant::now() < deadline,
                "the run ended ({ended:?}) and never came to `{place}`\n{}",
                case.log()
            );
            assert!(Instant::now() < deadline, "{place}: {}", case.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Tells it to end, so that it hands back what it holds.
    pub(super) fn stop(mut self) {
        let pid = i32::try_from(self.0.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A run that nobody disturbs: its end, its requests, and the places that its worker passed.
async fn undisturbed(vendor: &Vendor, options: &Options) -> (End, usize, Vec<String>) {
    let case = Case::with(vendor, options.clone()).await;
    let worker = case.worker(&[]);
    case.ended().await;
    let places = read_places(&case.path("places"));
    worker.stop();
    let (end, asked) = case.judge().await;
    (end, asked, places)
}

fn read_places(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A worker that dies at this place, and another after it.
async fn killed(vendor: &Vendor, options: &Options, place: &str) -> (End, usize, Duration) {
    let case = Case::with(vendor, options.clone()).await;
    let mut first = case.worker(&[("CODEGRAPH_TEST_FAILPOINT", place)]);
    first.died(&case, place).await;
    let died = Instant::now();
    let second = case.successor(&[]).await;
    case.ended().await;
    let took = died.elapsed();
    second.stop();
    let (end, asked) = case.judge().await;
    (end, asked, took)
}

/// Kills at the places that are chosen from all.
pub(crate) async fn matrix(choose: impl FnOnce(Vec<String>) -> Vec<String>) {
    if wall().await.is_none() {
        return;
    }
    let vendor = Vendor::start(said());
    let (end, asked, places) = undisturbed(&vendor, &alone()).await;
    assert_eq!(end.deeds.matches("\n+done").count(), 1, "{}", end.deeds);
    assert_eq!(end.commits, "2");
    assert_eq!(asked, 8, "six, one that was refused, one that broke off");
    for kind in ["call refused", "call abandoned", "step shown"] {
        assert!(places.iter().any(|place| place.contains(kind)), "{kind}");
    }
    assert!(places.len() > 100, "{places:?}");
    let all = places.len();
    let chosen = choose(places);
    println!("{} of {all} places", chosen.len());
    let cases = futures::stream::iter(&chosen).map(async |place| {
        let (found, requests, took) = killed(&vendor, &alone(), place).await;
        println!("{place}: {requests} requests, {took:?} to the end");
        assert_eq!(found, end, "killed {place}");
        assert!(
            (asked..=asked + 1).contains(&requests),
            "killed {place}: {requests} requests, {asked} without"
        );
    });
    cases.buffer_unordered(3).collect::<Vec<()>>().await;
}

/// The same with attempts side by side: what both do at the moment of the kill may be asked for once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_among_attempts_loses_and_repeats_nothing() {
    if wall().await.is_none() {
        return;
    }
    let vendor = Vendor::start(scenario(&attempts::two()));
    let options = attempts::several(2);
    let (end, asked, places) = undisturbed(&vendor, &options).await;
    assert_eq!(
        end.steps,
        [
            r#"plan: "planned""#,
            r#"choose: "chosen""#,
            r#"publish: "published""#
        ]
    );
    let step = places.len().div_ceil(4);
    let chosen: Vec<&String> = places.iter().skip(step / 2).step_by(step).collect();
    println!("{} of {} places", chosen.len(), places.len());
    let cases = futures::stream::iter(chosen).map(async |place| {
        let (found, requests, took) = killed(&vendor, &options, place).await;
        println!("{place}: {requests} requests, {took:?} to the end");
        assert_eq!(found, end, "killed {place}");
        assert!(
            (asked..=asked + 2).contains(&requests),
            "killed {place}: {requests} requests, {asked} without"
        );
    });
    cases.buffer_unordered(2).collect::<Vec<()>>().await;
}

/// With large contents in an object store, a worker that dies at these places, and another after it.
pub(super) async fn with_objects(places: &[&str]) {
    if wall().await.is_none() {
        return;
    }
    let vendor = Vendor::start(said());
    let (end, asked, _) = undisturbed(&vendor, &alone()).await;
    for &place in places {
        let case = Case::new(&vendor).await;
        let store = case.path("store").display().to_string();
        let objects = [
            ("CODEGRAPH_OBJECT_STORE", store.as_str()),
            ("CODEGRAPH_OBJECT_STORE_ABOVE", "0"),
        ];
        let [a, b] = objects;
        let mut first = case.worker(&[a, b, ("CODEGRAPH_TEST_FAILPOINT", place)]);
        first.died(&case, place).await;
        let second = case.successor(&objects).await;
        // And everybody can see which wall it found.
        let walls: Vec<String> = sqlx::query_scalar("select sandbox from workers")
            .fetch_all(&case.db.pool)
            .await
            .unwrap();
        assert!(
            !walls.is_empty() && !walls.contains(&"unknown".to_owned()),
            "{walls:?}"
        );
        case.ended().await;
        second.stop();
        // Every row names a content that is there.
        let named: Vec<(Option<Vec<u8>>, String)> =
            sqlx::query_as("select content, location from artifacts")
                .fetch_all(&case.db.pool)
                .await
                .unwrap();
        assert!(!named.is_empty());
        for (content, location) in named {
            assert!(content.is_none(), "{place}");
            assert!(
                Path::new(&store).join(&location).is_file(),
                "{place}: {location}"
            );
        }
        let (found, requests) = case.judge().await;
        assert_eq!(found, end, "killed {place}");
        assert!(
            (asked..=asked + 1).contains(&requests),
            "killed {place}: {requests}"
        );
    }
}

/// A worker that dies while it takes over what another held, and a third that does so after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_while_it_takes_over_leaves_it_to_the_next() {
    if wall().await.is_none() {
        return;
    }
    let vendor = Vendor::start(said());
    let (end, asked, _) = undisturbed(&vendor, &alone()).await;
    for place in ["before runs taken over:1", "after runs taken over:1"] {
        let case = Case::new(&vendor).await;
        let mut first = case.worker(&[("CODEGRAPH_TEST_FAILPOINT", "after tool begun:3")]);
        first.died(&case, "after tool begun:3").await;
        let mut second = case.worker(&[("CODEGRAPH_TEST_FAILPOINT", place)]);
        second.died(&case, place).await;
        let third = case.successor(&[]).await;
        case.ended().await;
        third.stop();
        let (found, requests) = case.judge().await;
        assert_eq!(found, end, "killed {place}");
        assert!(
            (asked..=asked + 1).contains(&requests),
            "{place}: {requests}"
        );
    }
}

/// Six places spread over the run, and all around a call that is refused or breaks off. `make e2e` takes every fifth place,
/// and all of them with `CODEGRAPH_FAULTS=all`.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_anywhere_loses_and_repeats_nothing() {
    matrix(|places| {
        let step = places.len().div_ceil(6);
        let refused: Vec<String> = places
            .iter()
            .filter(|place| place.contains("call refused") || place.contains("call abandoned"))
            .cloned()
            .collect();
        let some = places.into_iter().skip(step / 2).step_by(step);
        some.chain(refused).collect()
    })
    .await;
}
