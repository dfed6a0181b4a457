//! What commands read of the API's answers: the fields they show and no more. The document of the API is the
//! vocabulary; words are left as they are, so that a newer server can have more of them.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;

/// A person.
#[derive(Deserialize)]
pub(super) struct Me {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) role: String,
}

/// Somebody has signed in, or has new tokens.
#[derive(Deserialize)]
pub(super) struct SignedIn {
    pub(super) user: Me,
    pub(super) expires_in: u32,
    pub(super) access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
}

/// A list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

/// Something with a name, mentioned in something else.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

/// A task, mentioned in a run.
#[derive(Deserialize)]
pub(super) struct TaskRef {
    pub(super) title: String,
}

/// Why a run failed.
#[derive(Deserialize)]
pub(super) struct Reason {
    pub(super) reason: String,
}

#[derive(Deserialize)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) repository: Named,
    pub(super) base_branch: String,
    pub(super) created_by: Named,
    pub(super) created_at: DateTime<Utc>,
    pub(super) status: String,
    pub(super) budget_usd_micros: i64,
    pub(super) cost_usd_micros: i64,
    pub(super) latest_run: Option<RunRef>,
}

/// The newest run of a task.
#[derive(Deserialize)]
pub(super) struct RunRef {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) task: TaskRef,
    pub(super) repository: Named,
    pub(super) status: String,
    pub(super) step: Option<String>,
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) result: Option<String>,
    pub(super) failure: Option<Reason>,
    pub(super) question: Option<Question>,
    pub(super) usage: Usage,
    pub(super) branch: Option<String>,
    pub(super) created_at: DateTime<Utc>,
}

#[derive(Deserialize)]
pub(super) struct Usage {
    pub(super) cost_usd_micros: i64,
}

/// What a run asks.
#[derive(Deserialize)]
pub(super) struct Question {
    pub(super) text: String,
    pub(super) options: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct PlanVersion {
    pub(super) version: u32,
    pub(super) plan: Plan,
}

#[derive(Deserialize)]
pub(super) struct Plan {
    pub(super) summary: String,
    pub(super) items: Vec<PlanItem>,
    pub(super) risks: Vec<String>,
    pub(super) questions: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct PlanItem {
    pub(super) title: String,
    pub(super) files: Vec<String>,
}

/// Something that happened in a run.
#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) seq: i64,
    pub(super) at: DateTime<Utc>,
    pub(super) phase: Option<String>,
    pub(super) title: String,
    pub(super) agent: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Events {
    pub(super) items: Vec<Event>,
    pub(super) has_more: bool,
}

/// A message of the stream.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Frame {
    RunEvent {
        event: Event,
    },
    RunChanged {
        run_id: String,
        status: String,
    },
    End {
        status: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(super) struct Repository {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) default_branch: String,
    pub(super) visibility: String,
    pub(super) tasks: i64,
    pub(super) sync_error: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) hint: String,
    pub(super) scope: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) last_used_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
pub(super) struct MadeToken {
    pub(super) secret: String,
    pub(super) token: Token,
}

/// Something that a search found.
#[derive(Deserialize)]
pub(super) struct Hit {
    pub(super) id: String,
    pub(super) title: String,
}
