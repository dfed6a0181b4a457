//! Recordings: repeated exactly or refused with the place where the request leaves them.

use std::sync::Arc;

use codegraph::providers::llm::{
    Class, Message, ModelProvider, Recorder, Recording, Replay, Request,
};

use super::server::{Answer, Server};
use super::stage::{self, ask, request, rich_reply, rich_stream, text};

fn second() -> Request {
    let mut request = request();
    request
        .messages
        .push(Message::assistant(rich_reply().content));
    request.messages.push(Message::user(vec![text(
        "and then the long way round to the station",
    )]));
    request
}

/// Both calls, recorded from the vendor the test plays.
async fn recorded(folder: &std::path::Path) -> Replay {
    let server = Server::always(Answer::stream(rich_stream()));
    let file = folder.join("run.jsonl");
    let vendor = Arc::new(stage::anthropic(&server.url()));
    let recorder = Recorder::new(vendor, &file).unwrap();
    assert_eq!(recorder.name(), "anthropic");
    for request in [request(), second()] {
        ask(&recorder, &request).await.unwrap();
    }
    Replay::read(&file).unwrap()
}

#[tokio::test]
async fn what_was_recorded_is_repeated_to_any_run() {
    let folder = tempfile::tempdir().unwrap();
    let replay = recorded(folder.path()).await.standing_in_for("anthropic");
    assert_eq!(replay.name(), "anthropic");
    assert_eq!(
        replay.unused(),
        ["call 1 of coder", "call 2 of coder"].map(str::to_owned)
    );
    let mut second = second();
    second.user = "run_99".into();
    for _ in 0..2 {
        assert_eq!(ask(&replay, &second).await.unwrap(), rich_reply());
    }
    assert_eq!(replay.unused(), ["call 1 of coder"]);
}

#[tokio::test]
async fn anything_else_is_refused_with_the_first_difference() {
    let folder = tempfile::tempdir().unwrap();
    let replay = recorded(folder.path()).await;
    let refused = async |change: fn(&mut Request)| {
        let mut request = second();
        change(&mut request);
        let refused = ask(&replay, &request).await.unwrap_err();
        assert_eq!(
            (refused.class, refused.pause(1, 0.0)),
            (Class::Script, None)
        );
        refused.message
    };
    let text = refused(|r| r.messages[2].content[0]["text"] = "and then the long way home".into());
    let text = text.await;
    let expected = "replay: call 2 of coder was not recorded: at .messages[2].content[0].text\n\
        - and then the long way round to the station\n\
        + and then the long way home";
    assert_eq!(text, expected);
    let model = refused(|r| r.model = "claude-opus-5-5".into()).await;
    assert!(
        model.contains("at .model\n- claude-sonnet-5-5\n+ claude-opus-5-5"),
        "{model}"
    );
    let more = refused(|r| r.messages.push(Message::user(vec![]))).await;
    assert!(
        more.contains(".messages has 4 items, recorded are 3"),
        "{more}"
    );
    let tools = refused(|r| r.tools[0].description.push('\n')).await;
    assert!(tools.contains("at .tools[0].description"), "{tools}");
    let long = refused(|r| r.system = "x".repeat(10_000)).await;
    assert!(long.len() < 400, "{long}");
}

#[tokio::test]
async fn an_empty_recording_says_so_and_a_broken_one_names_the_line() {
    let refused = ask(&Replay::new(vec![]), &request()).await.unwrap_err();
    assert!(
        refused.message.ends_with("nothing is recorded"),
        "{refused}"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.jsonl");
    std::fs::write(&file, "\n{\"request\": 1}\n").unwrap();
    let error = Replay::read(&file).unwrap_err().to_string();
    assert!(error.contains("run.jsonl: line 2: "), "{error}");
}

#[tokio::test]
async fn of_two_replies_to_one_request_the_later_counts() {
    let reply = |words: &str| {
        let mut reply = rich_reply();
        reply.content = vec![text(words)];
        let request = request();
        Recording { request, reply }
    };
    let replay = Replay::new(vec![reply("first"), reply("second")]);
    let repeated = ask(&replay, &request()).await.unwrap();
    assert_eq!(repeated.content, [text("second")]);
}
