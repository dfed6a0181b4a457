//! What models are asked about what the tests said, beside the tests: why they fail, or for a test that shows the fault. It
//! is worth having and decides nothing: what the tests said stands without it.

use serde_json::{Value, json};
use workflows::{RunId, StepError, definitions::coding::Brief};

use super::{Environment, desk::Desk, material::fenced, planner, tester, tools::cut};
use crate::evidence::TestEvidence;

/// Characters of the evidence and of the difference that are shown.
const SHOWN: usize = 30_000;

/// What whoever looks into it is told: the task, what the tests said, what was changed.
pub(super) async fn opening(
    env: &Environment,
    desk: &Desk<'_>,
    brief: &Brief,
    evidence: &[TestEvidence],
) -> Result<String, StepError> {
    let diff = desk.diff().await?;
    let said = fenced(
        brief.edition,
        "what the tests said",
        &cut(&tester::told(evidence), SHOWN),
    );
    let diff = fenced(brief.edition, "the difference", &cut(&diff.text, SHOWN));
    let opening = format!(
        "{}\n# What the tests say\n\n{said}\n\n# The difference\n\n{diff}\n",
        planner::task(brief)
    );
    Ok(env.masked(&opening))
}

/// What came of it. A model that is not to be had is no reason to lose what the tests said.
pub(super) fn or_nothing(run: RunId, asked: Result<Value, StepError>) -> Result<Value, StepError> {
    match asked {
        Err(StepError::Fatal(reason)) => {
            tracing::warn!(%run, reason, "nobody looked into what the tests said");
            Ok(json!({}))
        }
        asked => asked,
    }
}
