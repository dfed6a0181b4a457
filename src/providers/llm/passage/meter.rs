//! What an answer says and what it used, read off the bytes that go by. They are not changed.

use serde_json::{Value, json};

use super::super::messages::{self, input};
use super::super::openai;
use super::super::{Class, Refused, Reply, Stop, Usage};
use super::Way;

/// An answer that goes by.
#[derive(Debug)]
pub struct Meter {
    way: Way,
    streams: bool,
    /// What has not been read yet.
    bytes: Vec<u8>,
    messages: messages::Assembly,
    chat: openai::Assembly,
    /// What was understood of it, once that is all.
    found: Option<Result<Reply, Refused>>,
}

impl Meter {
    /// Of a call that speaks so.
    #[must_use]
    pub fn new(way: Way, streams: bool) -> Self {
        Self {
            way,
            streams,
            bytes: Vec::new(),
            messages: messages::Assembly::default(),
            chat: openai::Assembly::new(0),
            found: None,
        }
    }

    /// Takes a piece.
    pub fn hear(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
        if !self.streams {
            return;
        }
        while let Some((event, rest)) = event(&self.bytes) {
            self.bytes.drain(..rest);
            if self.found.is_none() && !event.is_empty() {
                self.take(&event);
            }
        }
    }

    fn take(&mut self, event: &str) {
        let taken = match self.way {
            Way::Messages | Way::Count => self.messages.take(event, &|_| ()),
            Way::Chat => self.chat.take(event, &|_| ()),
            Way::Responses => responses(event),
        };
        self.found = taken.transpose();
    }

    /// The whole answer; or why it is none.
    pub fn end(mut self) -> Result<Reply, Refused> {
        if !self.streams {
            let body: Value = serde_json::from_slice(&self.bytes)
                .map_err(|_| broken("the answer is not JSON"))?;
            return Ok(whole(self.way, &body));
        }
        // A last event may not be followed by the empty line that ends it.
        self.hear(b"\n\n");
        let missing = || Err(broken("the stream broke off in the middle of the answer"));
        self.found.unwrap_or_else(missing)
    }
}

/// The data of the first event, and how many bytes it takes up.
fn event(bytes: &[u8]) -> Option<(String, usize)> {
    let (mut data, mut at) = (Vec::new(), 0);
    loop {
        let end = at + bytes[at..].iter().position(|byte| *byte == b'\n')?;
        let line = &bytes[at..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        at = end + 1;
        if line.is_empty() {
            return Some((data.join("\n"), at));
        }
        if let Some(text) = line.strip_prefix(b"data:") {
            let text = String::from_utf8_lossy(text);
            data.push(text.strip_prefix(' ').unwrap_or(&text).to_owned());
        }
    }
}

/// The last event of a stream of Responses holds all that the others have said.
fn responses(event: &str) -> Result<Option<Reply>, Refused> {
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    match event["type"].as_str() {
        Some("response.completed" | "response.incomplete" | "response.failed") => {
            Ok(Some(whole(Way::Responses, &event["response"])))
        }
        Some("error") => Err(broken(event["message"].as_str().unwrap_or("an error"))),
        _ => Ok(None),
    }
}

/// An answer that came in one piece.
fn whole(way: Way, body: &Value) -> Reply {
    let (content, stop) = match way {
        Way::Messages | Way::Count => (
            body["content"].as_array().cloned().unwrap_or_default(),
            Stop::of(body["stop_reason"].as_str().unwrap_or_default()),
        ),
        Way::Chat => chat(&body["choices"][0]),
        Way::Responses => (items(&body["output"]), Stop::EndTurn),
    };
    Reply {
        content,
        stop,
        usage: used(way, &body["usage"]),
        request_id: None,
        model: body["model"].as_str().unwrap_or_default().to_owned(),
    }
}

fn used(way: Way, usage: &Value) -> Usage {
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    let (prompt, answer, cached) = match way {
        Way::Messages | Way::Count => {
            return Usage {
                input: count(&usage["input_tokens"]),
                output: count(&usage["output_tokens"]),
                cache_read: count(&usage["cache_read_input_tokens"]),
                cache_write: count(&usage["cache_creation_input_tokens"]),
            };
        }
        Way::Chat => (
            "prompt_tokens",
            "completion_tokens",
            "prompt_tokens_details",
        ),
        Way::Responses => ("input_tokens", "output_tokens", "input_tokens_details"),
    };
    let prompt = count(&usage[prompt]);
    // The prompt's count includes what came from the cache.
    let cache_read = count(&usage[cached]["cached_tokens"]).min(prompt);
    Usage {
        input: prompt - cache_read,
        output: count(&usage[answer]),
        cache_read,
        cache_write: 0,
    }
}

fn chat(choice: &Value) -> (Vec<Value>, Stop) {
    let message = &choice["message"];
    let mut content = Vec::new();
    if let Some(text) = message["content"].as_str().filter(|text| !text.is_empty()) {
        content.push(json!({"type": "text", "text": text}));
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        content.push(tool(&call["id"], &call["function"]));
    }
    let stop = match choice["finish_reason"].as_str() {
        Some("length") => Stop::MaxTokens,
        Some("content_filter") => Stop::Refusal,
        _ if !content.iter().any(|block| block["type"] == "tool_use") => Stop::EndTurn,
        _ => Stop::ToolUse,
    };
    (content, stop)
}

fn tool(id: &Value, function: &Value) -> Value {
    let arguments = function["arguments"].as_str().unwrap_or_default();
    json!({"type": "tool_use", "id": id, "name": function["name"], "input": input(arguments)})
}

/// Items of a response as blocks; of those that are sealed, nothing can be read.
fn items(output: &Value) -> Vec<Value> {
    let mut content = Vec::new();
    for item in output.as_array().into_iter().flatten() {
        if item["type"] == "function_call" {
            content.push(tool(&item["call_id"], item));
        }
        for part in item["content"].as_array().into_iter().flatten() {
            if let Some(text) = part["text"].as_str() {
                content.push(json!({"type": "text", "text": text}));
            }
        }
    }
    content
}

fn broken(how: &str) -> Refused {
    Refused::new(Class::Passing, how)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: &str = concat!(
        "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\r\n\r\n",
        "data: {\"model\":\"m\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,",
        "\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\ndata: [DONE]\n\n",
    );

    const MESSAGES: &str = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":",
        "{\"input_tokens\":6,\"cache_read_input_tokens\":4,\"output_tokens\":1}}}\n\n: still there\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"hi\"}}\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n",
        "data: {\"type\":\"message_stop\"}\n",
    );

    const RESPONSES: &str = concat!(
        "event: response.created\ndata: {\"type\":\"response.created\"}\n\n",
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"m\",\"output\":",
        "[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"hi\"}]}],\"usage\":",
        "{\"input_tokens\":10,\"output_tokens\":2,\"input_tokens_details\":{\"cached_tokens\":4}}}}\n\n",
    );

    const ALL: [(Way, &str); 3] = [
        (Way::Chat, CHAT),
        (Way::Messages, MESSAGES),
        (Way::Responses, RESPONSES),
    ];

    #[test]
    fn a_stream_says_the_same_wherever_it_is_cut() {
        for (way, text) in ALL {
            for at in 0..=text.len() {
                let mut meter = Meter::new(way, true);
                meter.hear(&text.as_bytes()[..at]);
                meter.hear(&text.as_bytes()[at..]);
                let reply = meter.end().unwrap();
                let usage = reply.usage;
                assert_eq!(
                    (usage.input, usage.cache_read, usage.output),
                    (6, 4, 2),
                    "{way:?} {at}"
                );
                assert_eq!(reply.content, [json!({"type": "text", "text": "hi"})]);
            }
        }
    }

    #[test]
    fn a_stream_that_breaks_off_is_no_answer() {
        for (way, text) in ALL {
            let mut meter = Meter::new(way, true);
            meter.hear(&text.as_bytes()[..text.len() / 2]);
            assert!(meter.end().is_err(), "{way:?}");
        }
    }

    #[test]
    fn an_answer_in_one_piece_says_what_it_used() {
        let chat = json!({"model": "m", "usage": {"prompt_tokens": 5, "completion_tokens": 1}, "choices": [
            {"finish_reason": "tool_calls", "message": {"content": null, "tool_calls": [
                {"id": "1", "function": {"name": "bash", "arguments": "{\"command\":\"ls\"}"}}]}}]});
        let mut meter = Meter::new(Way::Chat, false);
        meter.hear(chat.to_string().as_bytes());
        let reply = meter.end().unwrap();
        assert_eq!((reply.usage.input, reply.stop), (5, Stop::ToolUse));
        assert_eq!(reply.content[0]["input"]["command"], "ls");
    }
}
