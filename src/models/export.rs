//! Everything that is kept about a run besides its journal, row by row as it is kept, in parts.

use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// A row: its id, and all of it.
pub type Row = (Uuid, Value);

macro_rules! rows {
    ($db:ident, $run:ident, $after:ident, $most:ident, $sql:literal) => {
        sqlx::query!($sql, $run, $after, $most)
            .map(|row| (row.id, row.line))
            .fetch_all($db)
            .await
    };
}

/// Conversations of agents.
pub async fn agent_runs(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: Uuid,
    most: i64,
) -> sqlx::Result<Vec<Row>> {
    rows!(
        db,
        run,
        after,
        most,
        r#"select a.id, to_jsonb(a) as "line!" from agent_runs a where a.run_id = $1 and a.id > $2 order by a.id limit $3"#
    )
}

/// Calls of models, with what was said.
pub async fn model_calls(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: Uuid,
    most: i64,
) -> sqlx::Result<Vec<Row>> {
    rows!(
        db,
        run,
        after,
        most,
        r#"select c.id, to_jsonb(c) as "line!" from agent_runs a join model_calls c on c.agent_run_id = a.id
           where a.run_id = $1 and c.id > $2 order by c.id limit $3"#
    )
}

/// Uses of tools; whole outputs are named, not contained.
pub async fn tool_calls(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: Uuid,
    most: i64,
) -> sqlx::Result<Vec<Row>> {
    rows!(
        db,
        run,
        after,
        most,
        r#"select t.id, to_jsonb(t) - 'output' || jsonb_build_object('artifact', encode(t.output, 'hex')) as "line!"
           from agent_runs a join tool_calls t on t.agent_run_id = a.id
           where a.run_id = $1 and t.id > $2 order by t.id limit $3"#
    )
}

/// What was reserved, settled and released.
pub async fn ledger(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: Uuid,
    most: i64,
) -> sqlx::Result<Vec<Row>> {
    rows!(
        db,
        run,
        after,
        most,
        r#"select l.id, to_jsonb(l) as "line!" from ledger_entries l where l.run_id = $1 and l.id > $2 order by l.id limit $3"#
    )
}
