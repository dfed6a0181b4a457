//! Conversations that go on in a later step, and what people say to one in between.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use workflows::{Journal, StepError};

use super::{Conversation, result};
use crate::{
    agents::{Environment, environment::again, runs::Runs, verdict::Finding},
    providers::llm::Message,
};

/// How a word of the person who gave the task begins.
pub(in crate::agents) const SAYS: &str = "[the person who gave the task says]";
/// How the answer to a question begins, where it is no result of a tool.
pub(super) const ANSWERS: &str = "[a person answers]";

/// What is kept of a conversation that may go on in a later step.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    opening: String,
    messages: Vec<Message>,
    pending: Vec<Value>,
    files: BTreeSet<String>,
    /// The call that waits for a person's answer.
    asked: Option<String>,
    #[serde(default)]
    findings: Vec<Finding>,
    #[serde(default)]
    ran: Runs,
}

/// Keeps what somebody was told and said who holds no conversation of ours, as a conversation with which others can go on.
pub(in crate::agents) async fn keep_exchange(
    env: &Environment,
    told: &str,
    said: Option<&str>,
) -> Result<Value, StepError> {
    let block = |text: &str| vec![json!({"type": "text", "text": text})];
    let said = said.filter(|said| !said.trim().is_empty());
    let said = said.map(|said| Message::assistant(block(said)));
    let kept = Kept {
        opening: told.to_owned(),
        messages: std::iter::once(Message::user(block(told)))
            .chain(said)
            .collect(),
        ..Kept::default()
    };
    keep(env, &kept).await
}

/// What was said last in a conversation that is kept.
pub(in crate::agents) async fn last_words(
    env: &Environment,
    kept: &Value,
) -> Result<Option<String>, StepError> {
    let kept = read(env, kept).await?;
    let said = kept.messages.iter().rfind(|m| m.role == "assistant");
    let said = said.into_iter().flat_map(|message| &message.content);
    let said: Vec<&str> = said.filter_map(|block| block["text"].as_str()).collect();
    Ok((!said.is_empty()).then(|| said.join("\n")))
}

async fn read(env: &Environment, kept: &Value) -> Result<Kept, StepError> {
    let name = kept.as_str().unwrap_or_default();
    let bytes = env.records.kept(name).await.map_err(again)?;
    let bytes = bytes.ok_or_else(|| StepError::fatal("the conversation is not kept"))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| StepError::fatal(format!("the conversation: {error}")))
}

async fn keep(env: &Environment, kept: &Kept) -> Result<Value, StepError> {
    let bytes = serde_json::to_vec(kept)
        .map_err(|error| StepError::fatal(format!("the conversation: {error}")))?;
    let name = env.records.keep("application/json", &bytes).await;
    Ok(json!(name.map_err(again)?))
}

impl<J: Journal> Conversation<'_, J> {
    /// Puts an earlier conversation back, with the answer it waited for.
    pub(super) async fn go_on(
        &mut self,
        kept: &Value,
        answer: Option<&Value>,
    ) -> Result<(), StepError> {
        let kept = read(self.env, kept).await?;
        if !kept.opening.is_empty() {
            self.opening = kept.opening;
        }
        self.messages = kept.messages;
        self.pending = kept.pending;
        self.files = kept.files;
        self.findings = kept.findings;
        self.ran = kept.ran;
        let answer = answer.map(|answer| answer["text"].as_str().unwrap_or_default().to_owned());
        match (kept.asked, answer) {
            // All results of a turn stand in one message, before any words.
            (Some(id), Some(answer)) => {
                let answer = self.env.masked(&answer);
                self.pending.insert(0, result(&id, &answer, false));
            }
            (_, Some(answer)) => self.say(&format!("{ANSWERS}\n{answer}")),
            _ => self.say("[a person has raised the limit] Go on."),
        }
        Ok(())
    }

    /// Keeps the conversation so that a later step can go on with it; answers with its name.
    pub(super) async fn keep(&self) -> Result<Value, StepError> {
        let kept = Kept {
            opening: self.opening.clone(),
            messages: self.messages.clone(),
            pending: self.pending.clone(),
            files: self.files.clone(),
            asked: self.asked.clone(),
            findings: self.findings.clone(),
            ran: self.ran.clone(),
        };
        keep(self.env, &kept).await
    }

    /// What people have said since the last turn goes along with the next message. Once a turn is recorded, what it
    /// was told cannot change.
    pub(super) async fn hear_people(&mut self) -> Result<(), StepError> {
        let key = format!("turn {} people", self.turn);
        let known = self.cx.knows(&key);
        if !known && self.cx.knows(&format!("turn {} model", self.turn)) {
            return Ok(());
        }
        let mut news = Vec::new();
        if !known {
            let said = self.env.records.messages(self.cx.run).await;
            for (id, text) in said.map_err(again)? {
                if !self.messages_told.contains(&id) {
                    news.push(json!({"id": id, "text": self.env.masked(&text)}));
                }
            }
            if news.is_empty() {
                return Ok(());
            }
            // An answer that was kept, but not yet in the journal, when the worker died: it was given without this.
            let answered = self.env.records.answered(self.agent_run, self.turn);
            if answered.await.map_err(again)? {
                return Ok(());
            }
        }
        let said = self.cx.pure(&key, async || Ok(json!(news))).await?;
        for message in said.as_array().into_iter().flatten() {
            let id = message["id"].as_str().unwrap_or_default();
            self.messages_told.push(id.to_owned());
            self.messages_seen += 1;
            let text = message["text"].as_str().unwrap_or_default();
            self.say(&format!("{SAYS}\n{text}"));
        }
        Ok(())
    }
}
