//! Answers that are none, and what they may not tell.

use std::sync::Arc;
use std::time::Duration;

use codegraph::config::ModelsConfig;
use codegraph::providers::llm::{Class, ModelProvider, Providers, Refused};

use super::server::{Answer, Server};
use super::stage::{self, KEY, ask, request};

async fn refused(answer: Answer) -> Refused {
    let server = Server::always(answer);
    ask(&stage::anthropic(&server.url()), &request())
        .await
        .unwrap_err()
}

fn error(kind: &str) -> String {
    format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"so sorry"}}}}"#)
}

#[tokio::test]
async fn each_status_says_what_can_be_done() {
    for (status, kind, class, again) in [
        (400, "invalid_request_error", Class::Rejected, false),
        (401, "authentication_error", Class::Denied, false),
        (402, "billing_error", Class::Denied, false),
        (403, "permission_error", Class::Denied, false),
        (404, "not_found_error", Class::Unknown, false),
        (413, "request_too_large", Class::Rejected, false),
        (422, "invalid_request_error", Class::Rejected, false),
        (429, "rate_limit_error", Class::Passing, true),
        (500, "api_error", Class::Passing, true),
        (502, "api_error", Class::Passing, true),
        (503, "api_error", Class::Passing, true),
        (504, "timeout_error", Class::Passing, true),
        (529, "overloaded_error", Class::Passing, true),
    ] {
        let refused = refused(Answer::status(status, &error(kind))).await;
        assert_eq!((refused.class, refused.status), (class, Some(status)));
        assert_eq!(refused.pause(1, 0.0).is_some(), again, "{status}");
        assert_eq!(refused.request_id.as_deref(), Some("req_error"));
        assert_eq!(
            refused.message,
            format!("anthropic: {status} {kind}: so sorry")
        );
    }
}

#[tokio::test]
async fn the_pause_the_vendor_asks_for_is_kept() {
    let busy = || Answer::status(429, &error("rate_limit_error"));
    let seconds = refused(busy().header("retry-after", "7")).await;
    assert_eq!(seconds.pause(3, 0.9), Some(Duration::from_secs(7)));
    let date = chrono::Utc::now() + chrono::Duration::seconds(20);
    let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let date = refused(busy().header("retry-after", &date)).await;
    let pause = date.pause(1, 0.0).unwrap().as_secs_f64();
    assert!((10.0..=20.0).contains(&pause), "{pause}");
    let never = refused(busy().header("x-should-retry", "false")).await;
    assert_eq!(never.pause(1, 0.0), None);
}

#[tokio::test]
async fn a_spent_budget_is_not_asked_again() {
    let body = r#"{"type":"error","error":{"type":"rate_limit_error","message":"limit","error_code":"enforced_spend_limit_reached"}}"#;
    let refused = refused(Answer::status(429, body)).await;
    assert_eq!(
        (refused.class, refused.pause(1, 0.0)),
        (Class::SpendLimit, None)
    );
}

#[tokio::test]
async fn nothing_is_sent_to_where_a_redirect_points() {
    let elsewhere = Server::always(Answer::stream(""));
    let url = elsewhere.url();
    let server = Server::start(move |_| Answer::status(307, "").header("location", &url));
    let refused = ask(&stage::anthropic(&server.url()), &request())
        .await
        .unwrap_err();
    assert_eq!(refused.class, Class::Rejected);
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn the_key_is_in_no_text() {
    let echo = format!(r#"{{"error":{{"message":"bad key {KEY}, truly"}}}}"#);
    let server = Server::always(Answer::status(401, &echo));
    let vendors: [Arc<dyn ModelProvider>; 2] = [
        Arc::new(stage::anthropic(&server.url())),
        Arc::new(stage::openai(&server.url())),
    ];
    for vendor in vendors {
        let refused = ask(vendor.as_ref(), &request()).await.unwrap_err();
        for text in [format!("{refused} {refused:?}"), format!("{vendor:?}")] {
            assert!(!text.contains("hunter22"), "{text}");
        }
        assert!(refused.message.contains("bad key ***, truly"), "{refused}");
    }
    let gone = stage::anthropic("http://me:hunter22@127.0.0.1:1/");
    let refused = ask(&gone, &request()).await.unwrap_err();
    let text = format!("{refused} {refused:?} {gone:?}");
    assert!(!text.contains("hunter22"), "{text}");
}

#[test]
fn a_vendor_that_is_not_set_up_names_its_setting() {
    let none = Providers::new(&ModelsConfig::default());
    for (name, setting) in [
        ("anthropic", "CODEGRAPH_ANTHROPIC_API_KEY"),
        ("openai", "CODEGRAPH_OPENAI_API_KEY"),
        ("ollama", "CODEGRAPH_OLLAMA_URL"),
        ("acme", "no such vendor"),
    ] {
        let error = none.get(name).unwrap_err().to_string();
        assert!(error.contains(setting) && error.contains(name), "{error}");
    }
    let config = ModelsConfig {
        anthropic_api_key: Some("line\nbreak-hunter22".into()),
        openai_base_url: Some("http://127.0.0.1:1/v1".parse().unwrap()),
        ollama_url: Some("http://127.0.0.1:2".parse().unwrap()),
        ..ModelsConfig::default()
    };
    let some = Providers::new(&config);
    let error = some.get("anthropic").unwrap_err().to_string();
    assert!(
        error.contains("characters") && !error.contains("hunter22"),
        "{error}"
    );
    assert_eq!(some.get("openai").unwrap().name(), "openai");
    assert_eq!(some.get("ollama").unwrap().name(), "ollama");
}
