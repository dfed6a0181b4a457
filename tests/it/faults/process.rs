//! Worker processes: the program as it ships, and what may befall it.

use std::{
    fs::{File, OpenOptions},
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

/// How a worker is started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Steps at once in each lane.
    pub(super) places: usize,
    /// Its lease in seconds.
    pub(super) lease: u64,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            places: 16,
            lease: 10,
        }
    }
}

/// What is different about a worker.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    /// Where it reaches the server.
    pub(super) url: Option<String>,
    /// What else stands in its environment.
    pub(super) env: Vec<(&'static str, String)>,
}

/// One `codegraph work`. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
}

impl Process {
    /// Starts a worker on this database; what it says goes to a file in `folder`.
    pub(super) fn start(url: &str, folder: &Path, manner: Manner, way: &Way) -> Self {
        let log: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("workers.log"))
            .expect("the folder is ours");
        let errors = log.try_clone().expect("one more handle");
        let child = Command::new(env!("CARGO_BIN_EXE_codegraph"))
            .arg("work")
            .env("CODEGRAPH_HOME", folder)
            .env("CODEGRAPH_DATABASE_URL", way.url.as_deref().unwrap_or(url))
            .env("CODEGRAPH_LANES", "all")
            .env("CODEGRAPH_CONCURRENCY", manner.places.to_string())
            .env("CODEGRAPH_LEASE", manner.lease.to_string())
            .env("CODEGRAPH_LOG", "info")
            // In the end no job may be left over, and tomorrow's is one.
            .env("CODEGRAPH_RETENTION_DAYS", "0")
            .envs(way.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .expect("the program starts");
        Self { child }
    }

    pub(super) fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("process ids are small")
    }

    /// Whether it is still there; one that ended by itself is a failure of the test.
    pub(super) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// SIGKILL. It is gone when this returns.
    pub(super) fn kill(mut self) {
        self.send(Signal::KILL);
        self.child.wait().expect("it is ours to wait for");
    }

    /// SIGTERM: it hands back what it holds and ends.
    pub(super) fn stop(mut self) {
        self.send(Signal::TERM);
        let status = self.child.wait().expect("it is ours to wait for");
        assert!(
            status.success(),
            "a worker told to stop ends well: {status}"
        );
    }

    /// SIGSTOP: it stands still, its connections stay.
    pub(super) fn freeze(&self) {
        self.send(Signal::STOP);
    }

    /// SIGCONT.
    pub(super) fn thaw(&self) {
        self.send(Signal::CONT);
    }

    fn send(&self, signal: Signal) {
        let pid = Pid::from_raw(self.pid()).expect("a process id");
        kill_process(pid, signal).expect("it is our child");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only for one that is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
