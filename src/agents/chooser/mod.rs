//! The chooser: which of several attempts is delivered. What can be known without judgement is decided by code
//! ([`rank`]); where several are left, the reviewer's model compares them, and its choice is checked like a verdict.

mod rank;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use workflows::{
    Journal, RunId, StepContext, StepError,
    definitions::coding::{Brief, GUARDED},
};

use self::rank::Candidate;
use super::{
    Environment, Role, change,
    conversation::{Conversation, Ending},
    desk::Desk,
    environment::again,
    guarded, guidance,
    material::fenced,
    plan::object,
    planner, tester,
    tools::cut,
};

/// Characters of all differences together that are shown at once.
const SHOWN: usize = 90_000;

/// What a model chose, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Choice {
    chosen: usize,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    compared: Vec<Value>,
}

impl Choice {
    /// The choice in a model's last word, or what is wrong with it.
    fn parse(text: &str, field: &[&Candidate]) -> Result<Self, String> {
        let choice: Self = serde_json::from_value(object(text)?).map_err(|e| e.to_string())?;
        if field.iter().any(|one| one.number == choice.chosen) {
            return Ok(choice);
        }
        let numbers: Vec<String> = field.iter().map(|one| one.number.to_string()).collect();
        Err(format!("`chosen` is one of {}", numbers.join(", ")))
    }

    /// The one that comes first by what is known without a model.
    fn of_code(field: &[&Candidate], why: String) -> Self {
        Self {
            chosen: field.first().map_or(0, |one| one.number),
            reasons: vec![why],
            compared: Vec::new(),
        }
    }
}

/// Performs the step `choose`.
pub async fn choose<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: Brief,
) -> Result<Value, StepError> {
    let desk = Desk::open(env, cx, &brief).await?;
    let runs = env.records.attempts(cx.run).await.map_err(again)?;
    let mut all = Candidate::all(&brief.candidates, &runs);
    rank::judge(&mut all);
    let field = rank::field(&all);
    let told: Vec<Value> = all.iter().map(Candidate::told).collect();
    let Some(best) = field.first() else {
        let rejected = all.iter().any(|one| one.result == "rejected");
        return Ok(json!({
            "result": if rejected { "rejected" } else { "none" },
            "candidates": told,
            "summary": "no attempt has anything to show",
        }));
    };
    let (choice, by, talk) = if field.len() == 1 {
        let why = best.alone(all.len());
        (Choice::of_code(&field, why), "code", None)
    } else {
        let opening =
            opening(env, &desk, &brief, &field).await? + &guidance::section(env, &desk).await?;
        let mut talk = Conversation::open(env, cx, Role::Chooser, &brief, opening).await?;
        match ask(&mut talk, &desk, &field).await? {
            Asked::UsedUp(word) => {
                return talk
                    .outcome(&desk, json!({"result": word, "candidates": told}))
                    .await;
            }
            Asked::Chose(choice) => (choice, "reviewer", Some(talk)),
            Asked::Unreadable(why) => {
                let why = format!("the reviewer's choice could not be read ({why})");
                (Choice::of_code(&field, why), "code", Some(talk))
            }
        }
    };
    let Some(chosen) = field.iter().find(|one| one.number == choice.chosen) else {
        return Err(StepError::fatal("the chosen attempt is not among them"));
    };
    adopt(cx, &desk, chosen).await?;
    let own = json!({
        "result": "chosen",
        "chosen": chosen.run.0,
        "number": chosen.number,
        "by": by,
        "reasons": choice.reasons.iter().map(|reason| env.masked(reason)).collect::<Vec<_>>(),
        "compared": choice.compared,
        "candidates": told,
        "finish": chosen.finish,
        "evidence": chosen.evidence,
        "verdict": chosen.verdict,
        "change": change::keep(env, &desk).await?,
        GUARDED: guarded::of(&desk.diff().await?),
    });
    match talk {
        Some(talk) => talk.outcome(&desk, own).await,
        None => Ok(without_talk(&desk, own).await),
    }
}

/// What a step returns when nobody had to be asked.
async fn without_talk(desk: &Desk<'_>, mut own: Value) -> Value {
    own["base"] = json!(desk.base);
    own["head"] = desk.head().await.to_json();
    own["cost_usd_micros"] = json!(0);
    own
}

/// What came of asking a model.
enum Asked {
    Chose(Choice),
    Unreadable(String),
    UsedUp(&'static str),
}

async fn ask<J: Journal>(
    talk: &mut Conversation<'_, J>,
    desk: &Desk<'_>,
    field: &[&Candidate],
) -> Result<Asked, StepError> {
    let mut ending = talk.hold(desk).await?;
    let mut corrected = false;
    loop {
        match ending {
            Ending::Said(text) => match Choice::parse(&text, field) {
                Ok(choice) => return Ok(Asked::Chose(choice)),
                Err(wrong) if !corrected => {
                    corrected = true;
                    let say =
                        format!("That is no choice: {wrong}. Answer with the JSON object alone.");
                    ending = talk.again(desk, &say).await?;
                }
                Err(wrong) => return Ok(Asked::Unreadable(wrong)),
            },
            Ending::UsedUp(word) => return Ok(Asked::UsedUp(word)),
            Ending::GaveUp(reason) => return Ok(Asked::Unreadable(reason)),
            Ending::Finished(_) | Ending::Asked(_) => {
                return Err(StepError::fatal("who chooses has no such tool"));
            }
        }
    }
}

/// The work of an attempt becomes the run's own.
async fn adopt<J: Journal>(
    cx: &StepContext<J>,
    desk: &Desk<'_>,
    chosen: &Candidate,
) -> Result<(), StepError> {
    let Some(head) = &chosen.head else {
        return Err(StepError::fatal("the chosen attempt has no tree"));
    };
    let seq = cx.step_no * 10_000;
    let adopted = cx
        .pure("adopted", async || {
            Ok(desk.adopt(chosen.run, head, seq).await?.to_json())
        })
        .await?;
    desk.replayed(&adopted).await;
    Ok(())
}

async fn opening(
    env: &Environment,
    desk: &Desk<'_>,
    brief: &Brief,
    field: &[&Candidate],
) -> Result<String, StepError> {
    let mut text = planner::task(brief);
    if let Some(plan) = &brief.plan {
        text += &format!("\n# Plan\n\n{plan:#}\n");
    }
    let room = SHOWN / field.len().max(1);
    for one in field {
        text += &format!("\n# Attempt {}\n", one.number);
        if let Some(summary) = one.finish["summary"].as_str() {
            text += &format!("\nIts author says: {summary}\n");
        }
        text += &format!(
            "\n## Tests, run by the system\n\n{}\n",
            fenced(
                brief.edition,
                "what the tests said",
                &tester::told(&one.tests)
            )
        );
        if let Some(verdict) = &one.judged {
            text += &format!("\n## What its reviewer says\n\n{}\n", told(verdict));
        }
        let head = one.head.as_ref();
        let head = head.ok_or_else(|| StepError::fatal("an attempt without a tree"))?;
        let diff = desk.diff_of(one.run, head).await?;
        text += &format!(
            "\n## Its difference\n\n{}\n",
            fenced(
                brief.edition,
                "the difference",
                &format!("```diff\n{}\n```", cut(&diff.text, room))
            )
        );
    }
    Ok(env.masked(&text))
}

fn told(verdict: &super::Verdict) -> String {
    let mut text = format!("{}\n", verdict.summary);
    for reason in &verdict.downgraded {
        text += &format!("- not approved: {reason}\n");
    }
    for finding in &verdict.findings {
        text += &format!(
            "- {} {}: {} ({})\n",
            finding.severity,
            finding.place(),
            finding.title,
            finding.failure_mode
        );
    }
    text
}

impl Candidate {
    /// What is told of it to people, and to whoever reads the journal.
    fn told(&self) -> Value {
        json!({
            "run": RunId::to_string(&self.run), "number": self.number, "result": self.result,
            "tree": self.head.as_ref().map(|head| &head.tree),
            "verdict": self.judged.as_ref().map(|verdict| verdict.verdict),
            "newly_failing": self.newly_failing(), "left_out": self.left_out,
        })
    }
}
