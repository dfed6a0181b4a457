//! A coder that is an installed program (an engine). It works by itself behind the wall, asks its model through a door of
//! ours, and what it leaves behind and says last is what a coder of ours leaves behind and says. Its work is one activity:
//! what happens in it is not ours to record, so it is done from its beginning after a crash.

mod door;
mod prompt;
mod relay;
mod started;
mod word;

use std::borrow::Cow;

use serde_json::{Value, json};
use workflows::{
    Journal, RunId, StepContext, StepError,
    activity::Performed,
    definitions::coding::{ASKS, Brief},
};

use super::{
    Environment, Role,
    call::Line,
    change, conversation,
    desk::{Desk, Head},
    environment::again,
    rerun::Rerun,
    runs::VERIFICATION,
};
use crate::{
    providers::llm::catalogue::Engine,
    services::recordings::{ENGINE, ENGINE_WORKS},
};
use started::{Ended, Started};

/// The engine that codes in a run, if one does.
pub(super) fn chosen<'e>(env: &'e Environment, brief: &Brief) -> Option<&'e Engine> {
    match brief.assignment.options.models.get(Role::Coder.as_str()) {
        Some(id) => env.catalogue.engine(id),
        None => env.catalogue.coding_engine(),
    }
}

/// Performs the step `code`.
pub(super) async fn code<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: &Brief,
    engine: &Engine,
) -> Result<Value, StepError> {
    let desk = Desk::open(env, cx, brief).await?;
    let role = Role::Coder;
    let fatal = |error: &dyn std::fmt::Display| StepError::fatal(error.to_string());
    let model = env.catalogue.find(&engine.model).map(Cow::into_owned);
    let model = model.map_err(|error| fatal(&error))?;
    let provider = env.providers.get(&model.provider);
    let provider = provider.map_err(|error| fatal(&error))?;
    let begun = env
        .records
        .begin(cx.run, cx.step_no, role.as_str(), &engine.id);
    let line = Line {
        run: cx.run,
        epoch: cx.epoch,
        agent_run: begun.await.map_err(again)?,
        model,
        provider,
        budget: brief.budget_usd_micros,
        replaceable: false,
    };
    let told = prompt::of(env, cx, &desk, brief).await?;
    let work = Started {
        env,
        engine,
        line: &line,
        brief,
        prompt: &told.text,
        seq: conversation::number(cx.step_no, 1, 0),
    };
    let kept = if !cx.knows(ENGINE_WORKS) && desk.left().is_zero() {
        json!(Ended::of("out_of_time"))
    } else {
        let perform = async || match &env.rerun {
            Some(rerun) => once_more(rerun, cx.run, cx.step_no, &desk, work.seq).await,
            None => work.perform(&desk).await,
        };
        match env.workspace(cx, &desk, ENGINE_WORKS, perform).await? {
            Performed::Done(kept) => kept,
            Performed::Interrupted => work.give_up().await?,
        }
    };
    desk.replayed(&kept).await;
    let ended: Ended = serde_json::from_value(kept)
        .map_err(|error| StepError::fatal(format!("a recorded result: {error}")))?;
    let own = result(&ended, engine, &desk, brief);
    outcome(env, &line, &desk, &told, &ended, own).await
}

/// Where a run is done once more, what came of the engine then comes of it now.
async fn once_more(
    rerun: &Rerun,
    run: RunId,
    step_no: i32,
    desk: &Desk<'_>,
    seq: i32,
) -> Result<Value, StepError> {
    let nothing = || StepError::fatal("no engine was at work here then");
    let (mut came, trees) = rerun.engine(run, step_no).ok_or_else(nothing)?;
    let head = Head::of(&came).ok_or_else(nothing)?;
    let head = desk.come_to(&head, &trees, seq).await?;
    for (key, value) in head.to_json().as_object().into_iter().flatten() {
        came[key] = value.clone();
    }
    Ok(came)
}

/// What the step is to return: the word, what the program said, and what a person is asked.
fn result(ended: &Ended, engine: &Engine, desk: &Desk<'_>, brief: &Brief) -> Value {
    let said = ended.said.as_deref().unwrap_or_default();
    let mut finish = Value::Null;
    let mut word = ended.result.as_str();
    if word == "done" {
        let last = word::read(said, &brief.assignment.title);
        word = last.status;
        finish = last.finish;
        // What it ran is not ours to bear out.
        if brief.edition > 0 {
            finish[VERIFICATION] = json!([]);
        }
    } else if let Some(why) = &ended.why {
        finish = json!({"summary": why});
    }
    let mut own = json!({"result": word, "finish": finish, ENGINE: engine.id});
    let why = finish["summary"].as_str().unwrap_or_default();
    let asks = match word {
        "gave_up" => format!(
            "{why}\n\nSay how to go on: it is started once more on the tree as it is now, and told what you say. Or cancel \
             the run, and take it up with another model for the coder."
        ),
        "infeasible" => format!("The coder says that this cannot be done: {why}"),
        _ => return own,
    };
    if desk.edition > 1 {
        own[ASKS] = json!({"question": asks, "options": []});
    }
    own
}

async fn outcome(
    env: &Environment,
    line: &Line,
    desk: &Desk<'_>,
    told: &prompt::Told,
    ended: &Ended,
    mut own: Value,
) -> Result<Value, StepError> {
    own["change"] = change::keep(env, desk).await?;
    own["base"] = json!(desk.base);
    own["head"] = desk.head().await.to_json();
    own["cost_usd_micros"] = json!(ended.cost);
    own["messages_seen"] = json!(told.messages_seen);
    own["messages_told"] = json!(told.messages_told);
    let said = ended.said.as_deref().or(ended.why.as_deref());
    own["conversation"] = conversation::keep_exchange(env, &told.text, said).await?;
    let closed = env
        .records
        .end(line.agent_run, "succeeded", ended.calls, &own);
    closed.await.map_err(again)?;
    Ok(own)
}
