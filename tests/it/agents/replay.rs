//! `codegraph replay`, as a person runs it.

use std::process::{Command, Output};

use codegraph::services::agent_records::MESSAGE;
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use workflows::{
    RunId,
    definitions::coding::{ANSWERED, Options, PLAN_DECIDED},
};

use super::{
    bed::{Bed, alone},
    words::{approve, bash, calls, conversation, edit, finish, good, plan, read},
};

fn replay(bed: &Bed, run: RunId, json: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codegraph"));
    command
        .args(["replay", &run.to_string()])
        .current_dir(&bed.home)
        .env("CODEGRAPH_HOME", &bed.home)
        .env(
            "CODEGRAPH_DATABASE_URL",
            bed.db.options.to_url_lossy().as_str(),
        )
        .env("CODEGRAPH_PG_BUNDLE", crate::postgres::bundle())
        // Whoever is asked now is not reached.
        .env("CODEGRAPH_ANTHROPIC_BASE_URL", "http://127.0.0.1:9");
    if json {
        command.arg("--json");
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_the_same_once_more_with_all_that_people_said() {
    let ask = calls(&[("ask_human", json!({"question": "Which number?"}))]);
    let replies = [
        bash("date +%s%N > /dev/null; sleep 0.1"),
        ask,
        read(),
        edit(),
        finish(),
    ];
    let models = [
        conversation("planner", &[plan()]),
        conversation("coder", &replies),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&models).await else {
        return;
    };
    let run = bed.start(Options::default()).await;
    bed.waits(run, PLAN_DECIDED).await;
    bed.signal(run, MESSAGE, json!({"text": "Be brief."})).await;
    bed.signal(run, PLAN_DECIDED, json!({"decision": "approve"}))
        .await;
    bed.waits(run, ANSWERED).await;
    bed.signal(run, ANSWERED, json!({"text": "available"}))
        .await;
    bed.db.succeeded(run).await;
    let asked = bed.model.asked("coder").len();
    let output = replay(&bed, run, true);
    assert!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["calls"], &told["same"]), (&json!(7), &json!(7)));
    assert_eq!(told["divergence"], Value::Null);
    assert_eq!(bed.model.asked("coder").len(), asked, "no model was asked");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_difference_is_shown() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let (run, _) = bed.run(alone()).await;
    // As if the program had said something else then.
    sqlx::query(
        "update model_calls set request = replace(request::text, 'raise OutOfStock(sku', 'raise Nothing(sku')::jsonb
         where request::text like '%tool_result%'",
    )
    .execute(&bed.db.pool)
    .await
    .unwrap();
    let output = replay(&bed, run, false);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let told = said(&output);
    for text in [
        "2 of 5 model calls are the same.",
        "at   step 2, coder, turn 2: the messages",
        "raise Nothing(sku",
        "raise OutOfStock(sku",
    ] {
        assert!(told.contains(text), "`{text}` is missing in {told}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_replayed_is_said_to_be_so() {
    let Some(bed) = Bed::with(&[conversation("planner", &[plan()])]).await else {
        return;
    };
    let run = bed.start(Options::default()).await;
    bed.waits(run, PLAN_DECIDED).await;
    for (run, says) in [(run, "has not ended"), (RunId::new(), "run")] {
        let output = replay(&bed, run, false);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains(says), "{}", said(&output));
    }
    bed.signal(run, PLAN_DECIDED, json!({"decision": "reject"}))
        .await;
    bed.db.succeeded(run).await;
    bed.finish().await;
}
