//! What is sent: the same bytes for the same request, every time.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::catalogue::Thinking;
use super::super::{Message, Request, Tool};
use super::Understands;

/// In the order the vendor's cache reads it: tools, system, messages.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<Value>,
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    tools: &'a [Value],
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    system: &'a [Value],
    messages: &'a [Sent<'a>],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
}

/// A turn with its marks; what is recorded stays without.
#[derive(Serialize)]
struct Sent<'a> {
    role: &'a str,
    content: Vec<Cow<'a, Value>>,
}

/// The body of a request for an answer.
pub(super) fn message(request: &Request, name: &str, model: Understands) -> Vec<u8> {
    let metadata = (!request.user.is_empty()).then(|| json!({"user_id": request.user}));
    body(request, name, model, |body| {
        body.max_tokens = Some(request.max_tokens);
        body.metadata = metadata;
        body.output_config = output(request, model);
        body.stream = true;
    })
}

/// The body of a question for the size of the prompt.
pub(super) fn count(request: &Request, name: &str, model: Understands) -> Vec<u8> {
    body(request, name, model, |_| ())
}

fn body(
    request: &Request,
    name: &str,
    model: Understands,
    complete: impl FnOnce(&mut Body<'_>),
) -> Vec<u8> {
    let mut tools: Vec<Value> = request.tools.iter().map(tool).collect();
    let mut system = Vec::new();
    if !request.system.is_empty() {
        system.push(json!({"type": "text", "text": request.system}));
    }
    if model.caching {
        // The mark after the system text covers the tools before it.
        if let Some(last) = system.last_mut().or(tools.last_mut()) {
            mark(last);
        }
    }
    let messages = messages(&request.messages, model.caching);
    let mut body = Body {
        model: name,
        max_tokens: None,
        metadata: None,
        thinking: thinking(model.thinking),
        output_config: None,
        tools: &tools,
        system: &system,
        messages: &messages,
        stream: false,
    };
    complete(&mut body);
    // Strings and JSON values always become JSON.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn tool(tool: &Tool) -> Value {
    json!({
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool.input_schema,
    })
}

/// Without `display`, the newer models think unheard and the live log goes quiet.
fn thinking(thinking: Thinking) -> Option<Value> {
    match thinking {
        Thinking::None => None,
        Thinking::Adaptive => Some(json!({"type": "adaptive", "display": "summarized"})),
    }
}

fn output(request: &Request, model: Understands) -> Option<Value> {
    let mut output = serde_json::Map::new();
    if let Some(effort) = request.effort.as_ref().filter(|_| model.effort) {
        output.insert("effort".into(), json!(effort));
    }
    (!output.is_empty()).then_some(Value::Object(output))
}

/// Marks the last two user turns: this call writes up to the last, and finds what the call before it wrote up
/// to the one before, however many blocks lie between.
fn messages(messages: &[Message], caching: bool) -> Vec<Sent<'_>> {
    let mut sent: Vec<Sent<'_>> = messages
        .iter()
        .map(|message| Sent {
            role: &message.role,
            content: message.content.iter().map(Cow::Borrowed).collect(),
        })
        .collect();
    if caching {
        let users = sent.iter_mut().rev().filter(|turn| turn.role == "user");
        for turn in users.take(2) {
            let last = turn.content.iter_mut().rev().find(|block| markable(block));
            if let Some(block) = last {
                mark(block.to_mut());
            }
        }
    }
    sent
}

/// Thinking and empty text cannot carry a mark.
fn markable(block: &Value) -> bool {
    match block.get("type").and_then(Value::as_str) {
        Some("text") => block.get("text").and_then(Value::as_str) != Some(""),
        Some("image" | "document" | "tool_use" | "tool_result") => true,
        _ => false,
    }
}

fn mark(block: &mut Value) {
    if let Some(fields) = block.as_object_mut() {
        let mark = || json!({"type": "ephemeral"});
        fields.entry("cache_control").or_insert_with(mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Understands = Understands {
        caching: true,
        effort: true,
        thinking: Thinking::Adaptive,
    };

    const PLAIN: Understands = Understands {
        caching: false,
        effort: false,
        thinking: Thinking::None,
    };

    fn request() -> Request {
        let text = |text: &str| json!({"type": "text", "text": text});
        Request {
            model: "m".into(),
            role: "coder".into(),
            user: "run_1".into(),
            system: "be brief".into(),
            tools: vec![Tool {
                name: "bash".into(),
                description: "runs".into(),
                input_schema: json!({"type": "object"}),
            }],
            messages: vec![
                Message::user(vec![text("first")]),
                Message::assistant(vec![
                    json!({"type": "thinking", "thinking": "", "signature": "s"}),
                    json!({"type": "tool_use", "id": "1", "name": "bash", "input": {"b": 1, "a": 2}}),
                ]),
                Message::user(vec![
                    json!({"type": "tool_result", "tool_use_id": "1", "content": "ok"}),
                    text(""),
                ]),
            ],
            max_tokens: 10,
            effort: Some("high".into()),
        }
    }

    fn parsed(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn the_same_request_is_the_same_bytes_and_is_not_changed() {
        let (one, other) = (request(), request());
        assert_eq!(
            message(&one, &one.model, ALL),
            message(&other, &other.model, ALL)
        );
        assert_eq!(one, other);
    }

    #[test]
    fn marks_stand_after_system_and_the_last_two_user_turns() {
        let body = parsed(&message(&request(), &request().model, ALL));
        let mark = json!({"type": "ephemeral"});
        assert_eq!(body["system"][0]["cache_control"], mark);
        assert_eq!(body["messages"][0]["content"][0]["cache_control"], mark);
        assert_eq!(body["messages"][2]["content"][0]["cache_control"], mark);
        let text = body.to_string();
        assert_eq!(text.matches("cache_control").count(), 3, "{text}");

        let mut bare = request();
        bare.system.clear();
        let body = parsed(&message(&bare, &bare.model, ALL));
        assert_eq!(body["tools"][0]["cache_control"], mark);
        assert!(body.get("system").is_none());
    }

    #[test]
    fn only_what_the_model_understands_is_sent() {
        let body = parsed(&message(&request(), &request().model, ALL));
        assert_eq!(body["thinking"]["type"], "adaptive");
        assert_eq!(body["output_config"]["effort"], "high");
        assert_eq!(body["metadata"]["user_id"], "run_1");
        assert_eq!(
            (&body["stream"], &body["max_tokens"]),
            (&json!(true), &json!(10))
        );

        let body = parsed(&message(&request(), &request().model, PLAIN));
        assert!(body.get("thinking").is_none() && body["output_config"].get("effort").is_none());
        assert!(!body.to_string().contains("cache_control"));
        let blocks = json!(request().messages);
        assert_eq!(body["messages"], blocks, "blocks go back as they came");
    }

    #[test]
    fn counting_asks_for_no_answer() {
        let body = parsed(&count(&request(), &request().model, ALL));
        for field in ["max_tokens", "stream", "metadata", "output_config"] {
            assert!(body.get(field).is_none(), "{field}");
        }
        assert_eq!(body["tools"][0]["name"], "bash");
    }
}
