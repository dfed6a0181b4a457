//! Runs: what they were started with and how they ended.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;
use workflows::Outcome;

use super::head::NewHead;

/// A run about to be written.
#[derive(Debug, Clone, Default)]
pub struct NewRun {
    /// Its id.
    pub id: Uuid,
    /// The task it is an attempt at.
    pub task_id: Option<Uuid>,
    /// Name of its workflow.
    pub workflow: String,
    /// Version of its workflow.
    pub version: i16,
    /// What it is started with.
    pub input: Value,
    /// Its parent, the position there, and its place among its siblings.
    pub parent: Option<(Uuid, i32, i32)>,
    /// The run it is forked from, and up to which row.
    pub fork: Option<(Uuid, i32)>,
    /// The key of whoever starts it.
    pub request_key: Option<String>,
}

/// A run.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// Its id.
    pub id: Uuid,
    /// The task it is an attempt at.
    pub task_id: Option<Uuid>,
    /// Name of its workflow.
    pub workflow: String,
    /// Version of its workflow.
    pub version: i16,
    /// Higher goes first.
    pub priority: i16,
    /// Limits under which it takes a place.
    pub limits: Option<Vec<String>>,
    /// Longest time it may take, in seconds.
    pub time_limit_s: Option<f64>,
    /// What it was started with.
    pub input: Value,
    /// Its parent.
    pub parent_run: Option<Uuid>,
    /// The position in the parent's journal.
    pub parent_seq: Option<i32>,
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
    /// How often it had changed hands when it ended.
    pub epoch: Option<i32>,
}

/// Runs, those that the literal says.
macro_rules! runs {
    ($which:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            RunRow,
            "select id, task_id, workflow, version, priority, limits,
                    extract(epoch from time_limit)::float8 as time_limit_s, input, parent_run, parent_seq,
                    fork_of, fork_seq, created_at, ended_at, outcome, output, failure, epoch
             from runs " + $which
            $(, $value)*
        )
    };
}

impl RunRow {
    /// The head with which it goes on, or one forked from it begins, at this epoch, position and step. It
    /// has no places yet.
    #[must_use]
    pub fn head_at(&self, run: Uuid, at: (i32, i32, i32)) -> NewHead {
        NewHead {
            run_id: run,
            state: "queued",
            lane: workflows::Lane::Agents.as_str(),
            step: None,
            priority: self.priority,
            time_limit: self.time_limit_s.map(Duration::from_secs_f64),
            limits: self.limits.clone(),
            at,
        }
    }
}

/// Adds a run and its head. False when a run with its request key is there already; nothing is added then.
pub async fn insert(conn: &mut PgConnection, run: &NewRun, head: &NewHead) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "with run as (
             insert into runs (id, task_id, workflow, version, input, parent_run, parent_seq, ordinal, fork_of,
                               fork_seq, request_key, priority, time_limit, limits)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $15, make_interval(secs => $16), $17)
             on conflict (request_key) where request_key is not null do nothing
             returning id
         )
         insert into run_heads (run_id, state, lane, step, priority, deadline_at, limits, epoch, seq, step_no, attempt)
         select id, $12, $13, $14, $15, clock_timestamp() + make_interval(secs => $16), $17, $18, $19, $20, 1 from run",
        run.id,
        run.task_id,
        run.workflow,
        run.version,
        run.input,
        run.parent.map(|p| p.0),
        run.parent.map(|p| p.1),
        run.parent.map(|p| p.2),
        run.fork.map(|f| f.0),
        run.fork.map(|f| f.1),
        run.request_key,
        head.state,
        head.lane,
        head.step,
        head.priority,
        head.time_limit.map(|d| d.as_secs_f64()),
        head.limits.as_deref(),
        head.at.0,
        head.at.1,
        head.at.2
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds many plain runs of one workflow with the same input.
pub async fn insert_many(
    conn: &mut PgConnection,
    ids: &[Uuid],
    workflow: &str,
    version: i16,
    input: &Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into runs (id, workflow, version, input) select id, $2, $3, $4 from unnest($1::uuid[]) as r(id)",
        ids,
        workflow,
        version,
        input
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A run, if it exists.
pub async fn find(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<RunRow>> {
    runs!("where id = $1", id).fetch_optional(db).await
}

/// The run that was started under this request key.
pub async fn find_by_request_key(
    db: impl PgExecutor<'_>,
    key: &str,
) -> sqlx::Result<Option<RunRow>> {
    runs!("where request_key = $1", key)
        .fetch_optional(db)
        .await
}

/// Writes how a run ended; answers with its parent and its task.
pub async fn close(
    conn: &mut PgConnection,
    id: Uuid,
    epoch: i32,
    outcome: &Outcome,
) -> sqlx::Result<(Option<Uuid>, Option<Uuid>)> {
    let (word, output, failure) = match outcome {
        Outcome::Succeeded { output } => ("succeeded", Some(output.clone()), None),
        Outcome::Failed { failure } => ("failed", None, serde_json::to_value(failure).ok()),
        Outcome::Canceled => ("canceled", None, None),
    };
    sqlx::query!(
        "update runs set outcome = $2, output = $3, failure = $4, epoch = $5, ended_at = clock_timestamp()
         where id = $1 returning parent_run, task_id",
        id,
        word,
        output,
        failure,
        epoch
    )
    .map(|row| (row.parent_run, row.task_id))
    .fetch_one(conn)
    .await
}

/// Makes an ended run unfinished again.
pub async fn reopen(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update runs set outcome = null, output = null, failure = null, ended_at = null where id = $1",
        id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How the children spawned at this position ended, in their order, as outcomes are written.
pub async fn child_outcomes(
    conn: &mut PgConnection,
    parent: Uuid,
    parent_seq: i32,
) -> sqlx::Result<Vec<Value>> {
    sqlx::query_scalar!(
        r#"select jsonb_strip_nulls(jsonb_build_object('outcome', outcome, 'failure', failure))
                  || case when outcome = 'succeeded' then jsonb_build_object('output', output) else '{}' end
                  as "outcome!"
           from runs where parent_run = $1 and parent_seq = $2 order by ordinal"#,
        parent,
        parent_seq
    )
    .fetch_all(conn)
    .await
}

/// The position after which a run's living children were spawned.
pub async fn spawned_at(conn: &mut PgConnection, parent: Uuid) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "select max(parent_seq) from runs where parent_run = $1",
        parent
    )
    .fetch_one(conn)
    .await
}

/// The newest children of a run, in their order: its own, or those of the run it was forked from as far as it shares that
/// one's journal.
pub async fn newest_children(db: impl PgExecutor<'_>, parent: Uuid) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        r#"with recursive line(run_id, most, depth) as (
             select $1::uuid, 2147483647, 0
             union all
             select r.fork_of, least(l.most, r.fork_seq), l.depth + 1
             from line l join runs r on r.id = l.run_id where r.fork_of is not null
         ), spawned as (
             select l.run_id, max(c.parent_seq) as seq, l.depth
             from line l join runs c on c.parent_run = l.run_id and c.parent_seq <= l.most
             group by l.run_id, l.depth order by l.depth limit 1
         )
         select c.id as "id!" from spawned s join runs c on c.parent_run = s.run_id and c.parent_seq = s.seq
         order by c.ordinal"#,
        parent
    )
    .fetch_all(db)
    .await
}

/// All children of a run, each with the position at which it was spawned, in their order.
pub async fn children(db: impl PgExecutor<'_>, parent: Uuid) -> sqlx::Result<Vec<(Uuid, i32)>> {
    sqlx::query!(
        r#"select id, parent_seq as "parent_seq!" from runs where parent_run = $1 order by parent_seq, ordinal"#,
        parent
    )
    .map(|row| (row.id, row.parent_seq))
    .fetch_all(db)
    .await
}

/// The position of the newest row of a run's journal.
pub async fn last_seq(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"select greatest((select coalesce(max(seq), 0) from steps where run_id = $1),
                           (select coalesce(max(seq), 0) from events where run_id = $1)) as "seq!""#,
        id
    )
    .fetch_one(conn)
    .await
}

/// Runs that failed, newest first.
pub async fn failed(db: impl PgExecutor<'_>, most: i64) -> sqlx::Result<Vec<RunRow>> {
    runs!("where failure is not null order by id desc limit $1", most)
        .fetch_all(db)
        .await
}

/// A run, locked until the transaction ends.
pub async fn lock(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<RunRow>> {
    runs!("where id = $1 for update", id)
        .fetch_optional(conn)
        .await
}
