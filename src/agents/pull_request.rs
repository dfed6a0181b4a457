//! Offering a delivered branch as a pull request, once: whoever comes back after a crash takes the one that is there.

use serde_json::{Value, json};
use workflows::{Journal, StepContext, StepError, activity::Found};

use super::{Environment, environment::again};
use crate::{
    providers::{
        forge::{self, NewPull, Pull},
        git::Source,
    },
    services::pull_requests::{NoPlace, mark},
};

/// A branch that is to be offered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer<'a> {
    pub(super) branch: &'a str,
    pub(super) commit: &'a str,
    pub(super) base: &'a str,
    /// Title, body and whether it is a draft.
    pub(super) report: &'a Value,
}

/// Opens the pull request and writes it down.
pub(super) async fn open<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    target: &Source,
    offer: Offer<'_>,
) -> Result<Value, StepError> {
    let refused = |error: forge::Error| refused(&error, offer.branch);
    let url = match target {
        Source::Url(url) => url.as_str(),
        Source::Path(_) => "",
    };
    let place = match env.pulls.place(cx.run, url).await {
        Ok(place) => place,
        Err(NoPlace::Forge(error)) => return Err(refused(error)),
        Err(NoPlace::Own(error)) => return Err(again(error)),
        Err(NoPlace::Unknown) => {
            return Err(StepError::fatal(format!(
                "the branch {} is pushed; its server knows no pull requests here",
                offer.branch
            )));
        }
    };
    let text = |part: &str| offer.report[part].as_str().unwrap_or_default();
    let mark = mark(cx.run);
    let new = NewPull {
        head: offer.branch,
        base: offer.base,
        title: text("title"),
        body: text("body"),
        draft: offer.report["draft"].as_bool().unwrap_or(true),
        mark: &mark,
    };
    let adopt = async || match env.pulls.adopt(&place, &new).await {
        Ok(Some(pull)) => Ok(Found::Yes(json!(pull))),
        Ok(None) => Ok(Found::No),
        Err(error) => Err(refused(error)),
    };
    let send = async || match env.pulls.open(&place, &new).await {
        Ok(pull) => Ok(json!(pull)),
        Err(error) => Err(refused(error)),
    };
    // The commit belongs to it: a branch that moved is offered again, and found.
    let key = format!(
        "pull_request:{}:{}:{}:{}",
        place.slug, offer.branch, offer.base, offer.commit
    );
    let opened = cx.external("pull_request", &key, adopt, send).await?;
    let pull: Pull = serde_json::from_value(opened.clone())
        .map_err(|error| StepError::fatal(format!("a pull request in the journal: {error}")))?;
    env.pulls.record(cx.run, &pull).await.map_err(again)?;
    Ok(opened)
}

/// What it means for the run that the server said no.
fn refused(error: &forge::Error, branch: &str) -> StepError {
    let reason =
        format!("the branch {branch} is pushed, but not offered as a pull request: {error}");
    match error {
        forge::Error::Limited(after) => StepError::Retry {
            reason,
            after: Some(*after),
        },
        forge::Error::Unreachable(_) => StepError::retry(reason),
        _ => StepError::fatal(format!("{reason}. Retry the run when that is mended")),
    }
}
