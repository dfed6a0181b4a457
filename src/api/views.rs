//! Pieces that several answers are made of.

use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object};
use uuid::Uuid;

use super::wire::{Id, kind};
use crate::services::standing;

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

/// Where a run stands, and a task with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Status", rename_all = "snake_case")]
pub(super) enum Status {
    /// Nothing has been started yet.
    New,
    /// It waits for a place.
    Queued,
    /// It works, or goes on by itself in a moment.
    Running,
    /// It waits for a person; `waiting_for` says what for.
    Waiting,
    /// A person has paused it.
    Paused,
    /// It came to its end; `result` says to which.
    Succeeded,
    /// It could not go on; `failure` says why.
    Failed,
    /// A person has ended it.
    Canceled,
}

impl Status {
    pub(super) fn as_stored(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

impl From<standing::Status> for Status {
    fn from(status: standing::Status) -> Self {
        use standing::Status as S;
        match status {
            S::New => Self::New,
            S::Queued => Self::Queued,
            S::Running => Self::Running,
            S::Waiting => Self::Waiting,
            S::Paused => Self::Paused,
            S::Succeeded => Self::Succeeded,
            S::Failed => Self::Failed,
            S::Canceled => Self::Canceled,
        }
    }
}

/// What a run waits for a person to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "WaitingFor", rename_all = "snake_case")]
pub(super) enum WaitingFor {
    /// To decide on its plan.
    Plan,
    /// To answer a question.
    Answer,
    /// To raise its budget.
    Budget,
    /// To decide on what it has done.
    Delivery,
}

impl From<standing::WaitingFor> for WaitingFor {
    fn from(what: standing::WaitingFor) -> Self {
        use standing::WaitingFor as W;
        match what {
            W::Plan => Self::Plan,
            W::Answer => Self::Answer,
            W::Budget => Self::Budget,
            W::Delivery => Self::Delivery,
        }
    }
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
    pub(super) fn of(failure: &serde_json::Value) -> Self {
        let text = |name: &str| failure[name].as_str().map(str::to_owned);
        Self {
            reason: text("reason").unwrap_or_else(|| failure.to_string()),
            step: text("step"),
        }
    }
}

/// An entity tag made of the moment of the last change.
pub(super) fn tag(changed: DateTime<Utc>) -> String {
    format!("\"{}\"", changed.timestamp_micros())
}

/// The moment in an entity tag that a caller sent back.
pub(super) fn seen(tag: Option<&str>) -> Result<Option<DateTime<Utc>>, crate::Error> {
    let Some(tag) = tag.map(str::trim).filter(|tag| *tag != "*") else {
        return Ok(None);
    };
    let digits = tag.trim_start_matches("W/").trim_matches('"');
    let moment = digits.parse().ok().and_then(DateTime::from_timestamp_micros);
    // A tag that we never made matches nothing.
    moment.map(Some).ok_or(crate::Error::Stale)
}
