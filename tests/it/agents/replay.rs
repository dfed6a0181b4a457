//! `codegraph replay`, as a person runs it.

use std::{
    process::{Command, Output, Stdio},
    time::Duration,
};

use codegraph::{models::worker, services::agent_records::MESSAGE};
use rustix::process::Signal;
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use workflows::{
    RunId,
    definitions::coding::{ANSWERED, Mode, Options, PLAN_DECIDED},
};

use super::{
    bed::{Bed, alone},
    words::{about, approve, bash, calls, conversation, edit, finish, good, plan, read},
};
use crate::support::eventually;

pub(super) fn replay(bed: &Bed, run: RunId, json: bool) -> Output {
    replaying(bed, run, json).output().unwrap()
}

pub(super) fn replaying(bed: &Bed, run: RunId, json: bool) -> Command {
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
    command
}

pub(super) fn said(output: &Output) -> String {
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

impl Bed {
    /// Waits until an activity has been begun so often.
    async fn begun(&self, run: RunId, key: &str, times: usize) {
        eventually(&format!("`{key}` is begun {times} times"), async || {
            let begun = self.db.events_of(run, "activity.started").await;
            let begun = begun.iter().filter(|event| event.data["key"] == key);
            (begun.count() >= times).then_some(())
        })
        .await;
    }

    /// The worker is taken for dead: others may have its runs, under a later epoch.
    async fn forget_worker(&self) {
        let mut conn = self.db.pool.acquire().await.unwrap();
        let known: Vec<i64> = sqlx::query_scalar("select id from workers")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
        worker::forget(&mut conn, &known).await.unwrap();
    }
}

/// Workers are lost with a call on its way, after a question was answered, and twice in the same command.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_changed_hands_is_the_same_once_more() {
    let ask = calls(&[("ask_human", json!({"question": "Which number?"}))]);
    let deed = bash("sleep 2; echo done >> deeds.txt; cat deeds.txt");
    let models = [
        conversation("planner", &[plan()]),
        conversation("coder", &[ask, read(), edit(), deed, finish()]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&models).await else {
        return;
    };
    let gate = bed.model.hold("coder", 2);
    let run = bed.start(alone()).await;
    bed.waits(run, ANSWERED).await;
    bed.signal(run, MESSAGE, json!({"text": "Be brief."})).await;
    bed.signal(run, ANSWERED, json!({"text": "available"}))
        .await;
    eventually("the coder is asked after its question", async || {
        (bed.model.asked("coder").len() == 3).then_some(())
    })
    .await;
    bed.forget_worker().await;
    eventually("the call that was cut off is made again", async || {
        (bed.model.asked("coder").len() == 4).then_some(())
    })
    .await;
    gate.open();
    for time in 1..=2 {
        bed.begun(run, "turn 3 tool 0", time).await;
        bed.forget_worker().await;
    }
    bed.db.succeeded(run).await;
    assert!(bed.db.run(run).await.epoch >= Some(3), "it changed hands");
    let given_up = bed.db.events_of(run, "activity.interrupted").await;
    assert_eq!(given_up.len(), 1, "nobody came to the end of the command");
    let output = replay(&bed, run, true);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert_eq!(told["divergence"], Value::Null, "{}", said(&output));
    assert_eq!((&told["calls"], &told["same"]), (&json!(7), &json!(7)));
    bed.finish().await;
}

/// A worker is lost after another model has taken the conversation over: whoever reads it again finds the same two.
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_was_handed_on_goes_on_after_its_worker_is_lost() {
    let nonsense = |n: u32| calls(&[("guess", json!({"n": n}))]);
    let models = [
        about(
            "# Hand-off",
            "coder",
            &[read(), bash("sleep 2; echo done"), edit(), finish()],
        ),
        conversation("coder", &[nonsense(1), nonsense(2), nonsense(3)]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&models).await else {
        return;
    };
    let options = Options {
        mode: Mode::NoPlan,
        ..Options::default()
    };
    let run = bed.start(options).await;
    bed.begun(run, "turn 5 tool 0", 1).await;
    bed.forget_worker().await;
    let output = bed.db.succeeded(run).await;
    assert_eq!(output["evidence"]["approved"], true, "{output}");
    bed.finish().await;
}

/// On a machine that stands still again and again, the run that is done once more changes hands as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_goes_on_where_its_own_worker_was_given_up() {
    let ask = calls(&[("ask_human", json!({"question": "Which number?"}))]);
    let replies = [ask, read(), bash("sleep 1"), edit(), finish()];
    let models = [
        conversation("coder", &replies),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&models).await else {
        return;
    };
    let options = Options {
        mode: Mode::NoPlan,
        ..Options::default()
    };
    let run = bed.start(options).await;
    bed.waits(run, ANSWERED).await;
    bed.signal(run, MESSAGE, json!({"text": "Be brief."})).await;
    bed.signal(run, ANSWERED, json!({"text": "available"}))
        .await;
    bed.db.succeeded(run).await;
    let mut command = replaying(&bed, run, true);
    command.env("CODEGRAPH_LEASE", "3");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    for (signal, pause) in [
        (Signal::CONT, 2_000),
        (Signal::STOP, 4_500),
        (Signal::CONT, 2_000),
    ]
    .repeat(2)
    {
        if !output.is_finished() {
            // It may come to its end in between.
            let _ = rustix::process::kill_process(pid, signal);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }
    let output = output.await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["calls"], &told["same"]), (&json!(6), &json!(6)));
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
