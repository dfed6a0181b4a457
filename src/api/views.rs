//! Pieces that several answers are made of.

use poem_openapi::{Enum, Object};
use serde_json::Value;
use uuid::Uuid;

use super::wire::{Id, kind};
use crate::{error::Error, services::standing};

/// A person, as others see them.
#[derive(Debug, Clone, Object)]
pub(super) struct Person {
    /// Who.
    pub(super) id: Id<kind::User>,
    /// What they are called.
    pub(super) name: String,
}

impl Person {
    pub(super) fn new(id: Uuid, name: String) -> Self {
        Self {
            id: id.into(),
            name,
        }
    }
}

/// A repository, named in something about it.
#[derive(Debug, Clone, Object)]
pub(super) struct RepositoryRef {
    /// Which.
    pub(super) id: Id<kind::Repository>,
    /// What it is called.
    pub(super) name: String,
}

/// A task, named in something about it.
#[derive(Debug, Clone, Object)]
pub(super) struct TaskRef {
    /// Which.
    pub(super) id: Id<kind::Task>,
    /// Its title.
    pub(super) title: String,
}

/// How a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "PullRequestState", rename_all = "snake_case")]
pub(super) enum PullState {
    /// It waits to be merged.
    Open,
    /// It was closed without being merged.
    Closed,
    /// It was merged.
    Merged,
}

impl PullState {
    /// As it is stored.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }

    /// What a stored word means.
    pub(super) fn of(word: &str) -> Result<Self, Error> {
        let all = [Self::Open, Self::Closed, Self::Merged];
        let found = all.into_iter().find(|state| state.word() == word);
        found.ok_or_else(|| Error::Internal(format!("`{word}` is no state of a pull request")))
    }
}

/// A pull request, named in something about it.
#[derive(Debug, Clone, Object)]
pub(super) struct PullRequestRef {
    /// Which.
    id: Id<kind::PullRequest>,
    /// Its number in the repository.
    number: i64,
    /// Where people look at it.
    url: String,
    /// How it stood when it was looked at last.
    state: PullState,
    /// Whether it is not to be merged yet: a person has to look first.
    draft: bool,
}

impl PullRequestRef {
    /// The one that a row of a run or a task names.
    pub(super) fn of(row: Option<&Value>) -> Result<Option<Self>, Error> {
        let Some(row) = row else {
            return Ok(None);
        };
        let text = |name: &str| row[name].as_str().unwrap_or_default();
        let id = Uuid::parse_str(text("id"));
        let id =
            id.map_err(|error| Error::Internal(format!("the id of a pull request: {error}")))?;
        Ok(Some(Self {
            id: id.into(),
            number: row["number"].as_i64().unwrap_or_default(),
            url: text("url").to_owned(),
            state: PullState::of(text("state"))?,
            draft: row["draft"].as_bool().unwrap_or_default(),
        }))
    }
}

/// Where a run stands, and a task with its newest run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Status", rename_all = "snake_case")]
pub(super) enum Status {
    /// Nothing has been started yet.
    New,
    /// Its task waits for others that have not succeeded yet; `depends_on` of the task says which.
    WaitingForTasks,
    /// It waits for a place.
    Queued,
    /// A plan is being made.
    Planning,
    /// It works, or goes on by itself in a moment.
    Running,
    /// A person has to decide on its plan.
    AwaitingPlan,
    /// A person has to answer a question.
    AwaitingAnswer,
    /// A person has to raise its budget.
    AwaitingBudget,
    /// A person has to decide on what it has done.
    AwaitingDelivery,
    /// A person has paused it.
    Paused,
    /// It came to a good end.
    Succeeded,
    /// It came to an end that a person has to look at; `result` says to which.
    NeedsHuman,
    /// A person or the reviewer turned it down.
    Rejected,
    /// It could not go on; `failure` says why.
    Failed,
    /// A person has ended it.
    Canceled,
}

impl From<standing::Status> for Status {
    fn from(status: standing::Status) -> Self {
        use standing::Status as S;
        match status {
            S::New => Self::New,
            S::WaitingForTasks => Self::WaitingForTasks,
            S::Queued => Self::Queued,
            S::Planning => Self::Planning,
            S::Running => Self::Running,
            S::AwaitingPlan => Self::AwaitingPlan,
            S::AwaitingAnswer => Self::AwaitingAnswer,
            S::AwaitingBudget => Self::AwaitingBudget,
            S::AwaitingDelivery => Self::AwaitingDelivery,
            S::Paused => Self::Paused,
            S::Succeeded => Self::Succeeded,
            S::NeedsHuman => Self::NeedsHuman,
            S::Rejected => Self::Rejected,
            S::Failed => Self::Failed,
            S::Canceled => Self::Canceled,
        }
    }
}

impl From<Status> for standing::Status {
    fn from(status: Status) -> Self {
        match status {
            Status::New => Self::New,
            Status::WaitingForTasks => Self::WaitingForTasks,
            Status::Queued => Self::Queued,
            Status::Planning => Self::Planning,
            Status::Running => Self::Running,
            Status::AwaitingPlan => Self::AwaitingPlan,
            Status::AwaitingAnswer => Self::AwaitingAnswer,
            Status::AwaitingBudget => Self::AwaitingBudget,
            Status::AwaitingDelivery => Self::AwaitingDelivery,
            Status::Paused => Self::Paused,
            Status::Succeeded => Self::Succeeded,
            Status::NeedsHuman => Self::NeedsHuman,
            Status::Rejected => Self::Rejected,
            Status::Failed => Self::Failed,
            Status::Canceled => Self::Canceled,
        }
    }
}

/// The states that are asked for; nothing when all are.
pub(super) fn asked(statuses: Option<Vec<Status>>) -> Option<Vec<standing::Status>> {
    let statuses = statuses.filter(|some| !some.is_empty())?;
    Some(statuses.into_iter().map(Into::into).collect())
}

/// What the end of a run that succeeded comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "RunResult", rename_all = "snake_case")]
pub(super) enum RunResult {
    /// A branch was delivered.
    Published,
    /// There is a plan, and no more was asked for.
    Planned,
    /// The agents got nowhere; a person must look.
    NeedsHuman,
    /// It cannot be done as it was asked.
    Infeasible,
    /// A person or the reviewer turned it down.
    Rejected,
    /// The budget was used up.
    OutOfBudget,
    /// An attempt among several that can be chosen.
    Candidate,
}

impl RunResult {
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "published" => Self::Published,
            "planned" => Self::Planned,
            "needs_human" => Self::NeedsHuman,
            "infeasible" => Self::Infeasible,
            "rejected" => Self::Rejected,
            "out_of_budget" => Self::OutOfBudget,
            "candidate" => Self::Candidate,
            _ => return None,
        })
    }
}

/// Why a run failed.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct Failure {
    /// In words.
    pub(super) reason: String,
    /// The step it failed in.
    pub(super) step: Option<String>,
}

impl Failure {
    pub(super) fn of(failure: &Value) -> Self {
        let text = |name: &str| failure[name].as_str().map(str::to_owned);
        Self {
            reason: text("reason").unwrap_or_else(|| failure.to_string()),
            step: text("step"),
        }
    }
}

/// What agents used and what it cost.
#[derive(Debug, Clone, Default, Object)]
pub(super) struct Usage {
    /// Tokens that went in, those of the cache not counted.
    pub(super) input_tokens: i64,
    /// Tokens that came out.
    pub(super) output_tokens: i64,
    /// Tokens read from the vendor's cache.
    pub(super) cache_read_tokens: i64,
    /// Tokens written to the vendor's cache.
    pub(super) cache_write_tokens: i64,
    /// What it cost, in millionths of a US dollar.
    pub(super) cost_usd_micros: i64,
    /// What calls may have cost whose answer was lost, in millionths of a US dollar.
    pub(super) possible_usd_micros: i64,
}
