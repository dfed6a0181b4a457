//! Words from outside, kept until a run asks for them.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A signal as it is kept.
#[derive(Debug, Clone)]
pub struct SignalRow {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What came with it.
    pub payload: Value,
}

/// Keeps a signal. False when one with this key is there already.
pub async fn insert(
    conn: &mut PgConnection,
    run: Uuid,
    name: &str,
    payload: &Value,
    sent_by: Option<Uuid>,
    request_key: Option<&str>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into signals (id, run_id, name, payload, sent_by, request_key) values ($1, $2, $3, $4, $5, $6)
         on conflict (run_id, request_key) do nothing",
        Uuid::now_v7(),
        run,
        name,
        payload,
        sent_by,
        request_key
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What came with the signal that has this key.
pub async fn of_key(conn: &mut PgConnection, run: Uuid, key: &str) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        "select payload from signals where run_id = $1 and request_key = $2",
        run,
        key
    )
    .fetch_optional(conn)
    .await
}

/// Takes the oldest signal of one of these names out of a run's inbox.
pub async fn take(
    conn: &mut PgConnection,
    run: Uuid,
    names: &[String],
) -> sqlx::Result<Option<SignalRow>> {
    sqlx::query_as!(
        SignalRow,
        "update signals set consumed_at = clock_timestamp()
         where id = (select id from signals
                     where run_id = $1 and consumed_at is null and name = any($2)
                     order by created_at, id limit 1)
         returning id, name, payload",
        run,
        names
    )
    .fetch_optional(conn)
    .await
}

/// Signals of one name, oldest first, beginning after the first `skip`. They stay in the inbox.
pub async fn list(
    db: impl PgExecutor<'_>,
    run: Uuid,
    name: &str,
    skip: i64,
) -> sqlx::Result<Vec<SignalRow>> {
    sqlx::query_as!(
        SignalRow,
        "select id, name, payload from signals where run_id = $1 and name = $2 order by created_at, id offset $3",
        run,
        name,
        skip
    )
    .fetch_all(db)
    .await
}
