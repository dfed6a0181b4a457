//! What tests and the reviewer say about a run.

use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        wire::{Id, kind},
    },
    error::Error,
    services::timeline::{self, StepRow},
};

#[derive(Default)]
pub(in crate::api) struct ChecksApi;

/// Whose tests they are.
#[derive(Debug, Clone, Copy, Enum, Deserialize)]
#[oai(rename = "TestFramework", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum Framework {
    /// `cargo test`.
    CargoTest,
    /// `cargo nextest`.
    CargoNextest,
    /// pytest.
    Pytest,
    /// unittest of Python.
    Unittest,
    /// Jest.
    Jest,
    /// Vitest.
    Vitest,
    /// The test runner of Node.
    NodeTest,
    /// Mocha.
    Mocha,
    /// `go test`.
    GoTest,
    /// A command whose exit code is all there is.
    #[serde(other)]
    Other,
}

/// How many tests went how.
#[derive(Debug, Clone, Default, Object, Deserialize)]
#[oai(rename = "TestCounts")]
#[serde(default)]
struct Counts {
    /// Tests that held.
    passed: u32,
    /// Tests that did not.
    failed: u32,
    /// Tests that were not run.
    skipped: u32,
    /// Tests that could not be run.
    errored: u32,
}

/// What a suite comes to.
#[derive(Debug, Clone, Copy, Enum, Deserialize)]
#[oai(rename = "TestVerdict", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum SuiteVerdict {
    /// It ran to its end, and nothing fails that did not fail before.
    Green,
    /// At least one test newly fails.
    Failing,
    /// Nothing can be claimed; `not_run_reason` says why.
    NotRun,
}

/// What a failing test said.
#[derive(Debug, Clone, Object)]
struct TestMessage {
    /// The test.
    test: String,
    /// Its first words.
    text: String,
}

/// What one test suite said, on the base and on the result.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
struct TestSuite {
    /// Whose tests.
    framework: Framework,
    /// Where they were run, relative to the repository.
    dir: String,
    /// What was run.
    command: Vec<String>,
    /// How the base did.
    base: Counts,
    /// How the result did.
    head: Counts,
    /// Fails on the result, and did not on the base.
    newly_failing: Vec<String>,
    /// Failed on the base and holds on the result.
    fixed: Vec<String>,
    /// Fails on both.
    still_failing: Vec<String>,
    /// Failed on the result and held when it was run again.
    flaky: Vec<String>,
    /// Held on the base and is not there on the result.
    vanished: Vec<String>,
    /// Held on the base and is skipped on the result.
    newly_skipped: Vec<String>,
    /// Holds on the result and was not there on the base.
    new_passing: Vec<String>,
    /// What failing tests said.
    messages: Vec<TestMessage>,
    /// Whether the base's run came to its end; when not, nothing can be called an old failure.
    base_complete: bool,
    /// Of the command on the result; absent when it was killed.
    exit_code: Option<i32>,
    /// Of the command on the result.
    duration_ms: u64,
    /// The name under which `getArtifact` has the whole output.
    log_artifact: Option<String>,
    /// What it comes to.
    verdict: SuiteVerdict,
    /// Why nothing can be claimed.
    not_run_reason: Option<String>,
    /// Whether lists were cut.
    cut: bool,
}

/// The same, as it is stored.
#[derive(Deserialize)]
struct StoredSuite {
    framework: Framework,
    #[serde(default)]
    dir: String,
    command: Vec<String>,
    #[serde(default)]
    base: Counts,
    #[serde(default)]
    head: Counts,
    #[serde(default)]
    newly_failing: Vec<String>,
    #[serde(default)]
    fixed: Vec<String>,
    #[serde(default)]
    still_failing: Vec<String>,
    #[serde(default)]
    flaky: Vec<String>,
    #[serde(default)]
    vanished: Vec<String>,
    #[serde(default)]
    newly_skipped: Vec<String>,
    #[serde(default)]
    new_passing: Vec<String>,
    #[serde(default)]
    messages: Vec<(String, String)>,
    #[serde(default)]
    base_complete: bool,
    exit_code: Option<i32>,
    #[serde(default)]
    duration_ms: u64,
    log_artifact: Option<String>,
    verdict: StoredVerdict,
    #[serde(default)]
    cut: bool,
}

#[derive(Deserialize)]
struct StoredVerdict {
    is: SuiteVerdict,
    reason: Option<String>,
}

/// What the tests of a run said in one round.
#[derive(Object)]
struct Evidence {
    /// The event that recorded it.
    seq: i32,
    /// From 1.
    round: u32,
    /// One for each test suite.
    suites: Vec<TestSuite>,
}

/// The reviewer's verdict in one word.
#[derive(Debug, Clone, Copy, Enum, Deserialize)]
#[oai(rename = "VerdictWord", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum Word {
    /// Good.
    Approve,
    /// Back to the coder.
    RequestChanges,
    /// The approach is wrong.
    Reject,
    /// A person must look.
    NeedsHuman,
}

/// Whether what was asked for is there.
#[derive(Debug, Clone, Copy, Enum, Deserialize)]
#[oai(rename = "CriterionStatus", rename_all = "snake_case")]
#[serde(from = "String")]
enum Standing {
    /// It is.
    Met,
    /// It is not.
    Unmet,
    /// It cannot be told.
    Unverifiable,
}

impl From<String> for Standing {
    fn from(word: String) -> Self {
        match word.as_str() {
            "met" => Self::Met,
            "unmet" => Self::Unmet,
            _ => Self::Unverifiable,
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, Enum, Deserialize)]
#[oai(rename = "FindingSeverity", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum Severity {
    /// It must not go out.
    Critical,
    /// It goes wrong for many.
    High,
    /// It goes wrong for some.
    Medium,
    /// It could be better.
    Low,
}

/// Something that was asked for.
#[derive(Debug, Clone, Object, Deserialize)]
struct Criterion {
    /// The plan's item.
    id: String,
    /// Whether it is there.
    status: Standing,
    /// Where one sees it.
    #[serde(default)]
    evidence: Vec<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, Object, Deserialize)]
struct Finding {
    /// The same in every round.
    #[serde(default)]
    id: String,
    /// How bad it is.
    severity: Severity,
    /// A word for it.
    #[serde(default)]
    category: String,
    /// The file.
    file: String,
    /// The first line; 0 when the reviewer named no place in the difference.
    start_line: u32,
    /// The last line; 0 when the first is.
    #[serde(default)]
    end_line: u32,
    /// One line.
    title: String,
    /// What goes wrong, and when.
    failure_mode: String,
    /// How it might be mended.
    #[serde(default)]
    fix_hint: String,
    /// Whether the change must not go out with it.
    #[serde(default)]
    blocking: bool,
}

/// What the reviewer says, after the gate.
#[derive(Debug, Clone, Object, Deserialize)]
#[oai(rename = "ReviewVerdict")]
struct Verdict {
    /// What follows.
    verdict: Word,
    /// From 0 to 1.
    #[serde(default)]
    confidence: f64,
    /// What was asked for, and whether it is there.
    #[serde(default)]
    criteria: Vec<Criterion>,
    /// What is wrong.
    #[serde(default)]
    findings: Vec<Finding>,
    /// What tests do not show.
    #[serde(default)]
    coverage_gap: Vec<String>,
    /// Files that the task did not ask to change.
    #[serde(default)]
    scope_creep: Vec<String>,
    /// Anything that endangers those who run this.
    #[serde(default)]
    security: Vec<String>,
    /// In a few sentences.
    #[serde(default)]
    summary: String,
    /// Why the gate did not let an approval through.
    #[serde(default)]
    downgraded: Vec<String>,
}

/// What the reviewer of a run said in one round.
#[derive(Object)]
struct Review {
    /// The event that recorded it.
    seq: i32,
    /// From 1.
    round: u32,
    /// What they said.
    verdict: Verdict,
}

/// What tests and the reviewer say about a run.
#[derive(Object)]
struct Checks {
    /// The tests, oldest round first.
    evidence: Vec<Evidence>,
    /// The reviewer, oldest round first.
    verdicts: Vec<Review>,
}

#[OpenApi(prefix_path = "/api/v1/runs", tag = "Tag::Runs")]
impl ChecksApi {
    /// Get what tests and the reviewer say about a run
    ///
    /// Every round. The tests were run by the program itself, on the base and on the result.
    #[oai(path = "/:id/checks", method = "get", operation_id = "getChecks")]
    async fn checks(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
    ) -> Result<Json<Checks>, Problem> {
        let caller = auth.may("getChecks")?;
        let tests =
            timeline::outputs(&state.db, caller, id.0.0, &["test", "choose"], "evidence").await?;
        let reviews =
            timeline::outputs(&state.db, caller, id.0.0, &["review", "choose"], "verdict").await?;
        let evidence = (1..).zip(tests).map(evidence);
        let verdicts = (1..).zip(reviews).map(review);
        Ok(Json(Checks {
            evidence: evidence.collect::<Result<_, _>>()?,
            verdicts: verdicts.collect::<Result<_, _>>()?,
        }))
    }
}

fn evidence((round, (step, suites)): (u32, (StepRow, Value))) -> Result<Evidence, Error> {
    let suites: Vec<StoredSuite> = match suites {
        Value::Array(_) => stored(suites)?,
        _ => Vec::new(),
    };
    Ok(Evidence {
        seq: step.seq,
        round,
        suites: suites.into_iter().map(TestSuite::from).collect(),
    })
}

fn review((round, (step, verdict)): (u32, (StepRow, Value))) -> Result<Review, Error> {
    Ok(Review {
        seq: step.seq,
        round,
        verdict: stored(verdict)?,
    })
}

fn stored<T: for<'a> Deserialize<'a>>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value)
        .map_err(|error| Error::Internal(format!("a stored result: {error}")))
}

impl From<StoredSuite> for TestSuite {
    fn from(stored: StoredSuite) -> Self {
        let messages = stored.messages.into_iter();
        Self {
            framework: stored.framework,
            dir: stored.dir,
            command: stored.command,
            base: stored.base,
            head: stored.head,
            newly_failing: stored.newly_failing,
            fixed: stored.fixed,
            still_failing: stored.still_failing,
            flaky: stored.flaky,
            vanished: stored.vanished,
            newly_skipped: stored.newly_skipped,
            new_passing: stored.new_passing,
            messages: messages
                .map(|(test, text)| TestMessage { test, text })
                .collect(),
            base_complete: stored.base_complete,
            exit_code: stored.exit_code,
            duration_ms: stored.duration_ms,
            log_artifact: stored.log_artifact,
            verdict: stored.verdict.is,
            not_run_reason: stored.verdict.reason,
            cut: stored.cut,
        }
    }
}
