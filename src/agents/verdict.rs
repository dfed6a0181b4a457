//! The reviewer's verdict, and the gate it has to pass: code, not prose. What the reviewer likes is not enough where
//! tests, the plan or the difference say otherwise.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::plan::object;
use crate::{
    evidence::{TestEvidence, Weakened},
    providers::git::Diff,
};

/// What the reviewer says, after the gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What follows.
    pub verdict: Word,
    /// From 0 to 1.
    #[serde(default)]
    pub confidence: f64,
    /// What was asked for, and whether it is there.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    /// What is wrong.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// What tests do not show.
    #[serde(default)]
    pub coverage_gap: Vec<String>,
    /// Files that the task did not ask to change.
    #[serde(default)]
    pub scope_creep: Vec<String>,
    /// Anything that endangers those who run this.
    #[serde(default)]
    pub security: Vec<String>,
    /// In a few sentences.
    #[serde(default)]
    pub summary: String,
    /// Why the gate did not let an approval through.
    #[serde(default)]
    pub downgraded: Vec<String>,
}

/// The verdict in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Good.
    Approve,
    /// Back to the coder.
    RequestChanges,
    /// The approach is wrong.
    Reject,
    /// A person must look.
    NeedsHuman,
}

/// Something that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// The plan's item.
    pub id: String,
    /// `met`, `unmet` or `unverifiable`.
    pub status: String,
    /// Where one sees it.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The same in every round: made from the file and how it fails.
    #[serde(default)]
    pub id: String,
    /// `critical`, `high`, `medium` or `low`.
    pub severity: String,
    /// A word for it.
    #[serde(default)]
    pub category: String,
    /// The file.
    pub file: String,
    /// The first line.
    pub start_line: u32,
    /// The last line.
    #[serde(default)]
    pub end_line: u32,
    /// One line.
    pub title: String,
    /// What goes wrong, and when.
    pub failure_mode: String,
    /// How it might be mended.
    #[serde(default)]
    pub fix_hint: String,
    /// Whether the change must not go out with it.
    #[serde(default)]
    pub blocking: bool,
}

/// Findings of one round.
const MOST: usize = 6;

impl Verdict {
    /// The verdict in a model's last word, or what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_value(object(text)?).map_err(|error| error.to_string())
    }

    /// What stands for a verdict that nobody could read: never an approval.
    pub(super) fn unreadable(why: &str) -> Self {
        let verdict = json!({"verdict": "request_changes", "summary": format!("the review could not be read: {why}")});
        match serde_json::from_value(verdict) {
            Ok(verdict) => verdict,
            Err(error) => unreachable!("{error}"),
        }
    }

    /// Lets through what tests, plan and difference bear out.
    pub(super) fn gate(mut self, facts: &Facts<'_>) -> Self {
        let changed = |file: &str| facts.diff.files.iter().any(|change| change.path == file);
        self.findings.retain(|finding| changed(&finding.file));
        self.findings.truncate(MOST);
        for finding in &mut self.findings {
            let hash = Sha256::digest(format!("{}\0{}", finding.file, finding.failure_mode));
            finding.id = format!("{hash:x}")[..12].to_owned();
            finding.end_line = finding.end_line.max(finding.start_line);
        }
        let mut reasons = Vec::new();
        for one in facts.evidence {
            let many = one.newly_failing.len();
            if many > 0 {
                reasons.push(format!("{many} tests fail that did not fail before"));
            }
        }
        for test in facts.promised {
            let fails = |one: &TestEvidence| {
                one.still_failing
                    .iter()
                    .any(|id| id.contains(test.as_str()))
            };
            if facts.evidence.iter().any(fails) {
                reasons.push(format!("{test} was to be mended and still fails"));
            }
        }
        for weak in facts.weakened {
            reasons.push(format!("{}:{}: {}", weak.path, weak.line, weak.why));
        }
        for criterion in self.criteria.iter().filter(|c| c.status == "unmet") {
            reasons.push(format!("criterion {} is unmet", criterion.id));
        }
        for finding in self.findings.iter().filter(|f| f.blocking) {
            reasons.push(format!("{}: {}", finding.file, finding.title));
        }
        if facts.diff.files.is_empty() {
            reasons.push("nothing was changed".to_owned());
        }
        if self.verdict == Word::Approve && !reasons.is_empty() {
            self.verdict = Word::RequestChanges;
            self.downgraded = reasons;
        }
        self
    }
}

/// What is known without asking anybody.
#[derive(Debug)]
pub(super) struct Facts<'f> {
    pub(super) evidence: &'f [TestEvidence],
    pub(super) weakened: &'f [Weakened],
    pub(super) diff: &'f Diff,
    /// Tests that the plan names.
    pub(super) promised: &'f [String],
}
