//! Whether this process can do its work right now.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;

use crate::models::{server, worker as workers};

/// No worker lives, or none that runs commands.
const UNKNOWN: &str = "unknown";

/// A probe that waits longer has its answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// How the worker of this process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerHealth {
    /// Not yet claiming.
    Starting,
    /// Claiming and working.
    Working,
    /// The database does not answer it.
    Away,
    /// Told to stop: finishing, no longer claiming.
    Draining,
    /// No longer working.
    Stopped,
}

/// One thing the process needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is: `database`, `schema` or `worker`.
    pub name: &'static str,
    /// Whether it is as it must be.
    pub ready: bool,
    /// How it is, in words.
    pub state: String,
}

/// Looks at everything the process needs.
#[derive(Debug, Clone)]
pub struct Health {
    db: PgPool,
    schema: i64,
    worker: Option<watch::Receiver<WorkerHealth>>,
}

impl Health {
    /// `schema` is the newest migration this program knows; `worker` is given by the processes
    /// that have one.
    pub fn new(db: PgPool, schema: i64, worker: Option<watch::Receiver<WorkerHealth>>) -> Self {
        Self { db, schema, worker }
    }

    /// All parts, ready or not.
    pub async fn parts(&self) -> Vec<Part> {
        let mut parts = match tokio::time::timeout(PATIENCE, self.found_schema()).await {
            Ok(Ok(found)) => vec![database(Ok(())), schema(found, self.schema)],
            Ok(Err(cause)) => {
                // The caller is a stranger; what exactly is wrong is for the log.
                tracing::warn!(%cause, "the database did not answer a health check");
                vec![database(Err("does not answer"))]
            }
            Err(_) => vec![database(Err("no answer within 1 s"))],
        };
        parts.extend(self.worker.as_ref().map(|state| worker(*state.borrow())));
        parts
    }

    /// The weakest wall around what living workers run: `bubblewrap`, `landlock`, `none`, or `unknown` when nobody says.
    pub async fn sandbox(&self) -> &'static str {
        let walls = workers::walls(&self.db);
        let Ok(Ok(walls)) = tokio::time::timeout(PATIENCE, walls).await else {
            return UNKNOWN;
        };
        let weakest = ["none", "landlock", "bubblewrap"];
        let found = weakest
            .into_iter()
            .find(|wall| walls.iter().any(|known| known == wall));
        found.unwrap_or(UNKNOWN)
    }

    async fn found_schema(&self) -> Result<i64, sqlx::Error> {
        let mut db = self.db.acquire().await?;
        server::schema(&mut db).await
    }
}

fn database(answer: Result<(), &str>) -> Part {
    let state = answer.err().unwrap_or("answers").to_owned();
    Part {
        name: "database",
        ready: answer.is_ok(),
        state,
    }
}

/// A newer schema is fine: during a rolling deploy the old version still serves.
fn schema(found: i64, known: i64) -> Part {
    let state = match found {
        _ if found >= known => format!("migrated to {found}"),
        0 => "not migrated; run `codegraph migrate`".to_owned(),
        _ => format!("migrated to {found} of {known}; run `codegraph migrate`"),
    };
    Part {
        name: "schema",
        ready: found >= known,
        state,
    }
}

fn worker(health: WorkerHealth) -> Part {
    let (ready, state) = match health {
        WorkerHealth::Starting => (false, "starting"),
        WorkerHealth::Working => (true, "working"),
        WorkerHealth::Away => (false, "cannot reach the database"),
        WorkerHealth::Draining => (false, "draining"),
        WorkerHealth::Stopped => (false, "stopped"),
    };
    Part {
        name: "worker",
        ready,
        state: state.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_schema_is_not_ready_and_a_newer_one_is() {
        for (found, ready) in [(0, false), (4, false), (5, true), (6, true)] {
            assert_eq!(schema(found, 5).ready, ready, "{found}");
        }
    }

    #[test]
    fn only_a_working_worker_is_ready() {
        assert!(worker(WorkerHealth::Working).ready);
        for health in [
            WorkerHealth::Starting,
            WorkerHealth::Draining,
            WorkerHealth::Stopped,
        ] {
            assert!(!worker(health).ready, "{health:?}");
        }
    }
}
