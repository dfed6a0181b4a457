//! The reviewer's verdict, as it must be written. What it has to pass is in [`gate`](super::gate).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::plan::object;
use crate::providers::git::Diff;

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
    /// The first line; 0 when no place in the difference is known.
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

/// How bad a finding can be, the worst first.
pub(super) const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// How bad a blocker is whose own word for it means nothing.
const UNKNOWN: &str = SEVERITIES[1];

impl Finding {
    /// Whether it is about the difference: a changed file, and lines that its text shows.
    pub(super) fn check(&self, diff: &Diff) -> Result<(), String> {
        if !self.is_graded() {
            return Err(format!("a severity is one of {}", SEVERITIES.join(", ")));
        }
        self.lies_in(diff)
    }

    /// The finding as the gate counts it. What does not fit the difference is dropped, unless it blocks: that somebody named
    /// the wrong line is no reason to let the change through, so it stays, without a place.
    pub(super) fn kept(mut self, diff: &Diff) -> Option<Self> {
        let placed = self.lies_in(diff).is_ok();
        if placed && self.is_graded() {
            return Some(self);
        }
        if !self.blocking {
            return None;
        }
        if !placed {
            (self.start_line, self.end_line) = (0, 0);
        }
        if !self.is_graded() {
            UNKNOWN.clone_into(&mut self.severity);
        }
        Some(self)
    }

    /// Where it is, for people.
    pub(super) fn place(&self) -> String {
        match self.start_line {
            0 => self.file.clone(),
            line => format!("{}:{line}", self.file),
        }
    }

    fn is_graded(&self) -> bool {
        SEVERITIES.contains(&self.severity.as_str())
    }

    fn lies_in(&self, diff: &Diff) -> Result<(), String> {
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

/// The lines of a file, as it is now, that a difference shows. What stands inside of a hunk is counted, not read: a line
/// that was added may look like anything.
fn hunks(diff: &str, file: &str) -> Vec<(u32, u32)> {
    let mut here = false;
    let mut found = Vec::new();
    let (mut old_left, mut new_left) = (0_u32, 0_u32);
    for line in diff.lines() {
        if old_left > 0 || new_left > 0 {
            let (old, new) = match line.as_bytes().first() {
                Some(b'-') => (1, 0),
                Some(b'+') => (0, 1),
                // That the last line has no end.
                Some(b'\\') => (0, 0),
                _ => (1, 1),
            };
            old_left = old_left.saturating_sub(old);
            new_left = new_left.saturating_sub(new);
        } else if let Some(name) = line.strip_prefix("+++ ") {
            let name = name.trim_end_matches('\t');
            here = name.strip_prefix("b/").unwrap_or(name) == file;
        } else if let Some((old, (from, many))) = line.strip_prefix("@@ -").and_then(ranges) {
            (old_left, new_left) = (old, many);
            if here {
                found.push((from, from + many.saturating_sub(1)));
            }
        }
    }
    found
}

/// Of `12,3 +14,5 @@ …`: how many old lines, and where and how many the new ones are.
fn ranges(header: &str) -> Option<(u32, (u32, u32))> {
    let (old, rest) = header.split_once(" +")?;
    let range = |text: &str| {
        let (from, many) = text.split_once(',').unwrap_or((text, "1"));
        Some((from.parse().ok()?, many.parse().ok()?))
    };
    let (_, old): (u32, u32) = range(old)?;
    Some((old, range(rest.split(' ').next()?)?))
}

impl Verdict {
    /// The verdict in a model's last word, or what is wrong with it. The first editions took any confidence.
    pub(super) fn parse(text: &str, edition: u16) -> Result<Self, String> {
        let verdict: Self =
            serde_json::from_value(object(text)?).map_err(|error| error.to_string())?;
        if edition > 1 && !(0.0..=1.0).contains(&verdict.confidence) {
            return Err("`confidence` is a number from 0 to 1".to_owned());
        }
        Ok(verdict)
    }

    /// What stands for a verdict that nobody could read: never an approval.
    pub(super) fn unreadable(why: &str) -> Self {
        let verdict = json!({"verdict": "request_changes", "summary": format!("the review could not be read: {why}")});
        match serde_json::from_value(verdict) {
            Ok(verdict) => verdict,
            Err(error) => unreachable!("{error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, hunks};

    #[test]
    fn confidence_is_a_share() {
        let said = |confidence: &str| {
            let text = format!("{{\"verdict\": \"approve\", \"confidence\": {confidence}}}");
            assert!(Verdict::parse(&text, 1).is_ok(), "as it was");
            Verdict::parse(&text, 2)
        };
        for fits in ["0", "0.5", "1"] {
            assert!(said(fits).is_ok(), "{fits}");
        }
        for wrong in ["-0.1", "1.01", "95"] {
            let why = said(wrong).unwrap_err();
            assert!(why.contains("from 0 to 1"), "{wrong}: {why}");
        }
        assert!(Verdict::parse("{\"verdict\": \"approve\"}", 2).is_ok());
    }

    #[test]
    fn a_line_that_looks_like_a_header_is_a_line() {
        let diff = "--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,4 @@\n one\n--- gone\n+++ b/other.sql\n+@@ -1 +900 @@\n+two\n\
                    @@ -10 +12,2 @@ fn\n-a\n\\ No newline at end of file\n+b\n+c\n--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+y\n";
        assert_eq!(hunks(diff, "x.sql"), [(1, 4), (12, 13)]);
        assert_eq!(hunks(diff, "y"), [(1, 1)]);
        assert!(hunks(diff, "other.sql").is_empty());
    }
}
