//! What a model answers.

use std::ops::Add;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a model answered, exact in its blocks (thinking included).
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Reply {
    /// The blocks in the order they were said.
    pub content: Vec<Value>,
    /// Why it stopped.
    pub stop: Stop,
    /// What it cost, in tokens.
    pub usage: Usage,
    /// The vendor's id of the call, for their support.
    pub request_id: Option<String>,
    /// The model that answered, by its own word.
    pub model: String,
}

/// Why a model stopped speaking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It has said what it wanted.
    EndTurn,
    /// It waits for results of tools.
    ToolUse,
    /// The limit of the answer was hit; a call it was writing is incomplete.
    MaxTokens,
    /// A stop sequence was written.
    StopSequence,
    /// A long turn was interrupted; send the content back to go on.
    PauseTurn,
    /// It will not do this.
    Refusal,
    /// The conversation does not fit into the model's window any more.
    ContextWindow,
    /// A reason that is not known here, in the vendor's word.
    Other(String),
}

impl Stop {
    /// The reason the Messages API calls `word`.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "end_turn" => Self::EndTurn,
            "tool_use" => Self::ToolUse,
            "max_tokens" => Self::MaxTokens,
            "stop_sequence" => Self::StopSequence,
            "pause_turn" => Self::PauseTurn,
            "refusal" => Self::Refusal,
            "model_context_window_exceeded" => Self::ContextWindow,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Tokens of one call, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the prompt, read anew.
    pub input: u64,
    /// Of the answer, thinking included.
    pub output: u64,
    /// Of the prompt, taken from the vendor's cache.
    pub cache_read: u64,
    /// Of the prompt, read anew and put into the vendor's cache.
    pub cache_write: u64,
}

impl Usage {
    /// The whole prompt.
    pub fn prompt(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write: self.cache_write.saturating_add(other.cache_write),
        }
    }
}
