//! Uses of tools.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A use of a tool that begins.
#[derive(Debug, Clone)]
pub struct NewToolCall<'a> {
    /// The conversation.
    pub agent_run: Uuid,
    /// The turn, from 1.
    pub turn: i32,
    /// Its place in the turn, from 0.
    pub ordinal: i16,
    /// The tool's name.
    pub tool: &'a str,
    /// `pure`, `workspace` or `external`.
    pub effect: &'a str,
    /// What the model asked for.
    pub arguments: &'a Value,
}

/// Writes that it begins; begun again, it is the same one.
pub async fn begin(db: impl PgExecutor<'_>, call: &NewToolCall<'_>) -> sqlx::Result<Uuid> {
    sqlx::query_scalar!(
        "insert into tool_calls (id, agent_run_id, turn, ordinal, tool, effect, state, arguments)
         values ($1, $2, $3, $4, $5, $6, 'running', $7)
         on conflict (agent_run_id, turn, ordinal) do update set started_at = clock_timestamp()
         returning id",
        Uuid::now_v7(),
        call.agent_run,
        call.turn,
        call.ordinal,
        call.tool,
        call.effect,
        call.arguments
    )
    .fetch_one(db)
    .await
}

/// Writes what came of it.
pub async fn end(
    conn: &mut PgConnection,
    id: Uuid,
    state: &str,
    result: &Value,
    is_error: bool,
    output: Option<&[u8]>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update tool_calls set state = $2, result = $3, is_error = $4, output = $5, ended_at = clock_timestamp()
         where id = $1",
        id,
        state,
        result,
        is_error,
        output
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes that uses of tools under way have ended together with their run.
pub async fn interrupt(conn: &mut PgConnection, run: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update tool_calls set state = 'interrupted', ended_at = clock_timestamp()
         where state = 'running' and agent_run_id in (select id from agent_runs where run_id = $1)",
        run
    )
    .execute(conn)
    .await?;
    Ok(())
}
