//! The coder: changes the working tree until the task is done, or says why it cannot be.

use serde_json::{Value, json};
use workflows::{Journal, StepContext, StepError, definitions::coding::Brief};

use super::{
    Environment, Role, change,
    conversation::{Conversation, Ending},
    desk::Desk,
    engine, guidance, opening, profile,
    runs::VERIFICATION,
    tools::{Finish, FinishStatus},
};

/// Performs the step `code`.
pub async fn code<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: Brief,
) -> Result<Value, StepError> {
    if let Some(engine) = engine::chosen(env, &brief) {
        return engine::code(env, cx, &brief, engine).await;
    }
    let desk = Desk::open(env, cx, &brief).await?;
    let opening = opening::of(&brief)
        + &profile::section(env, cx, &desk, &brief, Role::Coder).await?
        + &guidance::section(env, &desk).await?;
    let mut talk = Conversation::open(env, cx, Role::Coder, &brief, opening).await?;
    let ending = talk.hold(&desk).await?;
    let (result, finish) = match ending {
        Ending::Finished(finish) => {
            let mut said = told(&finish);
            if brief.edition > 0 {
                let head = desk.head().await;
                said[VERIFICATION] = talk.ran.named(&finish.verification, &head.tree);
            }
            (word(finish.status), said)
        }
        Ending::Asked(asked) => (
            "needs_answer",
            json!({"question": asked.question, "options": asked.options}),
        ),
        Ending::UsedUp(word) => (word, Value::Null),
        Ending::GaveUp(reason) | Ending::Said(reason) => ("gave_up", json!({"summary": reason})),
    };
    let mut own = json!({
        "result": result,
        "finish": finish,
        "change": change::keep(env, &desk).await?,
    });
    let why = finish["summary"].as_str().unwrap_or_default();
    match result {
        "gave_up" => talk.ask_for_help(&mut own, &format!("The coder is stuck: {why}.")),
        "infeasible" => {
            talk.ask_for_help(
                &mut own,
                &format!("The coder says that this cannot be done: {why}"),
            );
        }
        _ => {}
    }
    talk.outcome(&desk, own).await
}

fn word(status: FinishStatus) -> &'static str {
    match status {
        FinishStatus::Done => "done",
        FinishStatus::Blocked => "needs_answer",
        FinishStatus::Infeasible => "infeasible",
    }
}

fn told(finish: &Finish) -> Value {
    let title: String = finish.pr_title.chars().take(72).collect();
    json!({
        "summary": finish.summary,
        "risks": finish.risks,
        "pr_title": title,
        "pr_body": finish.pr_body,
        "question": finish.summary,
    })
}
