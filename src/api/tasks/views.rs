//! Tasks on the wire.

use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object, types::Example};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use workflows::definitions::coding;

use crate::{
    api::{
        Problem,
        role_limits::Limits,
        views::{Failure, Person, PullRequestRef, RepositoryRef, RunResult, Status},
        wire::{Id, Text, kind},
    },
    error::Error,
    services::{standing, tasks::TaskRow},
};

/// Which roles take part in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Mode", rename_all = "snake_case")]
pub(in crate::api) enum Mode {
    /// Plan, code, test, review, deliver.
    Full,
    /// The same without a plan.
    NoPlan,
    /// A plan and nothing else.
    PlanOnly,
}

/// As what work is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(in crate::api) enum Deliver {
    /// A branch.
    Branch,
    /// A branch, and a pull request that offers it.
    PullRequest,
}

/// The models of the roles; a role that is left out has the installation's.
#[derive(Debug, Clone, Default, Object)]
#[oai(
    rename = "RoleModels",
    skip_serializing_if_is_none,
    deny_unknown_fields
)]
pub(in crate::api) struct Models {
    /// Who plans.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub(in crate::api) planner: Option<Text>,
    /// Who writes the code.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub(in crate::api) coder: Option<Text>,
    /// Who looks into failing tests.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub(in crate::api) tester: Option<Text>,
    /// Who reviews.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub(in crate::api) reviewer: Option<Text>,
}

/// How the runs of a task go about it.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub(in crate::api) struct TaskOptions {
    /// Which roles take part.
    mode: Mode,
    /// A person decides on the plan before anything is written.
    approve_plan: bool,
    /// A person decides before the branch is delivered.
    approve_delivery: bool,
    /// The models of the roles.
    models: Models,
    /// How often the coder may be sent back by failing tests.
    test_rounds: u32,
    /// How often the reviewer may look.
    review_rounds: u32,
    /// Whether commands may use the network.
    network: bool,
    /// Minutes of work that a run may take; absent when the profile of the repository says, or nobody (60).
    minutes: Option<u32>,
    /// What the conversations of roles may use, where the task says so.
    limits: Option<Limits>,
    /// How many attempts a run makes side by side, to deliver the best.
    attempts: u32,
    /// As what the work is delivered.
    deliver: Deliver,
}

/// How the runs of a task are to go about it; what is left out is as usual.
#[derive(Debug, Clone, Default, Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct NewTaskOptions {
    /// Which roles take part (all of them).
    mode: Option<Mode>,
    /// A person decides on the plan before anything is written (yes).
    approve_plan: Option<bool>,
    /// A person decides before the branch is delivered (no).
    approve_delivery: Option<bool>,
    /// The models of the roles (the installation's).
    models: Option<Models>,
    /// How often the coder may be sent back by failing tests (3).
    #[oai(validator(minimum(value = "1"), maximum(value = "10")))]
    test_rounds: Option<u32>,
    /// How often the reviewer may look (2).
    #[oai(validator(minimum(value = "1"), maximum(value = "10")))]
    review_rounds: Option<u32>,
    /// Whether commands may use the network (no): the hosts that the profile of the repository names.
    network: Option<bool>,
    /// Minutes of work that a run may take; what the profile of the repository says, else 60.
    #[oai(validator(minimum(value = "1"), maximum(value = "10080")))]
    minutes: Option<u32>,
    /// What the conversations of roles may use; what the profile of the repository says, else as usual.
    limits: Option<Limits>,
    /// How many attempts a run makes side by side, each with its share of the budget; the best is delivered (1).
    #[oai(validator(minimum(value = "1"), maximum(value = "5")))]
    attempts: Option<u32>,
    /// As what the work is delivered (a branch). A pull request needs a repository on a server that knows them, and a
    /// token for it: the secret `GITHUB_TOKEN` of the repository, or the installation's.
    deliver: Option<Deliver>,
}

/// What a person wants done.
#[derive(Debug, Clone, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(in crate::api) struct Task {
    /// Its id.
    id: Id<kind::Task>,
    /// One line.
    title: String,
    /// Everything else, in Markdown.
    description: String,
    /// What it is about.
    repository: RepositoryRef,
    /// Where the work begins.
    base_branch: String,
    /// Who asked.
    created_by: Person,
    /// When.
    created_at: DateTime<Utc>,
    /// When it was changed last.
    updated_at: DateTime<Utc>,
    /// When it was put away.
    archived_at: Option<DateTime<Utc>>,
    /// Where its newest run stands.
    status: Status,
    /// Whether a person has to say something before it goes on.
    needs_me: bool,
    /// The tasks that have to succeed before its runs begin.
    depends_on: Vec<Need>,
    /// How its runs go about it.
    options: TaskOptions,
    /// The most that its runs may cost together, in millionths of a US dollar.
    budget_usd_micros: i64,
    /// What its runs have cost so far, in millionths of a US dollar.
    cost_usd_micros: i64,
    /// How many runs it has.
    attempts: i64,
    /// The newest run.
    latest_run: Option<LatestRun>,
}

/// A task that another waits for.
#[derive(Debug, Clone, Object)]
pub(in crate::api) struct Need {
    /// The task.
    task_id: Id<kind::Task>,
    /// Where its newest run stands. One that has ended without success will not go on by itself.
    status: Status,
    /// Whether a run of it has succeeded: then nobody waits for it any more.
    succeeded: bool,
}

impl Need {
    fn all(needs: Value) -> Result<Vec<Self>, Error> {
        #[derive(Deserialize)]
        struct Stored {
            task_id: Uuid,
            status: String,
            succeeded: bool,
        }
        let stored: Vec<Stored> = serde_json::from_value(needs)
            .map_err(|error| Error::Internal(format!("what a task waits for: {error}")))?;
        let need = |need: Stored| {
            let status: standing::Status = need.status.parse()?;
            Ok(Self {
                task_id: need.task_id.into(),
                status: status.into(),
                succeeded: need.succeeded,
            })
        };
        stored.into_iter().map(need).collect()
    }
}

/// The newest run of a task.
#[derive(Debug, Clone, Object)]
#[oai(skip_serializing_if_is_none)]
pub(in crate::api) struct LatestRun {
    /// Its id.
    id: Id<kind::Run>,
    /// The step it is in.
    step: Option<String>,
    /// Since when it has been where it is.
    since: Option<DateTime<Utc>>,
    /// What its end comes to.
    result: Option<RunResult>,
    /// Why it failed.
    failure: Option<Failure>,
    /// The branch it delivered.
    branch: Option<String>,
    /// The pull request that offers it.
    pull_request: Option<PullRequestRef>,
    /// When it was started.
    created_at: DateTime<Utc>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
}

impl NewTaskOptions {
    /// The options of a run, with this budget.
    pub(super) fn into_options(self, budget_usd_micros: Option<i64>) -> coding::Options {
        let mut options = coding::Options::default();
        options.mode = match self.mode {
            None | Some(Mode::Full) => coding::Mode::Full,
            Some(Mode::NoPlan) => coding::Mode::NoPlan,
            Some(Mode::PlanOnly) => coding::Mode::PlanOnly,
        };
        options.approve_plan = self.approve_plan.unwrap_or(options.approve_plan);
        options.approve_delivery = self.approve_delivery.unwrap_or(options.approve_delivery);
        options.network = self.network.unwrap_or(options.network);
        options.minutes = self.minutes;
        options.limits = self.limits.unwrap_or_default().into();
        options.deliver = match self.deliver {
            None | Some(Deliver::Branch) => coding::Deliver::Branch,
            Some(Deliver::PullRequest) => coding::Deliver::PullRequest,
        };
        let rounds = |said: Option<u32>, usual: usize| {
            said.and_then(|rounds| usize::try_from(rounds).ok())
                .unwrap_or(usual)
        };
        options.test_rounds = rounds(self.test_rounds, options.test_rounds);
        options.review_rounds = rounds(self.review_rounds, options.review_rounds);
        options.attempts = rounds(self.attempts, options.attempts);
        options.budget_usd_micros = budget_usd_micros.unwrap_or(options.budget_usd_micros);
        let models = self.models.unwrap_or_default();
        let named = [
            ("planner", models.planner),
            ("coder", models.coder),
            ("tester", models.tester),
            ("reviewer", models.reviewer),
        ];
        let named = named
            .into_iter()
            .filter_map(|(role, model)| Some((role.to_owned(), model?.into())));
        options.models = named.collect();
        options
    }
}

impl From<coding::Options> for TaskOptions {
    fn from(options: coding::Options) -> Self {
        let model = |role: &str| options.models.get(role).cloned().map(Text);
        let rounds = |rounds: usize| u32::try_from(rounds).unwrap_or(u32::MAX);
        Self {
            mode: match options.mode {
                coding::Mode::Full => Mode::Full,
                coding::Mode::NoPlan => Mode::NoPlan,
                coding::Mode::PlanOnly => Mode::PlanOnly,
            },
            approve_plan: options.approve_plan,
            approve_delivery: options.approve_delivery,
            models: Models {
                planner: model("planner"),
                coder: model("coder"),
                tester: model("tester"),
                reviewer: model("reviewer"),
            },
            test_rounds: rounds(options.test_rounds),
            review_rounds: rounds(options.review_rounds),
            network: options.network,
            minutes: options.minutes,
            limits: Limits::of(&options.limits),
            attempts: rounds(options.attempts),
            deliver: match options.deliver {
                coding::Deliver::Branch => Deliver::Branch,
                coding::Deliver::PullRequest => Deliver::PullRequest,
            },
        }
    }
}

impl Task {
    pub(in crate::api) fn of(row: TaskRow) -> Result<Self, Problem> {
        let status: standing::Status = row.status.parse()?;
        let options: coding::Options = serde_json::from_value(row.options)
            .map_err(|error| Error::Internal(format!("the options of a task: {error}")))?;
        let latest_run = match (row.run_id, row.run_created_at) {
            (Some(id), Some(created_at)) => Some(LatestRun {
                id: id.into(),
                step: row.step.filter(|_| row.run_ended_at.is_none()),
                since: row.since,
                result: row.result.as_deref().and_then(RunResult::of),
                failure: row.failure.as_ref().map(Failure::of),
                branch: row.branch,
                pull_request: PullRequestRef::of(row.pull_request.as_ref())?,
                created_at,
                ended_at: row.run_ended_at,
            }),
            _ => None,
        };
        Ok(Self {
            id: row.id.into(),
            title: row.title,
            description: row.description,
            repository: RepositoryRef {
                id: row.repository_id.into(),
                name: row.repository,
            },
            base_branch: row.base_branch,
            created_by: Person::new(row.created_by, row.creator),
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
            needs_me: status.awaits_person(),
            status: status.into(),
            depends_on: Need::all(row.needs)?,
            options: options.into(),
            budget_usd_micros: row.budget_usd_micros,
            cost_usd_micros: row.cost_usd_micros,
            attempts: row.attempts,
            latest_run,
        })
    }
}

impl Example for Task {
    fn example() -> Self {
        let id = uuid::uuid!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f5");
        Self {
            id: id.into(),
            title: "The same bolts were sold twice".to_owned(),
            description: "`reserve` has to raise `OutOfStock`.".to_owned(),
            repository: RepositoryRef {
                id: id.into(),
                name: "inventory".to_owned(),
            },
            base_branch: "main".to_owned(),
            created_by: Person::new(id, "Ada".to_owned()),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            archived_at: None,
            status: Status::AwaitingPlan,
            needs_me: true,
            depends_on: Vec::new(),
            options: coding::Options::default().into(),
            budget_usd_micros: 10_000_000,
            cost_usd_micros: 41_300,
            attempts: 1,
            latest_run: None,
        }
    }
}
