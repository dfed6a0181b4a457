//! Streams that break: none of them may pass for an answer.

use codegraph::providers::llm::{Class, Refused};
use serde_json::json;

use super::server::{Answer, Server};
use super::stage::{
    self, add_text, ask, close, end, impatient, open, request, rich_events, rich_stream, sse,
    start, text,
};

async fn refused(answer: Answer) -> Refused {
    let server = Server::always(answer);
    ask(&stage::anthropic(&server.url()), &request())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_line_that_goes_dead_at_any_event_is_a_failed_call() {
    let events = rich_events();
    for after in 0..events.len() {
        let part = sse(&events[..after]);
        let dead = refused(Answer::stream(part.clone()).cut_off()).await;
        assert_eq!(dead.class, Class::Passing, "after {after} events: {dead}");
        let ended = refused(Answer::stream(part)).await;
        assert_eq!(ended.class, Class::Passing, "after {after} events: {ended}");
        assert!(ended.pause(1, 0.0).is_some());
    }
}

#[tokio::test]
async fn a_line_that_goes_dead_at_any_byte_is_a_failed_call() {
    let stream = rich_stream();
    let mut cuts = 0..stream.len();
    let server = Server::start({
        let stream = stream.clone();
        move |_| Answer::stream(&stream.as_bytes()[..cuts.next().unwrap()])
    });
    let vendor = stage::anthropic(&server.url());
    let request = request();
    for at in 0..stream.len() {
        let refused = ask(&vendor, &request).await.unwrap_err();
        assert_eq!(refused.class, Class::Passing, "cut at byte {at}: {refused}");
    }
}

#[tokio::test]
async fn silence_is_a_failed_call() {
    let part = sse(&rich_events()[..5]);
    let server = Server::always(Answer::stream(part).falls_silent());
    let refused = ask(&impatient(&server.url()), &request())
        .await
        .unwrap_err();
    assert_eq!(refused.class, Class::Passing);
}

#[tokio::test]
async fn nobody_there_is_a_failed_call() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let refused = ask(&stage::anthropic(&url), &request()).await.unwrap_err();
    assert_eq!((refused.class, refused.status), (Class::Passing, None));
    assert!(refused.message.starts_with("anthropic: "), "{refused}");
}

#[tokio::test]
async fn an_error_after_all_seemed_well_counts() {
    for (kind, class) in [
        ("overloaded_error", Class::Passing),
        ("api_error", Class::Passing),
        ("rate_limit_error", Class::Passing),
        ("invalid_request_error", Class::Rejected),
        ("permission_error", Class::Denied),
        ("not_found_error", Class::Unknown),
    ] {
        let error = json!({"type": "error", "error": {"type": kind, "message": "so sorry"}});
        let events = [start(), open(0, &text("")), add_text(0, "well"), error];
        let refused = refused(Answer::stream(sse(&events))).await;
        assert_eq!(refused.class, class, "{kind}");
        assert!(refused.message.contains("so sorry"), "{refused}");
        assert_eq!(refused.request_id.as_deref(), Some("req_fake"));
    }
}

#[tokio::test]
async fn a_stream_that_contradicts_itself_is_a_failed_call() {
    let ended = |events: Vec<serde_json::Value>| [events, end("end_turn").to_vec()].concat();
    for events in [
        ended(vec![start(), open(0, &text("never closed"))]),
        ended(vec![start(), add_text(0, "to no block")]),
        ended(vec![
            start(),
            open(0, &text("")),
            close(0),
            add_text(0, "to a closed block"),
        ]),
        ended(vec![start(), close(3)]),
        vec![start(), json!({"type": "message_stop"})],
    ] {
        let refused = refused(Answer::stream(sse(&events))).await;
        assert_eq!(refused.class, Class::Passing, "{refused}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_a_failed_call() {
    for body in [
        "",
        "<html>sign in</html>",
        "data: not json\n\n",
        "{\"id\": 1}",
    ] {
        let refused = refused(Answer::stream(body)).await;
        assert_eq!(refused.class, Class::Passing, "{body}: {refused}");
    }
}
