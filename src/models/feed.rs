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
    /// The role.
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

/// The acts of a run that ended after `after`, oldest first.
pub async fn after(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: DateTime<Utc>,
) -> sqlx::Result<Vec<FeedRow>> {
    sqlx::query_as!(
        FeedRow,
        r#"select t.ended_at as "at!", a.agent as "agent!", 'tool' as "kind!", t.tool as "what!", t.arguments as detail,
                  coalesce(t.is_error, false) as "is_error!", 0::bigint as "tokens!", 0::bigint as "cost_usd_micros!"
           from tool_calls t join agent_runs a on a.id = t.agent_run_id
           where a.run_id = $1 and t.ended_at > $2
           union all
           select c.ended_at, a.agent, 'call', c.model, coalesce(c.response, to_jsonb(c.error)), c.state <> 'finished',
                  coalesce(c.input_tokens + c.output_tokens + c.cache_read_tokens + c.cache_write_tokens, 0),
                  coalesce(c.cost_usd_micros, 0)
           from model_calls c join agent_runs a on a.id = c.agent_run_id
           where a.run_id = $1 and c.ended_at > $2
           order by 1"#,
        run,
        after
    )
    .fetch_all(db)
    .await
}
