//! Why tests newly fail, in the words of a model that has seen what they said and reads the code under them. It decides
//! nothing: what the tests said stands without it, and a step whose triage comes to nothing is none the worse.

use serde_json::{Value, json};
use workflows::{Journal, StepContext, StepError, definitions::coding::Brief};

use super::{
    Environment, Role,
    conversation::{Conversation, Ending},
    desk::Desk,
    environment::again,
    material::fenced,
    planner, tester,
    tools::cut,
};
use crate::evidence::TestEvidence;

/// Characters of the evidence and of the difference that are shown.
const SHOWN: usize = 30_000;
/// Characters of a triage that are kept.
const MOST: usize = 6_000;

/// Asks once; answers with what was said and what it cost.
pub(super) async fn of<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    desk: &Desk<'_>,
    brief: &Brief,
    evidence: &[TestEvidence],
) -> Result<Value, StepError> {
    match ask(env, cx, desk, brief, evidence).await {
        // A model that is not to be had is no reason to lose what the tests said.
        Err(StepError::Fatal(reason)) => {
            tracing::warn!(run = %cx.run, reason, "nobody looked into the failing tests");
            Ok(json!({}))
        }
        asked => asked,
    }
}

async fn ask<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    desk: &Desk<'_>,
    brief: &Brief,
    evidence: &[TestEvidence],
) -> Result<Value, StepError> {
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
    let opening = env.masked(&opening);
    let mut talk = Conversation::open(env, cx, Role::Tester, brief, opening).await?;
    let said = match talk.hold(desk).await? {
        Ending::Said(text) => Some(env.masked(&cut(text.trim(), MOST))),
        _ => None,
    };
    let told = json!({"triage": said, "cost_usd_micros": talk.cost()});
    talk.close(&told).await.map_err(again)?;
    Ok(told)
}
