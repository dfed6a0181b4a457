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

/// How bad a finding can be, the worst first.
pub(super) const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];

impl Finding {
    /// Whether it is about the difference: a changed file, and lines that its text shows.
    pub(super) fn check(&self, diff: &Diff) -> Result<(), String> {
        if !SEVERITIES.contains(&self.severity.as_str()) {
            return Err(format!("a severity is one of {}", SEVERITIES.join(", ")));
        }
        if !diff.files.iter().any(|change| change.path == self.file) {
            return Err(format!("{} is not in the difference", self.file));
        }
        let shown = hunks(&diff.text, &self.file);
        let end = self.end_line.max(self.start_line);
        let lies = |(from, to): &(u32, u32)| self.start_line <= *to && end >= *from;
        // Of a file that is gone, or beyond the end of a text that was cut, no line is shown.
        if shown.is_empty() || shown.iter().any(lies) {
            return Ok(());
        }
        let shown: Vec<String> = shown
            .iter()
            .map(|(from, to)| format!("{from}–{to}"))
            .collect();
        Err(format!(
            "lines {} to {end} of {} are not in the difference, which shows {}",
            self.start_line,
            self.file,
            shown.join(", ")
        ))
    }
}

/// The lines of a file, as it is now, that a difference shows.
fn hunks(diff: &str, file: &str) -> Vec<(u32, u32)> {
    let mut here = false;
    let mut found = Vec::new();
    for line in diff.lines() {
        if let Some(name) = line.strip_prefix("+++ ") {
            here = name.strip_prefix("b/").unwrap_or(name) == file;
        } else if let Some(rest) = line.strip_prefix("@@ -").filter(|_| here) {
            let now = rest
                .split_once('+')
                .and_then(|(_, now)| now.split(' ').next());
            let (from, many) = now
                .and_then(|now| now.split_once(','))
                .unwrap_or((now.unwrap_or_default(), "1"));
            if let (Ok(from), Ok(many)) = (from.parse::<u32>(), many.parse::<u32>()) {
                found.push((from, from + many.saturating_sub(1)));
            }
        }
    }
    found
}

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
        self.findings
            .retain(|finding| finding.check(facts.diff).is_ok());
        let badness = |finding: &Finding| SEVERITIES.iter().position(|s| *s == finding.severity);
        self.findings.sort_by_key(badness);
        for finding in &mut self.findings {
            let hash = Sha256::digest(format!("{}\0{}", finding.file, finding.failure_mode));
            finding.id = format!("{hash:x}")[..12].to_owned();
            finding.end_line = finding.end_line.max(finding.start_line);
        }
        // What was said with the tool and in the end is one finding.
        let mut seen = std::collections::BTreeSet::new();
        self.findings
            .retain(|finding| seen.insert(finding.id.clone()));
        self.findings.truncate(MOST);
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
