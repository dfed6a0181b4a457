//! The answers to writes that came with a key of the caller's.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// What a key belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Whose it is.
    pub user: Uuid,
    /// The operation it was used for.
    pub operation: &'static str,
    /// The key.
    pub key: String,
}

/// A request that came with it before.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// What it asked for.
    pub fingerprint: Vec<u8>,
    /// The status of its answer; nothing while there is none.
    pub status: Option<i16>,
    /// Headers of its answer.
    pub headers: Value,
    /// The body of its answer.
    pub body: Option<Vec<u8>>,
}

/// Takes a key for a request, if nobody has within a day. Says whether it is taken now.
pub async fn take(conn: &mut PgConnection, name: &Name, fingerprint: &[u8]) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into request_keys as k (user_id, operation, key, fingerprint) values ($1, $2, $3, $4)
         on conflict (user_id, operation, key) do update
         set fingerprint = excluded.fingerprint, status = null, headers = '{}', body = null, created_at = clock_timestamp()
         where k.created_at < clock_timestamp() - interval '24 hours'",
        name.user,
        name.operation,
        name.key,
        fingerprint
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The request that came with this key before.
pub async fn earlier(conn: &mut PgConnection, name: &Name) -> sqlx::Result<Option<Earlier>> {
    sqlx::query_as!(
        Earlier,
        "select fingerprint, status, headers, body from request_keys where user_id = $1 and operation = $2 and key = $3",
        name.user,
        name.operation,
        name.key
    )
    .fetch_optional(conn)
    .await
}

/// Keeps the answer.
pub async fn keep(
    db: impl PgExecutor<'_>,
    name: &Name,
    status: i16,
    headers: &Value,
    body: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update request_keys set status = $4, headers = $5, body = $6
         where user_id = $1 and operation = $2 and key = $3",
        name.user,
        name.operation,
        name.key,
        status,
        headers,
        body
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a key back whose request was not performed.
pub async fn release(db: impl PgExecutor<'_>, name: &Name) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from request_keys where user_id = $1 and operation = $2 and key = $3",
        name.user,
        name.operation,
        name.key
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets some of those that are older than a day.
pub async fn prune(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from request_keys where ctid = any(array(
             select ctid from request_keys where created_at < clock_timestamp() - interval '24 hours'
             order by created_at limit 20 for update skip locked))"
    )
    .execute(conn)
    .await?;
    Ok(())
}
