//! What came of a run, for a person: plan, difference, tests, verdict, cost, branch.

use serde_json::Value;
use sqlx::PgPool;
use workflows::{RunId, definitions::coding};

use super::{Failed, follow::usd};
use crate::{
    client::screen::clean_lines,
    evidence::TestEvidence,
    services::{agent_records::AgentRecords, replay, timeline},
};

/// The newest thing of this name that a step of the run returned.
async fn newest(db: &PgPool, run: RunId, key: &str) -> Result<Value, Failed> {
    let outputs = replay::outputs(db, run).await?;
    let found = outputs.into_iter().rev().filter_map(|(_, mut output)| {
        let value = output[key].take();
        (!value.is_null()).then_some(value)
    });
    Ok(found.into_iter().next().unwrap_or_default())
}

/// What the run asks, as it stands on a terminal.
pub(super) async fn question(db: &PgPool, run: RunId, signal: &str) -> Result<String, Failed> {
    Ok(match signal {
        coding::PLAN_DECIDED => format!(
            "\n{}\nFollow this plan? [Y]es, [n]o, or say what to change: ",
            plan(&newest(db, run, "plan").await?)
        ),
        coding::DELIVERY_DECIDED => "Deliver this? [Y]es, [n]o, or say what to change: ".to_owned(),
        coding::BUDGET_RAISED => {
            "The budget is used up. How many dollars more? (0 ends the run) ".to_owned()
        }
        _ => {
            let asked = timeline::question(db, run.0).await?;
            let (question, options) = asked.unwrap_or_default();
            let options: Vec<String> = options
                .iter()
                .map(|option| format!("- {option}\n"))
                .collect();
            format!(
                "\n{}\n{}> ",
                clean_lines(&question),
                clean_lines(&options.concat())
            )
        }
    })
}

/// Whether what was delivered was approved, and its tests say nothing against it.
pub(super) async fn is_sound(db: &PgPool, run: RunId, output: &Value) -> Result<bool, Failed> {
    let evidence = newest(db, run, "evidence").await?;
    let evidence: Vec<TestEvidence> = serde_json::from_value(evidence).unwrap_or_default();
    let against = evidence.iter().any(|one| !one.against().is_empty());
    Ok(output["evidence"]["approved"] == true && !against)
}

fn plan(plan: &Value) -> String {
    let mut text = format!("Plan: {}\n", plan["summary"].as_str().unwrap_or_default());
    for item in plan["items"].as_array().into_iter().flatten() {
        text += &format!(
            "  {}. {}\n",
            item["id"].as_str().unwrap_or("-"),
            item["title"].as_str().unwrap_or_default()
        );
    }
    text
}

/// Everything about a run that has ended.
pub(super) async fn of(
    db: &PgPool,
    run: RunId,
    outcome: &str,
    output: &Value,
) -> Result<String, Failed> {
    let mut text = String::from("\n");
    let found = newest(db, run, "plan").await?;
    if !found.is_null() {
        text += &plan(&found);
    }
    let published = &output["evidence"];
    if let Some(diff) = published["diff"].as_str() {
        text += &format!("\n{diff}\n");
    }
    let evidence = newest(db, run, "evidence").await?;
    for one in serde_json::from_value::<Vec<TestEvidence>>(evidence).unwrap_or_default() {
        text += &format!(
            "Tests ({}): before {} passed, {} failed; after {} passed, {} failed\n",
            one.command.join(" "),
            one.base.passed,
            one.base.bad(),
            one.head.passed,
            one.head.bad()
        );
        for (word, list) in [("fixed", &one.fixed), ("newly failing", &one.newly_failing)] {
            if !list.is_empty() {
                text += &format!("  {word}: {}\n", list.join(", "));
            }
        }
        for why in one.against() {
            text += &format!("  against it: {why}\n");
        }
    }
    let shown = newest(db, run, "reproduction").await?;
    if let Some(path) = shown["path"].as_str() {
        let worth = shown["why"].as_str().unwrap_or("fails before, holds after");
        text += &format!("Test of the fault: {path}: {worth}\n");
    }
    let verdict = newest(db, run, "verdict").await?;
    if let Some(word) = verdict["verdict"].as_str() {
        text += &format!(
            "Review: {word}. {}\n",
            verdict["summary"].as_str().unwrap_or_default()
        );
        for reason in verdict["downgraded"].as_array().into_iter().flatten() {
            text += &format!("  not approved: {}\n", reason.as_str().unwrap_or_default());
        }
    }
    let balance = AgentRecords::new(db.clone()).balance(run).await?;
    text += &format!("Cost: ${:.4}", usd(balance.spent));
    if balance.possible > 0 {
        text += &format!(
            " and possibly ${:.4} for calls whose answers were lost",
            usd(balance.possible)
        );
    }
    text += "\n";
    match (published["branch"].as_str(), output["reason"].as_str()) {
        (Some(branch), _) => {
            let commit = published["commit"].as_str().unwrap_or_default();
            text += &format!("Branch: {branch} ({})\n", &commit[..commit.len().min(12)]);
        }
        (None, Some(reason)) => text += &format!("The run {outcome}: {reason}\n"),
        (None, None) => {
            let result = output["result"].as_str().unwrap_or(outcome);
            text += &format!("The run ended: {result}\n");
        }
    }
    Ok(text)
}
