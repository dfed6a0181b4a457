//! What whoever codes is told at first, whether that is a conversation of ours or an installed program.

use serde_json::Value;
use workflows::definitions::coding::Brief;

use super::{material::fenced, planner, tester};

/// The task, its plan, and what became of it in the rounds before.
pub(super) fn of(brief: &Brief) -> String {
    let mut text = planner::task(brief);
    if let Some(plan) = &brief.plan {
        text += &format!("\n# Plan\n\n{plan:#}\n");
    }
    if let Some(given) = &brief.assignment.given {
        text += &format!(
            "\n# Attempt {} of {}\n\nOthers do the same independently of you; the best result is delivered. Take the way \
             that you would stand for.\n",
            given.number, given.of
        );
    }
    if let Some(finish) = brief.finish.as_ref().filter(|_| brief.round > 0) {
        let summary = finish["summary"].as_str().unwrap_or_default();
        text += &format!("\n# What was done so far\n\n{summary}\n");
    }
    let evidence = brief.evidence.clone().filter(|_| brief.round > 0);
    if let Some(all) = evidence.and_then(|all| serde_json::from_value::<Vec<_>>(all).ok()) {
        let told = fenced(brief.edition, "what the tests said", &tester::told(&all));
        text += &format!("\n# What the tests say\n\n{told}\n");
    }
    let triage = brief.triage.as_ref().filter(|_| brief.round > 0);
    if let Some(triage) = triage.and_then(Value::as_str) {
        text += &format!("\n# What somebody who looked into the failures says\n\n{triage}\n");
    }
    if let Some(verdict) = brief.verdict.as_ref().filter(|_| brief.round > 0) {
        text += &format!("\n# What the reviewer says\n\n{verdict:#}\n");
    }
    if let Some(answer) = &brief.answer {
        let said = answer["text"].as_str().unwrap_or_default();
        if !said.is_empty() {
            text += &format!("\n# What the person says\n\n{said}\n");
        }
    }
    text
}
