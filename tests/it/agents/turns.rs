//! Answers that are no usual turn: cut off, refused, too long for the window, interrupted, empty, or words alone.

use codegraph::services::steering;
use serde_json::{Value, json};
use workflows::definitions::coding::ANSWERED;

use super::{
    bed::{Bed, no_plan},
    model::{news, words},
    words::{about, approve, bash, calls, conversation, edit, finish, read, text},
};

/// A coder that cannot go on, and what is said after a hand-off.
async fn replaced(replies: &[Value], then: &[Value]) -> Option<Bed> {
    let said = [
        about("# Hand-off", "coder", then),
        conversation("coder", replies),
        conversation("reviewer", &[approve()]),
    ];
    Bed::with(&said).await
}

fn stopped(mut reply: Value, why: &str) -> Value {
    reply["stop"] = json!(why);
    reply
}

async fn published(bed: Bed) {
    let (_, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    bed.finish().await;
}

/// Waits for the question of a run that cannot go on, and ends it.
async fn asks(bed: Bed, about: &[&str]) {
    let run = bed.start(no_plan()).await;
    bed.waits(run, ANSWERED).await;
    assert_eq!(bed.steps(run).await, ["code: gave_up"]);
    let question = bed.question(run).await;
    for part in about {
        assert!(question.contains(part), "`{part}` is missing in {question}");
    }
    steering::cancel(&bed.db.pool, run).await.unwrap();
    bed.forget().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cut_off_in_a_call_is_asked_for_again_with_more_room() {
    let mut cut = stopped(bash("echo half >> half.txt"), "max_tokens");
    cut["below"] = json!(17_000);
    cut["else"] = read();
    let Some(bed) = Bed::coder(&[cut, edit(), finish()]).await else {
        return;
    };
    let (_, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let requests = bed.model.asked("coder");
    let room: Vec<u32> = requests.iter().map(|request| request.max_tokens).collect();
    assert_eq!(room, [16_000, 32_000, 16_000, 16_000]);
    assert_eq!(
        json!(requests[0].messages),
        json!(requests[1].messages),
        "nothing of the half answer counts"
    );
    let used: Vec<String> = sqlx::query_scalar("select tool from tool_calls order by started_at")
        .fetch_all(&bed.db.pool)
        .await
        .unwrap();
    assert_eq!(used, ["read_file", "edit_file"]);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_off_twice_is_a_question() {
    let cut = stopped(bash("echo half >> half.txt"), "max_tokens");
    let Some(bed) = Bed::coder(&[cut]).await else {
        return;
    };
    asks(bed, &["its answers were too long"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_refuses_another_does() {
    let refusal = stopped(text("I cannot help with that."), "refusal");
    let Some(bed) = replaced(&[refusal], &[read(), edit(), finish()]).await else {
        return;
    };
    let (run, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let requests = bed.model.asked("coder");
    let models: Vec<&str> = requests.iter().map(|r| r.model.as_str()).collect();
    assert_eq!(models[..2], ["claude-sonnet-5-5", "claude-opus-5-5"]);
    let told = words(&requests[1]);
    assert!(told.contains("the model refused"), "{told}");
    assert!(!told.contains("I cannot help"), "{told}");
    // It is paid for all the same.
    assert!(bed.balance(run).await.spent > 0);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_model_refuses_is_a_question() {
    let refusal = || stopped(text("No."), "refusal");
    let Some(bed) = replaced(&[refusal()], &[refusal()]).await else {
        return;
    };
    asks(bed, &["the model refused"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_fills_the_window_is_handed_on() {
    let looks = calls(&[("bash", json!({"command": "echo from the repository"}))]);
    let full = stopped(json!({}), "context_window");
    let Some(bed) = replaced(&[looks, full], &[read(), edit(), finish()]).await else {
        return;
    };
    let (_, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let requests = bed.model.asked("coder");
    assert_eq!(requests[2].model, requests[0].model);
    assert_eq!(requests[2].messages.len(), 1);
    assert!(words(&requests[2]).contains("bash echo from the repository"));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_alone_fills_the_window_is_a_question() {
    let Some(bed) = Bed::coder(&[stopped(json!({}), "context_window")]).await else {
        return;
    };
    asks(bed, &["the task is too long for the model"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_pauses_is_sent_back_as_it_is() {
    let pause = stopped(text("I am still thinking."), "pause_turn");
    let Some(bed) = Bed::coder(&[pause, read(), edit(), finish()]).await else {
        return;
    };
    let (_, output) = bed.run(no_plan()).await;
    assert_eq!(output["result"], "published");
    let requests = bed.model.asked("coder");
    let last = requests[1].messages.last().unwrap();
    assert_eq!(last.role, "assistant");
    assert_eq!(last.content[0]["text"], "I am still thinking.");
    assert_eq!(news(&requests[1]), "", "nothing is said to it");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_turn_is_nudged_once_and_leaves_nothing_behind() {
    for empty in [json!({}), text(" \n")] {
        let Some(bed) = Bed::coder(&[empty]).await else {
            return;
        };
        let model = bed.model.clone();
        asks(bed, &["it stopped without a result"]).await;
        let requests = model.asked("coder");
        assert_eq!(requests.len(), 2);
        assert!(news(&requests[1]).contains("call `finish` if you are done"));
        // A vendor refuses a conversation in which somebody said nothing.
        let spoken = requests[1]
            .messages
            .iter()
            .filter(|m| m.role == "assistant");
        assert_eq!(spoken.count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_alone_are_nudged_once() {
    let Some(bed) = Bed::coder(&[text("Now I shall read it."), read(), edit(), finish()]).await
    else {
        return;
    };
    let model = bed.model.clone();
    published(bed).await;
    let requests = model.asked("coder");
    assert!(news(&requests[1]).contains("call `finish` if you are done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_alone_again_are_a_question_and_its_answer_lets_it_go_on() {
    let replies = [
        text("It compares with the wrong number."),
        text("That is all there is to say."),
        read(),
        edit(),
        finish(),
    ];
    let Some(bed) = Bed::coder(&replies).await else {
        return;
    };
    let run = bed.start(no_plan()).await;
    bed.waits(run, ANSWERED).await;
    let question = bed.question(run).await;
    for part in [
        "it stopped without a result",
        "That is all there is to say.",
    ] {
        assert!(question.contains(part), "{question}");
    }
    bed.signal(run, ANSWERED, json!({"text": "Then mend it."}))
        .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    assert!(news(&bed.model.asked("coder")[2]).contains("Then mend it."));
    bed.finish().await;
}
