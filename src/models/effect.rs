//! External effects by natural key: what has been done to the world outside, whichever run did it.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// The result of an effect that is done.
pub async fn find(db: impl PgExecutor<'_>, natural_key: &str) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        r#"select result as "result!" from effects where natural_key = $1 and state = 'done'"#,
        natural_key
    )
    .fetch_optional(db)
    .await
}

/// An attempt begins; an earlier one by the same key is not disturbed.
pub async fn begin(
    conn: &mut PgConnection,
    natural_key: &str,
    run: Uuid,
    step_no: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into effects (natural_key, run_id, step_no, state) values ($1, $2, $3, 'started')
         on conflict (natural_key) do nothing",
        natural_key,
        run,
        step_no
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// It is done; the first result stands.
pub async fn finish(
    conn: &mut PgConnection,
    natural_key: &str,
    result: &Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update effects set state = 'done', result = $2, ended_at = clock_timestamp()
         where natural_key = $1 and state = 'started'",
        natural_key,
        result
    )
    .execute(conn)
    .await?;
    Ok(())
}
