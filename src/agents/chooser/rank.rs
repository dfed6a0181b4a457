//! What is known of attempts without asking anybody: which cannot be delivered, which must not be when there is a
//! better one, and in which order the others stand.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::Value;
use workflows::{Outcome, RunId};

use crate::{
    agents::{Verdict, desk::Head, verdict::Word},
    evidence::TestEvidence,
};

/// An attempt, as it ended.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// From 1.
    pub(super) number: usize,
    pub(super) run: RunId,
    /// What its end comes to, in a word.
    pub(super) result: String,
    /// Why it is not among those that are compared.
    pub(super) left_out: Option<String>,
    pub(super) head: Option<Head>,
    /// The tree that it began with.
    base: Option<String>,
    pub(super) finish: Value,
    pub(super) evidence: Value,
    pub(super) tests: Vec<TestEvidence>,
    pub(super) verdict: Value,
    pub(super) judged: Option<Verdict>,
}

impl Candidate {
    /// The attempts of these runs, which ended so.
    pub(super) fn all(outcomes: &[Outcome], runs: &[RunId]) -> Vec<Self> {
        let pairs = (1..).zip(outcomes.iter().zip(runs));
        pairs
            .map(|(number, (outcome, run))| Self::of(number, *run, outcome))
            .collect()
    }

    fn of(number: usize, run: RunId, outcome: &Outcome) -> Self {
        let (result, evidence, mut left_out) = match outcome {
            Outcome::Succeeded { output } => {
                let result = output["result"].as_str().unwrap_or_default().to_owned();
                (result, output["evidence"].clone(), None)
            }
            Outcome::Failed { failure } => {
                let why = format!("it failed: {}", failure.reason);
                ("failed".to_owned(), Value::Null, Some(why))
            }
            Outcome::Canceled => {
                let why = "it was canceled".to_owned();
                ("canceled".to_owned(), Value::Null, Some(why))
            }
        };
        // Nothing was run when it ended before its tests. What cannot be read is no evidence of anything.
        let tests: Option<Vec<TestEvidence>> = match &evidence["evidence"] {
            Value::Null => Some(Vec::new()),
            said => serde_json::from_value(said.clone()).ok(),
        };
        if tests.is_none() {
            left_out = Some("what its tests said cannot be read".to_owned());
        }
        Self {
            number,
            run,
            result,
            left_out,
            head: Head::of(&evidence["head"]),
            base: evidence["base"].as_str().map(str::to_owned),
            finish: evidence["finish"].clone(),
            tests: tests.unwrap_or_default(),
            judged: serde_json::from_value(evidence["verdict"].clone()).ok(),
            verdict: evidence["verdict"].clone(),
            evidence: evidence["evidence"].clone(),
        }
    }

    /// Tests that fail now and did not before.
    pub(super) fn newly_failing(&self) -> usize {
        self.tests.iter().map(|one| one.newly_failing.len()).sum()
    }

    /// What its tests say against it.
    fn against(&self) -> Vec<String> {
        self.tests.iter().flat_map(TestEvidence::against).collect()
    }

    /// Approved by its reviewer, who was not overruled by what tests say.
    fn is_sound(&self) -> bool {
        let approved = |verdict: &Verdict| verdict.verdict == Word::Approve;
        self.against().is_empty() && self.judged.as_ref().is_some_and(approved)
    }

    /// The smaller, the better.
    fn rank(&self) -> impl Ord + use<> {
        let sum = |many: fn(&TestEvidence) -> usize| self.tests.iter().map(many).sum::<usize>();
        let judged = self.judged.as_ref();
        let findings = |blocking: bool| {
            judged.map_or(usize::MAX, |verdict| {
                let some = verdict.findings.iter();
                some.filter(|finding| finding.blocking == blocking).count()
            })
        };
        // From 0 to 1, in thousandths: what has an order.
        let confidence = judged.map_or(0.0, |verdict| verdict.confidence.clamp(0.0, 1.0));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between 0 and 1000"
        )]
        let confidence = (confidence * 1000.0) as u32;
        (
            !self.is_sound(),
            self.newly_failing(),
            self.against().len(),
            sum(|one| one.still_failing.len()),
            findings(true),
            Reverse(sum(|one| one.fixed.len())),
            Reverse(confidence),
            findings(false),
            self.number,
        )
    }

    /// Why nobody had to be asked about it.
    pub(super) fn alone(&self, of: usize) -> String {
        let sound = if self.is_sound() {
            "that its tests and its reviewer bear out"
        } else {
            "with something to show"
        };
        format!("the only one of {of} attempts {sound}")
    }
}

/// Says of each that cannot be chosen, or need not be, why.
pub(super) fn judge(all: &mut [Candidate]) {
    for one in all.iter_mut().filter(|one| one.left_out.is_none()) {
        one.left_out = match (one.result.as_str(), &one.head) {
            ("candidate", Some(_)) if one.changes_nothing() => Some("it changed nothing".into()),
            ("candidate", Some(_)) => None,
            ("rejected", _) => Some("its reviewer turned it down".into()),
            ("infeasible", _) => Some("it says that the task cannot be done".into()),
            ("out_of_budget", _) => Some("its budget was used up".into()),
            _ => Some("it came to no end".into()),
        };
    }
    if all
        .iter()
        .any(|one| one.left_out.is_none() && one.is_sound())
    {
        let unsound = |one: &&mut Candidate| one.left_out.is_none() && !one.is_sound();
        for one in all.iter_mut().filter(unsound) {
            let against = one.against();
            let why = match against.first() {
                None => "its reviewer did not approve it".to_owned(),
                Some(why) => why.clone(),
            };
            one.left_out = Some(why);
        }
    }
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| all[*at].rank());
    for at in order {
        let one = &all[at];
        let (None, Some(head)) = (&one.left_out, &one.head) else {
            continue;
        };
        match first.get(&head.tree) {
            Some(twin) => all[at].left_out = Some(format!("it is the same as attempt {twin}")),
            None => drop(first.insert(head.tree.clone(), one.number)),
        }
    }
}

/// Those that are left, the best first.
pub(super) fn field(all: &[Candidate]) -> Vec<&Candidate> {
    let mut field: Vec<&Candidate> = all.iter().filter(|one| one.left_out.is_none()).collect();
    field.sort_by_key(|one| one.rank());
    field
}

impl Candidate {
    fn changes_nothing(&self) -> bool {
        let downgraded = self.judged.iter().flat_map(|verdict| &verdict.downgraded);
        let said = downgraded
            .into_iter()
            .any(|reason| reason == "nothing was changed");
        // What was never changed is still the commit that the work began at.
        said || self.head.as_ref().map(|head| &head.commit) == self.base.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workflows::Failure;

    use super::*;

    fn ended(tree: &str, verdict: &str, newly: &[&str], confidence: f64) -> Outcome {
        let counts = json!({"passed": 1, "failed": 0, "skipped": 0, "errored": 0});
        let tests = json!([{
            "framework": "unittest", "command": ["t"], "base": counts, "head": counts, "newly_failing": newly,
            "fixed": [], "still_failing": [], "flaky": [], "vanished": [], "base_complete": true, "exit_code": 0,
            "duration_ms": 1, "log_artifact": null, "verdict": {"is": "green"},
        }]);
        let evidence = json!({
            "base": "b", "head": {"tree": tree, "commit": format!("c{tree}")}, "finish": {}, "evidence": tests,
            "verdict": {"verdict": verdict, "confidence": confidence},
        });
        Outcome::Succeeded {
            output: json!({"result": "candidate", "evidence": evidence}),
        }
    }

    fn numbers(outcomes: &[Outcome]) -> Vec<usize> {
        let runs: Vec<RunId> = outcomes.iter().map(|_| RunId::new()).collect();
        let mut all = Candidate::all(outcomes, &runs);
        judge(&mut all);
        field(&all).iter().map(|one| one.number).collect()
    }

    #[test]
    fn who_breaks_a_test_or_was_not_approved_gives_way() {
        let outcomes = [
            ended("1", "approve", &["a"], 1.0),
            ended("2", "approve", &[], 0.2),
            ended("3", "request_changes", &[], 1.0),
            ended("4", "approve", &[], 0.8),
        ];
        assert_eq!(numbers(&outcomes), [4, 2]);
    }

    #[test]
    fn who_does_not_build_any_more_gives_way_whatever_its_reviewer_says() {
        let mut broken = ended("1", "approve", &[], 1.0);
        if let Outcome::Succeeded { output } = &mut broken {
            let tests = &mut output["evidence"]["evidence"][0];
            tests["verdict"] = json!({"is": "not_run", "reason": "could not compile"});
        }
        assert_eq!(numbers(&[broken, ended("2", "approve", &[], 0.1)]), [2]);
    }

    #[test]
    fn when_none_is_sound_the_least_bad_come_first() {
        let failed = Outcome::Failed {
            failure: Failure::of_run("no"),
        };
        let outcomes = [
            ended("1", "request_changes", &["a", "b"], 1.0),
            failed,
            ended("3", "needs_human", &[], 0.1),
            Outcome::Canceled,
        ];
        assert_eq!(numbers(&outcomes), [3, 1]);
    }

    #[test]
    fn evidence_that_cannot_be_read_is_no_evidence() {
        let mut unread = ended("1", "approve", &[], 1.0);
        if let Outcome::Succeeded { output } = &mut unread {
            output["evidence"]["evidence"] = json!([{"framework": "another"}]);
        }
        assert_eq!(numbers(&[unread, ended("2", "approve", &[], 0.1)]), [2]);
    }

    #[test]
    fn the_same_work_twice_is_one_candidate() {
        let outcomes = [
            ended("1", "approve", &[], 0.5),
            ended("1", "approve", &[], 0.9),
        ];
        assert_eq!(numbers(&outcomes), [2]);
    }

    #[test]
    fn nothing_is_left_of_those_with_nothing_to_show() {
        let word = |result: &str| Outcome::Succeeded {
            output: json!({"result": result, "evidence": {}}),
        };
        let unchanged = Outcome::Succeeded {
            output: json!({"result": "candidate",
                           "evidence": {"base": "b", "head": {"tree": "t", "commit": "b"}, "evidence": []}}),
        };
        let rejected = [
            word("rejected"),
            word("infeasible"),
            word("needs_human"),
            word("out_of_budget"),
            Outcome::Canceled,
        ];
        assert_eq!(numbers(&rejected), Vec::<usize>::new());
        let runs = [RunId::new()];
        let mut all = Candidate::all(&[unchanged], &runs);
        judge(&mut all);
        assert!(field(&all).is_empty());
    }
}
