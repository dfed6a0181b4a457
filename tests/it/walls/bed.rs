//! A workspace and the walls that stand.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::left_out;
use codegraph::config::Wall;
use codegraph::providers::sandbox::{Command, Exit, Job, Ran, Sandbox};

/// A folder with a workspace and a secret beside it.
pub(super) struct Bed {
    _home: tempfile::TempDir,
    pub(super) outside: PathBuf,
    pub(super) workspace: PathBuf,
}

impl Bed {
    pub(super) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(home.path()).unwrap();
        let (outside, workspace) = (root.join("outside"), root.join("workspace"));
        fs::create_dir_all(workspace.join(".git/hooks")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(workspace.join(".git/config"), "[core]\n").unwrap();
        fs::write(workspace.join("kept.txt"), "kept").unwrap();
        fs::write(outside.join("secret"), "hush").unwrap();
        Self {
            _home: home,
            outside,
            workspace,
        }
    }

    pub(super) fn job(&self, line: &str) -> Job {
        let line = line.replace("OUTSIDE", self.outside.to_str().unwrap());
        let mut job = Job::new(Command::Shell(line), &self.workspace);
        job.limits.wall = Duration::from_secs(20);
        job
    }

    /// Runs a line; what it printed, and how it ended.
    pub(super) async fn run(&self, sandbox: &Sandbox, line: &str) -> (Exit, String) {
        said(sandbox.run(&self.job(line)).await.unwrap())
    }

    pub(super) fn outside(&self, name: &str) -> PathBuf {
        self.outside.join(name)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it reads as the end of a run"
)]
pub(super) fn said(ran: Ran) -> (Exit, String) {
    (ran.exit, String::from_utf8_lossy(&ran.output).into_owned())
}

/// The walls that stand here; what does not is said on the way.
pub(super) async fn walls() -> Vec<Sandbox> {
    let mut standing = Vec::new();
    for wall in [Wall::Bubblewrap, Wall::Landlock] {
        match Sandbox::new(wall).await {
            Ok(sandbox) => standing.push(sandbox),
            Err(error) => left_out(format_args!("{wall:?}: {error}")),
        }
    }
    standing
}

/// Waits until something is so; `false` when it never was.
pub(super) async fn soon(within: Duration, mut so: impl FnMut() -> bool) -> bool {
    let deadline = tokio::time::Instant::now() + within;
    while tokio::time::Instant::now() < deadline {
        if so() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    so()
}

/// Processes of this machine with a word in their command line.
pub(crate) fn processes(word: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| {
        let line = fs::read(Path::new("/proc").join(id.to_string()).join("cmdline"));
        let line = line.unwrap_or_default();
        // Our own command line may name the test.
        *id != std::process::id() && String::from_utf8_lossy(&line).contains(word)
    })
    .collect()
}
