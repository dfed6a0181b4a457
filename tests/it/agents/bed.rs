//! A worker with agents, a repository with a fault, and what is asked about a run of them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use codegraph::{
    agents::Environment,
    config::Wall,
    providers::{
        blobs::Blobs,
        git::Store,
        llm::{Catalogue, Providers},
        reach::PrivateHosts,
        sandbox::{Egress, Sandbox},
    },
    services::{
        agent_records::{AgentRecords, Balance},
        runs::Start,
        steering, timeline,
    },
    telemetry::Redactor,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use workflows::{
    RunId,
    definitions::coding::{self, Assignment, Mode, Options, Origin},
};

use super::{model::Told, words};
use crate::support::{TestDb, TestWorker, copy_sample, eventually, left_out, offers};

/// A value that must never be seen by a model.
pub(super) const SECRET: &str = "hunter22-hunter22";

pub(super) struct Bed {
    pub(super) db: TestDb,
    pub(super) model: Arc<Told>,
    pub(super) repository: PathBuf,
    pub(super) home: PathBuf,
    pub(super) environment: Environment,
    worker: TestWorker,
    _folder: TempDir,
}

/// Straight to the code.
pub(super) fn no_plan() -> Options {
    Options {
        mode: Mode::NoPlan,
        ..Options::default()
    }
}

impl Bed {
    /// A worker at work whose models say this; nothing when this machine lacks what that takes.
    pub(super) async fn with(conversations: &[Value]) -> Option<Self> {
        Self::of("python-inventory", &words::scenario(conversations)).await
    }

    /// The same whose coder says this, and whose reviewer approves.
    pub(super) async fn coder(replies: &[Value]) -> Option<Self> {
        let said = [
            words::conversation("coder", replies),
            words::conversation("reviewer", &[words::approve()]),
        ];
        Self::with(&said).await
    }

    /// The same on another sample.
    pub(super) async fn of(sample: &str, scenario: &Value) -> Option<Self> {
        Self::hosted(sample, scenario, &[], PrivateHosts::default()).await
    }

    /// The same with these settings about servers, and leave to fetch from these.
    pub(super) async fn hosted(
        sample: &str,
        scenario: &Value,
        settings: &[(&'static str, String)],
        private: PrivateHosts,
    ) -> Option<Self> {
        let wall = wall().await?;
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let repository = root.join("repository");
        plant(sample, &repository);
        let db = TestDb::new().await;
        let model = Arc::new(Told::new(scenario));
        let mut providers = Providers::none();
        providers.insert(model.clone());
        let home = root.join("home");
        let log = Redactor::new([SecretString::from(SECRET)]);
        let environment = Environment {
            records: AgentRecords::new(db.pool.clone()),
            catalogue: Arc::new(Catalogue::embedded()),
            providers: Arc::new(providers),
            store: Store::new(home.join("mirrors")).allowing(private),
            pulls: offers(&db.pool, &home, settings, &log),
            home: home.clone(),
            wall,
            mask: Arc::new(move |text| log.mask(text).into_owned()),
            sandbox: Arc::default(),
            egress: Egress::default(),
            rerun: None,
        };
        let worker = db.worker().grace(Duration::ZERO);
        let worker = worker.with(|steps| steps.with_agents(&environment));
        Some(Self {
            worker: worker.start().await,
            db,
            model,
            repository,
            home,
            environment,
            _folder: folder,
        })
    }

    /// The worker here goes, and one on another machine comes: it has the database and nothing else of this one.
    pub(super) async fn elsewhere(mut self) -> Self {
        self.worker.stop().await;
        self.home = self.home.with_file_name("another-home");
        self.environment.home = self.home.clone();
        self.environment.store = Store::new(self.home.join("mirrors"));
        let worker = self.db.worker();
        let worker = worker.with(|steps| steps.with_agents(&self.environment));
        self.worker = worker.start().await;
        self
    }

    /// The worker here keeps large contents in this store.
    pub(super) async fn keeping(self, store: Blobs) -> Self {
        let records = AgentRecords::new(self.db.pool.clone()).keeping(Some(store));
        self.having(|env| env.records = records).await
    }

    /// The worker here has something else to work with.
    pub(super) async fn having(mut self, change: impl FnOnce(&mut Environment)) -> Self {
        self.worker.stop().await;
        change(&mut self.environment);
        let worker = self.db.worker();
        let worker = worker.with(|steps| steps.with_agents(&self.environment));
        self.worker = worker.start().await;
        self
    }

    /// The usual task, with these options.
    pub(super) fn assignment(&self, options: Options) -> Assignment {
        Assignment {
            title: "Bolts are sold twice".to_owned(),
            description: "It has to raise OutOfStock.".to_owned(),
            repository: Origin::Path(self.repository.display().to_string()),
            options,
            ..Assignment::default()
        }
    }

    pub(super) async fn start(&self, options: Options) -> RunId {
        self.begin(&self.assignment(options)).await
    }

    pub(super) async fn begin(&self, assignment: &Assignment) -> RunId {
        let start = Start {
            input: json!(assignment),
            ..Start::default()
        };
        self.db.start(&coding::NEWEST, start).await
    }

    /// Runs the usual task to its end; answers with its result.
    pub(super) async fn run(&self, options: Options) -> (RunId, Value) {
        let run = self.start(options).await;
        (run, self.db.succeeded(run).await)
    }

    /// Waits until the run waits for this signal.
    pub(super) async fn waits(&self, run: RunId, signal: &str) {
        eventually(&format!("{run} waits for {signal}"), async || {
            let Some(head) = self.db.head(run).await else {
                panic!("the run has ended: {:?}", self.db.run(run).await);
            };
            head.waits_for
                .filter(|names| names.contains(&signal.to_owned()))
        })
        .await;
    }

    pub(super) async fn signal(&self, run: RunId, name: &str, payload: Value) {
        steering::signal(&self.db.pool, run, name, &payload, None)
            .await
            .unwrap();
    }

    /// The results of the run's steps, in order: name and word.
    pub(super) async fn steps(&self, run: RunId) -> Vec<String> {
        let steps = self.db.steps(run).await;
        let word = |output: &Value| output["result"].as_str().unwrap_or("?").to_owned();
        steps
            .iter()
            .map(|step| format!("{}: {}", step.name, word(&step.output)))
            .collect()
    }

    /// Waits until these are the steps of the run, and it waits for somebody.
    pub(super) async fn steps_are(&self, run: RunId, steps: &[&str]) {
        eventually(&format!("{run} has done {steps:?}"), async || {
            let waits = self.db.head(run).await?.waits_for.is_some();
            (waits && self.steps(run).await == steps).then_some(())
        })
        .await;
    }

    /// What the run asks a person.
    pub(super) async fn question(&self, run: RunId) -> String {
        let asked = timeline::question(&self.db.pool, run.0).await.unwrap();
        asked.expect("it asks something").0
    }

    pub(super) async fn balance(&self, run: RunId) -> Balance {
        self.environment.records.balance(run).await.unwrap()
    }

    /// A file as it is on a branch of the repository.
    pub(super) fn on_branch(&self, branch: &Value, path: &str) -> String {
        git(
            &self.repository,
            &["show", &format!("{}:{path}", branch.as_str().unwrap())],
        )
    }

    /// Nothing is held back, nothing is left over, every reply was asked for.
    pub(super) async fn finish(self) {
        let unused = self.model.unused();
        assert!(unused.is_empty(), "{unused:?}");
        self.forget().await;
    }

    /// The same for a test whose model is not heard to the end.
    pub(super) async fn forget(self) {
        let held_back: i64 = sqlx::query_scalar(
            "select coalesce(sum(case kind when 'reserved' then usd_micros when 'released' then -usd_micros else 0 end), 0)::bigint
             from ledger_entries",
        )
        .fetch_one(&self.db.pool)
        .await
        .unwrap();
        assert_eq!(held_back, 0, "something is still held back");
        self.worker.stop().await;
        self.db.finish().await;
    }
}

/// The wall that stands here.
pub(crate) async fn wall() -> Option<Wall> {
    if Command::new("python3").arg("--version").output().is_err() {
        left_out("there is no python3 here");
        return None;
    }
    match Sandbox::new(Wall::Auto).await {
        Ok(_) => Some(Wall::Auto),
        Err(error) => {
            left_out(error);
            None
        }
    }
}

/// A copy of a sample, as a repository with one commit.
pub(crate) fn plant(sample: &str, to: &Path) {
    copy_sample(sample, to);
    git(to, &["init", "--quiet", "--initial-branch=main"]);
    git(to, &["add", "--all"]);
    git(to, &["commit", "--quiet", "--message=As it was"]);
}

/// Git as a person uses it, without the machine's settings.
pub(super) fn git(at: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command
        .current_dir(at)
        .args(arguments)
        .stdin(Stdio::null())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada");
        command.env(format!("GIT_{who}_EMAIL"), "ada@example.org");
    }
    let said = command.output().unwrap();
    let error = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "git {arguments:?}: {error}");
    String::from_utf8_lossy(&said.stdout).into_owned()
}

/// A run that asks nobody.
pub(super) fn alone() -> Options {
    Options {
        approve_plan: false,
        ..Options::default()
    }
}
