//! Receivers of webhooks, and what they are sent.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A receiver.
#[derive(Debug, Clone)]
pub struct EndpointRow {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
    /// Where it listens.
    pub url: String,
    /// What it is told.
    pub kinds: Vec<String>,
    /// Whether it is told of everybody's tasks.
    pub everyone: bool,
    /// Tries in a row that failed.
    pub failures: i32,
    /// Since when it is told nothing.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Why.
    pub disabled_reason: Option<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

macro_rules! endpoints {
    ($which:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            EndpointRow,
            "select id, owner_id, url, kinds, everyone, failures, disabled_at, disabled_reason, created_at,
                    updated_at
             from webhook_endpoints " + $which
            $(, $value)*
        )
    };
}

/// A receiver about to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewEndpoint<'a> {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
    /// Where it listens.
    pub url: &'a str,
    /// What it is told.
    pub kinds: &'a [String],
    /// Whether it is told of everybody's tasks.
    pub everyone: bool,
    /// What signs, sealed.
    pub secret: &'a [u8],
}

/// Adds a receiver.
pub async fn insert(conn: &mut PgConnection, new: NewEndpoint<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into webhook_endpoints (id, owner_id, url, kinds, everyone, secret, sealed) values ($1, $2, $3, $4, $5, $6, true)",
        new.id,
        new.owner_id,
        new.url,
        new.kinds,
        new.everyone,
        new.secret
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The receivers of this person, or of all, newest first.
pub async fn list(db: impl PgExecutor<'_>, owner: Option<Uuid>) -> sqlx::Result<Vec<EndpointRow>> {
    endpoints!(
        "where $1::uuid is null or owner_id = $1 order by id desc limit 200",
        owner
    )
    .fetch_all(db)
    .await
}

/// How many receivers this person has.
pub async fn count(db: impl PgExecutor<'_>, owner: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from webhook_endpoints where owner_id = $1"#,
        owner
    )
    .fetch_one(db)
    .await
}

/// A receiver of this person, or of anybody.
pub async fn find(
    db: impl PgExecutor<'_>,
    id: Uuid,
    owner: Option<Uuid>,
) -> sqlx::Result<Option<EndpointRow>> {
    endpoints!(
        "where id = $1 and ($2::uuid is null or owner_id = $2)",
        id,
        owner
    )
    .fetch_optional(db)
    .await
}

/// What may be changed; nothing stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// Where it listens.
    pub url: Option<&'a str>,
    /// What it is told.
    pub kinds: Option<&'a [String]>,
    /// Whether it is told anything. Switched on, it begins without failures.
    pub active: Option<bool>,
}

/// Changes a receiver that has not been changed since `seen`. False when it has.
pub async fn update(
    conn: &mut PgConnection,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    change: Change<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update webhook_endpoints
         set url = coalesce($2, url), kinds = coalesce($3, kinds),
             failures = case when $4 then 0 else failures end,
             disabled_at = case when $4 then null when not $4 then coalesce(disabled_at, clock_timestamp()) else disabled_at end,
             disabled_reason = case when $4 then null when not $4 then coalesce(disabled_reason, 'switched off')
                               else disabled_reason end,
             updated_at = clock_timestamp()
         where id = $1 and ($5::timestamptz is null or updated_at = $5)",
        id,
        change.url,
        change.kinds,
        change.active,
        seen
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a receiver with all it was sent.
pub async fn delete(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from webhook_endpoints where id = $1", id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts a sealed secret in the place of one that stood in the open.
pub async fn seal(db: impl PgExecutor<'_>, id: Uuid, sealed: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "update webhook_endpoints set secret = $2, sealed = true where id = $1 and not sealed",
        id,
        sealed
    )
    .execute(db)
    .await?;
    Ok(())
}
