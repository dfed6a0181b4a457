//! The planner: reads, and writes the plan that the others follow.

use serde_json::{Value, json};
use workflows::{Journal, StepContext, StepError, definitions::coding::Brief};

use super::{
    Environment, Plan, Role,
    conversation::{Conversation, Ending},
    desk::Desk,
    guidance,
    plan::Feasibility,
};

/// Performs the step `plan`.
pub async fn plan<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: Brief,
) -> Result<Value, StepError> {
    let desk = Desk::open(env, cx, &brief).await?;
    let opening = opening(&brief) + &guidance::section(env, &desk).await?;
    let mut talk = Conversation::open(env, cx, Role::Planner, &brief, opening).await?;
    let mut ending = talk.hold(&desk).await?;
    let mut corrected = false;
    let (result, plan) = loop {
        match ending {
            Ending::Said(text) => match Plan::parse(&text) {
                Ok(plan) => break (word(&plan), json!(plan)),
                Err(wrong) if !corrected => {
                    corrected = true;
                    let say =
                        format!("That is no plan: {wrong}. Answer with the JSON object alone.");
                    ending = talk.again(&desk, &say).await?;
                }
                Err(wrong) => {
                    return Err(StepError::fatal(format!(
                        "the planner wrote no plan: {wrong}"
                    )));
                }
            },
            Ending::Asked(asked) => {
                break (
                    "needs_answer",
                    json!({"question": asked.question, "options": asked.options}),
                );
            }
            Ending::UsedUp(word) => break (word, Value::Null),
            Ending::GaveUp(reason) => {
                return Err(StepError::fatal(format!("the planner gave up: {reason}")));
            }
            Ending::Finished(_) => return Err(StepError::fatal("the planner has no `finish`")),
        }
    };
    let own = json!({
        "result": result,
        "plan": plan,
    });
    talk.outcome(&desk, own).await
}

fn word(plan: &Plan) -> &'static str {
    match plan.feasibility {
        Feasibility::Feasible => "planned",
        Feasibility::NeedsAnswer => "needs_answer",
        Feasibility::Infeasible => "infeasible",
    }
}

/// What the task is, in the words of the person who gave it.
pub(super) fn task(brief: &Brief) -> String {
    let task = &brief.assignment;
    format!("# Task\n\n{}\n\n{}\n", task.title, task.description)
}

fn opening(brief: &Brief) -> String {
    let mut text = task(brief);
    if let Some(plan) = &brief.plan {
        text += &format!("\n# Your earlier plan\n\n{plan:#}\n");
    }
    if let Some(answer) = &brief.answer {
        let said = answer["text"].as_str().unwrap_or_default();
        text += &format!("\n# What the person says about it\n\n{said}\n");
    }
    text
}
