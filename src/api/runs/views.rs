//! Runs on the wire.

use chrono::{DateTime, Utc};
use poem_openapi::{ApiResponse, Enum, Object, payload::Json};
use workflows::definitions::coding::Assignment;

use crate::{
    api::{
        Problem,
        views::{Failure, PullRequestRef, RepositoryRef, RunResult, Status, TaskRef, Usage},
        wire::{Id, kind},
    },
    error::Error,
    services::{attempts::AttemptRow, standing},
};

/// One attempt at a task.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub(in crate::api) struct Run {
    /// Its id.
    id: Id<kind::Run>,
    /// The task it is an attempt at.
    task: TaskRef,
    /// The repository it works on.
    repository: RepositoryRef,
    /// Where it stands.
    status: Status,
    /// Whether somebody asked it to pause; it does so at the next good moment.
    pause_requested: bool,
    /// The step it is in, or waits after.
    step: Option<String>,
    /// Since when it has been where it is.
    since: Option<DateTime<Utc>>,
    /// What its end comes to.
    result: Option<RunResult>,
    /// Why it failed.
    failure: Option<Failure>,
    /// What it asks, when it waits for an answer.
    question: Option<Question>,
    /// The attempts that it makes side by side, to deliver the best of them; not told in lists of all runs. What they
    /// use counts to this run as well.
    attempts: Option<Vec<Attempt>>,
    /// The run that it is one of several attempts of.
    attempt_of: Option<Id<kind::Run>>,
    /// The run it was forked from.
    fork_of: Option<Id<kind::Run>>,
    /// The last event that it shares with that run.
    fork_seq: Option<i32>,
    /// How often it has changed hands.
    epoch: i32,
    /// What it used and what that cost.
    usage: Usage,
    /// What is held back for calls under way, in millionths of a US dollar.
    reserved_usd_micros: i64,
    /// The most it may cost, in millionths of a US dollar; what was added later not counted.
    budget_usd_micros: i64,
    /// The branch it delivered.
    branch: Option<String>,
    /// The commit it delivered.
    commit: Option<String>,
    /// The pull request that offers it.
    pull_request: Option<PullRequestRef>,
    /// What may be done to it now.
    actions: Vec<RunAction>,
    /// When it was started.
    created_at: DateTime<Utc>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
}

/// One of several attempts that a run makes side by side.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub(in crate::api) struct Attempt {
    /// Its own run.
    run_id: Id<kind::Run>,
    /// Which it is, from 1.
    number: i32,
    /// Where it stands.
    status: Status,
    /// What its end comes to.
    result: Option<RunResult>,
    /// Why it failed.
    failure: Option<Failure>,
    /// What it cost, in millionths of a US dollar.
    cost_usd_micros: i64,
    /// Whether its work is what the run goes on with, once that is known.
    chosen: Option<bool>,
}

impl Attempt {
    fn of(row: &AttemptRow) -> Result<Self, Error> {
        Ok(Self {
            status: row.standing()?.into(),
            run_id: row.id.into(),
            number: row.number.unwrap_or_default(),
            result: row
                .output
                .as_ref()
                .and_then(|output| RunResult::of(output["result"].as_str()?)),
            failure: row.failure.as_ref().map(Failure::of),
            cost_usd_micros: row.spent,
            chosen: row.chosen,
        })
    }
}

/// What a run asks a person.
#[derive(Debug, Clone, Object)]
pub(in crate::api) struct Question {
    /// The question.
    text: String,
    /// Answers that it suggests; any other will do as well.
    options: Vec<String>,
}

/// What can be done to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum RunAction {
    /// End it now.
    Cancel,
    /// Let it stop at the next good moment.
    Pause,
    /// Let it go on.
    Resume,
    /// Say something to the agent at work.
    Message,
    /// Take it up again from where it stopped, or from a step.
    Retry,
    /// Start another from one of its events.
    Fork,
}

#[derive(ApiResponse)]
pub(in crate::api) enum Started {
    /// It has been started.
    #[oai(status = 201)]
    Created(Json<Run>),
}

impl Run {
    pub(in crate::api) fn of(row: AttemptRow) -> Result<Self, Problem> {
        let status = row.standing()?;
        let input: Assignment = serde_json::from_value(row.input)
            .map_err(|error| Error::Internal(format!("the input of a run: {error}")))?;
        let output = row.output.unwrap_or_default();
        let delivered = |name: &str| output["evidence"][name].as_str().map(str::to_owned);
        Ok(Self {
            id: row.id.into(),
            task: TaskRef {
                id: row.task_id.into(),
                title: row.task,
            },
            repository: RepositoryRef {
                id: row.repository_id.into(),
                name: row.repository,
            },
            status: status.into(),
            pause_requested: row.paused.unwrap_or_default(),
            step: row.step,
            since: row.since,
            result: output["result"].as_str().and_then(RunResult::of),
            failure: row.failure.as_ref().map(Failure::of),
            question: None,
            attempts: None,
            attempt_of: row.attempt_of.map(Id::from),
            fork_of: row.fork_of.map(Id::from),
            fork_seq: row.fork_seq,
            epoch: row.epoch,
            usage: Usage {
                input_tokens: row.input_tokens,
                output_tokens: row.output_tokens,
                cache_read_tokens: row.cache_read_tokens,
                cache_write_tokens: row.cache_write_tokens,
                cost_usd_micros: row.spent,
                possible_usd_micros: row.possible,
            },
            reserved_usd_micros: row.reserved,
            budget_usd_micros: input.options.budget_usd_micros,
            branch: delivered("branch"),
            commit: delivered("commit"),
            pull_request: PullRequestRef::of(row.pull_request.as_ref())?,
            actions: actions(
                status,
                row.paused.unwrap_or_default(),
                row.attempt_of.is_some(),
            ),
            created_at: row.created_at,
            ended_at: row.ended_at,
        })
    }

    /// With the attempts that it makes, if it does.
    pub(in crate::api) fn making(self, attempts: Option<Vec<AttemptRow>>) -> Result<Self, Problem> {
        let attempts = attempts
            .map(|rows| rows.iter().map(Attempt::of).collect::<Result<_, _>>())
            .transpose()?;
        Ok(Self { attempts, ..self })
    }

    pub(super) fn asking(self, question: Option<(String, Vec<String>)>) -> Self {
        Self {
            question: question.map(|(text, options)| Question { text, options }),
            ..self
        }
    }
}

fn actions(status: standing::Status, paused: bool, attempt: bool) -> Vec<RunAction> {
    if status.is_over() {
        // What comes of an attempt is known to the run that began it; that one is taken up again.
        return if attempt {
            Vec::new()
        } else {
            vec![RunAction::Retry, RunAction::Fork]
        };
    }
    let pause = if paused {
        RunAction::Resume
    } else {
        RunAction::Pause
    };
    let mut actions = vec![RunAction::Cancel, pause, RunAction::Message];
    if !attempt {
        actions.push(RunAction::Fork);
    }
    actions
}
