//! Where a fault test plays: a durable server, a ledger, drills, workers.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use codegraph::{
    postgres::{Server, Settings},
    services::runs::{self, Start},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use workflows::{
    Lane, RunId,
    definitions::drill::{self, Act, Drill},
};

use super::{
    process::{Manner, Process, Way},
    wire::Wire,
};

/// Our own sessions on the server, which no test cuts.
pub(super) const OURS: &str = "faults";

/// What a drill is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) acts: usize,
    /// Longest work of one step, in milliseconds.
    pub(super) work_ms: u64,
}

#[derive(Debug)]
pub(super) struct Stage {
    pub(super) pool: PgPool,
    pub(super) chance: StdRng,
    pub(super) server: Server,
    pub(super) drills: Vec<(RunId, Drill)>,
    pub(super) workers: Vec<Process>,
    folder: TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// Where tests share a process, they wait for each other here: what they measure is time.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

impl Stage {
    /// A fresh server, migrated, without workers.
    pub(super) async fn set() -> Self {
        Self::set_on(None).await
    }

    /// The same, with the server's data in this place.
    pub(super) async fn set_on(data: Option<PathBuf>) -> Self {
        let alone = alone().await;
        let seed = env::var("CODEGRAPH_FAULT_SEED").map_or_else(
            |_| rand::rng().random(),
            |seed| seed.parse().expect("CODEGRAPH_FAULT_SEED is a number"),
        );
        println!("CODEGRAPH_FAULT_SEED={seed}");
        let folder = crate::postgres::home();
        let settings = Settings {
            bundle: Some(crate::postgres::bundle()),
            max_connections: 200,
            ..Settings::new(data.unwrap_or_else(|| folder.path().to_owned()))
        };
        let server = tokio::task::block_in_place(|| Server::start(&settings, &mut |_| {}))
            .expect("the server starts");
        let options: PgConnectOptions = server.url().parse().expect("the server's own URL");
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .connect_lazy_with(options.application_name(OURS));
        codegraph::database::migrate(&pool)
            .await
            .expect("the migrations apply");
        Self {
            pool,
            chance: StdRng::seed_from_u64(seed),
            server,
            drills: Vec::new(),
            workers: Vec::new(),
            folder,
            _alone: alone,
        }
    }

    pub(super) fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    /// What the workers said, for the message of a failed judgement.
    pub(super) fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("workers.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// What there is of heads, jobs and workers, for the same purpose.
    async fn rows(&self) -> String {
        sqlx::query_scalar(
            "select string_agg(line, chr(10)) from (
                 select 'head ' || (to_jsonb(h) - 'limits' - 'waits_for' - 'deadline_at')::text as line from run_heads h
                 union all select 'job ' || (to_jsonb(j) - 'job')::text || convert_from(job, 'UTF8') from apalis.jobs j
                 union all select 'worker ' || to_jsonb(w)::text from workers w
                 union all select 'now ' || clock_timestamp()::text) lines",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap_or_else(|error| error.to_string())
    }

    /// Where the ledger and the workers' log are.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a worker, whether it can do anything yet or not; answers with its process.
    pub(super) fn begin(&mut self, manner: Manner) -> i32 {
        let process = Process::start(
            self.server.url(),
            self.folder.path(),
            manner,
            &Way::default(),
        );
        let pid = process.pid();
        self.workers.push(process);
        pid
    }

    /// Starts a worker and waits until it is known; answers with its id.
    pub(super) async fn worker(&mut self, manner: Manner) -> i64 {
        self.worker_by(manner, Way::default()).await
    }

    /// The same for one that reaches the server only through a wire.
    pub(super) async fn worker_through(&mut self, wire: &Wire, manner: Manner) -> i64 {
        let way = Way {
            url: Some(wire.url().to_owned()),
            ..Way::default()
        };
        self.worker_by(manner, way).await
    }

    /// The same for one that is different from others.
    pub(super) async fn worker_by(&mut self, manner: Manner, way: Way) -> i64 {
        let process = Process::start(self.server.url(), self.folder.path(), manner, &way);
        let pid = process.pid();
        self.workers.push(process);
        self.eventually("the worker is known", async |stage| stage.id_of(pid).await)
            .await
    }

    /// The newest id under which a process is known as a worker, to the queue as well.
    pub(super) async fn id_of(&self, pid: i32) -> Option<i64> {
        sqlx::query_scalar(
            "select max(w.id) from workers w join apalis.workers q on q.id = 'w' || w.id || '.agents' where w.pid = $1",
        )
        .bind(pid)
        .fetch_one(&self.pool)
        .await
        .ok()
        .flatten()
    }

    /// Starts a run of this drill.
    pub(super) async fn drill(&mut self, acts: Vec<Act>) -> RunId {
        let drill = Drill {
            ledger: self.ledger().display().to_string(),
            acts,
        };
        let start = Start {
            input: json!(drill),
            ..Start::default()
        };
        let run = runs::start(&self.pool, &drill::V1, start)
            .await
            .expect("the run starts");
        self.drills.push((run, drill));
        run
    }

    /// Starts so many drills of random acts.
    pub(super) async fn drills(&mut self, many: usize, shape: Shape) {
        for _ in 0..many {
            let acts = self.acts(shape);
            self.drill(acts).await;
        }
    }

    /// Random acts.
    pub(super) fn acts(&mut self, shape: Shape) -> Vec<Act> {
        (0..shape.acts).map(|_| self.act(shape)).collect()
    }

    /// How many runs live.
    pub(super) async fn living(&self) -> i64 {
        sqlx::query_scalar("select count(*) from run_heads")
            .fetch_one(&self.pool)
            .await
            .expect("heads are counted")
    }

    fn act(&mut self, shape: Shape) -> Act {
        let work_ms = self.chance.random_range(0..=shape.work_ms);
        match self.chance.random_range(0..10) {
            0 => Act::Sleep { ms: work_ms },
            1 => Act::FanOut {
                branches: self.chance.random_range(1..=3),
                work_ms,
            },
            lane => Act::Append {
                // Runs of steps in one lane are continued in place; others go through the queue.
                lane: Lane::ALL[usize::saturating_sub(lane, 6)],
                work_ms,
                failures: u16::from(self.chance.random_ratio(1, 12)),
            },
        }
    }

    /// Looks until there is something to see, longer than any fault may last.
    pub(super) async fn eventually<T>(
        &mut self,
        what: &str,
        mut look: impl AsyncFnMut(&mut Self) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + Duration::from_secs(45);
        loop {
            if let Some(seen) = look(self).await {
                return seen;
            }
            assert!(
                self.workers.iter_mut().all(Process::lives),
                "a worker ended by itself:\n{}",
                self.log()
            );
            if Instant::now() > deadline {
                panic!(
                    "waited in vain: {what}\n{}\n{}",
                    self.log(),
                    self.rows().await
                );
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Lets chance decide how long to wait.
    pub(super) async fn a_while(&mut self, longest_ms: u64) {
        let ms = self.chance.random_range(0..=longest_ms);
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}
