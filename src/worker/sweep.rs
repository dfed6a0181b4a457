//! What ended runs leave on this machine's disk: their working trees, and the names of what they recorded. It is looked
//! through when a worker starts and once a day. What is in the database stays: from it anything of this can be made anew.

use std::{path::Path, time::Duration};

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use workflows::RunId;

use crate::{agents::Environment, providers::git::Store, services::retention};

/// Between two looks.
const DAY: Duration = Duration::from_hours(24);

/// Looks now and every day, until told to stop.
pub(super) async fn daily(db: PgPool, env: Environment, days: u32, stop: CancellationToken) {
    loop {
        let swept = stop.run_until_cancelled(sweep(&db, &env.home, &env.store, days));
        match swept.await {
            None => return,
            Some(Ok(0)) => {}
            Some(Ok(runs)) => {
                tracing::info!(
                    runs,
                    days,
                    "removed from the disk what ended runs had left there"
                );
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "what ended runs have left could not be removed");
            }
        }
        if stop
            .run_until_cancelled(tokio::time::sleep(DAY))
            .await
            .is_none()
        {
            return;
        }
    }
}

/// Removes what runs that ended more than so many days ago have left, unless one that lives or is as young needs it;
/// says of how many.
pub async fn sweep(
    db: &PgPool,
    home: &Path,
    store: &Store,
    days: u32,
) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let folder = home.join("workspaces");
    let mut left = Vec::new();
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(run) = run_of(&name) {
            left.push((run, entry.path()));
        }
    }
    let mirrors = store.all()?;
    let mut named = Vec::new();
    for mirror in &mirrors {
        let runs = mirror.recorded().await?;
        named.extend(
            runs.iter()
                .filter_map(|name| run_of(name))
                .map(|run| (run, mirror)),
        );
    }
    let mut runs: Vec<RunId> = left.iter().map(|(run, _)| *run).collect();
    runs.extend(named.iter().map(|(run, _)| *run));
    runs.sort_unstable();
    runs.dedup();
    let over = retention::over_on_disk(db, &runs, days).await?;
    for (run, path) in left.iter().filter(|(run, _)| over.contains(run)) {
        let held = store.hold_workspace(path).await?;
        // Once more, now that nobody can begin with it: a person may have taken the run up again meanwhile.
        if !retention::over_on_disk(db, &[*run], days).await?.is_empty() {
            held.remove()?;
        }
    }
    for (run, mirror) in named.iter().filter(|(run, _)| over.contains(run)) {
        mirror.forget(&run.to_string()).await?;
    }
    Ok(over.len())
}

/// The run whose folder or name this is.
fn run_of(name: &str) -> Option<RunId> {
    // What is half made or half gone says so last; before that stands what a tree beside the run's own is for.
    let ends = [".new", ".gone", "-base", "-head"];
    ends.iter()
        .fold(name, |name, end| name.strip_suffix(end).unwrap_or(name))
        .parse()
        .ok()
}
