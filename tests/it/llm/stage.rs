//! What the tests of models share: a request, streams that hold everything a stream can hold, and an ear.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codegraph::providers::llm::{
    Anthropic, Catalogue, Delta, Message, ModelProvider, OpenAi, Refused, Reply, Request, Stop,
    Tool, Usage,
};
use serde_json::{Value, json};

/// Nobody's key; no text may show it.
pub(super) const KEY: &str = "sk-test-hunter22-hunter22";

pub(crate) fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

pub(super) fn request() -> Request {
    Request {
        model: "claude-sonnet-5-5".into(),
        role: "coder".into(),
        user: "run_1".into(),
        system: "be brief".into(),
        tools: vec![Tool {
            name: "bash".into(),
            description: "runs a command".into(),
            input_schema: json!({"type": "object", "additionalProperties": false}),
        }],
        messages: vec![Message::user(vec![text("list the files")])],
        max_tokens: 4096,
        effort: Some("high".into()),
    }
}

pub(super) fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::embedded())
}

/// A client of the vendor the test plays.
pub(super) fn anthropic(url: &str) -> Anthropic {
    Anthropic::new(&url.parse().unwrap(), Some(KEY.into()), catalogue()).unwrap()
}

/// One that does not wait long.
pub(super) fn impatient(url: &str) -> Anthropic {
    let patience = Duration::from_millis(200);
    Anthropic::patient(
        &url.parse().unwrap(),
        Some(KEY.into()),
        catalogue(),
        patience,
    )
    .unwrap()
}

pub(super) fn openai(url: &str) -> OpenAi {
    OpenAi::new(&url.parse().unwrap(), Some(KEY.into()), catalogue()).unwrap()
}

/// Asks once, without listening.
pub(super) async fn ask(vendor: &dyn ModelProvider, request: &Request) -> Result<Reply, Refused> {
    vendor.complete(request, &|_| ()).await
}

/// Asks once; also what was heard meanwhile.
pub(super) async fn listen(vendor: &dyn ModelProvider, request: &Request) -> (Reply, String) {
    let heard = Mutex::new(String::new());
    let hear = |delta: Delta<'_>| {
        let mut heard = heard.lock().unwrap();
        match delta {
            Delta::Text(text) => heard.push_str(text),
            Delta::Thinking(text) => heard.push_str(&format!("<{text}>")),
            Delta::ToolName(name) => heard.push_str(&format!("[{name}]")),
        }
    };
    let reply = vendor.complete(request, &hear).await.unwrap();
    (reply, heard.into_inner().unwrap())
}

/// Events as the Messages API sends them.
pub(crate) fn sse(events: &[Value]) -> String {
    let event = |event: &Value| {
        let name = event["type"].as_str().unwrap();
        format!("event: {name}\ndata: {event}\n\n")
    };
    events.iter().map(event).collect()
}

pub(crate) fn start() -> Value {
    json!({"type": "message_start", "message": {
        "model": "claude-sonnet-5-5",
        "usage": {"input_tokens": 25, "cache_read_input_tokens": 7,
            "cache_creation_input_tokens": 3, "output_tokens": 1}}})
}

pub(crate) fn open(index: u64, block: &Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

pub(super) fn add(index: u64, delta: &Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

pub(crate) fn add_text(index: u64, text: &str) -> Value {
    add(index, &json!({"type": "text_delta", "text": text}))
}

pub(crate) fn add_input(index: u64, json: &str) -> Value {
    add(
        index,
        &json!({"type": "input_json_delta", "partial_json": json}),
    )
}

pub(crate) fn close(index: u64) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

pub(crate) fn end(reason: &str) -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": reason},
            "usage": {"output_tokens": 40}}),
        json!({"type": "message_stop"}),
    ]
}

/// A tool's call whose input comes in these pieces.
pub(super) fn call(index: u64, id: &str, pieces: &[&str]) -> Vec<Value> {
    let block = json!({"type": "tool_use", "id": id, "name": "bash", "input": {}});
    let mut events = vec![open(index, &block)];
    events.extend(pieces.iter().map(|piece| add_input(index, piece)));
    events.push(close(index));
    events
}

/// Everything at once: thinking with its signature, text of many alphabets, parallel calls, an empty input,
/// citations, blocks and events nobody knows.
pub(super) fn rich_events() -> Vec<Value> {
    let mut events = vec![
        start(),
        json!({"type": "ping"}),
        open(
            0,
            &json!({"type": "thinking", "thinking": "", "signature": ""}),
        ),
        add(
            0,
            &json!({"type": "thinking_delta", "thinking": "the user "}),
        ),
        add(
            0,
            &json!({"type": "thinking_delta", "thinking": "wants \"files\"\n"}),
        ),
        add(
            0,
            &json!({"type": "signature_delta", "signature": "EqQB+/=="}),
        ),
        close(0),
        open(1, &text("")),
        add_text(1, "Gr\u{fc}\u{df}e \u{1f33f} "),
        json!({"type": "a_new_event", "what": "nobody knows"}),
        add_text(1, "and\r\nmore: data: x"),
        add(
            1,
            &json!({"type": "citations_delta", "citation": {"url": "a"}}),
        ),
        add(
            1,
            &json!({"type": "citations_delta", "citation": {"url": "b"}}),
        ),
        close(1),
    ];
    events.extend(call(
        2,
        "toolu_1",
        &[
            "",
            "{\"command\": \"echo \\u00",
            "fc \\\"x\\\"\"",
            ", \"n\": 3}",
        ],
    ));
    events.extend(call(3, "toolu_2", &[]));
    events.extend([
        open(4, &json!({"type": "a_new_block", "data": "abc", "n": 1})),
        add(
            4,
            &json!({"type": "a_new_delta", "data": "def", "more": true}),
        ),
        close(4),
    ]);
    events.extend(end("tool_use"));
    events
}

pub(super) fn rich_stream() -> String {
    format!(": hello\n\n{}", sse(&rich_events()))
}

/// What the rich stream says.
pub(super) fn rich_reply() -> Reply {
    Reply {
        content: vec![
            json!({"type": "thinking", "thinking": "the user wants \"files\"\n", "signature": "EqQB+/=="}),
            json!({"type": "text", "text": "Gr\u{fc}\u{df}e \u{1f33f} and\r\nmore: data: x",
                "citations": [{"url": "a"}, {"url": "b"}]}),
            json!({"type": "tool_use", "id": "toolu_1", "name": "bash",
                "input": {"command": "echo \u{fc} \"x\"", "n": 3}}),
            json!({"type": "tool_use", "id": "toolu_2", "name": "bash", "input": {}}),
            json!({"type": "a_new_block", "data": "abcdef", "n": 1, "more": true}),
        ],
        stop: Stop::ToolUse,
        usage: Usage {
            input: 25,
            output: 40,
            cache_read: 7,
            cache_write: 3,
        },
        request_id: Some("req_fake".into()),
        model: "claude-sonnet-5-5".into(),
    }
}
