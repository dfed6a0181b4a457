//! Runs as people see them: with their task, where they stand and what they cost.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::repository::Viewer;

/// A run of a task.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// Its id.
    pub id: Uuid,
    /// Its task.
    pub task_id: Uuid,
    /// The task's title.
    pub task: String,
    /// The repository.
    pub repository_id: Uuid,
    /// The repository's name.
    pub repository: String,
    /// Whose the repository is.
    pub repository_owner: Uuid,
    /// Who asked for the task.
    pub created_by: Uuid,
    /// What it was started with.
    pub input: Value,
    /// The run that it is one of several attempts of.
    pub attempt_of: Option<Uuid>,
    /// Which of them, from 1.
    pub number: Option<i32>,
    /// Whether it was chosen, once one was.
    pub chosen: Option<bool>,
    /// The run it was forked from.
    pub fork_of: Option<Uuid>,
    /// Up to which row.
    pub fork_seq: Option<i32>,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Its result.
    pub output: Option<Value>,
    /// Why it failed.
    pub failure: Option<Value>,
    /// The newest pull request that offers its work.
    pub pull_request: Option<Value>,
    /// Where it stands, in the words of `run_status` (migration 8).
    pub status: String,
    /// Whether somebody asked it to pause.
    pub paused: Option<bool>,
    /// Its current step.
    pub step: Option<String>,
    /// Ordinal of that step.
    pub step_no: Option<i32>,
    /// Number of the try of that step.
    pub attempt: Option<i16>,
    /// Since when it has been there.
    pub since: Option<DateTime<Utc>>,
    /// How often it has changed hands.
    pub epoch: i32,
    /// What its calls have cost.
    pub spent: i64,
    /// What is held back for calls under way.
    pub reserved: i64,
    /// What calls whose answer was lost may have cost.
    pub possible: i64,
    /// Tokens that went in.
    pub input_tokens: i64,
    /// Tokens that came out.
    pub output_tokens: i64,
    /// Tokens read from a cache.
    pub cache_read_tokens: i64,
    /// Tokens written to a cache.
    pub cache_write_tokens: i64,
}

macro_rules! attempts {
    ($which:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            AttemptRow,
            r#"select n.id, t.id as task_id, t.title as task, t.repository_id, r.name as repository,
                      r.owner_id as repository_owner, t.created_by, n.input, n.parent_run as attempt_of,
                      n.ordinal + 1 as number,
                      (select s.output ->> 'chosen' = n.id::text from steps s
                       where s.run_id = n.parent_run and s.name = 'choose' order by s.seq desc limit 1) as chosen,
                      n.fork_of, n.fork_seq, n.created_at,
                      n.ended_at, n.outcome, n.output, n.failure,
                      (select jsonb_build_object('id', p.id, 'number', p.number, 'url', p.url, 'state', p.state, 'draft', p.draft)
                       from pull_requests p where p.run_id = n.id order by p.number desc limit 1) as pull_request,
                      run_status(n.outcome, n.output ->> 'result', h.state, h.paused, h.waits, h.waits_for, h.step) as "status!",
                      h.paused as "paused?", h.step, h.step_no as "step_no?", h.attempt as "attempt?", h.since as "since?",
                      coalesce(h.epoch, n.epoch, 0) as "epoch!", m.spent as "spent!", m.reserved as "reserved!",
                      m.possible as "possible!", c.input_tokens as "input_tokens!", c.output_tokens as "output_tokens!",
                      c.cache_read_tokens as "cache_read_tokens!", c.cache_write_tokens as "cache_write_tokens!"
               from runs n
               left join runs p on p.id = n.parent_run
               join tasks t on t.id = coalesce(n.task_id, p.task_id)
               join repositories r on r.id = t.repository_id
               left join run_heads h on h.run_id = n.id
               cross join lateral (
                   select coalesce(sum(usd_micros) filter (where kind = 'settled'), 0)::bigint as spent,
                          (coalesce(sum(usd_micros) filter (where kind = 'reserved'), 0)
                           - coalesce(sum(usd_micros) filter (where kind = 'released'), 0))::bigint as reserved,
                          coalesce(sum(usd_micros) filter (where kind = 'possible_charge'), 0)::bigint as possible
                   from ledger_entries
                   where run_id in (select n.id union all select c.id from runs c where c.parent_run = n.id)) m
               cross join lateral (
                   select coalesce(sum(c.input_tokens), 0)::bigint as input_tokens,
                          coalesce(sum(c.output_tokens), 0)::bigint as output_tokens,
                          coalesce(sum(c.cache_read_tokens), 0)::bigint as cache_read_tokens,
                          coalesce(sum(c.cache_write_tokens), 0)::bigint as cache_write_tokens
                   from agent_runs a join model_calls c on c.agent_run_id = a.id
                   where a.run_id in (select n.id union all select b.id from runs b where b.parent_run = n.id)) c "# + $which
            $(, $value)*
        )
    };
}

/// A run that this person may see.
pub async fn find(
    db: impl PgExecutor<'_>,
    id: Uuid,
    viewer: Viewer,
) -> sqlx::Result<Option<AttemptRow>> {
    attempts!(
        "where n.id = $1 and ($2 or t.created_by = $3 or r.owner_id = $3 or r.visibility = 'team')",
        id,
        viewer.all,
        viewer.user
    )
    .fetch_optional(db)
    .await
}

/// Where a run of a task stands, and who may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedRow {
    /// The run.
    pub id: Uuid,
    /// Its task.
    pub task_id: Uuid,
    /// Who asked for the task.
    pub created_by: Uuid,
    /// Whose the repository is.
    pub repository_owner: Uuid,
    /// Whether everybody sees the repository.
    pub shared: bool,
    /// Where it stands, in the words of `run_status`.
    pub status: String,
}

/// Where these runs stand; those of no task are left out.
pub async fn moved(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<MovedRow>> {
    sqlx::query_as!(
        MovedRow,
        r#"select n.id, t.id as task_id, t.created_by, r.owner_id as repository_owner, r.visibility = 'team' as "shared!",
                  run_status(n.outcome, n.output ->> 'result', h.state, h.paused, h.waits, h.waits_for, h.step) as "status!"
           from runs n
           left join runs p on p.id = n.parent_run
           join tasks t on t.id = coalesce(n.task_id, p.task_id)
           join repositories r on r.id = t.repository_id
           left join run_heads h on h.run_id = n.id
           where n.id = any($1)"#,
        ids
    )
    .fetch_all(db)
    .await
}

/// Which runs a list shows (`run_page`).
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of this task.
    pub task: Option<Uuid>,
    /// Those on this repository.
    pub repository: Option<Uuid>,
    /// Those behind this one, in the order of the list.
    pub before: Option<Uuid>,
    /// In which order that is.
    pub oldest_first: bool,
    /// So many at most.
    pub most: i64,
}

/// These runs, newest first.
pub async fn of(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<AttemptRow>> {
    attempts!("where n.id = any($1) order by n.id desc", ids)
        .fetch_all(db)
        .await
}

/// The newest attempts of these runs, by their runs and in their order.
pub async fn among(db: impl PgExecutor<'_>, runs: &[Uuid]) -> sqlx::Result<Vec<AttemptRow>> {
    attempts!(
        "where n.parent_run = any($1) and n.workflow = 'coding_attempt'
           and n.parent_seq = (select max(c.parent_seq) from runs c where c.parent_run = n.parent_run)
         order by n.parent_run, n.ordinal",
        runs
    )
    .fetch_all(db)
    .await
}

/// The runs that work or will by themselves, and that this person may see, newest first.
pub async fn at_work(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    most: i64,
) -> sqlx::Result<Vec<AttemptRow>> {
    attempts!(
        "where (h.state in ('queued', 'ready', 'running') or h.waits in ('retry', 'timer', 'children'))
           and n.task_id is not null and ($1 or t.created_by = $2 or r.owner_id = $2 or r.visibility = 'team')
         order by n.id desc limit $3",
        viewer.all,
        viewer.user,
        most
    )
    .fetch_all(db)
    .await
}

/// The runs that failed, are the newest of a task of this person and were started after `since`, newest first.
pub async fn failed(
    db: impl PgExecutor<'_>,
    user: Uuid,
    since: Uuid,
    most: i64,
) -> sqlx::Result<Vec<AttemptRow>> {
    attempts!(
        "where n.failure is not null and n.outcome = 'failed' and n.task_id = t.id and t.created_by = $1 and t.archived_at is null and n.id > $2
           and not exists (select from runs a where a.task_id = t.id and a.id > n.id)
         order by n.id desc limit $3",
        user,
        since,
        most
    )
    .fetch_all(db)
    .await
}
