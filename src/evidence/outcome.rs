//! What one run of a suite said.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::text;

/// Everything one run said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The tests, in the order in which they were told.
    pub cases: Vec<Case>,
    /// How many there are of each kind.
    pub counts: Counts,
    /// Whether the run came to its end and was understood: false when it did not build, crashed, was killed, or when
    /// its exit code and its words disagree.
    pub complete: bool,
    /// What went wrong besides tests that fail, such as the head of a compile error.
    pub note: Option<String>,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The same in every run of the same tests, and unique in its run.
    pub id: String,
    /// The file it stands in, when the framework says so.
    pub file: Option<String>,
    /// How it went.
    pub status: Status,
    /// How long it took.
    pub duration_ms: Option<u64>,
    /// The first lines of what it said, at most a thousand characters.
    pub message: Option<String>,
    /// Whether the framework itself tried it again and saw both.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flaky: bool,
}

/// How a test went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It held.
    Passed,
    /// It did not.
    Failed,
    /// It was not run, or is known to fail and says so.
    Skipped,
    /// It could not be run: its set-up, its file or its process broke.
    Errored,
}

impl Status {
    /// Whether it counts against the tree.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Errored)
    }

    /// Of two results of one test, the one that must not be lost.
    pub(super) fn worse(self, other: Self) -> Self {
        let rank = |status| match status {
            Self::Errored => 3,
            Self::Failed => 2,
            Self::Passed => 1,
            Self::Skipped => 0,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

/// How many tests went how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Tests that held.
    pub passed: u32,
    /// Tests that did not.
    pub failed: u32,
    /// Tests that were not run.
    pub skipped: u32,
    /// Tests that could not be run.
    pub errored: u32,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u32 {
        let bad = self.failed.saturating_add(self.errored);
        self.passed.saturating_add(self.skipped).saturating_add(bad)
    }

    /// Those that count against the tree.
    pub fn bad(&self) -> u32 {
        self.failed.saturating_add(self.errored)
    }

    pub(super) fn of(cases: &[Case]) -> Self {
        let mut counts = Self::default();
        for case in cases {
            *counts.field(case.status) += 1;
        }
        counts
    }

    fn field(&mut self, status: Status) -> &mut u32 {
        match status {
            Status::Passed => &mut self.passed,
            Status::Failed => &mut self.failed,
            Status::Skipped => &mut self.skipped,
            Status::Errored => &mut self.errored,
        }
    }

    /// The larger of both in each kind: a framework's own sums know of tests whose names it did not tell.
    pub(super) fn at_least(self, other: Self) -> Self {
        Self {
            passed: self.passed.max(other.passed),
            failed: self.failed.max(other.failed),
            skipped: self.skipped.max(other.skipped),
            errored: self.errored.max(other.errored),
        }
    }
}

impl Case {
    pub(super) fn new(id: impl Into<String>, status: Status) -> Self {
        Self {
            id: id.into(),
            file: None,
            status,
            duration_ms: None,
            message: None,
            flaky: false,
        }
    }

    pub(super) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into()).filter(|file: &String| !file.is_empty());
        self
    }

    pub(super) fn took_ms(mut self, ms: Option<f64>) -> Self {
        self.duration_ms = ms.and_then(text::millis);
        self
    }

    pub(super) fn saying(mut self, message: &str) -> Self {
        self.message = text::head(message);
        self
    }
}

impl Outcome {
    /// Cleans what strangers wrote, makes ids unique and counts.
    pub(super) fn of(cases: Vec<Case>) -> Self {
        let mut seen: HashMap<String, u32> = HashMap::new();
        let mut kept = Vec::with_capacity(cases.len().min(CASES));
        for mut case in cases.into_iter().take(CASES) {
            case.id = text::name(&case.id);
            case.file = case.file.map(|file| text::name(&file));
            // Two tests may bear one name (two files, two crates); frameworks tell them in a fixed order.
            let nth = seen.entry(case.id.clone()).or_default();
            *nth += 1;
            if *nth > 1 {
                case.id = format!("{} #{nth}", case.id);
            }
            kept.push(case);
        }
        Self {
            counts: Counts::of(&kept),
            complete: true,
            cases: kept,
            note: None,
        }
    }

    /// A run that says nothing about any test.
    pub(super) fn unfinished(note: &str) -> Self {
        Self::default().incomplete(note)
    }

    pub(super) fn incomplete(mut self, note: &str) -> Self {
        self.complete = false;
        self.note = text::head(note).or(self.note);
        self
    }

    /// The case of this id.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    /// Ids of all tests that count against the tree.
    pub fn failing(&self) -> Vec<String> {
        let bad = self.cases.iter().filter(|case| case.status.is_bad());
        bad.map(|case| case.id.clone()).collect()
    }

    /// Forgets where the suite's folder stood while the tests ran: some frameworks name files by their absolute path, and the
    /// same tests must have the same ids wherever the two trees are compared.
    #[must_use]
    pub fn relative_to(mut self, root: &str) -> Self {
        let root = format!("{}/", root.trim_end_matches('/'));
        if root == "/" {
            return self;
        }
        for case in &mut self.cases {
            let texts = [
                Some(&mut case.id),
                case.file.as_mut(),
                case.message.as_mut(),
            ];
            for text in texts.into_iter().flatten() {
                if text.contains(&root) {
                    *text = text.replace(&root, "");
                }
            }
        }
        self.note = self.note.map(|note| note.replace(&root, ""));
        self
    }
}

/// More tests than any suite has; what lies beyond is counted nowhere, so it must be beyond reason.
const CASES: usize = 200_000;
