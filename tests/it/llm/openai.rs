//! Chat Completions: the same conversation in other words, and streams as various servers send them.

use codegraph::providers::llm::{Class, Message, Reply, Stop, Usage};
use serde_json::{Value, json};

use super::server::{Answer, Server};
use super::stage::{self, KEY, ask, listen, request, text};

fn delta(delta: &Value) -> Value {
    json!({"id": "c", "model": "gpt-x", "choices": [{"index": 0, "delta": delta}]})
}

fn piece(index: u64, id: Option<&str>, name: Option<&str>, arguments: &str) -> Value {
    delta(
        &json!({"tool_calls": [{"index": index, "id": id, "type": "function",
        "function": {"name": name, "arguments": arguments}}]}),
    )
}

fn finish(reason: &str) -> Value {
    json!({"model": "gpt-x", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

fn usage() -> Value {
    json!({"model": "gpt-x", "choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 10}}})
}

fn chunks(chunks: &[Value]) -> String {
    let lines: String = chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect();
    format!(": waiting\n\n{lines}data: [DONE]\n\n")
}

/// Thinking, text, two calls whose pieces are mixed, usage at the end.
fn rich() -> String {
    chunks(&[
        delta(&json!({"role": "assistant", "content": ""})),
        delta(&json!({"reasoning_content": "hm "})),
        delta(&json!({"content": "Gr\u{fc}\u{df}e "})),
        delta(&json!({"content": "\u{1f33f}"})),
        piece(0, Some("call_a"), Some("bash"), ""),
        piece(1, Some("call_b"), Some("bash"), "{\"comm"),
        piece(0, None, None, "{\"command\":"),
        piece(1, None, None, "and\": 1"),
        piece(0, None, None, "\"ls\"}"),
        finish("tool_calls"),
        usage(),
    ])
}

fn rich_reply() -> Reply {
    Reply {
        content: vec![
            json!({"type": "thinking", "thinking": "hm "}),
            text("Gr\u{fc}\u{df}e \u{1f33f}"),
            json!({"type": "tool_use", "id": "call_a", "name": "bash", "input": {"command": "ls"}}),
            json!({"type": "tool_use", "id": "call_b", "name": "bash",
                "input": {"_malformed": "{\"command\": 1"}}),
        ],
        stop: Stop::ToolUse,
        usage: Usage {
            input: 20,
            output: 12,
            cache_read: 10,
            cache_write: 0,
        },
        request_id: Some("req_fake".into()),
        model: "gpt-x".into(),
    }
}

async fn answer(stream: &str) -> Reply {
    let server = Server::always(Answer::stream(stream));
    ask(&stage::openai(&server.url()), &request())
        .await
        .unwrap()
}

#[tokio::test]
async fn everything_in_a_stream_arrives_and_is_heard_once() {
    let server = Server::always(Answer::stream(rich()));
    let (reply, heard) = listen(&stage::openai(&server.url()), &request()).await;
    assert_eq!(reply, rich_reply());
    assert_eq!(heard, "<hm >Gr\u{fc}\u{df}e \u{1f33f}[bash][bash]");
}

#[tokio::test]
async fn a_cut_at_any_byte_changes_nothing() {
    let stream = rich();
    let mut cuts = 0..=stream.len();
    let server = Server::start({
        let stream = stream.clone();
        move |_| Answer::stream(stream.as_bytes()).cut_at(cuts.next().unwrap())
    });
    let vendor = stage::openai(&server.url());
    let (request, whole) = (request(), rich_reply());
    for at in 0..=stream.len() {
        assert_eq!(
            ask(&vendor, &request).await.unwrap(),
            whole,
            "cut at byte {at}"
        );
    }
}

#[tokio::test]
async fn a_line_that_goes_dead_at_any_byte_is_a_failed_call() {
    let stream = rich();
    let mut cuts = 0..stream.len();
    let server = Server::start({
        let stream = stream.clone();
        move |_| Answer::stream(&stream.as_bytes()[..cuts.next().unwrap()])
    });
    let vendor = stage::openai(&server.url());
    let request = request();
    for at in 0..stream.len() {
        let refused = ask(&vendor, &request).await.unwrap_err();
        assert_eq!(refused.class, Class::Passing, "cut at byte {at}: {refused}");
    }
}

#[tokio::test]
async fn the_request_wears_its_headers_and_its_own_words() {
    let server = Server::always(Answer::stream(rich()));
    let mut request = request();
    request
        .messages
        .push(Message::assistant(rich_reply().content));
    request.messages.push(Message::user(vec![
        json!({"type": "tool_result", "tool_use_id": "call_a", "content": "a.rs"}),
        json!({"type": "tool_result", "tool_use_id": "call_b", "content": "no JSON", "is_error": true}),
    ]));
    let url = format!("{}/v1", server.url());
    ask(&stage::openai(&url), &request).await.unwrap();
    let seen = server.only();
    assert_eq!(seen.path, "/v1/chat/completions");
    assert_eq!(
        seen.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert_eq!(seen.header("x-codegraph-role"), Some("coder"));
    let body = seen.json();
    assert_eq!(body["stream_options"], json!({"include_usage": true}));
    let roles: Vec<_> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "tool"]);
    let calls = &body["messages"][2]["tool_calls"];
    assert_eq!(calls[0]["function"]["arguments"], "{\"command\":\"ls\"}");
    assert_eq!(
        calls[1]["function"]["arguments"], "{\"command\": 1",
        "as it was written"
    );
}

#[tokio::test]
async fn servers_that_keep_the_protocol_loosely_are_understood() {
    // Whole calls, without index and id, arguments as an object, and `stop` for a reason.
    let whole = |n: u64| {
        delta(&json!({"tool_calls": [{"function": {"name": "bash", "arguments": {"n": n}}}]}))
    };
    let reply = answer(&chunks(&[whole(1), whole(2), finish("stop")])).await;
    assert_eq!(reply.stop, Stop::ToolUse);
    let ids: Vec<_> = reply
        .content
        .iter()
        .map(|block| block["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["call_0_0", "call_0_1"]);
    assert_eq!(reply.content[1]["input"], json!({"n": 2}));
    assert_eq!(reply.usage, Usage::default());
}

#[tokio::test]
async fn reasons_to_stop_are_translated() {
    let words = delta(&json!({"content": "well"}));
    for (word, stop) in [
        ("stop", Stop::EndTurn),
        ("length", Stop::MaxTokens),
        ("content_filter", Stop::Refusal),
        ("tea_time", Stop::Other("tea_time".into())),
    ] {
        let reply = answer(&chunks(&[words.clone(), finish(word)])).await;
        assert_eq!((reply.content, reply.stop), (vec![text("well")], stop));
    }
    let no = delta(&json!({"refusal": "I will not"}));
    let reply = answer(&chunks(&[no, finish("stop")])).await;
    assert_eq!(
        (reply.content, reply.stop),
        (vec![text("I will not")], Stop::Refusal)
    );
    let empty = answer(&chunks(&[finish("stop")])).await;
    assert_eq!((empty.content, empty.stop), (vec![], Stop::EndTurn));
}

#[tokio::test]
async fn errors_are_read_in_the_stream_and_before_it() {
    for (error, class) in [
        (
            json!({"message": "busy", "type": "server_error"}),
            Class::Passing,
        ),
        (json!({"message": "busy", "code": 502}), Class::Passing),
        (json!({"message": "who?", "code": 401}), Class::Denied),
        (json!({"message": "too long", "code": 400}), Class::Rejected),
        (
            json!({"message": "pay", "code": "insufficient_quota"}),
            Class::SpendLimit,
        ),
    ] {
        let stream = chunks(&[delta(&json!({"content": "a"})), json!({"error": error})]);
        let server = Server::always(Answer::stream(stream));
        let refused = ask(&stage::openai(&server.url()), &request())
            .await
            .unwrap_err();
        assert_eq!(refused.class, class, "{error}");
    }
    let body = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let server = Server::always(Answer::status(429, body).header("retry-after", "3"));
    let refused = ask(&stage::openai(&server.url()), &request())
        .await
        .unwrap_err();
    assert_eq!(
        (refused.class, refused.pause(1, 0.0)),
        (Class::SpendLimit, None)
    );
}
