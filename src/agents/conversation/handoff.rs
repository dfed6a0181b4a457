//! A new conversation in the place of one that cannot go on: it became too long, or its model fails. Nothing of the
//! old one is edited. The new one is told what was done in the words of its own kind: what models and people said,
//! which files were touched. What the repository said is left for it to read again.

use serde_json::{Value, json};
use workflows::{Journal, StepError};

use super::{
    Conversation,
    kept::{ANSWERS, SAYS},
    of_type,
};
use crate::{
    agents::{
        desk::Desk,
        stuck::Watch,
        tools::{cut, gist},
    },
    providers::llm::catalogue::Model,
};

/// A hand-off before the model is asked in a turn, and one for what it answered. Whoever reads the turn again must not take
/// one for the other.
pub(super) const BEFORE: &str = "hand-off";
pub(super) const AFTER: &str = "handed on";
/// Calls that are told.
const CALLS: usize = 20;
/// Characters of the old conversation's own words that are told.
const WORDS: usize = 6_000;

impl<J: Journal> Conversation<'_, J> {
    /// Whether it takes more than 60 % of what its model can read.
    pub(super) fn is_long(&self) -> bool {
        let known = self.cx.knows(&format!("turn {} {BEFORE}", self.turn));
        known || self.length.saturating_mul(10) > self.line.model.context.saturating_mul(6)
    }

    /// Begins anew, with another model if one is given.
    pub(super) async fn hand_off(
        &mut self,
        desk: &Desk<'_>,
        when: &str,
        reason: &str,
        other: Option<Model>,
    ) -> Result<(), StepError> {
        let mut told = self.told();
        if self.edition > 0 {
            told += &format!("\n## Why it stopped\n\n{reason}\n");
        }
        let key = format!("turn {} {when}", self.turn);
        let model = other.as_ref().unwrap_or(&self.line.model).id.clone();
        let recorded = self.cx.pure(&key, async || {
            let diff = desk.diff().await?;
            let files: Vec<&str> = diff.files.iter().map(|file| file.path.as_str()).collect();
            let changed = format!("\n## Files that differ from the base\n\n{}\n", list(&files));
            Ok(json!({"reason": reason, "model": model, "text": self.env.masked(&format!("{told}{changed}"))}))
        });
        let recorded = recorded.await?;
        if let Some(other) = other {
            let provider = self.env.providers.get(&other.provider);
            self.line.provider = provider.map_err(|error| StepError::fatal(error.to_string()))?;
            self.line.model = other;
            self.line.replaceable = false;
            self.fell_back = true;
            self.max_tokens = self.room(1);
        }
        let text = recorded["text"].as_str().unwrap_or_default();
        let opening = json!({"type": "text", "text": format!("{}\n{text}", self.opening)});
        // What was not sent yet is of people and of us; results belong to calls that the new one does not know.
        let unsent = std::mem::take(&mut self.pending);
        let unsent = unsent.into_iter().filter(|block| block["type"] == "text");
        self.pending = std::iter::once(opening).chain(unsent).collect();
        self.messages.clear();
        self.files.clear();
        self.watch = Watch::of(self.edition);
        self.length = 0;
        Ok(())
    }

    /// What the old conversation leaves to the new one.
    fn told(&self) -> String {
        let mut text = String::from(
            "\n# Hand-off\n\nYou go on where another conversation stopped. What it did stands in the working tree.\n",
        );
        let said = self.messages.iter().filter(|m| m.role == "assistant");
        let said: Vec<&Value> = said.flat_map(|message| &message.content).collect();
        let calls: Vec<&&Value> = said.iter().filter(|b| b["type"] == "tool_use").collect();
        let plan = calls.iter().rfind(|call| call["name"] == "update_plan");
        if let Some(plan) = plan {
            text += &format!("\n## How far the plan is\n\n{}\n", plan["input"]["items"]);
        }
        let people = self.messages.iter().filter(|m| m.role == "user");
        let people = people.flat_map(|message| of_type(&message.content, "text"));
        let people: Vec<&str> = people
            .filter_map(|block| block["text"].as_str())
            .filter(|text| text.starts_with(SAYS) || text.starts_with(ANSWERS))
            .collect();
        if !people.is_empty() {
            text += &format!("\n## What people said\n\n{}\n", people.join("\n"));
        }
        let words: Vec<&str> = said.iter().filter_map(|b| b["text"].as_str()).collect();
        if !words.is_empty() {
            text += &format!("\n## What it said\n\n{}\n", cut(&words.join("\n"), WORDS));
        }
        let newest = &calls[calls.len().saturating_sub(CALLS)..];
        let newest: Vec<String> = newest
            .iter()
            .map(|call| {
                let name = call["name"].as_str().unwrap_or_default();
                format!("{name} {}", gist(&call["input"]))
            })
            .collect();
        let newest: Vec<&str> = newest.iter().map(String::as_str).collect();
        text += &format!("\n## Its last calls\n\n{}\n", list(&newest));
        text + &self.tried.told(self.edition, &self.ran.told())
    }
}

fn list(lines: &[&str]) -> String {
    if lines.is_empty() {
        return "none".to_owned();
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("- {line}")).collect();
    lines.join("\n")
}
