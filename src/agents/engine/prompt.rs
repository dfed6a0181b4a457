//! What an engine is told: what a coder of ours is, and what people have said since.

use serde_json::json;
use workflows::{Journal, StepContext, StepError, definitions::coding::Brief};

use crate::agents::{
    Environment, Role,
    conversation::{self, SAYS},
    desk::Desk,
    environment::again,
    guidance, opening, profile,
};

const INSTRUCTIONS: &str = include_str!("../prompts/engine.md");

/// What it was told, and which words of people were among it.
pub(super) struct Told {
    pub(super) text: String,
    pub(super) messages_seen: usize,
    pub(super) messages_told: Vec<String>,
}

/// All that it is told, in one text.
pub(super) async fn of<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    desk: &Desk<'_>,
    brief: &Brief,
) -> Result<Told, StepError> {
    let mut text = format!("{INSTRUCTIONS}\n{}", opening::of(brief));
    text += &profile::section(env, cx, desk, brief, Role::Coder).await?;
    text += &guidance::section(env, desk).await?;
    if let Some(kept) = &brief.continues {
        text += "\n# You have been here before\n\nThe files are as you left them.";
        if let Some(said) = conversation::last_words(env, kept).await? {
            text += &format!(" You said:\n\n{said}");
        }
        text += "\n\nGo on from there.\n";
    }
    let mut told = Told {
        text,
        messages_seen: brief.messages_seen,
        messages_told: brief.messages_told.clone(),
    };
    // Once it has begun, what it was told does not change.
    let news = cx
        .pure("turn 1 people", async || {
            let mut news = Vec::new();
            for (id, text) in env.records.messages(cx.run).await.map_err(again)? {
                if !brief.messages_told.contains(&id) {
                    news.push(json!({"id": id, "text": env.masked(&text)}));
                }
            }
            Ok(json!(news))
        })
        .await?;
    for word in news.as_array().into_iter().flatten() {
        let text = |name: &str| word[name].as_str().unwrap_or_default();
        told.messages_told.push(text("id").to_owned());
        told.messages_seen += 1;
        told.text += &format!("\n{SAYS}\n{}\n", text("text"));
    }
    told.text = env.masked(&told.text);
    Ok(told)
}
