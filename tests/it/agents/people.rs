//! What people do to a run at work: answer, speak, pause, cancel.

use std::time::{Duration, Instant};

use codegraph::services::{
    agent_records::MESSAGE,
    feed::{Feed, Move},
    steering,
};
use serde_json::json;
use workflows::definitions::coding::{ANSWERED, Options, PLAN_DECIDED};

use super::{
    bed::{Bed, SECRET, alone, no_plan},
    model::{Told, news, words},
    words::{bash, calls, edit, finish, good, read},
};
use crate::support::eventually;

/// A run without a plan, whose coder says this.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_waits_for_its_answer() {
    let ask = calls(&[
        ("read_file", json!({"path": "README.md"})),
        (
            "ask_human",
            json!({"question": "Which number?", "options": ["on_hand", "available"]}),
        ),
    ]);
    let Some(bed) = Bed::coder(&[ask, read(), edit(), finish()]).await else {
        return;
    };
    let run = bed.start(no_plan()).await;
    bed.waits(run, ANSWERED).await;
    let asked = &bed.db.steps(run).await[0].output;
    assert_eq!(asked["result"], "needs_answer");
    assert_eq!(asked["finish"]["question"], "Which number?");
    assert_eq!(bed.db.jobs().await, 0, "who waits holds nothing");
    bed.signal(run, ANSWERED, json!({"text": "available, of course"}))
        .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    let requests = bed.model.asked("coder");
    assert_eq!(requests.len(), 4);
    // Every call of the turn has its result, the answer among them, in one message.
    let [said, results] = &requests[1].messages[1..] else {
        panic!("{:?}", requests[1].messages);
    };
    let ids = |kind: &str, key: &str, blocks: &[serde_json::Value]| {
        let mut ids: Vec<String> = blocks
            .iter()
            .filter(|block| block["type"] == kind)
            .map(|block| block[key].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(
        ids("tool_use", "id", &said.content),
        ids("tool_result", "tool_use_id", &results.content)
    );
    assert!(news(&requests[1]).contains("available, of course"));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_in_between_is_heard_with_the_next_request_and_once() {
    let Some(bed) = Bed::coder(&[read(), edit(), finish()]).await else {
        return;
    };
    let gate = bed.model.hold("coder", 0);
    let run = bed.start(no_plan()).await;
    eventually("the coder is asked", async || {
        (bed.model.asked("coder").len() == 1).then_some(())
    })
    .await;
    let word = "Leave the report alone.";
    bed.signal(run, MESSAGE, json!({"text": word})).await;
    gate.open();
    bed.db.succeeded(run).await;
    let requests = bed.model.asked("coder");
    assert_eq!(Told::times(&requests[0], word), 0);
    assert!(news(&requests[1]).contains(word));
    let blocks = &requests[1].messages.last().unwrap().content;
    assert_eq!(blocks[0]["type"], "tool_result", "results come first");
    assert_eq!(Told::times(&requests[2], word), 1);
    assert_eq!(Told::times(&bed.model.asked("reviewer")[0], word), 0);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_to_a_run_that_waits_is_heard_by_whoever_works_next() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let run = bed.start(Options::default()).await;
    bed.waits(run, PLAN_DECIDED).await;
    for word in ["First word.", "Second word."] {
        bed.signal(run, MESSAGE, json!({"text": word})).await;
    }
    bed.signal(run, PLAN_DECIDED, json!({"decision": "approve"}))
        .await;
    bed.db.succeeded(run).await;
    let told = words(bed.model.asked("coder").last().unwrap());
    let places = ["First word.", "Second word."].map(|word| told.find(word).unwrap());
    assert!(places[0] < places[1]);
    assert_eq!(told.matches("word.").count(), 2);
    assert!(!words(&bed.model.asked("reviewer")[0]).contains("word."));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_run_goes_on_where_it_stood() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let gate = bed.model.hold("coder", 1);
    let run = bed.start(alone()).await;
    eventually("the coder is asked", async || {
        (bed.model.asked("coder").len() == 2).then_some(())
    })
    .await;
    steering::pause(&bed.db.pool, run).await.unwrap();
    gate.open();
    let head = bed.db.until(run, "ready").await;
    assert!(head.paused && head.owner.is_none());
    assert_eq!(bed.model.asked("coder").len(), 2);
    assert_eq!(bed.balance(run).await.reserved, 0);
    steering::resume(&bed.db.pool, run).await.unwrap();
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    // Nothing was asked twice.
    assert_eq!(bed.model.asked("coder").len(), 3);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_ends_what_a_command_began_within_a_second() {
    let word = format!("lingers-{}", std::process::id());
    let line = format!("setsid sh -c 'while :; do sleep 1; done' {word} & sleep 300; : {word}");
    let Some(bed) = Bed::coder(&[bash(&line)]).await else {
        return;
    };
    let run = bed.start(no_plan()).await;
    eventually("the command runs", async || {
        (processes(&word).len() >= 2).then_some(())
    })
    .await;
    let asked = Instant::now();
    steering::cancel(&bed.db.pool, run).await.unwrap();
    while !processes(&word).is_empty() {
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(1), "{:?}", processes(&word));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let states: (String, String) = sqlx::query_as(
        "select a.state, t.state from agent_runs a join tool_calls t on t.agent_run_id = a.id",
    )
    .fetch_one(&bed.db.pool)
    .await
    .unwrap();
    assert_eq!(states, ("canceled".to_owned(), "interrupted".to_owned()));
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_in_the_middle_of_a_call_holds_nothing_back() {
    let Some(bed) = Bed::coder(&[read()]).await else {
        return;
    };
    let gate = bed.model.hold("coder", 0);
    let run = bed.start(no_plan()).await;
    eventually("money is held back", async || {
        (bed.balance(run).await.reserved > 0).then_some(())
    })
    .await;
    let held_back = bed.balance(run).await.reserved;
    steering::cancel(&bed.db.pool, run).await.unwrap();
    let balance = bed.balance(run).await;
    assert_eq!((balance.spent, balance.reserved), (0, 0));
    assert_eq!(balance.possible, held_back, "it may have been charged");
    gate.open();
    bed.forget().await;
}

/// Processes of this machine with a word in their command line.
fn processes(word: &str) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word)
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_watch_hear_a_model_while_it_speaks() {
    let mut first = read();
    first["text"] = json!(format!("I will look at it first. {SECRET}"));
    first["delay_ms"] = json!(1_200);
    let Some(bed) = Bed::coder(&[first, edit(), finish()]).await else {
        return;
    };
    let feed = Feed::default();
    let mut moves = feed.listen();
    let hearing = tokio::spawn(feed.run(bed.db.pool.clone()));
    // What it says when it hears the database.
    assert_eq!(moves.recv().await.unwrap(), Move::Anything);
    let (run, _) = bed.run(no_plan()).await;
    let mut heard = Vec::new();
    while let Ok(moved) = moves.try_recv() {
        if let Move::Words(words) = moved {
            assert_eq!(
                (words.run, words.role.as_str(), words.turn),
                (run, "coder", 1)
            );
            heard.push(words.text.clone());
        }
    }
    assert!(heard.len() > 1, "{heard:?}");
    let said = "I will look at it first.";
    let first = heard[0].trim_end();
    assert!(
        said.starts_with(first) && first.len() < said.len(),
        "{heard:?}"
    );
    assert!(heard.iter().all(|text| !text.contains(SECRET)), "{heard:?}");
    hearing.abort();
    bed.finish().await;
}
