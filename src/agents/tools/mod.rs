//! What a model may do: each tool with its schema, and what happens when it is called. A call is checked before
//! anything happens; what is wrong with it goes back to the model in words.

mod bash;
mod edit;
mod files;
mod list;
mod near;
mod output;
mod schema;
mod search;
mod syntax;
mod tests;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use workflows::StepError;

pub(in crate::agents) use files::{read as read_text, write as write_text};
pub(super) use output::{Said, cut, gist};
pub(super) use schema::of_role;

use super::{desk::Desk, role::Role, verdict::Finding};
use crate::providers::llm::MALFORMED;

/// What a call may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Pure,
    Workspace,
}

/// A call whose input makes sense.
#[derive(Debug)]
pub(super) enum Call {
    Bash(bash::Bash),
    ReadFile(files::ReadFile),
    EditFile(edit::EditFile),
    WriteFile(edit::WriteFile),
    Grep(search::Grep),
    Glob(list::Glob),
    RunTests(tests::RunTests),
    UpdatePlan(UpdatePlan),
    AskHuman(AskHuman),
    AddFinding(Finding),
    Finish(Finish),
}

/// Progress on the plan, for people who watch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdatePlan {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    id: String,
    status: Status,
    #[serde(default)]
    #[expect(dead_code, reason = "it is kept with the call, for people")]
    note: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Active,
    Done,
    Dropped,
}

/// A question that only a person can answer. The run waits for the answer at no cost.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskHuman {
    pub(super) question: String,
    #[serde(default)]
    pub(super) options: Vec<String>,
    /// Nothing sensible can be done before the answer.
    #[serde(default = "yes")]
    pub(super) blocking: bool,
}

fn yes() -> bool {
    true
}

/// The coder's last word.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finish {
    pub(super) status: FinishStatus,
    pub(super) summary: String,
    #[serde(default)]
    pub(super) risks: Vec<String>,
    pub(super) pr_title: String,
    pub(super) pr_body: String,
    /// The steps of runs that bear it out.
    #[serde(default)]
    pub(super) verification: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FinishStatus {
    Done,
    Blocked,
    Infeasible,
}

impl Call {
    /// The call that a model asks for, or what is wrong with it. What the first editions let through they let through still,
    /// for their conversations are read again.
    pub(super) fn parse(
        role: Role,
        edition: u16,
        name: &str,
        input: &Value,
    ) -> Result<Self, String> {
        if let Some(raw) = input.get(MALFORMED) {
            return Err(format!("the input is not JSON: {raw}"));
        }
        if !schema::names(role).contains(&name) {
            return Err(format!(
                "there is no tool `{name}`; there are {}",
                schema::names(role).join(", ")
            ));
        }
        if edition > 1 {
            schema::check(name, input)?;
        }
        match name {
            "bash" => of(input).map(Self::Bash),
            "read_file" => of(input).map(Self::ReadFile),
            "edit_file" => of(input).map(Self::EditFile),
            "write_file" => of(input).map(Self::WriteFile),
            "grep" => of(input).map(Self::Grep),
            "glob" => of(input).map(Self::Glob),
            "run_tests" => of(input).map(Self::RunTests),
            "update_plan" => of(input).map(Self::UpdatePlan),
            "ask_human" => of(input).and_then(AskHuman::checked).map(Self::AskHuman),
            "add_finding" => of(input).map(Self::AddFinding),
            "finish" => of(input).map(Self::Finish),
            other => Err(format!("there is no tool `{other}`")),
        }
    }

    pub(super) fn effect(&self) -> Effect {
        match self {
            Self::Bash(_) | Self::EditFile(_) | Self::WriteFile(_) | Self::RunTests(_) => {
                Effect::Workspace
            }
            _ => Effect::Pure,
        }
    }

    /// What it runs, for a word about it: a run that a claim can be borne out by.
    pub(super) fn runs(&self) -> bool {
        matches!(self, Self::Bash(_) | Self::RunTests(_))
    }

    /// The file that is known to the model after this, and whether the call is about to change it.
    pub(super) fn file(&self) -> Option<&str> {
        match self {
            Self::ReadFile(call) => Some(&call.path),
            Self::EditFile(call) => Some(&call.path),
            Self::WriteFile(call) => Some(&call.path),
            _ => None,
        }
    }

    /// Does it. `known` says whether the model has seen the file that the call is about.
    pub(super) async fn perform(&self, desk: &Desk<'_>, known: bool) -> Result<Said, StepError> {
        match self {
            Self::Bash(call) => call.perform(desk).await,
            Self::ReadFile(call) => call.perform(desk).await,
            Self::EditFile(call) => call.perform(desk, known).await,
            Self::WriteFile(call) => call.perform(desk, known).await,
            Self::Grep(call) => call.perform(desk).await,
            Self::Glob(call) => call.perform(desk).await,
            Self::RunTests(call) => call.perform(desk).await,
            Self::UpdatePlan(call) => Ok(call.check()),
            Self::AddFinding(finding) => Ok(match finding.check(&desk.diff().await?) {
                Ok(()) => Said::well("noted"),
                Err(wrong) => Said::wrong(wrong),
            }),
            Self::AskHuman(question) if !question.blocking => Ok(Said::well(
                "The question stands in the run. Go on; the answer comes when there is one.",
            )),
            // The conversation deals with these itself.
            Self::AskHuman(_) | Self::Finish(_) => Ok(Said::wrong("this ends the conversation")),
        }
    }
}

impl AskHuman {
    /// One answer is no choice, and nobody reads twenty.
    fn checked(self) -> Result<Self, String> {
        match self.options.len() {
            0 | 2..=5 => Ok(self),
            many => Err(format!("two to five options, not {many}; or none")),
        }
    }
}

impl UpdatePlan {
    fn check(&self) -> Said {
        let active = self.items.iter().filter(|i| i.status == Status::Active);
        let open = self
            .items
            .iter()
            .any(|i| i.status == Status::Pending || i.status == Status::Active);
        match active.count() {
            0 if open => Said::wrong("one item must be active while any is open"),
            0 | 1 => Said::well(format!("noted: {} items", self.items.len())),
            _ => {
                let ids: Vec<&str> = self.items.iter().map(|i| i.id.as_str()).collect();
                Said::wrong(format!(
                    "only one item may be active, of {}",
                    ids.join(", ")
                ))
            }
        }
    }
}

/// Work that takes a processor for a while, aside from everything that has to answer in time.
async fn aside<T, F>(work: F) -> Result<T, StepError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StepError::retry(format!("a tool: {error}")))
}

fn of<T: DeserializeOwned>(input: &Value) -> Result<T, String> {
    T::deserialize(input).map_err(|error| format!("the input does not fit: {error}"))
}
