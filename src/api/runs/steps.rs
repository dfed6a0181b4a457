//! The steps of a run, with the conversations in them.

use chrono::{DateTime, Duration, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        views::Usage,
        wire::{Cursor, Id, Limit, kind},
    },
    services::{
        standing::Status,
        timeline::{self, AgentRow, StepRow, Timeline},
    },
};

#[derive(Default)]
pub(in crate::api) struct StepsApi;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum StepState {
    /// It is being performed, or will be in a moment.
    Running,
    /// It is recorded.
    Done,
    /// It is recorded, but the run was taken up again from before it.
    Superseded,
    /// It could not be performed, and its run failed with it. `retryRun` begins with it when nothing else is said.
    Failed,
}

/// One agent's conversation.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(in crate::api) struct AgentRun {
    /// Its id.
    id: Id<kind::AgentRun>,
    /// The role.
    agent: String,
    /// The model.
    model: String,
    /// `running`, `succeeded`, `failed` or `canceled`.
    state: String,
    /// Turns taken.
    turns: i32,
    /// What it used and what that cost.
    usage: Usage,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
}

/// A step of a run.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct Step {
    /// Its position among the events, once it is recorded: what `retryRun` and `forkRun` begin after.
    seq: Option<i32>,
    /// Its ordinal.
    step_no: i32,
    /// Which try it is.
    attempt: i32,
    /// `plan`, `code`, `test`, `review` or `publish`.
    name: String,
    /// How far it is.
    state: StepState,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it was recorded.
    ended_at: Option<DateTime<Utc>>,
    /// What came of it, in one word.
    result: Option<String>,
    /// What its conversations used and cost.
    usage: Usage,
    /// The conversations in it.
    agent_runs: Vec<AgentRun>,
}

/// A page of the steps of a run.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct StepPage {
    /// In order; the one under way, or with which the run failed, last.
    items: Vec<Step>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1/runs", tag = "Tag::Runs")]
impl StepsApi {
    /// List the steps of a run
    ///
    /// What is recorded and what is under way, with the conversations in each and what they cost. Those that a fork
    /// shares with the run it comes from are among them.
    #[oai(path = "/:id/steps", method = "get", operation_id = "listSteps")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<StepPage>, Problem> {
        let caller = auth.may("listSteps")?;
        let most = Limit::of(limit.0);
        let after = Cursor::one(cursor.0)?.unwrap_or_default();
        let timeline = timeline::of(&state.db, caller, id.0.0, after, most + 1).await?;
        let items = steps(&timeline)?;
        // The one that is not recorded is the last of all, so no page ends with it but the last.
        let (items, next_cursor) = Cursor::page(items, most, |step| step.seq.unwrap_or(i32::MAX));
        Ok(Json(StepPage { items, next_cursor }))
    }
}

fn steps(timeline: &Timeline) -> Result<Vec<Step>, Problem> {
    let recorded = timeline.steps.iter();
    let mut items: Vec<Step> = recorded.map(|step| of(step, &timeline.agents)).collect();
    let run = &timeline.run;
    let status = run.standing()?;
    let at_work = matches!(
        status,
        Status::Planning | Status::Running | Status::Queued | Status::Paused
    );
    if let (true, Some(name), Some(step_no), Some(since)) =
        (at_work, &run.step, run.step_no, run.since)
    {
        let agents = of_step(&timeline.agents, run.id, step_no);
        items.push(Step {
            seq: None,
            step_no,
            attempt: i32::from(run.attempt.unwrap_or(1)),
            name: name.clone(),
            state: StepState::Running,
            started_at: agents.first().map_or(since, |agent| agent.started_at),
            ended_at: None,
            result: None,
            usage: sum(&agents),
            agent_runs: agents,
        });
    }
    if let Some(failed) = &timeline.failed {
        let agents = of_step(&timeline.agents, run.id, failed.step_no);
        items.push(Step {
            seq: None,
            step_no: failed.step_no,
            attempt: failed.attempts,
            name: failed.name.clone(),
            state: StepState::Failed,
            started_at: agents.first().map_or(failed.at, |agent| agent.started_at),
            ended_at: Some(failed.at),
            result: None,
            usage: sum(&agents),
            agent_runs: agents,
        });
    }
    Ok(items)
}

fn of(step: &StepRow, agents: &[AgentRow]) -> Step {
    let agents = of_step(agents, step.run_id, step.step_no);
    let tried = step.at - Duration::milliseconds(i64::from(step.duration_ms));
    Step {
        seq: Some(step.seq),
        step_no: step.step_no,
        attempt: i32::from(step.attempt),
        name: step.name.clone(),
        state: if step.superseded {
            StepState::Superseded
        } else {
            StepState::Done
        },
        started_at: agents
            .first()
            .map_or(tried, |agent| agent.started_at.min(tried)),
        ended_at: Some(step.at),
        result: step.output["result"].as_str().map(str::to_owned),
        usage: sum(&agents),
        agent_runs: agents,
    }
}

fn of_step(agents: &[AgentRow], run: uuid::Uuid, step_no: i32) -> Vec<AgentRun> {
    let in_it = agents
        .iter()
        .filter(|agent| agent.run_id == run && agent.step_no == step_no);
    in_it.cloned().map(AgentRun::from).collect()
}

fn sum(agents: &[AgentRun]) -> Usage {
    agents.iter().fold(Usage::default(), |sum, agent| Usage {
        input_tokens: sum.input_tokens + agent.usage.input_tokens,
        output_tokens: sum.output_tokens + agent.usage.output_tokens,
        cache_read_tokens: sum.cache_read_tokens + agent.usage.cache_read_tokens,
        cache_write_tokens: sum.cache_write_tokens + agent.usage.cache_write_tokens,
        cost_usd_micros: sum.cost_usd_micros + agent.usage.cost_usd_micros,
        possible_usd_micros: sum.possible_usd_micros + agent.usage.possible_usd_micros,
    })
}

impl From<AgentRow> for AgentRun {
    fn from(row: AgentRow) -> Self {
        Self {
            id: row.id.into(),
            agent: row.agent,
            model: row.model,
            state: row.state,
            turns: row.turns,
            usage: Usage {
                input_tokens: row.input_tokens,
                output_tokens: row.output_tokens,
                cache_read_tokens: row.cache_read_tokens,
                cache_write_tokens: row.cache_write_tokens,
                cost_usd_micros: row.cost_usd_micros,
                possible_usd_micros: row.possible_usd_micros,
            },
            started_at: row.started_at,
            ended_at: row.ended_at,
        }
    }
}
