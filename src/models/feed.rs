//! What agents of a run have done, in the order in which it was done: for people who watch.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// One act of an agent.
#[derive(Debug, Clone)]
pub struct FeedRow {
    /// When it was over.
    pub at: DateTime<Utc>,
    /// The role; of one attempt of several, with its number.
    pub agent: String,
    /// `call` of a model or use of a `tool`.
    pub kind: String,
    /// The model, or the tool.
    pub what: String,
    /// What the tool was asked for, or what the model answered.
    pub detail: Option<Value>,
    /// Whether it failed.
    pub is_error: bool,
    /// Tokens that went in and came out.
    pub tokens: i64,
    /// Millionths of a dollar.
    pub cost_usd_micros: i64,
}

/// The acts of a run and its attempts that ended after `after`, oldest first.
pub async fn after(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: DateTime<Utc>,
) -> sqlx::Result<Vec<FeedRow>> {
    sqlx::query_as!(
        FeedRow,
        r#"with own as (
               select id, '' as which from runs where id = $1
               union all select id, ' ' || ordinal + 1 from runs where parent_run = $1
           )
           select t.ended_at as "at!", a.agent || o.which as "agent!", 'tool' as "kind!", t.tool as "what!", t.arguments as detail,
                  coalesce(t.is_error, false) as "is_error!", 0::bigint as "tokens!", 0::bigint as "cost_usd_micros!"
           from own o join agent_runs a on a.run_id = o.id join tool_calls t on t.agent_run_id = a.id
           where t.ended_at > $2
           union all
           select c.ended_at, a.agent || o.which, 'call', c.model, coalesce(c.response, to_jsonb(c.error)), c.state <> 'finished',
                  coalesce(c.input_tokens + c.output_tokens + c.cache_read_tokens + c.cache_write_tokens, 0),
                  coalesce(c.cost_usd_micros, 0)
           from own o join agent_runs a on a.run_id = o.id join model_calls c on c.agent_run_id = a.id
           where c.ended_at > $2
           order by 1"#,
        run,
        after
    )
    .fetch_all(db)
    .await
}

/// What an agent does now.
#[derive(Debug, Clone)]
pub struct WorkRow {
    /// The role; of one attempt of several, with its number.
    pub agent: String,
    /// The tool that it uses, or the model that it waits for.
    pub what: String,
    /// What the tool was asked for.
    pub detail: Option<Value>,
    /// When that began.
    pub since: DateTime<Utc>,
}

/// What the agents of a run and its attempts do now, what was begun last first.
pub async fn at_work(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Vec<WorkRow>> {
    sqlx::query_as!(
        WorkRow,
        r#"with own as (
               select id, '' as which from runs where id = $1
               union all select id, ' ' || ordinal + 1 from runs where parent_run = $1
           )
           select a.agent || o.which as "agent!", w.what as "what!", w.detail as "detail?", w.since as "since!"
           from own o join agent_runs a on a.run_id = o.id and a.state = 'running' cross join lateral (
               (select tool as what, arguments as detail, started_at as since from tool_calls
                where agent_run_id = a.id and state = 'running' order by started_at desc limit 1)
               union all
               (select model, null, sent_at from model_calls
                where agent_run_id = a.id and state = 'sent' order by turn desc, try desc limit 1)
           ) w order by w.since desc"#,
        run
    )
    .fetch_all(db)
    .await
}
