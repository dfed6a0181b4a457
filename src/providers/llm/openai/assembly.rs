//! A reply put together from the chunks of its stream, in the shape of the Messages API.

use serde_json::{Value, json};

use super::super::messages::input;
use super::super::wire::kind_class;
use super::super::{Class, Delta, Ear, Refused, Reply, Stop, Usage};

/// The line after the last chunk.
const DONE: &str = "[DONE]";

/// What has been heard of a reply so far.
#[derive(Debug, Default)]
pub(in super::super) struct Assembly {
    /// How often the model spoke before, for calls that come without an id.
    turn: usize,
    model: String,
    thinking: String,
    text: String,
    calls: Vec<Call>,
    refused: bool,
    finish: Option<String>,
    usage: Usage,
}

/// A call of a tool, growing.
#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Assembly {
    pub(in super::super) fn new(turn: usize) -> Self {
        Self {
            turn,
            ..Self::default()
        }
    }

    /// Takes one chunk; the line after the last gives the reply.
    pub(in super::super) fn take(
        &mut self,
        data: &str,
        hear: &Ear<'_>,
    ) -> Result<Option<Reply>, Refused> {
        if data.trim() == DONE {
            return self.finish().map(Some);
        }
        let chunk: Value =
            serde_json::from_str(data).map_err(|_| broken("a chunk of the stream is not JSON"))?;
        if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
            return Err(refusal(error));
        }
        if let Some(model) = chunk["model"].as_str().filter(|model| !model.is_empty()) {
            model.clone_into(&mut self.model);
        }
        self.count(&chunk["usage"]);
        // Only one answer was asked for.
        let choice = &chunk["choices"][0];
        self.hear(&choice["delta"], hear);
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.finish = Some(reason.to_owned());
        }
        Ok(None)
    }

    /// The stream ended without saying that it ends.
    pub(super) fn cut_off(&self) -> Refused {
        broken(if self.model.is_empty() {
            "the answer was no stream of a completion"
        } else {
            "the stream broke off in the middle of the answer"
        })
    }

    /// Totals, wherever they stand; the prompt's count includes what came from the cache.
    fn count(&mut self, usage: &Value) {
        let Some(prompt) = usage["prompt_tokens"].as_u64() else {
            return;
        };
        let cached = usage["prompt_tokens_details"]["cached_tokens"].as_u64();
        let cache_read = cached.unwrap_or_default().min(prompt);
        self.usage = Usage {
            input: prompt - cache_read,
            output: usage["completion_tokens"].as_u64().unwrap_or_default(),
            cache_read,
            cache_write: 0,
        };
    }

    fn hear(&mut self, delta: &Value, hear: &Ear<'_>) {
        let text = |name: &str| delta[name].as_str().filter(|text| !text.is_empty());
        if let Some(thought) = text("reasoning_content").or_else(|| text("reasoning")) {
            self.thinking.push_str(thought);
            hear(Delta::Thinking(thought));
        }
        if let Some(refusal) = text("refusal") {
            self.refused = true;
            self.text.push_str(refusal);
            hear(Delta::Text(refusal));
        }
        if let Some(words) = text("content") {
            self.text.push_str(words);
            hear(Delta::Text(words));
        }
        for piece in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(piece, hear);
        }
    }

    /// A piece belongs to the call of its index. Servers that send none send each call in one piece.
    fn call(&mut self, piece: &Value, hear: &Ear<'_>) {
        let index = piece["index"].as_u64();
        let function = &piece["function"];
        let known = self.calls.iter().position(|call| match index {
            Some(_) => call.index == index,
            None => piece["id"].as_str().is_some_and(|id| call.id == id),
        });
        let last = self.calls.len().checked_sub(1);
        let nameless = index.is_none() && function["name"].as_str().is_none();
        let at = known.or(last.filter(|_| nameless)).unwrap_or_else(|| {
            self.calls.push(Call {
                index,
                ..Call::default()
            });
            self.calls.len() - 1
        });
        let call = &mut self.calls[at];
        if let Some(id) = piece["id"].as_str().filter(|id| !id.is_empty()) {
            id.clone_into(&mut call.id);
        }
        if let Some(name) = function["name"].as_str().filter(|name| !name.is_empty()) {
            if call.name.is_empty() {
                hear(Delta::ToolName(name));
            }
            name.clone_into(&mut call.name);
        }
        match &function["arguments"] {
            Value::String(more) => call.arguments.push_str(more),
            Value::Null => {}
            // Against the protocol, but it is meant well.
            whole => call.arguments = whole.to_string(),
        }
    }

    fn finish(&mut self) -> Result<Reply, Refused> {
        let Some(finish) = self.finish.take() else {
            return Err(broken("the stream ended without a reason to stop"));
        };
        let mut content = Vec::new();
        if !self.thinking.is_empty() {
            content.push(json!({"type": "thinking", "thinking": self.thinking}));
        }
        if !self.text.is_empty() {
            content.push(json!({"type": "text", "text": self.text}));
        }
        let calls = !self.calls.is_empty();
        for (at, call) in self.calls.drain(..).enumerate() {
            let id = if call.id.is_empty() {
                format!("call_{}_{at}", self.turn)
            } else {
                call.id
            };
            let input = input(&call.arguments);
            content.push(json!({"type": "tool_use", "id": id, "name": call.name, "input": input}));
        }
        let stop = match finish.as_str() {
            "content_filter" => Stop::Refusal,
            _ if self.refused => Stop::Refusal,
            "length" => Stop::MaxTokens,
            // Many servers say `stop` although they call.
            "tool_calls" | "function_call" | "stop" if calls => Stop::ToolUse,
            "stop" | "tool_calls" => Stop::EndTurn,
            other => Stop::Other(other.to_owned()),
        };
        Ok(Reply {
            content,
            stop,
            usage: self.usage,
            request_id: None,
            model: std::mem::take(&mut self.model),
        })
    }
}

fn broken(how: &str) -> Refused {
    Refused::new(Class::Passing, how)
}

/// An error inside the stream; some servers give the status as its code.
fn refusal(error: &Value) -> Refused {
    let message = error["message"]
        .as_str()
        .or(error.as_str())
        .unwrap_or_default();
    let kind = error["type"].as_str().unwrap_or_default();
    let code = &error["code"];
    let word = code.as_str().unwrap_or(kind);
    let class = match code.as_u64() {
        Some(400 | 413 | 422) => Class::Rejected,
        Some(401..=403) => Class::Denied,
        Some(404) => Class::Unknown,
        _ => kind_class(word, message),
    };
    Refused::new(class, format!("{word}: {message}"))
}
