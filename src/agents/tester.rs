//! The tester is code, not a model: it runs the tests on the tree as it was and on the tree as it is, and says what
//! changed. A claim that tests pass has a recorded run behind it or is not made.

use std::{path::Path, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::fs;
use workflows::{Journal, StepContext, StepError, activity::Performed, definitions::coding::Brief};

use super::{Environment, desk::Desk, environment::again, reproduction, triage};
use crate::{
    evidence::{self, Execution, Outcome, Report, Suite, TestEvidence, Verdict},
    providers::{
        git::Diff,
        sandbox::{Command, Exit},
    },
};

/// Longest run of one suite.
const LONGEST: Duration = Duration::from_secs(900);
/// Suites of one repository that are run.
const MOST: usize = 8;

/// Performs the step `test`.
pub async fn test<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: Brief,
) -> Result<Value, StepError> {
    let desk = Desk::open(env, cx, &brief).await?;
    let performed = env
        .workspace(cx, &desk, "tests", async || {
            let compared = compare_trees(&desk, &Wanted::for_evidence()).await?;
            Ok(compared.map_or(Value::Null, |evidence| json!(evidence)))
        })
        .await?;
    let left_out = desk.head().await.left_out;
    let Performed::Done(found) = performed else {
        return Ok(json!({
            "result": "not_run",
            "evidence": [],
            "note": "the worker died twice while the tests ran",
            "base": desk.base,
            LEFT_OUT: left_out,
        }));
    };
    if found.is_null() {
        return Ok(json!({"result": "out_of_time", "base": desk.base}));
    }
    let all: Vec<TestEvidence> = serde_json::from_value(found.clone())
        .map_err(|error| StepError::fatal(format!("recorded evidence: {error}")))?;
    let word = word(&all);
    let mut own = json!({"result": word, "evidence": found, "base": desk.base, LEFT_OUT: left_out});
    if word == "failing" && brief.edition > 0 {
        let told = triage::of(env, cx, &desk, &brief, &all).await?;
        for (key, value) in told.as_object().into_iter().flatten() {
            own[key] = value.clone();
        }
    } else if brief.assignment.options.reproduce && brief.edition > 0 {
        let told = reproduction::of(env, cx, &desk, &brief, &all).await?;
        for (key, value) in told.as_object().into_iter().flatten() {
            own[key] = value.clone();
        }
    }
    Ok(own)
}

/// In the result of the step: names in the coder's working tree that were not there when the tests ran, for they are not
/// delivered.
const LEFT_OUT: &str = "left_out";

/// The one word that decides what follows. What failed before and still fails is not the change's fault.
fn word(all: &[TestEvidence]) -> &'static str {
    if all.iter().any(|one| !one.against().is_empty()) {
        "failing"
    } else if all.is_empty() || all.iter().all(broken) {
        "not_run"
    } else {
        "green"
    }
}

fn broken(evidence: &TestEvidence) -> bool {
    matches!(evidence.verdict, Verdict::NotRun(_))
}

/// Which tests are run, and on what.
#[derive(Debug)]
pub(super) struct Wanted<'w> {
    pub(super) target: Target,
    pub(super) files: &'w [String],
    pub(super) filter: Option<&'w str>,
    pub(super) timeout: Duration,
    /// On a tree in which no tests were run before.
    pub(super) anew: bool,
}

/// Which suites are run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Target {
    /// Those of the packages that were changed.
    Affected,
    #[default]
    All,
    /// As far as they can run these files alone.
    Files,
}

impl Wanted<'_> {
    /// All of them, on what would be delivered and nothing else.
    fn for_evidence() -> Self {
        Self {
            target: Target::All,
            files: &[],
            filter: None,
            timeout: LONGEST,
            anew: true,
        }
    }

    /// The part of a suite that is wanted.
    fn part(&self, suite: &Suite) -> Option<Suite> {
        let part = match self.target {
            Target::Files => suite.only(self.files)?,
            Target::Affected | Target::All => suite.clone(),
        };
        let filtered = self.filter.and_then(|name| part.only(&[name.to_owned()]));
        Some(filtered.unwrap_or(part))
    }
}

/// Runs the suites of both trees on both; nothing when the run has worked for as long as it may.
pub(super) async fn compare_trees(
    desk: &Desk<'_>,
    wanted: &Wanted<'_>,
) -> Result<Option<Vec<TestEvidence>>, StepError> {
    let base = desk.base_tree().await?;
    let head = desk.delivered_tree(wanted.anew).await?;
    let suites = in_order(
        union(desk.suites(&head), desk.suites(&base)),
        &desk.diff().await?,
    );
    let suites = suites.into_iter().filter_map(|(suite, affected)| {
        let left = wanted.target == Target::Affected && !affected;
        (!left).then(|| wanted.part(&suite))?
    });
    let mut all = Vec::new();
    for (at, suite) in suites.enumerate() {
        if at >= MOST {
            let why = format!("no more than {MOST} suites are run");
            all.push(TestEvidence::not_run(&suite, &why));
            continue;
        }
        if desk.left().is_zero() {
            return Ok(None);
        }
        all.push(compare(desk, &suite, (&base, &head), wanted.timeout).await?);
    }
    Ok((!desk.left().is_zero()).then_some(all))
}

/// One suite on both trees.
async fn compare(
    desk: &Desk<'_>,
    suite: &Suite,
    (base, head): (&Path, &Path),
    timeout: Duration,
) -> Result<TestEvidence, StepError> {
    let name = json!(suite).to_string();
    let before = match desk.known_base(&name).await {
        Some(known) => known,
        None if base.join(&suite.dir).exists() => {
            let said = run(desk, base, suite, timeout).await?.0;
            desk.know_base(name, &said).await;
            said
        }
        None => Outcome::default(),
    };
    if !head.join(&suite.dir).exists() {
        let gone = Outcome {
            note: Some(format!("the folder {} is gone", suite.dir)),
            ..Outcome::default()
        };
        return Ok(TestEvidence::of(
            suite,
            &before,
            &gone,
            &[],
            Execution::default(),
        ));
    }
    let (after, execution) = run(desk, head, suite, timeout).await?;
    let mut reruns = Vec::new();
    if let Some(again) = suite.again(&after.failing()) {
        reruns.push(run(desk, head, &again, timeout).await?.0);
    }
    Ok(TestEvidence::of(suite, &before, &after, &reruns, execution))
}

/// The suites of the head tree, and those that only the base tree has: a package whose tests are gone is seen.
fn union(head: Vec<Suite>, base: Vec<Suite>) -> Vec<Suite> {
    let mut all = head;
    for suite in base {
        let same = |known: &Suite| known.dir == suite.dir && known.framework == suite.framework;
        if !all.iter().any(same) {
            all.push(suite);
        }
    }
    all
}

/// Those of changed packages first; whether each is one.
fn in_order(suites: Vec<Suite>, diff: &Diff) -> Vec<(Suite, bool)> {
    let changed: Vec<&str> = diff
        .files
        .iter()
        .flat_map(|file| file.old_path.iter().chain([&file.path]))
        .map(String::as_str)
        .collect();
    let affected = |suite: &Suite| {
        let below = |path: &&str| {
            let inside = path.strip_prefix(suite.dir.as_str());
            suite.dir.is_empty() || inside.is_some_and(|rest| rest.starts_with('/'))
        };
        changed.iter().any(below)
    };
    let mut all: Vec<(Suite, bool)> = suites
        .into_iter()
        .map(|suite| {
            let affected = affected(&suite);
            (suite, affected)
        })
        .collect();
    all.sort_by_key(|(_, affected)| !affected);
    all
}

/// One run of one suite on one tree.
pub(super) async fn run(
    desk: &Desk<'_>,
    root: &Path,
    suite: &Suite,
    timeout: Duration,
) -> Result<(Outcome, Execution), StepError> {
    let folder = root.join(&suite.dir);
    if let Some(path) = suite.report.path() {
        // An older run's report must not be read as this one's.
        drop(fs::remove_file(folder.join(path)).await);
    }
    let mut script = format!("cd {} || exit 97\n", quoted(&suite.dir));
    if !suite.setup.is_empty() {
        script += &format!("{} || exit 98\n", line(&suite.setup));
    }
    script += &format!("exec {}\n", line(&suite.command));
    let mut job = desk.job_in(root, Command::Shell(script)).await?;
    job.limits.wall = timeout;
    job.limits.output_bytes = 8 << 20;
    let ran = desk.run(&job).await?;
    let output = String::from_utf8_lossy(&ran.output).into_owned();
    let report = match &suite.report {
        Report::Stdout => None,
        Report::JUnit(path) | Report::Json(path) => super::tools::read_text(&folder, path).ok(),
    };
    let code = match ran.exit {
        Exit::Code(code) => Some(code),
        Exit::Signal(_) | Exit::TimedOut => None,
    };
    let mut outcome = evidence::parse(suite.framework, &output, report.as_deref(), code)
        .relative_to(&root.to_string_lossy());
    if ran.exit == Exit::TimedOut {
        outcome.complete = false;
        outcome.note = Some(format!("stopped after {} s", timeout.as_secs()));
    }
    let env = desk.env();
    let log = env.masked(&output);
    let kept = env.records.keep("text/plain", log.as_bytes());
    let execution = Execution {
        exit_code: code,
        duration_ms: u64::try_from(ran.duration.as_millis()).unwrap_or(u64::MAX),
        log_artifact: Some(kept.await.map_err(again)?),
    };
    Ok((outcome, execution))
}

fn line(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    quoted.join(" ")
}

/// One word for a shell, whatever is in it.
fn quoted(word: &str) -> String {
    if word.is_empty() {
        return ".".to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Evidence in words, for models and people.
pub(super) fn told(all: &[TestEvidence]) -> String {
    let mut text = String::new();
    for one in all {
        let place = if one.dir.is_empty() { "." } else { &one.dir };
        text += &format!("{} in {place}: {}\n", one.framework, one.command.join(" "));
        text += &format!(
            "  before: {} passed, {} failed; now: {} passed, {} failed, {} skipped\n",
            one.base.passed,
            one.base.bad(),
            one.head.passed,
            one.head.bad(),
            one.head.skipped
        );
        if let Verdict::NotRun(reason) = &one.verdict {
            text += &format!("  not run: {reason}\n");
        }
        let lists = [
            ("newly failing", &one.newly_failing),
            ("fixed", &one.fixed),
            ("still failing", &one.still_failing),
            ("flaky", &one.flaky),
            ("gone", &one.vanished),
            ("skipped now", &one.newly_skipped),
        ];
        for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            text += &format!("  {name}:\n");
            for id in list.iter().take(20) {
                text += &format!("    {id}\n");
            }
        }
        for (id, message) in &one.messages {
            text += &format!("  {id} said:\n    {}\n", message.replace('\n', "\n    "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        evidence::Framework,
        providers::git::{FileChange, FileStatus},
    };

    fn suite(dir: &str, framework: Framework) -> Suite {
        Suite {
            framework,
            dir: dir.to_owned(),
            setup: Vec::new(),
            command: vec!["test".to_owned()],
            report: Report::Stdout,
            because: String::new(),
        }
    }

    #[test]
    fn suites_that_only_the_base_has_are_run_too_and_changed_packages_come_first() {
        let head = vec![suite("a", Framework::Pytest), suite("b", Framework::Jest)];
        let base = vec![
            suite("a", Framework::Pytest),
            suite("ab", Framework::Jest),
            suite("b", Framework::Mocha),
        ];
        let changed = |path: &str| FileChange {
            path: path.to_owned(),
            old_path: Some("b/old.js".to_owned()),
            status: FileStatus::Renamed,
            added: 0,
            removed: 0,
            binary: false,
        };
        let diff = Diff {
            text: String::new(),
            truncated: false,
            files: vec![changed("c/new.js")],
        };
        let all = in_order(union(head, base), &diff);
        let told: Vec<_> = all
            .iter()
            .map(|(suite, affected)| (suite.dir.as_str(), suite.framework, *affected))
            .collect();
        assert_eq!(
            told,
            [
                ("b", Framework::Jest, true),
                ("b", Framework::Mocha, true),
                ("a", Framework::Pytest, false),
                ("ab", Framework::Jest, false),
            ]
        );
    }

    #[test]
    fn words_are_safe_in_a_shell() {
        assert_eq!(quoted("it's; rm -rf /"), "'it'\\''s; rm -rf /'");
        assert_eq!(quoted(""), ".");
    }
}
