//! What changed between two trees, test by test.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::outcome::{Case, Outcome, Status};

/// The difference between a run on the base tree and one on the head tree. Every list is sorted as the head (or, for
/// what is gone, the base) told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Fails on the head, and did not on the base: it held there, was skipped, or did not exist.
    pub newly_failing: Vec<String>,
    /// Failed on the base and holds on the head.
    pub fixed: Vec<String>,
    /// Fails on both.
    pub still_failing: Vec<String>,
    /// Failed on the head and held when it was run again.
    pub flaky: Vec<String>,
    /// Holds on the head and was not there on the base.
    pub new_passing: Vec<String>,
    /// Held on the base and is not there on the head; empty when the head's run did not come to its end.
    pub vanished: Vec<String>,
    /// Held on the base and is skipped on the head.
    pub newly_skipped: Vec<String>,
    /// The sum of it.
    pub verdict: Verdict,
}

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "reason", rename_all = "snake_case")]
pub enum Verdict {
    /// The tests ran to their end and none fails that did not fail before. Tests may still be failing, vanished or
    /// flaky: the lists say so.
    Green,
    /// At least one test newly fails.
    Failing,
    /// Nothing can be claimed, and why.
    NotRun(String),
}

/// Compares two runs; `reruns` are later runs of tests that failed on the head, on the same tree.
pub fn compare(base: &Outcome, head: &Outcome, reruns: &[Outcome]) -> Comparison {
    let before = by_id(base);
    let after = by_id(head);
    let held_again: HashSet<&str> = reruns.iter().flat_map(passing).collect();
    let mut lists = Comparison {
        newly_failing: vec![],
        fixed: vec![],
        still_failing: vec![],
        flaky: vec![],
        new_passing: vec![],
        vanished: vec![],
        newly_skipped: vec![],
        verdict: Verdict::Green,
    };
    for case in &head.cases {
        let was = before.get(case.id.as_str()).map(|case| case.status);
        if let Some(list) = lists.place(case, was, held_again.contains(case.id.as_str())) {
            list.push(case.id.clone());
        }
    }
    if head.complete {
        let gone = passing(base).filter(|id| !after.contains_key(id));
        lists.vanished = gone.map(str::to_owned).collect();
    }
    lists.verdict = verdict(head, &lists);
    lists
}

impl Comparison {
    /// The list a test of the head belongs to.
    fn place(
        &mut self,
        case: &Case,
        was: Option<Status>,
        held_again: bool,
    ) -> Option<&mut Vec<String>> {
        Some(match (case.status, was) {
            (status, _) if status.is_bad() && held_again => &mut self.flaky,
            (status, Some(was)) if status.is_bad() && was.is_bad() => &mut self.still_failing,
            (status, _) if status.is_bad() => &mut self.newly_failing,
            (Status::Passed, _) if case.flaky => &mut self.flaky,
            (Status::Passed, None) => &mut self.new_passing,
            (Status::Passed, Some(was)) if was.is_bad() => &mut self.fixed,
            (Status::Skipped, Some(Status::Passed)) => &mut self.newly_skipped,
            _ => return None,
        })
    }
}

fn by_id(outcome: &Outcome) -> HashMap<&str, &Case> {
    outcome
        .cases
        .iter()
        .map(|case| (case.id.as_str(), case))
        .collect()
}

fn passing(outcome: &Outcome) -> impl Iterator<Item = &str> {
    let held = outcome
        .cases
        .iter()
        .filter(|case| case.status == Status::Passed);
    held.map(|case| case.id.as_str())
}

fn verdict(head: &Outcome, lists: &Comparison) -> Verdict {
    if !lists.newly_failing.is_empty() {
        return Verdict::Failing;
    }
    // Failures that were counted but not named cannot be told from old ones.
    let named = lists.still_failing.len() + lists.flaky.len();
    if head.complete && head.counts.bad() as usize > named {
        return Verdict::Failing;
    }
    if !head.complete {
        let why = head
            .note
            .clone()
            .unwrap_or_else(|| "the run did not come to its end".to_owned());
        return Verdict::NotRun(why);
    }
    if head.counts.passed + head.counts.bad() == 0 {
        return Verdict::NotRun("no test was run".to_owned());
    }
    Verdict::Green
}
