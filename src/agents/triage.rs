//! Why tests newly fail, in the words of a model that has seen what they said and reads the code under them. It decides
//! nothing: what the tests said stands without it, and a step whose triage comes to nothing is none the worse.

use serde_json::{Value, json};
use workflows::{Journal, StepContext, StepError, definitions::coding::Brief};

use super::{
    Environment, Role,
    conversation::{Conversation, Ending},
    desk::Desk,
    environment::again,
    inquiry,
    tools::cut,
};
use crate::evidence::TestEvidence;

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
    let ask = async || {
        let opening = inquiry::opening(env, desk, brief, evidence).await?;
        let mut talk = Conversation::open(env, cx, Role::Tester, brief, opening).await?;
        let said = match talk.hold(desk).await? {
            Ending::Said(text) => Some(env.masked(&cut(text.trim(), MOST))),
            _ => None,
        };
        let told = json!({"triage": said, "cost_usd_micros": talk.cost()});
        talk.close(&told).await.map_err(again)?;
        Ok(told)
    };
    inquiry::or_nothing(cx.run, ask().await)
}
