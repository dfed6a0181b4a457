//! Delivery: one commit with everything that was changed, on a branch of its own, once.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use workflows::{
    Journal, RunId, StepContext, StepError,
    activity::Found,
    definitions::coding::{Brief, Deliver},
};

use super::{
    Environment,
    desk::{Desk, trouble},
    environment::again,
    pull_request::{self, Offer},
    report::{self, Known},
    runs,
};
use crate::{
    providers::git::{Author, Published},
    services::pull_requests,
};

/// Performs the step `publish`.
pub async fn publish<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: Brief,
) -> Result<Value, StepError> {
    let desk = Desk::open(env, cx, &brief).await?;
    let head = desk.head().await;
    let mirror = desk.mirror(&head).await?;
    let wanted = brief.assignment.branch.clone();
    let branch = wanted.unwrap_or_else(|| branch_of(&brief.assignment.title, &cx.run.to_string()));
    let message = message(&brief, &cx.run.to_string());
    let workspace = desk.ready().await?;
    let author = Author {
        name: "CodeGraph".to_owned(),
        email: "codegraph@localhost".to_owned(),
        // The moment the run began: the same commit, however often this is tried.
        date: begun(cx.run),
    };
    let made = workspace.commit(&head.tree, &desk.base, &message, &author);
    let commit = made.await.map_err(trouble)?;
    let target = desk.source();
    let push = async || {
        let published = mirror
            .publish(&commit, &branch, target)
            .await
            .map_err(trouble)?;
        match published {
            Published::New | Published::Already => Ok(json!({"branch": branch, "commit": commit})),
            Published::Taken(other) => Err(StepError::fatal(format!(
                "the branch {branch} is there already and is somebody else's (at {other})"
            ))),
        }
    };
    // The push itself looks first, so that twice is once.
    let key = format!("branch:{}:{branch}:{commit}", cx.run);
    let delivered = cx
        .external("publish", &key, async || Ok(Found::No), push)
        .await?;
    let report = report(env, cx, &brief).await?;
    let pull = match brief.assignment.options.deliver {
        Deliver::Branch => None,
        Deliver::PullRequest => {
            let base = match &brief.assignment.base {
                Some(base) => base.clone(),
                None => mirror.default_branch().await.map_err(trouble)?,
            };
            let offer = Offer {
                branch: &branch,
                commit: &commit,
                base: &base,
                report: &report,
            };
            Some(pull_request::open(env, cx, target, offer).await?)
        }
    };
    let diff = desk.diff().await?;
    Ok(json!({
        "result": "published",
        "branch": delivered["branch"],
        "commit": delivered["commit"],
        "base": desk.base,
        "files": diff.files.len(),
        "diff": env.masked(&super::tools::cut(&diff.text, 200_000)),
        "report": report,
        "pull_request": pull,
        "approved": brief.verdict.as_ref().is_some_and(|v| v["verdict"] == "approve"),
    }))
}

/// What the branch says about itself, once: what it cost is read when it is written.
async fn report<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    brief: &Brief,
) -> Result<Value, StepError> {
    let write = async || {
        let balance = env.records.balance(cx.run).await.map_err(again)?;
        let link = env.pulls.link(cx.run).await.map_err(again)?;
        let mut report = report::of(
            brief,
            Known {
                cost: balance.spent,
                link: link.as_deref(),
                mark: &pull_requests::mark(cx.run),
            },
        );
        for part in ["title", "body"] {
            let text = env.masked(report[part].as_str().unwrap_or_default());
            report[part] = text.into();
        }
        Ok(report)
    };
    cx.pure("report", write).await
}

/// When a run began, as its id says.
fn begun(run: RunId) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = run.0.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

/// A branch that says what it is for and cannot be anybody else's.
fn branch_of(title: &str, run: &str) -> String {
    let words: String = title
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    let slug: String = words.join("-").chars().take(40).collect();
    let tail = &run[run.len().saturating_sub(8)..];
    match slug.trim_matches('-') {
        "" => format!("codegraph/{tail}"),
        slug => format!("codegraph/{slug}-{tail}"),
    }
}

fn message(brief: &Brief, run: &str) -> String {
    let finish = brief.finish.clone().unwrap_or_default();
    let said = |key: &str| finish[key].as_str().unwrap_or_default().trim().to_owned();
    let title = report::subject(brief);
    let doubt = runs::doubt(&finish).map_or(String::new(), |doubt| format!("\n\n{doubt}"));
    format!(
        "{title}\n\n{}{doubt}\n\nCodegraph-Run: {run}\n",
        said("pr_body")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_named_after_its_task() {
        assert_eq!(
            branch_of("Fix: the `parse` of dates!", "run_0123456789abcdef"),
            "codegraph/fix-the-parse-of-dates-89abcdef"
        );
        assert_eq!(
            branch_of("日本", "run_0123456789abcdef"),
            "codegraph/89abcdef"
        );
    }
}
