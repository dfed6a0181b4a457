//! The gate that a verdict has to pass: code, not prose. What the reviewer likes is not enough where tests, the plan or
//! the difference say otherwise.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::verdict::{Finding, SEVERITIES, Verdict, Word};
use crate::{
    evidence::{TestEvidence, Weakened, Weakening, leaf},
    providers::git::Diff,
};

/// Findings of one round.
const MOST: usize = 6;
/// Names of tests in one reason.
const NAMED: usize = 5;

/// What is known without asking anybody.
#[derive(Debug)]
pub(super) struct Facts<'f> {
    pub(super) evidence: &'f [TestEvidence],
    /// Why the tests came to no end.
    pub(super) untested: Option<&'f str>,
    pub(super) weakened: &'f [Weakened],
    pub(super) diff: &'f Diff,
    pub(super) planned: &'f Planned,
}

/// What the plan says that can be compared with what was done.
#[derive(Debug, Default)]
pub(super) struct Planned {
    /// Its items, by id.
    items: Vec<String>,
    /// Tests that it names.
    tests: Vec<String>,
}

impl Planned {
    pub(super) fn of(plan: Option<&Value>) -> Self {
        let items = plan.and_then(|plan| plan["items"].as_array());
        let items = items.map(Vec::as_slice).unwrap_or_default();
        let id = |item: &Value| match &item["id"] {
            Value::Null => None,
            Value::String(id) => Some(id.clone()),
            // A person may have written the plan.
            other => Some(other.to_string()),
        };
        let tests = items.iter().filter_map(|item| item["tests"].as_array());
        let tests = tests.flatten().filter_map(Value::as_str).map(str::trim);
        Self {
            items: items.iter().filter_map(id).collect(),
            tests: tests
                .filter(|test| !test.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Whether an item names this test, or the file that it stands in.
    fn names(&self, path: Option<&str>, test: Option<&str>) -> bool {
        self.tests.iter().any(|named| {
            let of_file = path.is_some_and(|path| named == path);
            let of_test = test.is_some_and(|test| leaf(named) == leaf(test));
            let (file, _) = named.split_once("::").unwrap_or((named, ""));
            // A name that says in which file the test stands is about no other.
            let elsewhere = path.is_some_and(|path| file.contains('/') && file != path);
            of_file || (of_test && !elsewhere)
        })
    }
}

impl Verdict {
    /// Lets through what tests, plan and difference bear out.
    pub(super) fn gate(mut self, facts: &Facts<'_>) -> Self {
        self.findings = std::mem::take(&mut self.findings)
            .into_iter()
            .filter_map(|finding| finding.kept(facts.diff))
            .collect();
        let badness = |finding: &Finding| SEVERITIES.iter().position(|s| *s == finding.severity);
        // Whatever else has to give way, what blocks stays.
        self.findings
            .sort_by_key(|finding| (!finding.blocking, badness(finding)));
        for finding in &mut self.findings {
            let hash = Sha256::digest(format!("{}\0{}", finding.file, finding.failure_mode));
            finding.id = format!("{hash:x}")[..12].to_owned();
            finding.end_line = finding.end_line.max(finding.start_line);
        }
        // What was said with the tool and in the end is one finding.
        let mut seen = BTreeSet::new();
        self.findings
            .retain(|finding| seen.insert(finding.id.clone()));
        self.findings.truncate(MOST);
        let mut reasons = tests(facts);
        reasons.extend(weakened(facts));
        reasons.extend(self.criteria(facts.planned));
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

    /// Whether something is said about all that was asked for, and none of it is missing.
    fn criteria(&self, planned: &Planned) -> Vec<String> {
        let mut reasons = Vec::new();
        for item in &planned.items {
            if !self.criteria.iter().any(|criterion| criterion.id == *item) {
                reasons.push(format!("nothing is said about item {item} of the plan"));
            }
        }
        if planned.items.is_empty() && self.criteria.is_empty() {
            reasons.push("nothing is said about what was asked for".to_owned());
        }
        for criterion in &self.criteria {
            match criterion.status.as_str() {
                "met" | "unverifiable" => {}
                "unmet" => reasons.push(format!("criterion {} is unmet", criterion.id)),
                other => reasons.push(format!("criterion {} is `{other}`", criterion.id)),
            }
        }
        reasons
    }
}

/// What the tests say against the change.
fn tests(facts: &Facts<'_>) -> Vec<String> {
    let mut reasons: Vec<String> = facts
        .evidence
        .iter()
        .flat_map(TestEvidence::against)
        .collect();
    if let Some(why) = facts.untested {
        reasons.push(format!("the tests came to no end: {why}"));
    }
    for test in &facts.planned.tests {
        let fails = |one: &TestEvidence| one.still_failing.iter().any(|id| id.contains(test));
        if facts.evidence.iter().any(fails) {
            reasons.push(format!("{test} was to be mended and still fails"));
        }
    }
    let planned = |id: &str| facts.planned.names(None, Some(id));
    let gone = facts.evidence.iter().flat_map(TestEvidence::gone).collect();
    let skipped = facts.evidence.iter().flat_map(|one| &one.newly_skipped);
    let skipped = skipped.map(String::as_str).collect();
    let lists: [(Vec<&str>, &str); 2] = [
        (gone, "that passed are gone"),
        (skipped, "that passed are skipped now"),
    ];
    for (all, what) in lists {
        let unplanned: Vec<&str> = all.into_iter().filter(|id| !planned(id)).collect();
        if !unplanned.is_empty() {
            let many = unplanned.len();
            let shown = unplanned[..many.min(NAMED)].join(", ");
            let more = if many > NAMED { ", …" } else { "" };
            reasons.push(format!("{many} tests {what}: {shown}{more}"));
        }
    }
    reasons
}

/// What the change did to tests without a plan that names them. That one test was singled out is no change to that test:
/// all others beside it stop running.
fn weakened(facts: &Facts<'_>) -> Vec<String> {
    let planned = |weak: &Weakened| {
        weak.kind != Weakening::Focused
            && facts.planned.names(Some(&weak.path), weak.test.as_deref())
    };
    let unplanned = facts.weakened.iter().filter(|weak| !planned(weak));
    unplanned
        .map(|weak| format!("{}:{}: {}", weak.path, weak.line, weak.why))
        .collect()
}

#[cfg(test)]
mod checks {
    use serde_json::json;

    use super::*;
    use crate::{
        evidence::Side,
        providers::git::{FileChange, FileStatus},
    };

    /// The evidence of a suite whose run on the base tree was fine, with this changed.
    fn evidence(changed: &Value) -> TestEvidence {
        let mut all = json!({
            "framework": "cargo_test", "command": ["cargo", "test"], "newly_failing": [], "fixed": [],
            "base": {"passed": 3, "failed": 0, "skipped": 0, "errored": 0},
            "head": {"passed": 3, "failed": 0, "skipped": 0, "errored": 0},
            "still_failing": [], "flaky": [], "vanished": [], "base_complete": true, "exit_code": 0,
            "duration_ms": 1, "log_artifact": null, "verdict": {"is": "green"},
        });
        for (key, value) in changed.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        serde_json::from_value(all).expect("evidence")
    }

    fn diff() -> Diff {
        Diff {
            text: "--- a/a.rs\n+++ b/a.rs\n@@ -1,9 +1,9 @@\n".to_owned(),
            truncated: false,
            files: vec![FileChange {
                path: "a.rs".to_owned(),
                old_path: None,
                status: FileStatus::Modified,
                added: 1,
                removed: 1,
                binary: false,
            }],
        }
    }

    fn plan() -> Value {
        json!({"items": [{"id": "1", "title": "t", "tests": ["tests/it.rs::renamed", "tests/old.rs"]}]})
    }

    /// What keeps this approval from being one.
    fn against(verdict: &Value, evidence: &[TestEvidence], weakened: &[Weakened]) -> Vec<String> {
        let mut said = json!({"verdict": "approve", "criteria": [{"id": "1", "status": "met"}]});
        for (key, value) in verdict.as_object().into_iter().flatten() {
            said[key] = value.clone();
        }
        let verdict: Verdict = serde_json::from_value(said).expect("a verdict");
        let gated = verdict.gate(&Facts {
            evidence,
            untested: None,
            weakened,
            diff: &diff(),
            planned: &Planned::of(Some(&plan())),
        });
        assert_eq!(gated.verdict == Word::Approve, gated.downgraded.is_empty());
        gated.downgraded
    }

    fn by_tests(changed: &Value) -> Vec<String> {
        against(&json!({}), &[evidence(changed)], &[])
    }

    #[test]
    fn what_does_not_build_any_more_is_not_approved() {
        let broken = json!({"is": "not_run", "reason": "error: could not compile\nmore"});
        let none = json!({"passed": 0, "failed": 0, "skipped": 0, "errored": 0});
        assert_eq!(by_tests(&json!({})), [""; 0]);
        assert_eq!(
            by_tests(&json!({"verdict": broken, "head": none})),
            ["the tests ran before the change and do not now: error: could not compile"]
        );
        // What did not run before the change either is not the change's doing.
        let neither =
            json!({"verdict": broken, "head": none, "base": none, "base_complete": false});
        assert_eq!(by_tests(&neither), [""; 0]);
    }

    #[test]
    fn tests_that_came_to_no_end_say_nothing_for_it() {
        let (diff, planned) = (diff(), Planned::default());
        let said = json!({"verdict": "approve", "criteria": [{"id": "1", "status": "met"}]});
        let verdict: Verdict = serde_json::from_value(said).expect("a verdict");
        let gated = verdict.gate(&Facts {
            evidence: &[],
            untested: Some("the worker died twice"),
            weakened: &[],
            diff: &diff,
            planned: &planned,
        });
        assert_eq!(
            gated.downgraded,
            ["the tests came to no end: the worker died twice"]
        );
    }

    #[test]
    fn failures_without_names_count_unless_there_were_as_many_before() {
        let counts =
            |failed: u32| json!({"passed": 1, "failed": failed, "skipped": 0, "errored": 0});
        let failing = |before: u32, complete: bool| json!({"verdict": {"is": "failing"}, "head": counts(2), "base": counts(before), "base_complete": complete});
        assert_eq!(by_tests(&failing(2, true)), [""; 0]);
        assert_eq!(by_tests(&failing(1, true)), ["2 tests fail, 1 did before"]);
        assert_eq!(by_tests(&failing(2, false)).len(), 1);
    }

    #[test]
    fn tests_that_are_gone_or_skipped_need_a_plan_that_names_them() {
        let lost = |key: &str, ids: &[&str]| by_tests(&json!({ key: ids }));
        assert_eq!(
            lost("vanished", &["a::b"]),
            ["1 tests that passed are gone: a::b"]
        );
        assert_eq!(
            lost("newly_skipped", &["a::b"]),
            ["1 tests that passed are skipped now: a::b"]
        );
        assert_eq!(lost("vanished", &["old::renamed"]), [""; 0]);
        // One that holds elsewhere has moved.
        let moved = json!({"vanished": ["a::b"], "new_passing": ["c::b"]});
        assert_eq!(by_tests(&moved), [""; 0]);
    }

    #[test]
    fn a_weaker_test_needs_a_plan_that_names_it_or_its_file() {
        let weak = |path: &str, test: &str, kind| Weakened {
            path: path.to_owned(),
            line: 1,
            side: Side::After,
            kind,
            why: "it checks less".to_owned(),
            test: Some(test.to_owned()),
        };
        let told = |weak| against(&json!({}), &[], &[weak]);
        use Weakening::{Deleted, FewerAssertions, Focused};
        assert_eq!(
            told(weak("tests/it.rs", "other", Deleted)),
            ["tests/it.rs:1: it checks less"]
        );
        assert_eq!(
            told(weak("tests/it.rs", "renamed", FewerAssertions)),
            [""; 0]
        );
        assert_eq!(told(weak("tests/old.rs", "any", Deleted)), [""; 0]);
        // Of the same name, in another file; and what keeps all others from running.
        assert_eq!(told(weak("tests/two.rs", "renamed", Deleted)).len(), 1);
        assert_eq!(told(weak("tests/old.rs", "any", Focused)).len(), 1);
    }

    #[test]
    fn what_blocks_is_not_cut_away_by_what_sounds_worse() {
        let finding = |n: u32, severity: &str, blocking: bool| {
            json!({"severity": severity, "file": "a.rs", "start_line": 1, "title": format!("no {n}"),
                   "failure_mode": format!("mode {n}"), "blocking": blocking})
        };
        let mut findings: Vec<Value> = (0..8).map(|n| finding(n, "critical", false)).collect();
        findings.push(finding(8, "low", true));
        // The same once more, without a word about blocking.
        findings.push(finding(8, "critical", false));
        let reasons = against(&json!({"findings": findings}), &[], &[]);
        assert_eq!(reasons, ["a.rs: no 8"]);
    }

    #[test]
    fn what_blocks_stays_although_it_names_no_place_in_the_difference() {
        let finding = |severity: &str, file: &str, line: u32, blocking: bool| {
            json!({"severity": severity, "file": file, "start_line": line, "end_line": line, "title": "t",
                   "failure_mode": format!("{severity} {file} {line}"), "blocking": blocking})
        };
        let gated = |findings: &[Value]| {
            let verdict = json!({"verdict": "approve", "criteria": [{"id": "1", "status": "met"}], "findings": findings});
            let verdict: Verdict = serde_json::from_value(verdict).expect("a verdict");
            verdict.gate(&Facts {
                evidence: &[],
                untested: None,
                weakened: &[],
                diff: &diff(),
                planned: &Planned::default(),
            })
        };
        for (severity, file, line, place, graded) in [
            ("high", "a.rs", 900, "a.rs", "high"),
            ("high", "b.rs", 1, "b.rs", "high"),
            ("blocker", "a.rs", 2, "a.rs:2", "high"),
            ("P0", "b.rs", 7, "b.rs", "high"),
        ] {
            let stays = gated(&[finding(severity, file, line, true)]);
            assert_eq!(
                stays.verdict,
                Word::RequestChanges,
                "{severity} {file} {line}"
            );
            assert_eq!(stays.findings[0].place(), place);
            assert_eq!(stays.findings[0].severity, graded);
            // What does not block is dropped as ever.
            let gone = gated(&[finding(severity, file, line, false)]);
            assert_eq!((gone.verdict, gone.findings.len()), (Word::Approve, 0));
        }
    }

    #[test]
    fn an_approval_says_something_about_every_item_of_the_plan() {
        let said = |criteria: Value| against(&json!({"criteria": criteria}), &[], &[]);
        assert_eq!(
            said(json!([])),
            ["nothing is said about item 1 of the plan"]
        );
        let other = json!([{"id": "2", "status": "met"}]);
        assert_eq!(said(other), ["nothing is said about item 1 of the plan"]);
        let unmet = json!([{"id": "1", "status": "unmet"}]);
        assert_eq!(said(unmet), ["criterion 1 is unmet"]);
        let partly = json!([{"id": "1", "status": "partly"}]);
        assert_eq!(said(partly), ["criterion 1 is `partly`"]);
    }
}
