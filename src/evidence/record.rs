//! What is kept of two runs: the only form in which a claim about tests is stored.

use serde::{Deserialize, Serialize};

use super::compare::{Comparison, Verdict, compare};
use super::id::leaf;
use super::outcome::{Counts, Outcome};
use super::suite::{Framework, Suite};

/// Names kept of one list; the counts know of all.
const LISTED: usize = 500;

/// The recorded evidence of one suite: what was run, on both trees, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestEvidence {
    /// Whose tests.
    pub framework: Framework,
    /// Where they were run, relative to the repository.
    #[serde(default)]
    pub dir: String,
    /// What was run.
    pub command: Vec<String>,
    /// How the base tree did.
    pub base: Counts,
    /// How the head tree did.
    pub head: Counts,
    /// See [`Comparison::newly_failing`].
    pub newly_failing: Vec<String>,
    /// See [`Comparison::fixed`].
    pub fixed: Vec<String>,
    /// See [`Comparison::still_failing`].
    pub still_failing: Vec<String>,
    /// See [`Comparison::flaky`].
    pub flaky: Vec<String>,
    /// See [`Comparison::vanished`].
    pub vanished: Vec<String>,
    /// See [`Comparison::newly_skipped`].
    #[serde(default)]
    pub newly_skipped: Vec<String>,
    /// See [`Comparison::new_passing`].
    #[serde(default)]
    pub new_passing: Vec<String>,
    /// What failing tests of the head said, by id.
    #[serde(default)]
    pub messages: Vec<(String, String)>,
    /// Whether the base tree's run came to its end; when not, nothing can be called an old failure.
    pub base_complete: bool,
    /// Of the command on the head tree; nothing when it was killed.
    pub exit_code: Option<i32>,
    /// Of the command on the head tree.
    pub duration_ms: u64,
    /// The name of the artifact that holds its whole output.
    pub log_artifact: Option<String>,
    /// What it comes to.
    pub verdict: Verdict,
    /// Whether lists were cut.
    #[serde(default)]
    pub cut: bool,
}

/// How the command went on the head tree, as its runner saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Execution {
    /// Nothing when it was killed.
    pub exit_code: Option<i32>,
    /// How long it took.
    pub duration_ms: u64,
    /// The name of the artifact that holds its whole output.
    pub log_artifact: Option<String>,
}

/// Failing tests whose words are kept; more are read in the log.
const TOLD: usize = 20;

impl TestEvidence {
    /// Compares the two runs and keeps what counts.
    pub fn of(
        suite: &Suite,
        base: &Outcome,
        head: &Outcome,
        reruns: &[Outcome],
        execution: Execution,
    ) -> Self {
        let Comparison {
            newly_failing,
            fixed,
            still_failing,
            flaky,
            new_passing,
            vanished,
            newly_skipped,
            verdict,
        } = compare(base, head, reruns);
        let mut evidence = Self {
            framework: suite.framework,
            dir: suite.dir.clone(),
            command: suite.command.clone(),
            base: base.counts,
            head: head.counts,
            messages: messages(head, &newly_failing, &still_failing),
            newly_failing,
            fixed,
            still_failing,
            flaky,
            vanished,
            newly_skipped,
            new_passing,
            base_complete: base.complete,
            exit_code: execution.exit_code,
            duration_ms: execution.duration_ms,
            log_artifact: execution.log_artifact,
            verdict,
            cut: false,
        };
        evidence.cut();
        evidence
    }

    /// What stands for a suite that nobody has run.
    pub fn not_run(suite: &Suite, why: &str) -> Self {
        let nothing = Outcome::default();
        let head = nothing.clone().incomplete(why);
        Self::of(suite, &nothing, &head, &[], Execution::default())
    }

    /// Whether it says that nothing was broken; the only way to say so.
    pub fn is_green(&self) -> bool {
        self.verdict == Verdict::Green
    }

    /// What the head tree's run says against the change: what the base tree's run said as well is none of its doing.
    pub fn against(&self) -> Vec<String> {
        let place = if self.dir.is_empty() { "" } else { &self.dir };
        let of = |what: String| match place {
            "" => what,
            place => format!("{place}: {what}"),
        };
        let many = self.newly_failing.len();
        let mut reasons = Vec::new();
        if many > 0 {
            reasons.push(of(format!("{many} tests fail that did not fail before")));
        }
        match &self.verdict {
            Verdict::Green => {}
            // Failures without names: as many as before may be the same ones.
            Verdict::Failing if many > 0 => {}
            Verdict::Failing if self.base_complete && self.head.bad() <= self.base.bad() => {}
            Verdict::Failing => reasons.push(of(format!(
                "{} tests fail, {} did before",
                self.head.bad(),
                self.base.bad()
            ))),
            Verdict::NotRun(why) if self.ran_before() => {
                let why = why.lines().next().unwrap_or_default();
                reasons.push(of(format!(
                    "the tests ran before the change and do not now: {why}"
                )));
            }
            Verdict::NotRun(_) => {}
        }
        reasons
    }

    /// Whether the base tree's run came to its end, with tests in it.
    fn ran_before(&self) -> bool {
        self.base_complete && self.base.passed + self.base.bad() > 0
    }

    /// Tests that held on the base tree and are nowhere on the head tree: one of the same name that holds elsewhere has
    /// only moved.
    pub fn gone(&self) -> Vec<&str> {
        let mut fresh: Vec<&str> = self.new_passing.iter().map(|id| leaf(id)).collect();
        let mut gone = Vec::new();
        for id in &self.vanished {
            match fresh.iter().position(|there| *there == leaf(id)) {
                Some(at) => drop(fresh.swap_remove(at)),
                None => gone.push(id.as_str()),
            }
        }
        gone
    }

    fn cut(&mut self) {
        let lists = [
            &mut self.newly_failing,
            &mut self.fixed,
            &mut self.still_failing,
            &mut self.flaky,
            &mut self.vanished,
            &mut self.newly_skipped,
            &mut self.new_passing,
        ];
        for list in lists {
            self.cut |= list.len() > LISTED;
            list.truncate(LISTED);
        }
    }
}

/// The words of the failures that matter most first.
fn messages(head: &Outcome, newly: &[String], still: &[String]) -> Vec<(String, String)> {
    let said = |id: &String| Some((id.clone(), head.case(id)?.message.clone()?));
    newly
        .iter()
        .chain(still)
        .take(TOLD)
        .filter_map(said)
        .collect()
}
