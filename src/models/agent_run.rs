//! One agent's conversation inside a step.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// Makes a conversation known, once a step and generation; answers with its id.
pub async fn begin(
    conn: &mut PgConnection,
    run: Uuid,
    step_no: i32,
    agent: &str,
    model: &str,
) -> sqlx::Result<Uuid> {
    sqlx::query_scalar!(
        "insert into agent_runs (id, run_id, step_no, agent, model, state, generation)
         values ($1, $2, $3, $4, $5, 'running',
                 (select count(*) from events where run_id = $2 and kind = 'run.rewound'))
         on conflict (run_id, step_no, agent, generation) do update set state = 'running', ended_at = null
         returning id",
        Uuid::now_v7(),
        run,
        step_no,
        agent,
        model
    )
    .fetch_one(conn)
    .await
}

/// Writes how it ended.
pub async fn end(
    db: impl PgExecutor<'_>,
    id: Uuid,
    state: &str,
    turns: i32,
    result: &Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update agent_runs set state = $2, turns = $3, result = $4, ended_at = clock_timestamp() where id = $1",
        id,
        state,
        turns,
        result
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes that what was under way has ended together with its run.
pub async fn end_with_run(conn: &mut PgConnection, run: Uuid, state: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update agent_runs set state = $2, ended_at = clock_timestamp() where run_id = $1 and state = 'running'",
        run,
        state
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A conversation, for people.
#[derive(Debug, Clone)]
pub struct AgentRunRow {
    /// Its id.
    pub id: Uuid,
    /// The step it happened in.
    pub step_no: i32,
    /// The role.
    pub agent: String,
    /// The model's id.
    pub model: String,
    /// `running`, `succeeded`, `failed` or `canceled`.
    pub state: String,
    /// Turns taken.
    pub turns: i32,
}

/// The conversations of a run, in their order.
pub async fn list(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Vec<AgentRunRow>> {
    sqlx::query_as!(
        AgentRunRow,
        "select id, step_no, agent, model, state, turns from agent_runs where run_id = $1 order by step_no, started_at",
        run
    )
    .fetch_all(db)
    .await
}
