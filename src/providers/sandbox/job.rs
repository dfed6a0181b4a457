//! A command, what it may touch, and how it ended.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::super::gate::Gate;

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A line for a shell: bash where there is one, else sh.
    Shell(String),
    /// A program and its arguments.
    Argv(Vec<String>),
}

/// A command and everything it may touch. What is not listed here and is not of the system is not there.
#[derive(Debug, Clone)]
pub struct Job {
    /// What is run.
    pub command: Command,
    /// The folder it works in and may write to; its `.git` may only be read.
    pub workspace: PathBuf,
    /// Variables on top of a clean minimal environment.
    pub env: BTreeMap<String, String>,
    /// What it may reach.
    pub network: Network,
    /// What it may use up.
    pub limits: Limits,
    /// More paths it may read, such as toolchains and the objects a repository borrows.
    pub readable: Vec<PathBuf>,
    /// More paths it may write to, such as caches of builds.
    pub writable: Vec<PathBuf>,
    /// Paths it must not see, wherever they lie.
    pub hidden: Vec<PathBuf>,
    /// What it reads from its standard input; nothing when empty.
    pub input: Vec<u8>,
    /// Whether what it writes to its standard output is told apart from the rest as well.
    pub apart: bool,
}

impl Job {
    /// A job with the usual limits, no network and nothing but its workspace.
    pub fn new(command: Command, workspace: impl Into<PathBuf>) -> Self {
        Self {
            command,
            workspace: workspace.into(),
            env: BTreeMap::new(),
            network: Network::None,
            limits: Limits::default(),
            readable: Vec::new(),
            writable: Vec::new(),
            hidden: Vec::new(),
            input: Vec::new(),
            apart: false,
        }
    }
}

/// What a job may reach over the network.
#[derive(Debug, Clone, Default)]
pub enum Network {
    /// Nobody.
    #[default]
    None,
    /// Hosts on a list, by way of a proxy.
    Hosts(Gate),
    /// Whatever the machine reaches, itself and the network it stands in among it; only ever an operator's choice.
    Machine,
}

impl Network {
    /// Whether there is anybody to be reached.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match self {
            Self::None => false,
            Self::Hosts(gate) => gate.leads_anywhere(),
            Self::Machine => true,
        }
    }
}

/// What a job may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time on the clock.
    pub wall: Duration,
    /// Seconds of computing of each process.
    pub cpu_s: u64,
    /// Memory of each process, and of all of them together with what lies in file systems in memory.
    pub memory_bytes: u64,
    /// Processes and threads at the same time.
    pub processes: u64,
    /// The length of a file.
    pub file_bytes: u64,
    /// What is written to disk altogether.
    pub disk_bytes: u64,
    /// Files that are made.
    pub files: u64,
    /// How much of the output is kept.
    pub output_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(120),
            cpu_s: 900,
            memory_bytes: 4 << 30,
            processes: 512,
            file_bytes: 1 << 30,
            disk_bytes: 8 << 30,
            files: 1_000_000,
            output_bytes: 1 << 20,
        }
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal; 9 also when it went beyond a limit and was stopped. A shell tells so of the command it ran.
    Signal(i32),
    /// Its time was over.
    TimedOut,
}

impl Exit {
    /// From the code of a process that was waited for on our behalf: signals are told as 128 and more, as shells do.
    pub(super) fn from_code(code: i32) -> Self {
        match code {
            129..=159 => Self::Signal(code - 128),
            code => Self::Code(code),
        }
    }
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub exit: Exit,
    /// Both streams in the order they were written; of too much, the first 60 % and the last 40 %.
    pub output: Vec<u8>,
    /// What was written to standard output, where that was to be told apart.
    pub said: Vec<u8>,
    /// How much was written.
    pub output_bytes: u64,
    /// How long it took.
    pub duration: Duration,
    /// How often it wanted to reach somebody who is not on its list; which, stands below the output.
    pub refused: u64,
}
