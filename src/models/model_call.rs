//! Calls of models: written before they are sent, and after.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A call about to be sent.
#[derive(Debug, Clone)]
pub struct NewCall<'a> {
    /// Its id.
    pub id: Uuid,
    /// The conversation.
    pub agent_run: Uuid,
    /// The turn, from 1.
    pub turn: i32,
    /// The try within the turn, from 1.
    pub attempt: i16,
    /// Who serves the model.
    pub provider: &'a str,
    /// The model's id.
    pub model: &'a str,
    /// What it adds to the conversation.
    pub request: &'a Value,
}

/// Writes a call that is about to be sent.
pub async fn insert(conn: &mut PgConnection, call: &NewCall<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into model_calls (id, agent_run_id, turn, try, provider, model, state, request, sent_at)
         values ($1, $2, $3, $4, $5, $6, 'sent', $7, clock_timestamp())",
        call.id,
        call.agent_run,
        call.turn,
        call.attempt,
        call.provider,
        call.model,
        call.request
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A call as it stands.
#[derive(Debug, Clone)]
pub struct CallRow {
    /// Its id.
    pub id: Uuid,
    /// The try within the turn.
    pub attempt: i16,
    /// Where it stands.
    pub state: String,
    /// What came back.
    pub response: Option<Value>,
}

/// The newest try of a turn.
pub async fn newest(
    conn: &mut PgConnection,
    agent_run: Uuid,
    turn: i32,
) -> sqlx::Result<Option<CallRow>> {
    sqlx::query_as!(
        CallRow,
        "select id, try as attempt, state, response from model_calls
         where agent_run_id = $1 and turn = $2 order by try desc limit 1",
        agent_run,
        turn
    )
    .fetch_optional(conn)
    .await
}

/// What the calls of a conversation come to.
#[derive(Debug, Clone, Copy)]
pub struct UsedRow {
    /// The highest turn.
    pub turns: i32,
    /// Millionths of a dollar.
    pub cost: i64,
}

/// What the calls of a conversation come to so far.
pub async fn used(db: impl PgExecutor<'_>, agent_run: Uuid) -> sqlx::Result<UsedRow> {
    sqlx::query_as!(
        UsedRow,
        r#"select coalesce(max(turn), 0) as "turns!", coalesce(sum(cost_usd_micros), 0)::bigint as "cost!"
           from model_calls where agent_run_id = $1"#,
        agent_run
    )
    .fetch_one(db)
    .await
}

/// What a call used and cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent<'a> {
    /// Tokens read at the full price.
    pub input: i64,
    /// Tokens written.
    pub output: i64,
    /// Tokens read from the vendor's cache.
    pub cache_read: i64,
    /// Tokens written to it.
    pub cache_write: i64,
    /// Millionths of a dollar.
    pub cost_usd_micros: i64,
    /// Which price of the model that is.
    pub price_version: &'a str,
}

/// Writes what came back; false when the call has been given up in between.
pub async fn finish(
    conn: &mut PgConnection,
    id: Uuid,
    response: &Value,
    spent: Spent<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update model_calls
         set state = 'finished', response = $2, input_tokens = $3, output_tokens = $4, cache_read_tokens = $5,
             cache_write_tokens = $6, cost_usd_micros = $7, price_version = $8, ended_at = clock_timestamp()
         where id = $1 and state = 'sent'",
        id,
        response,
        spent.input,
        spent.output,
        spent.cache_read,
        spent.cache_write,
        spent.cost_usd_micros,
        spent.price_version
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes that nothing came back: `failed` when the other side said so, `abandoned` when nobody knows.
pub async fn end_without_reply(
    conn: &mut PgConnection,
    id: Uuid,
    state: &str,
    error: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update model_calls set state = $2, error = $3, ended_at = clock_timestamp() where id = $1 and state = 'sent'",
        id,
        state,
        error
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The calls of a run that are under way.
pub async fn sent(conn: &mut PgConnection, run: Uuid) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select c.id from model_calls c join agent_runs a on a.id = c.agent_run_id
         where a.run_id = $1 and c.state = 'sent' for update of c",
        run
    )
    .fetch_all(conn)
    .await
}

/// The finished calls of a run in their order: what was asked and what came back.
#[derive(Debug, Clone)]
pub struct RecordedCall {
    /// The step it happened in.
    pub step_no: i32,
    /// How often the run had been rewound when its conversation began.
    pub generation: i32,
    /// The role.
    pub agent: String,
    /// The turn.
    pub turn: i32,
    /// The model's id.
    pub model: String,
    /// What it added to the conversation, with the hash of the whole.
    pub request: Value,
    /// What came back.
    pub response: Option<Value>,
}

/// The finished calls of a run, in their order.
pub async fn finished(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Vec<RecordedCall>> {
    sqlx::query_as!(
        RecordedCall,
        "select a.step_no, a.generation, a.agent, c.turn, c.model, c.request, c.response
         from model_calls c join agent_runs a on a.id = c.agent_run_id
         where a.run_id = $1 and c.state = 'finished' order by a.step_no, a.generation, a.started_at, c.turn, c.try",
        run
    )
    .fetch_all(db)
    .await
}
