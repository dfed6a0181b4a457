//! A suite: one command that runs tests, and where its results are to be read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The tests of one package: what to run, where, and what its results look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suite {
    /// Whose output it is.
    pub framework: Framework,
    /// Where to run it, relative to the root of the repository; empty for the root itself.
    pub dir: String,
    /// What must run before, once, in the same place; empty when nothing must.
    pub setup: Vec<String>,
    /// The command, as arguments; no shell reads them.
    pub command: Vec<String>,
    /// Where the results are.
    pub report: Report,
    /// Which file says so, for people.
    pub because: String,
}

/// Where a suite leaves its results. A path is relative to the suite's folder; whoever runs the suite deletes what
/// stands there first, so that an older run is never read as this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", content = "path", rename_all = "snake_case")]
pub enum Report {
    /// In what it prints: standard output and standard error in one, in order.
    Stdout,
    /// In one or more JUnit files; the path may be a glob. Several files are given to the parser one after the other.
    #[serde(rename = "junit")]
    JUnit(String),
    /// In a JSON file.
    Json(String),
}

/// A test framework whose output is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framework {
    /// `cargo test`.
    CargoTest,
    /// `cargo nextest run`.
    CargoNextest,
    /// `pytest`.
    Pytest,
    /// Python's own `unittest`.
    Unittest,
    /// Jest.
    Jest,
    /// Vitest.
    Vitest,
    /// Node's own `node --test`.
    NodeTest,
    /// Mocha.
    Mocha,
    /// `go test`.
    GoTest,
    /// Anything else: a JUnit file when it leaves one, otherwise only the exit code speaks.
    Other,
}

impl Framework {
    /// Its name in stored data, which never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CargoTest => "cargo_test",
            Self::CargoNextest => "cargo_nextest",
            Self::Pytest => "pytest",
            Self::Unittest => "unittest",
            Self::Jest => "jest",
            Self::Vitest => "vitest",
            Self::NodeTest => "node_test",
            Self::Mocha => "mocha",
            Self::GoTest => "go_test",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Owned words, for commands.
pub(super) fn argv(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
