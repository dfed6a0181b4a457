//! The reviewer: judges the difference by the task, the plan and the tests, without having seen how it came about.

use serde_json::{Value, json};
use workflows::{
    Journal, StepContext, StepError,
    definitions::coding::{Brief, GUARDED},
};

use super::{
    Environment, Role, Verdict,
    conversation::{Conversation, Ending},
    desk::{Desk, Head, trouble},
    gate::{Facts, Planned},
    guarded, guidance,
    material::fenced,
    planner, reproduction, tester,
    tools::cut,
    verdict::Word,
};
use crate::{
    evidence::{self, ChangedFile, TestEvidence, Weakened},
    providers::git::Diff,
};

/// Characters of a difference that are shown at once; the rest is read with tools.
const SHOWN: usize = 60_000;

/// Performs the step `review`.
pub async fn review<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: Brief,
) -> Result<Value, StepError> {
    let desk = Desk::open(env, cx, &brief).await?;
    let diff = desk.diff().await?;
    let weakened = weakened(&desk, &diff).await?;
    // What cannot be read is no evidence of anything, and no reason to go on without.
    let evidence: Vec<TestEvidence> = match brief.evidence.clone() {
        Some(all) => serde_json::from_value(all)
            .map_err(|error| StepError::fatal(format!("recorded evidence: {error}")))?,
        None => Vec::new(),
    };
    let opening = opening(env, &brief, &diff, &evidence, &weakened);
    let opening = opening + &guidance::section(env, &desk).await?;
    let mut talk = Conversation::open(env, cx, Role::Reviewer, &brief, opening).await?;
    let mut ending = talk.hold(&desk).await?;
    let mut corrected = false;
    let mut used_up = None;
    let verdict = loop {
        match ending {
            Ending::Said(text) => match Verdict::parse(&text, brief.edition) {
                Ok(verdict) => break Some(verdict),
                Err(wrong) if !corrected => {
                    corrected = true;
                    let say =
                        format!("That is no verdict: {wrong}. Answer with the JSON object alone.");
                    ending = talk.again(&desk, &say).await?;
                }
                Err(wrong) => break Some(Verdict::unreadable(&wrong)),
            },
            Ending::UsedUp(word) => {
                used_up = Some(word);
                break None;
            }
            Ending::GaveUp(reason) => break Some(Verdict::unreadable(&reason)),
            Ending::Finished(_) | Ending::Asked(_) => {
                return Err(StepError::fatal("the reviewer has no such tool"));
            }
        }
    };
    let facts = Facts {
        evidence: &evidence,
        untested: brief.untested.as_ref().and_then(Value::as_str),
        weakened: &weakened,
        diff: &diff,
        planned: &Planned::of(brief.plan.as_ref()),
    };
    let verdict = verdict.map(|mut verdict| {
        verdict.findings.append(&mut talk.findings);
        verdict.gate(&facts)
    });
    let mut own = json!({
        "result": verdict.as_ref().map_or(json!(used_up), |verdict| json!(verdict.verdict)),
        "verdict": verdict,
        "weakened": weakened,
        GUARDED: guarded::of(&diff),
    });
    if let Some(verdict) = verdict.filter(|verdict| verdict.verdict == Word::NeedsHuman) {
        talk.ask_for_help(&mut own, &doubts(&verdict));
    }
    talk.outcome(&desk, own).await
}

/// What a person is asked when the reviewer wants one.
fn doubts(verdict: &Verdict) -> String {
    let mut text = format!("The reviewer wants a person to look: {}", verdict.summary);
    for finding in &verdict.findings {
        text += &format!(
            "\n- {} {}: {}: {}",
            finding.severity,
            finding.place(),
            finding.title,
            finding.failure_mode
        );
    }
    for concern in &verdict.security {
        text += &format!("\n- security: {concern}");
    }
    text
}

/// What the change did to the tests.
async fn weakened(desk: &Desk<'_>, diff: &Diff) -> Result<Vec<Weakened>, StepError> {
    let workspace = desk.ready().await?;
    let head = desk.head().await;
    let mut texts = Vec::new();
    for change in diff.files.iter().filter(|change| !change.binary) {
        let before = workspace
            .read(&desk.base, &change.path)
            .await
            .map_err(trouble)?;
        let after = workspace
            .read(&head.tree, &change.path)
            .await
            .map_err(trouble)?;
        texts.push((change.path.clone(), before, after));
    }
    let files: Vec<ChangedFile<'_>> = texts
        .iter()
        .map(|(path, before, after)| ChangedFile {
            path,
            before: before.as_deref(),
            after: after.as_deref(),
        })
        .collect();
    Ok(evidence::weakened(&files))
}

fn opening(
    env: &Environment,
    brief: &Brief,
    diff: &Diff,
    evidence: &[TestEvidence],
    weakened: &[Weakened],
) -> String {
    let mut text = planner::task(brief);
    if let Some(plan) = &brief.plan {
        text += &format!("\n# Plan\n\n{plan:#}\n");
    }
    text += &format!(
        "\n# Tests, run by the system\n\n{}\n",
        fenced(
            brief.edition,
            "what the tests said",
            &tester::told(evidence)
        )
    );
    let weak: String = weakened
        .iter()
        .map(|weak| format!("- {}:{}: {}\n", weak.path, weak.line, weak.why))
        .collect();
    if !weak.is_empty() {
        text += &fenced(brief.edition, "what became weaker in tests", &weak);
        text += if brief.edition == 0 { "" } else { "\n" };
    }
    if let Some(told) = brief.reproduction.as_ref().and_then(reproduction::told) {
        text += &format!("\nA test that the system had written to show the fault: {told}\n");
    }
    let head = brief.head.as_ref().and_then(Head::of);
    if let Some(head) = head.filter(|head| !head.left_out.is_empty()) {
        text += &format!(
            "\nNot in the difference, and not delivered, though the author has it: {}\n",
            head.left_out.join(", ")
        );
    }
    if let Some(verdict) = &brief.verdict {
        text += &format!(
            "\n# Your findings of the round before\n\n{:#}\n",
            verdict["findings"]
        );
    }
    text += &format!(
        "\n# The difference\n\n{}\n",
        fenced(
            brief.edition,
            "the difference",
            &format!("```diff\n{}\n```", cut(&diff.text, SHOWN))
        )
    );
    env.masked(&text)
}
