//! What a model is asked.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// One request to a model. Messages and blocks are in the shape of the Messages API, kept as JSON and sent as
/// they are.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Request {
    /// The vendor's name of the model.
    pub model: String,
    /// Who asks: `planner`, `coder`, `tester` or `reviewer`; sent as the header `x-codegraph-role`.
    pub role: String,
    /// An opaque id of the run; vendors that watch for abuse tell runs apart by it.
    pub user: String,
    /// The instructions.
    pub system: String,
    /// The tools the model may call; the list never changes within a conversation.
    pub tools: Vec<Tool>,
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// The most tokens the answer may have.
    pub max_tokens: u32,
    /// `low`, `medium` or `high`; sent only where the model's row says that it is understood.
    pub effort: Option<String>,
}

/// A tool as it is described to a model.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of its input.
    pub input_schema: Value,
}

/// One turn of a conversation.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Message {
    /// `user` or `assistant`.
    pub role: String,
    /// Its blocks.
    pub content: Vec<Value>,
}

impl Message {
    /// What the program says.
    pub fn user(content: Vec<Value>) -> Self {
        Self {
            role: "user".to_owned(),
            content,
        }
    }

    /// What the model said; give its blocks back unchanged.
    pub fn assistant(content: Vec<Value>) -> Self {
        Self {
            role: "assistant".to_owned(),
            content,
        }
    }

    fn is_assistant(&self) -> bool {
        self.role == "assistant"
    }
}

impl Request {
    /// The request as a document that is the same wherever it is asked again: keys sorted, and without the run,
    /// which is another one in every replay.
    pub fn canonical(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = value.as_object_mut() {
            fields.remove("user");
        }
        value.sort_all_objects();
        value
    }

    /// SHA-256 of [`Request::canonical`], in hex.
    pub fn fingerprint(&self) -> String {
        hex(self.canonical().to_string().as_bytes())
    }

    /// How often the model has spoken in this conversation.
    pub(super) fn turn(&self) -> usize {
        self.messages.iter().filter(|m| m.is_assistant()).count()
    }

    /// The words the conversation began with.
    pub(super) fn opening(&self) -> String {
        let first = self.messages.iter().find(|m| !m.is_assistant());
        first.map(|m| words(&m.content)).unwrap_or_default()
    }

    /// The words that came since the model spoke last.
    pub(super) fn news(&self) -> String {
        let spoken = self.messages.iter().rposition(Message::is_assistant);
        let since = &self.messages[spoken.map_or(0, |at| at + 1)..];
        let news: Vec<String> = since.iter().map(|m| words(&m.content)).collect();
        news.join("\n")
    }

    /// All its words: instructions, tools, conversation.
    pub(super) fn words(&self) -> String {
        let mut text = self.system.clone();
        for tool in &self.tools {
            text.push('\n');
            text.push_str(&tool.name);
            text.push('\n');
            text.push_str(&tool.description);
        }
        for message in &self.messages {
            text.push('\n');
            text.push_str(&words(&message.content));
        }
        text
    }
}

/// Every text inside blocks as it reads, not as JSON escapes it.
fn words(blocks: &[Value]) -> String {
    fn gather<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| gather(field, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut found = Vec::new();
    for block in blocks {
        gather(block, &mut found);
    }
    found.join("\n")
}

/// SHA-256 in hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // A `String` takes everything that is written to it.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request() -> Request {
        Request {
            model: "m".into(),
            role: "coder".into(),
            user: "run_1".into(),
            system: "be brief".into(),
            tools: vec![],
            messages: vec![
                Message::user(vec![json!({"type": "text", "text": "say \"hi\""})]),
                Message::assistant(vec![json!({"type": "text", "text": "hi"})]),
                Message::user(vec![json!({"type": "text", "text": "again"})]),
            ],
            max_tokens: 10,
            effort: None,
        }
    }

    #[test]
    fn the_same_question_of_another_run_has_the_same_fingerprint() {
        let mut other = request();
        other.user = "run_2".into();
        assert_eq!(other.fingerprint(), request().fingerprint());
        assert_eq!(other.fingerprint().len(), 64);
        other.system.push('!');
        assert_ne!(other.fingerprint(), request().fingerprint());
    }

    #[test]
    fn words_read_as_they_were_written() {
        let request = request();
        assert!(request.opening().contains("say \"hi\""));
        assert!(request.news().contains("again") && !request.news().contains("say"));
        assert!(request.words().starts_with("be brief"));
        assert_eq!(request.turn(), 1);
    }
}
