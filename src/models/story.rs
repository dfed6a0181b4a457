//! The journal of a run as one list: its own rows, and before them those it shares with the run it was forked from.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// A row of a journal.
#[derive(Debug, Clone)]
pub struct StoryRow {
    /// The run that wrote it.
    pub run_id: Uuid,
    /// Its position.
    pub seq: i32,
    /// Ordinal of the step it belongs to.
    pub step_no: i32,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// `step`, or an event's kind.
    pub kind: String,
    /// A step's name.
    pub name: Option<String>,
    /// How long a step took.
    pub duration_ms: Option<i32>,
    /// A step's output, or an event's data.
    pub data: Value,
}

/// Rows after position `after`, oldest first.
pub async fn after(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: i32,
    most: i64,
) -> sqlx::Result<Vec<StoryRow>> {
    sqlx::query_as!(
        StoryRow,
        r#"with recursive chain(id, low, high) as (
               select id, coalesce(fork_seq, 0), 2147483647 from runs where id = $1
               union all
               select o.id, coalesce(o.fork_seq, 0), c.low
               from chain c join runs r on r.id = c.id join runs o on o.id = r.fork_of
           )
           select j.run_id as "run_id!", j.seq as "seq!", j.step_no as "step_no!", j.at as "at!", j.kind as "kind!",
                  j.name as "name?", j.duration_ms as "duration_ms?", j.data as "data!"
           from chain c cross join lateral (
               (select run_id, seq, step_no, at, 'step' as kind, name, duration_ms, output as data from steps
                where run_id = c.id and seq > c.low and seq <= c.high and seq > $2
                order by seq asc limit $3)
               union all
               (select run_id, seq, step_no, at, kind, null, null, data from events
                where run_id = c.id and seq > c.low and seq <= c.high and seq > $2
                order by seq asc limit $3)
           ) j order by j.seq asc limit $3"#,
        run,
        after,
        most
    )
    .fetch_all(db)
    .await
}

/// Rows before position `before`, newest first.
pub async fn before(
    db: impl PgExecutor<'_>,
    run: Uuid,
    before: i32,
    most: i64,
) -> sqlx::Result<Vec<StoryRow>> {
    sqlx::query_as!(
        StoryRow,
        r#"with recursive chain(id, low, high) as (
               select id, coalesce(fork_seq, 0), 2147483647 from runs where id = $1
               union all
               select o.id, coalesce(o.fork_seq, 0), c.low
               from chain c join runs r on r.id = c.id join runs o on o.id = r.fork_of
           )
           select j.run_id as "run_id!", j.seq as "seq!", j.step_no as "step_no!", j.at as "at!", j.kind as "kind!",
                  j.name as "name?", j.duration_ms as "duration_ms?", j.data as "data!"
           from chain c cross join lateral (
               (select run_id, seq, step_no, at, 'step' as kind, name, duration_ms, output as data from steps
                where run_id = c.id and seq > c.low and seq <= c.high and seq < $2
                order by seq desc limit $3)
               union all
               (select run_id, seq, step_no, at, kind, null, null, data from events
                where run_id = c.id and seq > c.low and seq <= c.high and seq < $2
                order by seq desc limit $3)
           ) j order by j.seq desc limit $3"#,
        run,
        before,
        most
    )
    .fetch_all(db)
    .await
}

/// The use of a tool behind a row of the journal.
#[derive(Debug, Clone)]
pub struct ToolUse {
    /// Its id.
    pub id: Uuid,
    /// The run of the conversation.
    pub run_id: Uuid,
    /// Ordinal of the step.
    pub step_no: i32,
    /// The turn of the conversation.
    pub turn: i32,
    /// Its place in the turn.
    pub ordinal: i16,
    /// The tool.
    pub tool: String,
    /// What it was asked for.
    pub arguments: Value,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The name of its whole output, when the model saw a part of it.
    pub artifact: Option<String>,
}

/// The uses of tools in these steps of these runs.
pub async fn tools(
    db: impl PgExecutor<'_>,
    runs: &[Uuid],
    steps: &[i32],
) -> sqlx::Result<Vec<ToolUse>> {
    sqlx::query_as!(
        ToolUse,
        r#"select t.id, a.run_id, a.step_no, t.turn, t.ordinal, t.tool, t.arguments, t.started_at, t.ended_at,
                  encode(t.output, 'hex') as artifact
           from (select distinct * from unnest($1::uuid[], $2::int[]) as w(run_id, step_no)) w
           join agent_runs a on a.run_id = w.run_id and a.step_no = w.step_no
           join tool_calls t on t.agent_run_id = a.id"#,
        runs,
        steps
    )
    .fetch_all(db)
    .await
}

/// Which agent is at work in which step of these runs.
pub async fn agents(
    db: impl PgExecutor<'_>,
    runs: &[Uuid],
) -> sqlx::Result<Vec<(Uuid, i32, String)>> {
    let found = sqlx::query!(
        "select run_id, step_no, agent from agent_runs where run_id = any($1)",
        runs
    )
    .fetch_all(db)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.run_id, row.step_no, row.agent))
        .collect())
}
