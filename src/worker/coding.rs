//! The steps of a coding run: each is told its brief and lets an agent do it.

use serde_json::Value;
use workflows::{
    StepContext, StepError,
    definitions::coding::{self, Brief},
};

use super::{journal::PgJournal, steps::StepSet};
use crate::agents::{self, Environment};

impl StepSet {
    /// Adds what agents do, with what they need for it.
    #[must_use]
    pub fn with_agents(self, environment: &Environment) -> Self {
        let env = || environment.clone();
        let (plan, code, test, review, choose, publish) =
            (env(), env(), env(), env(), env(), env());
        self.on(coding::PLAN, move |cx| {
            let env = plan.clone();
            async move {
                begins(&env, &cx).await;
                agents::plan(&env, &cx, brief(&cx)?).await
            }
        })
        .on(coding::CODE, move |cx| {
            let env = code.clone();
            async move {
                begins(&env, &cx).await;
                agents::code(&env, &cx, brief(&cx)?).await
            }
        })
        .on(coding::TEST, move |cx| {
            let env = test.clone();
            async move {
                begins(&env, &cx).await;
                agents::test(&env, &cx, brief(&cx)?).await
            }
        })
        .on(coding::REVIEW, move |cx| {
            let env = review.clone();
            async move {
                begins(&env, &cx).await;
                agents::review(&env, &cx, brief(&cx)?).await
            }
        })
        .on(coding::CHOOSE, move |cx| {
            let env = choose.clone();
            async move {
                begins(&env, &cx).await;
                agents::choose(&env, &cx, brief(&cx)?).await
            }
        })
        .on(coding::PUBLISH, move |cx| {
            let env = publish.clone();
            async move {
                begins(&env, &cx).await;
                agents::publish(&env, &cx, brief(&cx)?).await
            }
        })
    }
}

/// After a wait the head has the name of what was waited for, until the step is recorded; people want to see the step.
/// It takes hours as often as not, so this costs nothing.
async fn begins(env: &Environment, cx: &StepContext<PgJournal>) {
    env.begins(cx.run).await;
    let named = env.records.at_work(cx.run, cx.epoch, &cx.step.name).await;
    if let Err(error) = named {
        tracing::warn!(run = %cx.run, %error, "the step at work could not be named");
    }
}

fn brief(cx: &StepContext<PgJournal>) -> Result<Brief, StepError> {
    serde_json::from_value::<Brief>(cx.step.input.clone())
        .map(without_nothing)
        .map_err(|error| StepError::fatal(format!("the step's brief: {error}")))
}

/// What was written as null was never there.
fn without_nothing(mut brief: Brief) -> Brief {
    let values = [
        &mut brief.head,
        &mut brief.plan,
        &mut brief.finish,
        &mut brief.evidence,
        &mut brief.verdict,
        &mut brief.continues,
        &mut brief.answer,
    ];
    for value in values {
        if value.as_ref().is_some_and(Value::is_null) {
            *value = None;
        }
    }
    brief
}
