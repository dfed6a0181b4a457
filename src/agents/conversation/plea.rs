//! What a person is asked when an agent cannot go on: why, and what it has tried, so that the answer can be more than "try
//! again".

use serde_json::{Value, json};
use workflows::{Journal, definitions::coding::ASKS};

use super::{Conversation, of_type};
use crate::agents::tools::{cut, gist};

/// Calls that are told.
const CALLS: usize = 5;
/// Characters of its last words.
const WORDS: usize = 800;
/// Characters of all.
const MOST: usize = 6_000;

impl<J: Journal> Conversation<'_, J> {
    /// Puts the question into the result of the step. Runs that began before anybody was asked end instead.
    pub(in crate::agents) fn ask_for_help(&self, own: &mut Value, why: &str) {
        if self.edition > 1 {
            let question = self.env.masked(&cut(&self.plea(why), MOST));
            own[ASKS] = json!({"question": question, "options": []});
        }
    }

    fn plea(&self, why: &str) -> String {
        let mut text = why.trim().to_owned();
        let failed = self.tried.failed();
        if !failed.is_empty() {
            text += &format!("\n\nWhat did not work:\n{}", failed.join("\n"));
        }
        let said = self.messages.iter().filter(|m| m.role == "assistant");
        let said: Vec<&Value> = said.flat_map(|message| &message.content).collect();
        let calls = said.iter().rev().filter(|b| b["type"] == "tool_use");
        let mut calls: Vec<String> = calls
            .take(CALLS)
            .map(|call| {
                let name = call["name"].as_str().unwrap_or_default();
                format!("- {name} {}", gist(&call["input"]))
            })
            .collect();
        calls.reverse();
        if !calls.is_empty() {
            text += &format!("\n\nIts last calls:\n{}", calls.join("\n"));
        }
        let newest = self.messages.iter().rfind(|m| m.role == "assistant");
        let words = newest.into_iter().flat_map(|m| of_type(&m.content, "text"));
        let words: Vec<&str> = words.filter_map(|block| block["text"].as_str()).collect();
        let words = words.join("\n");
        // A result in JSON says nothing to people that does not stand above.
        if !words.trim().is_empty() && !words.trim_start().starts_with('{') {
            text += &format!("\n\nIt said last:\n{}", cut(words.trim(), WORDS));
        }
        text + "\n\nSay how to go on; it goes on where it stands. Or cancel the run."
    }
}
