//! A request, said in Chat Completions.

use serde_json::{Map, Value, json};

use super::super::{MALFORMED, Message, Request, Tool};

/// What the server and the model understand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// It is OpenAI itself: newer names of fields, and ids of users.
    pub(super) own: bool,
    /// The model understands how hard it shall think.
    pub(super) effort: bool,
}

/// The body; the same bytes for the same request.
pub(super) fn completion(request: &Request, name: &str, manner: Manner) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("model".into(), json!(name));
    body.insert("messages".into(), Value::Array(messages(request)));
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        body.insert("tools".into(), Value::Array(tools));
    }
    // OpenAI's own newer models refuse the old name; other servers know no other.
    let limit = if manner.own {
        "max_completion_tokens"
    } else {
        "max_tokens"
    };
    body.insert(limit.into(), json!(request.max_tokens));
    if manner.own && !request.user.is_empty() {
        body.insert("safety_identifier".into(), json!(request.user));
    }
    if let Some(effort) = request.effort.as_ref().filter(|_| manner.effort) {
        body.insert("reasoning_effort".into(), json!(effort));
    }
    body.insert("stream".into(), json!(true));
    body.insert("stream_options".into(), json!({"include_usage": true}));
    let mut body = Value::Object(body);
    body.sort_all_objects();
    body.to_string().into_bytes()
}

fn tool(tool: &Tool) -> Value {
    let function = json!({
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.input_schema,
    });
    json!({"type": "function", "function": function})
}

fn messages(request: &Request) -> Vec<Value> {
    let mut said = Vec::new();
    if !request.system.is_empty() {
        said.push(json!({"role": "system", "content": request.system}));
    }
    for message in &request.messages {
        if message.role == "assistant" {
            said.push(assistant(message));
        } else {
            user(message, &mut said);
        }
    }
    said
}

/// Thinking of other vendors' models stays behind: there is no place for it here.
fn assistant(message: &Message) -> Value {
    let mut text = String::new();
    let mut calls = Vec::new();
    for block in &message.content {
        match kind(block) {
            "text" => text.push_str(block["text"].as_str().unwrap_or_default()),
            "tool_use" => calls.push(json!({
                "id": block["id"],
                "type": "function",
                "function": {"name": block["name"], "arguments": arguments(&block["input"])},
            })),
            _ => {}
        }
    }
    let mut said = Map::new();
    said.insert("role".into(), json!("assistant"));
    let silent = text.is_empty() && !calls.is_empty();
    said.insert(
        "content".into(),
        if silent { Value::Null } else { json!(text) },
    );
    if !calls.is_empty() {
        said.insert("tool_calls".into(), Value::Array(calls));
    }
    Value::Object(said)
}

/// What was not JSON goes back as it was written.
fn arguments(input: &Value) -> String {
    let raw = input.get(MALFORMED).and_then(Value::as_str);
    raw.map_or_else(|| input.to_string(), str::to_owned)
}

/// Results of tools are messages of their own and come first, as the calls must be answered at once.
fn user(message: &Message, said: &mut Vec<Value>) {
    let mut parts = Vec::new();
    for block in &message.content {
        if kind(block) == "tool_result" {
            said.push(json!({
                "role": "tool",
                "tool_call_id": block["tool_use_id"],
                "content": result(block, &mut parts),
            }));
        } else {
            parts.push(part(block));
        }
    }
    let texts: Option<Vec<&str>> = parts.iter().map(|part| part["text"].as_str()).collect();
    match texts {
        Some(texts) if texts.is_empty() => {}
        // A plain string is what the simplest servers understand.
        Some(texts) => said.push(json!({"role": message.role, "content": texts.join("\n\n")})),
        None => said.push(json!({"role": message.role, "content": parts})),
    }
}

/// The text of a result. Pictures cannot stand in it, they follow as the user's.
fn result(block: &Value, parts: &mut Vec<Value>) -> String {
    let mut text = match &block["content"] {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let (pictures, others): (Vec<_>, Vec<_>) =
                blocks.iter().partition(|block| kind(block) == "image");
            parts.extend(pictures.into_iter().map(part));
            let texts = others.into_iter().map(words);
            texts.collect::<Vec<_>>().join("\n")
        }
        Value::Null => String::new(),
        other => other.to_string(),
    };
    if block["is_error"] == true {
        text.insert_str(0, "Error: ");
    }
    text
}

fn part(block: &Value) -> Value {
    let source = &block["source"];
    let url = match (kind(block), source["type"].as_str()) {
        ("image", Some("base64")) => {
            let text = |name: &str| source[name].as_str().unwrap_or_default();
            format!("data:{};base64,{}", text("media_type"), text("data"))
        }
        ("image", Some("url")) => source["url"].as_str().unwrap_or_default().to_owned(),
        _ => return json!({"type": "text", "text": words(block)}),
    };
    json!({"type": "image_url", "image_url": {"url": url}})
}

/// A block that has no text is told as the JSON it is.
fn words(block: &Value) -> String {
    let text = block["text"].as_str();
    text.map_or_else(|| block.to_string(), str::to_owned)
}

fn kind(block: &Value) -> &str {
    block["type"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: Manner = Manner {
        own: false,
        effort: false,
    };

    fn request() -> Request {
        Request {
            model: "qwen".into(),
            role: "coder".into(),
            user: "run_1".into(),
            system: "be brief".into(),
            tools: vec![Tool {
                name: "bash".into(),
                description: "runs".into(),
                input_schema: json!({"type": "object"}),
            }],
            messages: vec![
                Message::user(vec![json!({"type": "text", "text": "go"})]),
                Message::assistant(vec![
                    json!({"type": "thinking", "thinking": "hm", "signature": "s"}),
                    json!({"type": "tool_use", "id": "1", "name": "bash", "input": {"command": "ls"}}),
                    json!({"type": "tool_use", "id": "2", "name": "bash", "input": {"_malformed": "{\"comm"}}),
                ]),
                Message::user(vec![
                    json!({"type": "tool_result", "tool_use_id": "1", "content": "a.rs"}),
                    json!({"type": "tool_result", "tool_use_id": "2", "is_error": true, "content": [
                        {"type": "text", "text": "not JSON"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}},
                    ]}),
                    json!({"type": "text", "text": "hurry"}),
                ]),
            ],
            max_tokens: 10,
            effort: Some("high".into()),
        }
    }

    #[test]
    fn a_conversation_is_told_in_their_words() {
        let body: Value =
            serde_json::from_slice(&completion(&request(), &request().model, OTHER)).unwrap();
        let call = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "bash", "arguments": arguments}});
        let expected = json!([
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": null, "tool_calls": [
                call("1", "{\"command\":\"ls\"}"), call("2", "{\"comm")]},
            {"role": "tool", "tool_call_id": "1", "content": "a.rs"},
            {"role": "tool", "tool_call_id": "2", "content": "Error: not JSON"},
            {"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
                {"type": "text", "text": "hurry"}]},
        ]);
        assert_eq!(body["messages"], expected);
        assert_eq!(
            body["tools"][0]["function"]["parameters"],
            json!({"type": "object"})
        );
        assert_eq!(body["max_tokens"], 10);
        for field in [
            "reasoning_effort",
            "safety_identifier",
            "max_completion_tokens",
        ] {
            assert!(body.get(field).is_none(), "{field}");
        }
    }

    #[test]
    fn openai_itself_is_spoken_to_in_its_newer_words() {
        let manner = Manner {
            own: true,
            effort: true,
        };
        let body: Value =
            serde_json::from_slice(&completion(&request(), &request().model, manner)).unwrap();
        assert_eq!(body["max_completion_tokens"], 10);
        assert_eq!(body["reasoning_effort"], "high");
        assert_eq!(body["safety_identifier"], "run_1");
        assert!(body.get("max_tokens").is_none());
        assert_eq!(
            completion(&request(), &request().model, manner),
            completion(&request(), &request().model, manner)
        );
    }
}
