//! How a pull request stands: its checks, what reviewers said.

use std::collections::BTreeMap;

use octocrab::Octocrab;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Error, GitHub, Pull, Slug};

/// Pages of 100 that are read at most.
const PAGES: usize = 10;

/// A pull request and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Itself.
    pub pull: Pull,
    /// What checks say about its commit.
    pub checks: Checks,
    /// `approved`, `changes_requested`, `review_required`, or nothing.
    pub review: Option<&'static str>,
}

/// What checks say about a commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checks {
    /// How many there are.
    pub total: i32,
    /// How many are under way.
    pub pending: i32,
    /// How many say no.
    pub failed: i32,
}

impl Checks {
    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self { total: 0, .. } => "none",
            Self { failed: 1.., .. } => "failure",
            Self { pending: 1.., .. } => "pending",
            _ => "success",
        }
    }

    /// Counts one check: nothing is known of it yet, or how it ended.
    fn add(&mut self, conclusion: Option<&str>) {
        self.total += 1;
        match conclusion {
            None | Some("pending") => self.pending += 1,
            Some("success" | "neutral" | "skipped") => {}
            Some(_) => self.failed += 1,
        }
    }
}

#[derive(Deserialize)]
struct CheckRuns {
    check_runs: Vec<CheckRun>,
}

#[derive(Deserialize)]
struct CheckRun {
    conclusion: Option<String>,
}

#[derive(Deserialize)]
struct Combined {
    statuses: Vec<CommitStatus>,
}

#[derive(Deserialize)]
struct CommitStatus {
    state: String,
}

#[derive(Deserialize)]
struct Review {
    user: Option<Reviewer>,
    state: String,
}

#[derive(Deserialize)]
struct Reviewer {
    login: String,
}

impl GitHub {
    /// Looks at a pull request.
    pub async fn look(
        &self,
        token: &SecretString,
        slug: &Slug,
        number: i64,
    ) -> Result<Look, Error> {
        let crab = self.as_holder(token).await?;
        let number = u64::try_from(number).unwrap_or_default();
        let pulls = crab.pulls(&slug.owner, &slug.name);
        let found = pulls.get(number).await.map_err(Error::of)?;
        let asked = found.requested_reviewers.iter().flatten().next().is_some()
            || found.requested_teams.iter().flatten().next().is_some();
        let pull = Pull::of(found);
        let checks = checks(&crab, slug, &pull.commit).await?;
        let given = reviews(&crab, slug, number).await?;
        let review = decision(&given).or_else(|| asked.then_some("review_required"));
        Ok(Look {
            pull,
            checks,
            review,
        })
    }
}

/// Checks of both kinds: those of apps, and those that were only reported.
async fn checks(crab: &Octocrab, slug: &Slug, commit: &str) -> Result<Checks, Error> {
    let mut checks = Checks::default();
    for page in 1..=PAGES {
        let route = format!("/repos/{slug}/commits/{commit}/check-runs?per_page=100&page={page}");
        let runs: CheckRuns = match crab.get(route, None::<&()>).await.map_err(Error::of) {
            Ok(runs) => runs,
            // Fine-grained tokens cannot be given the right to read these; what was reported counts.
            Err(Error::Forbidden(_) | Error::Gone(_)) => break,
            Err(error) => return Err(error),
        };
        let last = runs.check_runs.len() < 100;
        for run in runs.check_runs {
            checks.add(run.conclusion.as_deref());
        }
        if last {
            break;
        }
    }
    let route = format!("/repos/{slug}/commits/{commit}/status?per_page=100");
    match crab.get(route, None::<&()>).await.map_err(Error::of) {
        Ok(Combined { statuses }) => {
            for status in statuses {
                checks.add(Some(&status.state));
            }
        }
        Err(Error::Forbidden(_) | Error::Gone(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(checks)
}

async fn reviews(crab: &Octocrab, slug: &Slug, number: u64) -> Result<Vec<Review>, Error> {
    let mut all = Vec::new();
    for page in 1..=PAGES {
        let route = format!("/repos/{slug}/pulls/{number}/reviews?per_page=100&page={page}");
        let some: Vec<Review> = crab.get(route, None::<&()>).await.map_err(Error::of)?;
        let last = some.len() < 100;
        all.extend(some);
        if last {
            break;
        }
    }
    Ok(all)
}

/// What reviewers say together: the last word of each counts, and one who wants changes outweighs all others.
fn decision(reviews: &[Review]) -> Option<&'static str> {
    let mut words: BTreeMap<&str, &str> = BTreeMap::new();
    for review in reviews {
        let who = review.user.as_ref().map_or("", |user| user.login.as_str());
        // A comment takes nothing back.
        if matches!(
            review.state.as_str(),
            "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED"
        ) {
            words.insert(who, &review.state);
        }
    }
    let says = |word: &str| words.values().any(|said| *said == word);
    if says("CHANGES_REQUESTED") {
        Some("changes_requested")
    } else {
        says("APPROVED").then_some("approved")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_word_of_each_reviewer_counts() {
        for (words, together) in [
            (vec![], None),
            (vec![("ada", "COMMENTED")], None),
            (
                vec![("ada", "APPROVED"), ("ada", "COMMENTED")],
                Some("approved"),
            ),
            (
                vec![("ada", "CHANGES_REQUESTED"), ("ada", "APPROVED")],
                Some("approved"),
            ),
            (
                vec![("ada", "APPROVED"), ("bob", "CHANGES_REQUESTED")],
                Some("changes_requested"),
            ),
            (
                vec![("ada", "CHANGES_REQUESTED"), ("ada", "DISMISSED")],
                None,
            ),
        ] {
            let reviews: Vec<Review> = words
                .iter()
                .map(|(who, state)| json!({"user": {"login": who}, "state": state}))
                .map(|review| serde_json::from_value(review).unwrap())
                .collect();
            assert_eq!(decision(&reviews), together, "{words:?}");
        }
    }

    #[test]
    fn one_failure_outweighs_what_is_under_way() {
        let of = |all: &[Option<&str>]| {
            let mut checks = Checks::default();
            all.iter().for_each(|one| checks.add(*one));
            checks.as_str()
        };
        assert_eq!(of(&[]), "none");
        assert_eq!(of(&[Some("success"), Some("skipped")]), "success");
        assert_eq!(of(&[Some("success"), None]), "pending");
        assert_eq!(of(&[None, Some("timed_out")]), "failure");
    }
}
