//! Tokens of programs.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::session::BearerRow;

/// A token about to be written.
#[derive(Debug, Clone)]
pub struct NewToken<'a> {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What they call it.
    pub name: &'a str,
    /// How it begins.
    pub hint: &'a str,
    /// Its hash.
    pub token_sha256: &'a [u8],
    /// What it may do.
    pub scopes: &'a [String],
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A token, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Its id.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// How it begins.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Adds a token.
pub async fn insert(conn: &mut PgConnection, new: &NewToken<'_>) -> sqlx::Result<TokenRow> {
    sqlx::query_as!(
        TokenRow,
        "insert into api_tokens (id, user_id, name, hint, token_sha256, scopes, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         returning id, name, hint, scopes, created_at, expires_at, last_used_at",
        new.id,
        new.user_id,
        new.name,
        new.hint,
        new.token_sha256,
        new.scopes,
        new.expires_at
    )
    .fetch_one(conn)
    .await
}

/// The tokens of a person that were not revoked, newest first, those before this one.
pub async fn list(
    db: impl PgExecutor<'_>,
    user_id: Uuid,
    before: Option<Uuid>,
    most: i64,
) -> sqlx::Result<Vec<TokenRow>> {
    sqlx::query_as!(
        TokenRow,
        "select id, name, hint, scopes, created_at, expires_at, last_used_at from api_tokens
         where user_id = $1 and revoked_at is null and ($2::uuid is null or id < $2)
         order by id desc limit $3",
        user_id,
        before,
        most
    )
    .fetch_all(db)
    .await
}

/// How many tokens of a person were not revoked.
pub async fn count(conn: &mut PgConnection, user_id: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from api_tokens where user_id = $1 and revoked_at is null"#,
        user_id
    )
    .fetch_one(conn)
    .await
}

/// Revokes a token of a person; answers with its name.
pub async fn revoke(
    conn: &mut PgConnection,
    user_id: Uuid,
    id: Uuid,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "update api_tokens set revoked_at = clock_timestamp()
         where id = $2 and user_id = $1 and revoked_at is null returning name",
        user_id,
        id
    )
    .fetch_optional(conn)
    .await
}

/// Who is behind the token with this hash, while it is good and they may come in.
pub async fn bearer(
    db: impl PgExecutor<'_>,
    token_sha256: &[u8],
) -> sqlx::Result<Option<BearerRow>> {
    sqlx::query_as!(
        BearerRow,
        "select u.id as user_id, u.email, u.role, t.scopes
         from api_tokens t join users u on u.id = t.user_id
         where t.token_sha256 = $1 and t.revoked_at is null and u.deactivated_at is null
           and (t.expires_at is null or t.expires_at > clock_timestamp())",
        token_sha256
    )
    .fetch_optional(db)
    .await
}

/// Notes that a token was used, once a minute.
pub async fn touch(db: impl PgExecutor<'_>, token_sha256: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "update api_tokens set last_used_at = clock_timestamp()
         where token_sha256 = $1
           and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')",
        token_sha256
    )
    .execute(db)
    .await?;
    Ok(())
}
