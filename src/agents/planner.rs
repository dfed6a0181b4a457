//! The planner: reads, and writes the plan that the others follow.

use serde_json::{Value, json};
use workflows::{Journal, StepContext, StepError, definitions::coding::Brief};

use super::{
    Environment, Plan, Role,
    conversation::{Conversation, Ending},
    desk::Desk,
    guidance,
    plan::Feasibility,
    profile,
};

/// Performs the step `plan`.
pub async fn plan<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: Brief,
) -> Result<Value, StepError> {
    let desk = Desk::open(env, cx, &brief).await?;
    let opening = opening(&brief)
        + &profile::section(env, cx, &desk, &brief, Role::Planner).await?
        + &guidance::section(env, &desk).await?;
    let mut talk = Conversation::open(env, cx, Role::Planner, &brief, opening).await?;
    let mut ending = talk.hold(&desk).await?;
    let mut corrected = false;
    let mut stuck = None;
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
                    stuck = Some(format!("the planner wrote no plan: {wrong}"));
                    break ("gave_up", Value::Null);
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
                stuck = Some(format!("the planner gave up: {reason}"));
                break ("gave_up", Value::Null);
            }
            Ending::Finished(_) => return Err(StepError::fatal("the planner has no `finish`")),
        }
    };
    let mut own = json!({"result": result, "plan": plan});
    if let Some(why) = stuck {
        // Before anybody was asked, this was the end of the run.
        if brief.edition < 2 {
            return Err(StepError::fatal(why));
        }
        talk.ask_for_help(&mut own, &why);
    } else if result == "infeasible" {
        let why = infeasible(&own["plan"]);
        talk.ask_for_help(&mut own, &why);
    }
    talk.outcome(&desk, own).await
}

fn word(plan: &Plan) -> &'static str {
    match plan.feasibility {
        Feasibility::Feasible => "planned",
        Feasibility::NeedsAnswer => "needs_answer",
        Feasibility::Infeasible => "infeasible",
    }
}

/// What a person is told of a task that cannot be done.
fn infeasible(plan: &Value) -> String {
    let mut text = format!(
        "The planner says that this cannot be done: {}",
        plan["summary"].as_str().unwrap_or_default()
    );
    for list in ["risks", "questions"] {
        let lines = plan[list].as_array().into_iter().flatten();
        for line in lines.filter_map(Value::as_str) {
            text += &format!("\n- {line}");
        }
    }
    text
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
