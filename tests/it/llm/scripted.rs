//! Scenarios: answered from the request alone, so that a process that comes back is answered the same.

use std::sync::Arc;

use codegraph::providers::llm::{
    Class, Message, Providers, Refused, Reply, Request, Scripted, Stop, Usage,
};
use serde_json::{Value, json};

use super::stage::{ask, listen, request, text};

const SCENARIO: &str = r#"
conversations:
  - role: coder
    when: [list, files]
    replies:
      - thinking: I should look.
        text: Looking.
        calls:
          - { tool: bash, input: { command: ls } }
          - { tool: bash, input: { command: pwd } }
        usage: { input: 10, output: 5 }
      - expect_new: a.rs
        expect: be brief
        forbid: hunter22
        take: { file: "([a-z]+)\\.rs" }
        text: There is ${file}.rs, ${HOME} is not ours.
      - calls: [{ tool: finish, input: { status: done } }]
  - role: coder
    replies:
      - text: Something else.
  - role: planner
    replies:
      - fails:
          - { class: passing, message: busy, status: 529, retry_after_ms: 5, times: 2 }
        delay_ms: 20
        text: A plan.
      - fails: [{ class: spend_limit, always: true }]
      - below: 5000
        stop: max_tokens
        text: A long
        else: { text: A long plan., stop: end_turn }
      - model: opus
        text: By opus.
"#;

fn scripted() -> Scripted {
    Scripted::parse(SCENARIO).unwrap()
}

/// The conversation after this reply, whose calls were answered with these words.
fn after(mut request: Request, reply: &Reply, result: &str) -> Request {
    request
        .messages
        .push(Message::assistant(reply.content.clone()));
    let calls = reply
        .content
        .iter()
        .filter(|block| block["type"] == "tool_use");
    let mut results: Vec<Value> = calls
        .map(|call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": result}))
        .collect();
    if results.is_empty() {
        results.push(text(result));
    }
    request.messages.push(Message::user(results));
    request
}

fn planner() -> Request {
    Request {
        role: "planner".into(),
        ..request()
    }
}

async fn refused(vendor: &Scripted, request: &Request) -> Refused {
    ask(vendor, request).await.unwrap_err()
}

#[tokio::test]
async fn a_conversation_goes_as_it_is_written() {
    let vendor = scripted();
    let (first, heard) = listen(&vendor, &request()).await;
    assert_eq!(heard, "<I ><should ><look.>Looking.[bash][bash]");
    assert_eq!(first.stop, Stop::ToolUse);
    assert_eq!(first.content.len(), 4);
    assert_ne!(first.content[2]["id"], first.content[3]["id"]);
    let counted = Usage {
        input: 10,
        output: 5,
        ..Usage::default()
    };
    assert_eq!(first.usage, counted);
    let second = after(request(), &first, "main.rs a.rs");
    let reply = ask(&vendor, &second).await.unwrap();
    assert_eq!(reply.content, [text("There is a.rs, ${HOME} is not ours.")]);
    assert_eq!(reply.stop, Stop::EndTurn);
    assert!(
        reply.usage.input > 0 && reply.usage.output > 0,
        "guessed where nothing is said"
    );
}

#[tokio::test]
async fn another_process_gives_the_same_answer_to_the_same_request() {
    let first = ask(&scripted(), &request()).await.unwrap();
    let second = after(request(), &first, "a.rs");
    for asked in [&request(), &second] {
        let (one, other) = (ask(&scripted(), asked).await, ask(&scripted(), asked).await);
        assert_eq!(one.unwrap(), other.unwrap());
    }
    let again = scripted();
    let (one, other) = (ask(&again, &second).await, ask(&again, &second).await);
    assert_eq!(
        one.unwrap(),
        other.unwrap(),
        "also twice in one process, and without the first"
    );
}

#[tokio::test]
async fn ids_of_calls_differ_between_runs_and_turns() {
    let vendor = scripted();
    let first = ask(&vendor, &request()).await.unwrap();
    let mut other = request();
    other.user = "run_2".into();
    let elsewhere = ask(&vendor, &other).await.unwrap();
    assert_ne!(first.content[2]["id"], elsewhere.content[2]["id"]);
    let second = after(request(), &first, "a.rs");
    let reply = ask(&vendor, &second).await.unwrap();
    let third = ask(&vendor, &after(second, &reply, "go on")).await.unwrap();
    assert_ne!(first.content[2]["id"], third.content[0]["id"]);
}

#[tokio::test]
async fn the_words_it_began_with_choose_the_conversation() {
    let mut other = request();
    other.messages = vec![Message::user(vec![text("sing a song")])];
    let reply = ask(&scripted(), &other).await.unwrap();
    assert_eq!(reply.content, [text("Something else.")]);
    other.role = "reviewer".into();
    let none = refused(&scripted(), &other).await;
    assert_eq!(none.class, Class::Script);
    assert!(
        none.message.contains("reviewer") && none.message.contains("sing"),
        "{none}"
    );
}

#[tokio::test]
async fn what_was_not_expected_is_said_loudly() {
    let vendor = scripted();
    let first = ask(&vendor, &request()).await.unwrap();
    for (result, says) in [
        ("b.py", "`a.rs` does not stand in what is new"),
        (
            "a.rs hunter22",
            "`hunter22` stands in the request and must not",
        ),
    ] {
        let refused = refused(&vendor, &after(request(), &first, result)).await;
        assert_eq!(
            (refused.class, refused.pause(1, 0.0)),
            (Class::Script, None)
        );
        assert!(refused.message.contains(says), "{refused}");
        assert!(refused.message.contains("reply 2"), "{refused}");
    }
    let mut other = after(request(), &first, "a.rs");
    other.system = "be long".into();
    let refused = refused(&vendor, &other).await;
    assert!(
        refused.message.contains("`be brief` stands nowhere"),
        "{refused}"
    );
}

#[tokio::test]
async fn it_ends_where_it_ends_and_tells_what_nobody_asked_for() {
    let vendor = scripted();
    let all = vendor.unused().len();
    assert_eq!(all, 8);
    let mut other = request();
    other.messages = vec![Message::user(vec![text("sing")])];
    let reply = ask(&vendor, &other).await.unwrap();
    assert_eq!(vendor.unused().len(), 7);
    let exhausted = refused(&vendor, &after(other, &reply, "more")).await;
    assert_eq!(exhausted.class, Class::Script);
    assert!(exhausted.message.contains("has 1 replies"), "{exhausted}");
    let unused = vendor.unused().join("\n");
    assert!(
        unused.contains("reply 3 of the conversation of coder about `list`"),
        "{unused}"
    );
}

#[tokio::test]
async fn failures_come_before_the_reply_for_each_run() {
    let vendor = scripted();
    for user in ["run_1", "run_2"] {
        let mut request = planner();
        request.user = user.into();
        for _ in 0..2 {
            let busy = refused(&vendor, &request).await;
            assert_eq!((busy.class, busy.status), (Class::Passing, Some(529)));
            assert_eq!(busy.pause(1, 0.0).unwrap().as_millis(), 5);
        }
        let began = std::time::Instant::now();
        let reply = ask(&vendor, &request).await.unwrap();
        assert_eq!(reply.content, [text("A plan.")]);
        assert!(began.elapsed().as_millis() >= 20);
    }
}

#[tokio::test]
async fn a_reply_may_depend_on_the_limit_and_the_model() {
    let vendor = scripted();
    let turn = |turns: usize, max_tokens: u32, model: &str| {
        let mut request = planner();
        for n in 0..turns {
            request
                .messages
                .push(Message::assistant(vec![text(&n.to_string())]));
            request.messages.push(Message::user(vec![text("on")]));
        }
        request.max_tokens = max_tokens;
        request.model = model.into();
        request
    };
    for _ in 0..3 {
        assert_eq!(
            refused(&vendor, &turn(1, 10, "m")).await.class,
            Class::SpendLimit
        );
    }
    let cut = ask(&vendor, &turn(2, 4096, "m")).await.unwrap();
    assert_eq!(
        (&cut.content[0], cut.stop),
        (&text("A long"), Stop::MaxTokens)
    );
    let whole = ask(&vendor, &turn(2, 8192, "m")).await.unwrap();
    assert_eq!(
        (&whole.content[0], whole.stop),
        (&text("A long plan."), Stop::EndTurn)
    );
    let opus = ask(&vendor, &turn(3, 10, "claude-opus-5-5")).await.unwrap();
    assert_eq!(opus.model, "claude-opus-5-5");
    let other = refused(&vendor, &turn(3, 10, "claude-haiku-5-5")).await;
    assert!(
        other.message.contains("not meant for this request"),
        "{other}"
    );
}

#[test]
fn a_scenario_with_a_mistake_is_not_begun() {
    for (yaml, says) in [
        ("conversations: [{ role: coder, replys: [] }]", "replys"),
        (
            "conversations: [{ role: coder, replies: [{ txt: a }] }]",
            "txt",
        ),
        (
            "conversations: [{ role: coder, replies: [{ take: { a: '(' } }] }]",
            "regex",
        ),
        (
            "conversations: [{ role: coder, replies: [{ stop: soon }] }]",
            "soon",
        ),
        ("conversations: 3", "conversations"),
    ] {
        let error = Scripted::parse(yaml).unwrap_err().to_string();
        assert!(error.contains(says), "{says}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.yaml");
    assert!(
        Scripted::read(&file)
            .unwrap_err()
            .to_string()
            .contains("demo.yaml")
    );
    std::fs::write(&file, SCENARIO).unwrap();
    assert_eq!(Scripted::read(&file).unwrap().unused().len(), 8);
}

#[tokio::test]
async fn it_stands_in_for_a_vendor() {
    let mut providers = Providers::none();
    providers.insert(Arc::new(scripted().standing_in_for("anthropic")));
    let vendor = providers.get("anthropic").unwrap();
    assert_eq!(vendor.name(), "anthropic");
    assert!(ask(vendor.as_ref(), &request()).await.is_ok());
    assert!(vendor.count_tokens(&request()).await.unwrap().unwrap() > 0);
    assert!(providers.get("scripted").is_err());
}
