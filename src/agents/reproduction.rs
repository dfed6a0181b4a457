//! A test that shows the fault itself, where the task asks for one: written by a model that has seen the change, kept as a
//! file, and run by us on both trees. What it is worth is what it did there: it fails on the tree as it was and holds on
//! the tree as it is, or it shows nothing. It is evidence and not part of what is delivered.

use std::{path::Path, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use workflows::{Journal, StepContext, StepError, activity::Performed, definitions::coding::Brief};

use super::{
    Environment, Role,
    conversation::{Conversation, Ending},
    desk::Desk,
    environment::again,
    inquiry,
    plan::object,
    tester,
    tools::{cut, write_text},
};
use crate::evidence::{Outcome, TestEvidence};

/// Bytes of a file that are taken.
const LARGEST: usize = 64 << 10;
/// Longest run of the test on one tree.
const LONGEST: Duration = Duration::from_secs(300);

/// A test as it was written.
#[derive(Debug, Deserialize)]
struct Written {
    path: String,
    content: String,
}

/// What a model answers.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    Test(Written),
    None { none: String },
}

impl Answer {
    fn parse(text: &str) -> Result<Self, String> {
        let answer = serde_json::from_value(object(text)?)
            .map_err(|_| "it has `path` and `content`, or `none`".to_owned())?;
        match answer {
            Self::Test(test) if test.content.len() > LARGEST => {
                Err(format!("the file is longer than {LARGEST} bytes"))
            }
            Self::Test(test) if test.content.trim().is_empty() => Err("it is empty".to_owned()),
            answer => Ok(answer),
        }
    }
}

/// Asks for a test and tries it; answers with what it shows and what it cost.
pub(super) async fn of<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    desk: &Desk<'_>,
    brief: &Brief,
    evidence: &[TestEvidence],
) -> Result<Value, StepError> {
    inquiry::or_nothing(cx.run, ask(env, cx, desk, brief, evidence).await)
}

async fn ask<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    desk: &Desk<'_>,
    brief: &Brief,
    evidence: &[TestEvidence],
) -> Result<Value, StepError> {
    let opening = inquiry::opening(env, desk, brief, evidence).await?;
    let mut talk = Conversation::open(env, cx, Role::Reproducer, brief, opening).await?;
    let mut ending = talk.hold(desk).await?;
    let mut corrected = false;
    let found = loop {
        match ending {
            Ending::Said(text) => match Answer::parse(&text) {
                Ok(Answer::Test(written)) => break tried(env, cx, desk, &written).await?,
                Ok(Answer::None { none }) => break nothing(&env.masked(&cut(&none, 600))),
                Err(wrong) if !corrected => {
                    corrected = true;
                    let say =
                        format!("That is no test: {wrong}. Answer with the JSON object alone.");
                    ending = talk.again(desk, &say).await?;
                }
                Err(wrong) => break nothing(&wrong),
            },
            Ending::UsedUp(word) => break nothing(word),
            Ending::GaveUp(reason) => break nothing(&reason),
            Ending::Finished(_) | Ending::Asked(_) => {
                return Err(StepError::fatal("who writes a test has no such tool"));
            }
        }
    };
    let told = json!({"reproduction": found, "cost_usd_micros": talk.cost()});
    talk.close(&told).await.map_err(again)?;
    Ok(told)
}

fn nothing(why: &str) -> Value {
    json!({"shows": false, "why": why})
}

/// Runs the test on both trees.
async fn tried<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    desk: &Desk<'_>,
    written: &Written,
) -> Result<Value, StepError> {
    let performed = env
        .workspace(cx, desk, "reproduction", async || {
            let content = env.masked(&written.content);
            let kept = env.records.keep("text/plain", content.as_bytes()).await;
            let mut found = run(desk, written).await?;
            found["path"] = json!(written.path);
            found["artifact"] = json!(kept.map_err(again)?);
            Ok(found)
        })
        .await?;
    Ok(match performed {
        Performed::Done(found) => found,
        Performed::Interrupted => nothing("the worker died twice while it ran"),
    })
}

async fn run(desk: &Desk<'_>, written: &Written) -> Result<Value, StepError> {
    let trees = [desk.base_tree().await?, desk.delivered_tree(false).await?];
    for tree in &trees {
        if let Err(wrong) = place(tree, written) {
            return Ok(nothing(&wrong));
        }
    }
    // With the file in it: for some frameworks what they run is what is there.
    let files = [written.path.clone()];
    let suites = desk.suites(&trees[1]).into_iter();
    let Some(suite) = suites.filter_map(|suite| suite.only(&files)).next() else {
        return Ok(nothing("no suite of the repository can run it by itself"));
    };
    let mut said = Vec::new();
    for tree in &trees {
        said.push(tester::run(desk, tree, &suite, LONGEST).await?.0);
    }
    let (before, after) = (&said[0], &said[1]);
    let why = worth(before, after);
    Ok(json!({
        "shows": why.is_none(), "why": why, "command": suite.command, "dir": suite.dir,
        "base": before.counts, "head": after.counts,
    }))
}

/// Only beside what is there: a test of the repository is not replaced.
fn place(tree: &Path, written: &Written) -> Result<(), String> {
    if std::fs::symlink_metadata(tree.join(&written.path)).is_ok() {
        return Err(format!("`{}` is there already", written.path));
    }
    write_text(tree, &written.path, &written.content)
}

/// Why it shows nothing, if it does not.
fn worth(before: &Outcome, after: &Outcome) -> Option<&'static str> {
    if after.counts.passed == 0 || after.counts.bad() > 0 || !after.complete {
        return Some("it does not hold on the tree as it is");
    }
    // A test that cannot even be built on the old tree may fail for what the change adds, not for the fault.
    if before.counts.failed > 0 {
        None
    } else if before.counts.bad() > 0 || !before.complete {
        Some("it cannot be run on the tree as it was")
    } else {
        Some("it does not fail on the tree as it was")
    }
}

/// What is told of it to whoever reviews the change, and in what is delivered.
pub(super) fn told(found: &Value) -> Option<String> {
    let path = found["path"].as_str()?;
    let why = found["why"].as_str();
    Some(match why {
        None => format!("{path} fails on the tree as it was and holds on the tree as it is"),
        Some(why) => format!("{path} shows nothing: {why}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Counts;

    #[test]
    fn a_test_shows_the_fault_when_it_fails_before_and_holds_after() {
        let said = |passed, failed, errored, complete| Outcome {
            counts: Counts {
                passed,
                failed,
                errored,
                ..Counts::default()
            },
            complete,
            ..Outcome::default()
        };
        let (holds, fails) = (said(1, 0, 0, true), said(0, 1, 0, true));
        assert_eq!(worth(&fails, &holds), None);
        for (before, after) in [
            (&holds, &holds),
            (&fails, &fails),
            (&fails, &said(0, 0, 0, true)),
            (&fails, &said(1, 0, 0, false)),
            (&said(0, 0, 1, true), &holds),
            (&said(0, 0, 0, false), &holds),
        ] {
            assert!(worth(before, after).is_some(), "{before:?} {after:?}");
        }
    }

    #[test]
    fn an_answer_is_a_file_or_a_reason() {
        let answer = Answer::parse("Here: {\"path\": \"tests/test_x.py\", \"content\": \"x\"}");
        assert!(matches!(answer, Ok(Answer::Test(test)) if test.path == "tests/test_x.py"));
        let answer = Answer::parse("{\"none\": \"it needs a printer\"}");
        assert!(matches!(answer, Ok(Answer::None { .. })));
        for text in [
            "",
            "{}",
            "{\"path\": \"x\"}",
            "{\"path\": \"x\", \"content\": \" \"}",
        ] {
            assert!(Answer::parse(text).is_err(), "{text}");
        }
    }
}
