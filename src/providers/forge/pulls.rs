//! Pull requests: finding one, opening one.

use chrono::{DateTime, Utc};
use octocrab::{
    models::{IssueState, pulls::PullRequest},
    params::State,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{Error, GitHub, Slug};
use crate::failpoint;

/// A pull request to be opened.
#[derive(Debug, Clone, Copy)]
pub struct NewPull<'a> {
    /// The branch it offers.
    pub head: &'a str,
    /// The branch it is for.
    pub base: &'a str,
    /// One line.
    pub title: &'a str,
    /// What it says.
    pub body: &'a str,
    /// Whether it is not to be merged yet.
    pub draft: bool,
    /// Stands in its body and in that of no other.
    pub mark: &'a str,
}

/// A pull request as it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Its number in the repository.
    pub number: i64,
    /// Where people look at it.
    pub url: String,
    /// One line.
    pub title: String,
    /// How it stands.
    pub state: PullState,
    /// Whether it is not to be merged yet.
    pub draft: bool,
    /// The branch it offers.
    pub head: String,
    /// The commit that is.
    pub commit: String,
    /// The branch it is for.
    pub base: String,
    /// Whether it could be merged, as far as GitHub has found out.
    pub mergeable: Option<bool>,
    /// When it was merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// When it was closed, merged or not.
    pub closed_at: Option<DateTime<Utc>>,
}

/// How a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullState {
    /// It waits to be merged.
    Open,
    /// It was closed without being merged.
    Closed,
    /// It was merged.
    Merged,
}

impl PullState {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }
}

impl GitHub {
    /// The pull request that is there already; an open one of ours is made to say what it should.
    pub async fn adopt(
        &self,
        token: &SecretString,
        slug: &Slug,
        new: &NewPull<'_>,
    ) -> Result<Option<Pull>, Error> {
        let Some(found) = self.find(token, slug, new).await? else {
            return Ok(None);
        };
        let body = found.body.as_deref().unwrap_or_default();
        // What people have opened, or rewritten, is theirs.
        let ours = found.state == Some(IssueState::Open) && body.contains(new.mark);
        if !ours || body.trim_end() == new.body.trim_end() {
            return Ok(Some(Pull::of(found)));
        }
        let crab = self.as_holder(token).await?;
        let pulls = crab.pulls(&slug.owner, &slug.name);
        let update = pulls.update(found.number).body(new.body.to_owned());
        let updated = update.send().await.map_err(Error::of)?;
        Ok(Some(Pull::of(updated)))
    }

    /// An open one for this branch, or one that has our mark.
    async fn find(
        &self,
        token: &SecretString,
        slug: &Slug,
        new: &NewPull<'_>,
    ) -> Result<Option<PullRequest>, Error> {
        let crab = self.as_holder(token).await?;
        let page = crab
            .pulls(&slug.owner, &slug.name)
            .list()
            .state(State::All)
            .head(format!("{}:{}", slug.owner, new.head))
            .base(new.base)
            .per_page(50)
            .send()
            .await
            .map_err(Error::of)?;
        let here = |pull: &&PullRequest| {
            pull.head.ref_field == new.head && pull.base.ref_field == new.base
        };
        let open = |pull: &&PullRequest| pull.state == Some(IssueState::Open);
        let marked = |pull: &&PullRequest| {
            let body = pull.body.as_deref().unwrap_or_default();
            body.contains(new.mark)
        };
        let all = || page.items.iter().filter(here);
        let found = all().find(open).or_else(|| all().find(marked));
        Ok(found.cloned())
    }

    /// Opens a pull request, or takes the one that somebody was faster to open.
    pub async fn open(
        &self,
        token: &SecretString,
        slug: &Slug,
        new: &NewPull<'_>,
    ) -> Result<Pull, Error> {
        failpoint::pass("before", "pull request opened");
        let opened = match self.post(token, slug, new, new.draft).await {
            // Not every plan has drafts. Its title says the same.
            Err(Error::Refused(why)) if new.draft && why.to_lowercase().contains("draft") => {
                self.post(token, slug, new, false).await
            }
            opened => opened,
        };
        failpoint::pass("after", "pull request opened");
        match opened {
            Err(Error::Refused(why)) => match self.find(token, slug, new).await? {
                Some(there) => Ok(Pull::of(there)),
                None => Err(Error::Refused(why)),
            },
            opened => opened,
        }
    }

    async fn post(
        &self,
        token: &SecretString,
        slug: &Slug,
        new: &NewPull<'_>,
        draft: bool,
    ) -> Result<Pull, Error> {
        let crab = self.as_holder(token).await?;
        let pulls = crab.pulls(&slug.owner, &slug.name);
        let sent = pulls
            .create(new.title, new.head, new.base)
            .body(new.body.to_owned())
            .draft(draft)
            .maintainer_can_modify(true)
            .send();
        sent.await.map(Pull::of).map_err(Error::of)
    }
}

impl Pull {
    pub(super) fn of(pull: PullRequest) -> Self {
        let state = match (pull.merged_at.is_some(), &pull.state) {
            (true, _) => PullState::Merged,
            (false, Some(IssueState::Closed)) => PullState::Closed,
            (false, _) => PullState::Open,
        };
        Self {
            number: i64::try_from(pull.number).unwrap_or(i64::MAX),
            url: pull.html_url.map_or(pull.url, |url| url.to_string()),
            title: pull.title.unwrap_or_default(),
            state,
            draft: pull.draft.unwrap_or_default(),
            head: pull.head.ref_field,
            commit: pull.head.sha,
            base: pull.base.ref_field,
            mergeable: pull.mergeable,
            merged_at: pull.merged_at,
            closed_at: pull.closed_at,
        }
    }
}
