//! What a run may use, what happens when that is used up, and when a model cannot go on.

use codegraph::{models::timeline, services::steering};
use serde_json::{Value, json};
use workflows::definitions::coding::{ANSWERED, BUDGET_RAISED, Options, RoleLimits};

use crate::support::eventually;

use super::{
    bed::{Bed, no_plan},
    model::{news, words},
    words::{about, approve, calls, conversation, edit, finish, plan, read},
};

/// The reply, at this price: the coder's model takes ten dollars for a million tokens that it says.
fn for_dollars(mut reply: Value, dollars: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small number"
    )]
    let output = (dollars * 100_000.0) as u64;
    reply["usage"] = json!({"output": output});
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_told_at_80_percent_parked_at_100_and_goes_on_when_it_gets_more() {
    let replies = [
        for_dollars(read(), 4.2),
        for_dollars(edit(), 0.7),
        for_dollars(finish(), 0.1),
    ];
    let Some(bed) = Bed::coder(&replies).await else {
        return;
    };
    let options = Options {
        budget_usd_micros: 5_000_000,
        ..no_plan()
    };
    let run = bed.start(options).await;
    bed.waits(run, BUDGET_RAISED).await;
    let requests = bed.model.asked("coder");
    assert_eq!(requests.len(), 2, "the third could have cost too much");
    assert!(
        news(&requests[1]).contains("80 %"),
        "{}",
        news(&requests[1])
    );
    let balance = bed.balance(run).await;
    assert_eq!((balance.spent, balance.reserved), (4_900_000, 0));
    assert_eq!(bed.steps(run).await, ["code: out_of_budget"]);

    bed.signal(run, BUDGET_RAISED, json!({"usd_micros": 1_000_000}))
        .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    // What was done before is not done again: the edit stands, and its result is in what the model reads.
    let requests = bed.model.asked("coder");
    assert_eq!(requests.len(), 3);
    assert!(words(&requests[2]).contains("raised the limit"));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_gets_nothing_more_ends() {
    let replies = [for_dollars(read(), 0.9)];
    let Some(bed) = Bed::coder(&replies).await else {
        return;
    };
    let options = Options {
        budget_usd_micros: 1_000_000,
        ..no_plan()
    };
    let run = bed.start(options).await;
    bed.waits(run, BUDGET_RAISED).await;
    bed.signal(run, BUDGET_RAISED, json!({"usd_micros": 0}))
        .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "out_of_budget");
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_out_of_time_is_parked_and_goes_on_when_it_gets_more() {
    let Some(bed) = Bed::coder(&[read(), edit(), finish()]).await else {
        return;
    };
    let options = Options {
        minutes: Some(0),
        ..no_plan()
    };
    let run = bed.start(options).await;
    bed.waits(run, BUDGET_RAISED).await;
    assert_eq!(bed.steps(run).await, ["code: out_of_time"]);
    assert!(bed.model.asked("coder").is_empty());
    bed.signal(run, BUDGET_RAISED, json!({"minutes": 5})).await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_has_the_turns_that_a_person_gave_it() {
    let Some(bed) = Bed::coder(&[read(), edit(), finish()]).await else {
        return;
    };
    let turns = RoleLimits {
        turns: Some(2),
        usd_micros: None,
    };
    let options = Options {
        limits: [("coder".to_owned(), turns)].into(),
        ..no_plan()
    };
    let run = bed.start(options).await;
    bed.waits(run, ANSWERED).await;
    assert_eq!(bed.steps(run).await, ["code: gave_up"]);
    assert_eq!(bed.model.asked("coder").len(), 2);
    bed.signal(run, ANSWERED, json!({"text": "Go on."})).await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    bed.finish().await;
}

/// A coder that cannot go on, and one that is given the work after it.
async fn replaced(replies: &[Value]) -> Option<Bed> {
    let said = [
        about("# Hand-off", "coder", &[read(), edit(), finish()]),
        conversation("coder", replies),
        conversation("reviewer", &[approve()]),
    ];
    Bed::with(&said).await
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_make_no_sense_end_with_another_model() {
    let plan = calls(&[(
        "update_plan",
        json!({"items": [{"id": "7", "status": "active"}]}),
    )]);
    let nonsense = |n: u32| calls(&[("guess", json!({"n": n}))]);
    let replies = [plan, nonsense(1), nonsense(2), nonsense(3)];
    let Some(bed) = replaced(&replies).await else {
        return;
    };
    let (_, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let requests = bed.model.asked("coder");
    assert_eq!(requests.len(), 7);
    assert_eq!(requests[3].model, "claude-sonnet-5-5");
    let first = &requests[4];
    assert_eq!(
        (first.model.as_str(), first.messages.len()),
        ("claude-opus-5-5", 1)
    );
    let told = words(first);
    for text in ["Bolts are sold twice", r#""id":"7""#, "guess"] {
        assert!(told.contains(text), "`{text}` is missing in {told}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_gone_is_replaced() {
    let mut gone = read();
    gone["fails"] = json!([{"class": "unknown", "always": true, "status": 404}]);
    let Some(bed) = replaced(&[gone]).await else {
        return;
    };
    let (_, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let models: Vec<String> = bed
        .model
        .asked("coder")
        .into_iter()
        .map(|r| r.model)
        .collect();
    assert_eq!(models[..2], ["claude-sonnet-5-5", "claude-opus-5-5"]);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_became_long_is_handed_on() {
    let mut long = calls(&[("bash", json!({"command": "echo from the repository"}))]);
    long["text"] = json!("The comparison is wrong.");
    long["usage"] = json!({"cache_read": 600_001});
    let Some(bed) = replaced(&[long]).await else {
        return;
    };
    let (_, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let requests = bed.model.asked("coder");
    assert_eq!((requests.len(), requests[1].messages.len()), (4, 1));
    assert_eq!(requests[1].model, requests[0].model);
    let told = words(&requests[1]);
    assert!(told.contains("The comparison is wrong.") && told.contains("bash echo"));
    assert!(
        !told.contains("exit code"),
        "what a tool said is not handed on: {told}"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_long_output_can_be_read() {
    let open = json!({
        "take": {"name": "path (output:[0-9a-f]{64}) opens"},
        "expect_new": "characters left out",
        "calls": [{"tool": "read_file", "input": {"path": "${name}", "start_line": 10_000, "end_line": 10_001}}],
    });
    let wrong = json!({
        "expect_new": "10000\t10000\n",
        "calls": [{"tool": "read_file", "input": {"path": format!("output:{}", "0".repeat(64))}}],
    });
    let mut read = read();
    read["expect_new"] = json!("there is no output of this name");
    let count = calls(&[("bash", json!({"command": "seq 1 20000"}))]);
    let Some(bed) = Bed::coder(&[count, open, wrong, read, edit(), finish()]).await else {
        return;
    };
    assert_eq!(bed.run(no_plan()).await.1["result"], "published");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_only_look_are_made_side_by_side() {
    let look = |n: u32| ("grep", json!({"pattern": format!("def {n}|reserve")}));
    let looks = calls(&[look(1), look(2), look(3), look(4)]);
    let Some(bed) = Bed::coder(&[looks, read(), edit(), finish()]).await else {
        return;
    };
    let (run, _) = bed.run(no_plan()).await;
    let events = bed.db.events(run).await;
    let at = |kind: &str, key: &str| {
        let found = events
            .iter()
            .find(|event| event.kind == kind && event.data["key"] == key);
        found.unwrap().seq
    };
    let last_begun = at("activity.started", "turn 1 tool 3");
    assert!(last_begun < at("activity.finished", "turn 1 tool 0"));
    // Their results stand in the order of the calls.
    let requests = bed.model.asked("coder");
    let results = &requests[1].messages.last().unwrap().content;
    let said = &requests[1].messages[1].content;
    let ids = |blocks: &[Value], key: &str| -> Vec<Value> {
        blocks.iter().map(|block| block[key].clone()).collect()
    };
    assert_eq!(ids(said, "id"), ids(results, "tool_use_id"));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_broke_off_may_be_charged_for_and_a_refusal_is_not() {
    let mut broken = read();
    broken["fails"] = json!([
        {"class": "passing", "begun": true},
        {"class": "passing", "status": 529},
    ]);
    let Some(bed) = Bed::coder(&[broken, edit(), finish()]).await else {
        return;
    };
    let (run, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let balance = bed.balance(run).await;
    assert!(balance.possible > 0 && balance.reserved == 0, "{balance:?}");
    let states: Vec<String> = sqlx::query_scalar(
        "select state from model_calls where response is null order by prepared_at",
    )
    .fetch_all(&bed.db.pool)
    .await
    .unwrap();
    assert_eq!(states, ["abandoned", "failed"]);
    let agents = timeline::agents(&bed.db.pool, run.0, None, 10)
        .await
        .unwrap();
    let possible: Vec<i64> = agents.iter().map(|a| a.possible_usd_micros).collect();
    assert_eq!(
        possible,
        [balance.possible, 0],
        "the coder's, not the reviewer's"
    );
    let calls = timeline::calls(&bed.db.pool, agents[0].id, (0, 0), 10)
        .await
        .unwrap();
    let possible: Vec<Option<i64>> = calls.iter().map(|c| c.possible_usd_micros).collect();
    assert_eq!(possible, [Some(balance.possible), None, None, None, None]);
    // By which price a call was charged is written down with it.
    let prices: Vec<Option<String>> =
        sqlx::query_scalar("select price_version from model_calls order by prepared_at")
            .fetch_all(&bed.db.pool)
            .await
            .unwrap();
    let prices: Vec<Option<&str>> = prices.iter().map(Option::as_deref).collect();
    let (coder, reviewer) = (Some("2026-10-07"), Some("2026-10-01"));
    assert_eq!(prices, [None, None, coder, coder, coder, reviewer]);
    bed.finish().await;
}

/// Refused for an hour, however often it is asked.
fn away(mut reply: Value) -> Value {
    reply["fails"] = json!([
        {"class": "passing", "status": 429, "always": true, "retry_after_ms": 3_600_000},
    ]);
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_wants_to_be_left_alone_for_long_is_replaced() {
    let Some(bed) = replaced(&[away(read())]).await else {
        return;
    };
    let (_, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let requests = bed.model.asked("coder");
    assert_eq!(requests[1].model, "claude-opus-5-5", "it is asked once");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_nobody_can_replace_is_asked_again_when_it_said_so() {
    let Some(bed) = Bed::coder(&[away(read())]).await else {
        return;
    };
    let options = Options {
        models: [("coder".to_owned(), "claude-haiku-4-5-20251001".to_owned())].into(),
        ..no_plan()
    };
    let run = bed.start(options).await;
    let failed = eventually("the try is given up", async || {
        bed.db.events_of(run, "step.failed").await.pop()
    })
    .await;
    assert_eq!(failed.data["retry_in_ms"], 3_600_000);
    let head = bed.db.head(run).await.unwrap();
    assert_eq!(head.waits.as_deref(), Some("retry"));
    assert_eq!(bed.model.asked("coder").len(), 1, "it is not hammered");
    assert_eq!(bed.balance(run).await.reserved, 0);
    steering::cancel(&bed.db.pool, run).await.unwrap();
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_calls_than_a_turn_may_have_are_answered_as_wrong() {
    let one = |n: usize| ("bash", json!({"command": format!("echo {n} >> count.txt")}));
    let many: Vec<_> = (0..51).map(one).collect();
    let Some(bed) = Bed::coder(&[calls(&many), read(), edit(), finish()]).await else {
        return;
    };
    let (run, _) = bed.run(no_plan()).await;
    let requests = bed.model.asked("coder");
    let results = &requests[1].messages.last().unwrap().content;
    let wrong: Vec<bool> = results.iter().map(|r| r["is_error"] == true).collect();
    assert_eq!((wrong.len(), wrong.iter().filter(|w| **w).count()), (51, 2));
    assert!(wrong[49] && wrong[50], "the first are performed");
    let seqs: Vec<i32> =
        sqlx::query_scalar("select seq from snapshots where run_id = $1 order by seq")
            .bind(run.0)
            .fetch_all(&bed.db.pool)
            .await
            .unwrap();
    assert!(
        seqs.len() >= 50,
        "one for each that changed something: {seqs:?}"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_ends_with_the_time_of_its_run_and_failed_tries_count() {
    let sleep = calls(&[("bash", json!({"command": "sleep 600", "timeout_s": 900}))]);
    let said = [
        conversation("planner", &[plan()]),
        conversation("coder", &[sleep]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let gate = bed.model.hold("planner", 0);
    let options = Options {
        approve_plan: false,
        minutes: Some(1),
        ..Options::default()
    };
    let run = bed.start(options).await;
    // As if a step had failed after fifty seconds of work.
    for (seq, kind, ago) in [(-2, "activity.started", 60.0), (-1, "step.failed", 10.0)] {
        sqlx::query(
            "insert into events (run_id, seq, step_no, epoch, kind, data, at)
             values ($1, $2, 0, 0, $3, '{}', clock_timestamp() - make_interval(secs => $4))",
        )
        .bind(run.0)
        .bind(seq)
        .bind(kind)
        .bind(ago)
        .execute(&bed.db.pool)
        .await
        .unwrap();
    }
    let worked = bed.environment.records.worked_ms(run).await.unwrap();
    assert!((49_900..50_500).contains(&worked), "{worked}");
    gate.open();
    bed.waits(run, BUDGET_RAISED).await;
    assert_eq!(bed.steps(run).await, ["plan: planned", "code: out_of_time"]);
    let results = bed.db.events_of(run, "activity.finished").await;
    let command = results
        .iter()
        .find(|event| event.data["key"] == "turn 1 tool 0");
    let told = command.unwrap().data["output"]["text"].as_str().unwrap();
    assert!(told.contains("[stopped after "), "{told}");
    steering::cancel(&bed.db.pool, run).await.unwrap();
    sqlx::query("delete from events where seq < 0")
        .execute(&bed.db.pool)
        .await
        .unwrap();
    bed.forget().await;
}
