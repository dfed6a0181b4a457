//! The tester is code, not a model: it runs the tests on the tree as it was and on the tree as it is, and says what
//! changed. A claim that tests pass has a recorded run behind it or is not made.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use tokio::fs;
use workflows::{Journal, StepContext, StepError, activity::Performed, definitions::coding::Brief};

use super::{Environment, desk::Desk, environment::again};
use crate::{
    evidence::{self, Execution, Outcome, Report, Suite, TestEvidence, Verdict},
    providers::sandbox::{Command, Exit},
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
            let evidence = compare_trees(&desk, None, LONGEST).await?;
            // Tests may leave things behind; the work is what the coder left.
            desk.restore().await?;
            Ok(json!(evidence))
        })
        .await?;
    let Performed::Done(found) = performed else {
        return Ok(json!({
            "result": "not_run",
            "evidence": [],
            "note": "the worker died twice while the tests ran",
            "base": desk.base,
        }));
    };
    let all: Vec<TestEvidence> = serde_json::from_value(found.clone())
        .map_err(|error| StepError::fatal(format!("recorded evidence: {error}")))?;
    Ok(json!({"result": word(&all), "evidence": found, "base": desk.base}))
}

/// The one word that decides what follows. What failed before and still fails is not the change's fault.
fn word(all: &[TestEvidence]) -> &'static str {
    let worse = |e: &TestEvidence| !e.newly_failing.is_empty() || (e.base_complete && broken(e));
    if all.iter().any(worse) {
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

/// Runs every suite on both trees; with a filter, only what fits it.
pub(super) async fn compare_trees(
    desk: &Desk<'_>,
    filter: Option<&str>,
    timeout: Duration,
) -> Result<Vec<TestEvidence>, StepError> {
    let head = desk.ready().await?.path().to_owned();
    let base = desk.base_tree().await?;
    let suites = desk.suites(&head);
    let mut all = Vec::new();
    for suite in suites.into_iter().take(MOST) {
        let suite = match filter {
            Some(filter) => suite.only(&[filter.to_owned()]).unwrap_or(suite),
            None => suite,
        };
        let before = if base.join(&suite.dir).exists() {
            run(desk, &base, &suite, timeout).await?.0
        } else {
            Outcome::default()
        };
        let (after, execution) = run(desk, &head, &suite, timeout).await?;
        let mut reruns = Vec::new();
        if let Some(again) = suite.again(&after.failing()) {
            reruns.push(run(desk, &head, &again, timeout).await?.0);
        }
        all.push(TestEvidence::of(
            &suite, &before, &after, &reruns, execution,
        ));
    }
    Ok(all)
}

/// One run of one suite on one tree.
async fn run(
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

    #[test]
    fn words_are_safe_in_a_shell() {
        assert_eq!(quoted("it's; rm -rf /"), "'it'\\''s; rm -rf /'");
        assert_eq!(quoted(""), ".");
    }
}
