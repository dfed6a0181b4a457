//! A reply put together from the events of its stream.

use serde_json::{Map, Value, json};

use super::super::wire::kind_class;
use super::super::{Class, Delta, Ear, MALFORMED, Refused, Reply, Stop, Usage};

/// What has been heard of a reply so far.
#[derive(Debug, Default)]
pub(in super::super) struct Assembly {
    started: bool,
    model: String,
    usage: Usage,
    stop: Option<Stop>,
    blocks: Vec<Block>,
}

/// A block, whole or growing.
#[derive(Debug)]
struct Block {
    index: u64,
    open: bool,
    value: Map<String, Value>,
    /// Input of a tool as it was written so far; not yet JSON.
    input: String,
}

impl Assembly {
    /// Takes one event; the last one gives the reply. What is not known is let pass.
    pub(in super::super) fn take(
        &mut self,
        data: &str,
        hear: &Ear<'_>,
    ) -> Result<Option<Reply>, Refused> {
        let event: Value =
            serde_json::from_str(data).map_err(|_| broken("an event of the stream is not JSON"))?;
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => {
                self.started = true;
                event["message"]["model"]
                    .as_str()
                    .unwrap_or_default()
                    .clone_into(&mut self.model);
                self.count(&event["message"]["usage"]);
            }
            "content_block_start" => self.open(&event, hear)?,
            "content_block_delta" => self.grow(&event, hear)?,
            "content_block_stop" => self.growing(&event)?.close(),
            "message_delta" => {
                self.count(&event["usage"]);
                if let Some(word) = event["delta"]["stop_reason"].as_str() {
                    self.stop = Some(Stop::of(word));
                }
            }
            "message_stop" => return self.finish().map(Some),
            "error" => return Err(refusal(&event)),
            _ => {}
        }
        Ok(None)
    }

    /// Whether the vendor has said that it answers.
    pub(super) fn has_begun(&self) -> bool {
        self.started
    }

    /// The stream ended without saying that it ends.
    pub(super) fn cut_off(&self) -> Refused {
        broken(if self.started {
            "the stream broke off in the middle of the answer"
        } else {
            "the answer was no stream of a message"
        })
    }

    /// Counts are totals, not additions, wherever they stand.
    fn count(&mut self, usage: &Value) {
        for (name, total) in [
            ("input_tokens", &mut self.usage.input),
            ("output_tokens", &mut self.usage.output),
            ("cache_read_input_tokens", &mut self.usage.cache_read),
            ("cache_creation_input_tokens", &mut self.usage.cache_write),
        ] {
            if let Some(tokens) = usage[name].as_u64() {
                *total = tokens;
            }
        }
    }

    fn open(&mut self, event: &Value, hear: &Ear<'_>) -> Result<(), Refused> {
        let (Some(index), Value::Object(value)) =
            (event["index"].as_u64(), &event["content_block"])
        else {
            return Err(broken("a block of the stream has no index or no content"));
        };
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("type") {
            "text" if !text("text").is_empty() => hear(Delta::Text(text("text"))),
            "thinking" if !text("thinking").is_empty() => hear(Delta::Thinking(text("thinking"))),
            "tool_use" => hear(Delta::ToolName(text("name"))),
            _ => {}
        }
        // Some local servers begin the next block at the same index without having ended the last.
        if let Ok(unfinished) = self.growing(event) {
            unfinished.close();
        }
        self.blocks.push(Block {
            index,
            open: true,
            value: value.clone(),
            input: String::new(),
        });
        Ok(())
    }

    fn grow(&mut self, event: &Value, hear: &Ear<'_>) -> Result<(), Refused> {
        let block = self.growing(event)?;
        let Value::Object(delta) = &event["delta"] else {
            return Ok(());
        };
        let text = |name: &str| delta.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("type") {
            "text_delta" => hear(Delta::Text(text("text"))),
            "thinking_delta" => hear(Delta::Thinking(text("thinking"))),
            "input_json_delta" => {
                block.input.push_str(text("partial_json"));
                return Ok(());
            }
            "signature_delta" => {
                // The one text that comes whole.
                block.value.remove("signature");
            }
            "citations_delta" => {
                let citation = delta.get("citation").cloned().unwrap_or_default();
                block.add("citations", json!([citation]));
                return Ok(());
            }
            _ => {}
        }
        for (name, value) in delta.iter().filter(|(name, _)| *name != "type") {
            block.add(name, value.clone());
        }
        Ok(())
    }

    fn growing(&mut self, event: &Value) -> Result<&mut Block, Refused> {
        let index = event["index"].as_u64();
        let mut blocks = self.blocks.iter_mut().rev();
        let found = blocks.find(|block| Some(block.index) == index && block.open);
        found.ok_or_else(|| broken("the stream adds to a block that is not open"))
    }

    fn finish(&mut self) -> Result<Reply, Refused> {
        if self.blocks.iter().any(|block| block.open) {
            return Err(broken("the stream ended inside a block"));
        }
        let Some(stop) = self.stop.take() else {
            return Err(broken("the stream ended without a reason to stop"));
        };
        let blocks = std::mem::take(&mut self.blocks);
        Ok(Reply {
            content: blocks
                .into_iter()
                .map(|block| Value::Object(block.value))
                .collect(),
            stop,
            usage: self.usage,
            request_id: None,
            model: std::mem::take(&mut self.model),
        })
    }
}

impl Block {
    /// Text grows, lists grow, anything else is replaced.
    fn add(&mut self, name: &str, value: Value) {
        match (self.value.get_mut(name), value) {
            (Some(Value::String(text)), Value::String(more)) => text.push_str(&more),
            (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
            (_, value) => {
                self.value.insert(name.to_owned(), value);
            }
        }
    }

    /// Only now the input of a tool is complete.
    fn close(&mut self) {
        self.open = false;
        let calls = self
            .value
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind.ends_with("tool_use"));
        if !self.input.is_empty() {
            self.value.insert("input".to_owned(), input(&self.input));
        } else if calls && !self.value.get("input").is_some_and(Value::is_object) {
            self.value.insert("input".to_owned(), json!({}));
        }
    }
}

/// Input of a tool: an object, or what was written instead.
pub(in super::super) fn input(written: &str) -> Value {
    match serde_json::from_str(written) {
        Ok(input @ Value::Object(_)) => input,
        _ if written.trim().is_empty() => json!({}),
        _ => json!({ MALFORMED: written }),
    }
}

fn broken(how: &str) -> Refused {
    Refused::new(Class::Passing, how)
}

/// An `error` event, which may come long after the status said that all is well.
fn refusal(event: &Value) -> Refused {
    let text = |name: &str| event["error"][name].as_str().unwrap_or_default();
    let (kind, message) = (text("type"), text("message"));
    Refused {
        request_id: event["request_id"].as_str().map(str::to_owned),
        ..Refused::new(kind_class(kind, message), format!("{kind}: {message}"))
    }
}
