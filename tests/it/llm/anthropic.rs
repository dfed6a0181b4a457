//! The Messages API: what is sent, and what is made of the answer.

use codegraph::providers::llm::{Message, ModelProvider, Ollama, Stop};
use serde_json::json;

use super::server::{Answer, Server};
use super::stage::{
    self, KEY, add_text, ask, call, catalogue, close, end, listen, open, request, rich_reply,
    rich_stream, sse, start, text,
};

#[tokio::test]
async fn everything_in_a_stream_arrives_and_is_heard_once() {
    let server = Server::always(Answer::stream(rich_stream()));
    let (reply, heard) = listen(&stage::anthropic(&server.url()), &request()).await;
    assert_eq!(reply, rich_reply());
    let words =
        "<the user ><wants \"files\"\n>Gr\u{fc}\u{df}e \u{1f33f} and\r\nmore: data: x[bash][bash]";
    assert_eq!(heard, words);
}

#[tokio::test]
async fn a_cut_at_any_byte_changes_nothing() {
    let stream = rich_stream();
    let mut cuts = 0..=stream.len();
    let server = Server::start({
        let stream = stream.clone();
        move |_| Answer::stream(stream.as_bytes()).cut_at(cuts.next().unwrap())
    });
    let vendor = stage::anthropic(&server.url());
    let (request, whole) = (request(), rich_reply());
    for at in 0..=stream.len() {
        assert_eq!(
            ask(&vendor, &request).await.unwrap(),
            whole,
            "cut at byte {at}"
        );
    }
    let server = Server::always(Answer::stream(stream).crumbled());
    let reply = ask(&stage::anthropic(&server.url()), &request).await;
    assert_eq!(reply.unwrap(), whole, "a byte at a time");
}

#[tokio::test]
async fn a_stream_may_end_its_lines_like_windows_and_begin_with_a_mark() {
    let stream = format!("\u{feff}{}", rich_stream().replace('\n', "\r\n"));
    let server = Server::always(Answer::stream(stream).crumbled());
    let reply = ask(&stage::anthropic(&server.url()), &request()).await;
    assert_eq!(reply.unwrap(), rich_reply());
}

#[tokio::test]
async fn the_request_wears_its_headers_and_is_the_same_bytes_each_time() {
    let server = Server::always(Answer::stream(rich_stream()));
    let vendor = stage::anthropic(&server.url());
    for _ in 0..2 {
        ask(&vendor, &request()).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen[0].body, seen[1].body);
    let seen = &seen[0];
    assert_eq!(seen.path, "/v1/messages");
    assert_eq!(seen.header("x-api-key"), Some(KEY));
    assert_eq!(seen.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(seen.header("x-codegraph-role"), Some("coder"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("accept-encoding"), None);
    let body = seen.json();
    assert_eq!(body["metadata"], json!({"user_id": "run_1"}));
    assert_eq!(
        body["thinking"],
        json!({"type": "adaptive", "display": "summarized"})
    );
    assert_eq!(body["output_config"], json!({"effort": "high"}));
    assert_eq!(body["system"][0]["text"], "be brief");
    assert!(
        body.get("tool_choice").is_none(),
        "forcing a tool is an error on newer models"
    );
}

#[tokio::test]
async fn an_address_with_the_version_is_understood() {
    let server = Server::always(Answer::stream(rich_stream()));
    let url = format!("{}/front/v1/", server.url());
    ask(&stage::anthropic(&url), &request()).await.unwrap();
    assert_eq!(server.only().path, "/front/v1/messages");
}

#[tokio::test]
async fn what_a_model_said_goes_back_as_it_was_said() {
    let server = Server::always(Answer::stream(rich_stream()));
    let vendor = stage::anthropic(&server.url());
    let mut request = request();
    let reply = ask(&vendor, &request).await.unwrap();
    request
        .messages
        .push(Message::assistant(reply.content.clone()));
    request.messages.push(Message::user(vec![text("go on")]));
    let recorded = request.clone();
    ask(&vendor, &request).await.unwrap();
    assert_eq!(request, recorded, "marks are not recorded");
    let body = server.seen()[1].json();
    assert_eq!(body["messages"][1]["content"], json!(reply.content));
    assert_eq!(
        body["messages"][2]["content"][0]["cache_control"],
        json!({"type": "ephemeral"})
    );
}

#[tokio::test]
async fn input_that_is_no_json_is_kept_for_the_model_to_see() {
    for (pieces, input) in [
        (
            &["{\"comm", "and\": "][..],
            json!({"_malformed": "{\"command\": "}),
        ),
        (&["[1]"], json!({"_malformed": "[1]"})),
        (&["{} trailing"], json!({"_malformed": "{} trailing"})),
        (&["", " "], json!({})),
    ] {
        let events = [
            vec![start()],
            call(0, "t", pieces),
            end("max_tokens").to_vec(),
        ]
        .concat();
        let server = Server::always(Answer::stream(sse(&events)));
        let reply = ask(&stage::anthropic(&server.url()), &request())
            .await
            .unwrap();
        assert_eq!(reply.content[0]["input"], input, "{pieces:?}");
        assert_eq!(reply.stop, Stop::MaxTokens);
    }
}

#[tokio::test]
async fn a_turn_may_be_empty_and_stop_for_any_reason() {
    for (word, stop) in [
        ("end_turn", Stop::EndTurn),
        ("stop_sequence", Stop::StopSequence),
        ("pause_turn", Stop::PauseTurn),
        ("refusal", Stop::Refusal),
        ("model_context_window_exceeded", Stop::ContextWindow),
        ("tea_time", Stop::Other("tea_time".into())),
    ] {
        let events = [vec![start()], end(word).to_vec()].concat();
        let server = Server::always(Answer::stream(sse(&events)));
        let reply = ask(&stage::anthropic(&server.url()), &request())
            .await
            .unwrap();
        assert_eq!((reply.content.len(), reply.stop), (0, stop));
    }
}

#[tokio::test]
async fn calls_whose_pieces_are_mixed_find_their_own() {
    let block = |id: &str| json!({"type": "tool_use", "id": id, "name": "bash", "input": {}});
    let mut events = vec![start(), open(0, &block("a")), open(1, &block("b"))];
    let (mut a, mut b) = (
        call(0, "a", &["{\"x\"", ":1}"]),
        call(1, "b", &["{\"y\"", ":2}"]),
    );
    let (a, b) = (a.split_off(1), b.split_off(1));
    events.extend(a.into_iter().zip(b).flat_map(|(a, b)| [b, a]));
    events.extend(end("tool_use"));
    let server = Server::always(Answer::stream(sse(&events)));
    let reply = ask(&stage::anthropic(&server.url()), &request())
        .await
        .unwrap();
    let inputs: Vec<_> = reply.content.iter().map(|block| &block["input"]).collect();
    assert_eq!(inputs, [&json!({"x": 1}), &json!({"y": 2})]);
}

#[tokio::test]
async fn a_local_server_gets_the_plain_request_and_its_reused_index_is_forgiven() {
    let mut events = vec![start(), open(0, &text("")), add_text(0, "hm")];
    events.extend(call(0, "t", &["{}"]));
    events.extend(end("tool_use"));
    let server = Server::always(Answer::stream(sse(&events)));
    let vendor = Ollama::new(&server.url().parse().unwrap(), catalogue()).unwrap();
    let mut request = request();
    request.model = "qwen3-coder".into();
    let reply = ask(&vendor, &request).await.unwrap();
    assert_eq!(reply.content[0], text("hm"));
    assert_eq!(reply.content[1]["id"], "t");
    let seen = server.only();
    let body = seen.json();
    assert_eq!(seen.header("x-api-key"), None);
    for field in ["thinking", "output_config"] {
        assert!(body.get(field).is_none(), "{field}");
    }
    assert!(!body.to_string().contains("cache_control"));
    assert_eq!(vendor.count_tokens(&request).await.unwrap(), None);
}

#[tokio::test]
async fn a_prompt_is_counted_beforehand() {
    let server = Server::always(Answer::status(200, "{\"input_tokens\": 321}"));
    let vendor = stage::anthropic(&server.url());
    assert_eq!(vendor.count_tokens(&request()).await.unwrap(), Some(321));
    let seen = server.only();
    assert_eq!(seen.path, "/v1/messages/count_tokens");
    assert!(seen.json().get("max_tokens").is_none() && seen.json()["messages"].is_array());
}

#[tokio::test]
async fn usage_is_the_last_total_not_a_sum() {
    let mut events = vec![start(), open(0, &text("a")), close(0)];
    let total = |output: u64| json!({"type": "message_delta", "delta": {"stop_reason": null}, "usage": {"output_tokens": output, "input_tokens": 26, "cache_read_input_tokens": null}});
    events.extend([total(10), total(20)]);
    events.extend(end("end_turn"));
    let server = Server::always(Answer::stream(sse(&events)));
    let usage = ask(&stage::anthropic(&server.url()), &request())
        .await
        .unwrap()
        .usage;
    assert_eq!((usage.input, usage.output), (26, 40));
    assert_eq!((usage.cache_read, usage.cache_write), (7, 3));
    assert_eq!(usage.prompt(), 36);
}
