//! Sessions: one row a refresh token; a family of them is one login.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A refresh token about to be written.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The login it belongs to.
    pub family: Uuid,
    /// Its hash.
    pub token_sha256: &'a [u8],
    /// What the client calls itself.
    pub user_agent: Option<&'a str>,
    /// Where it came from.
    pub address: Option<&'a str>,
    /// What must come with cookies of this login.
    pub csrf: &'a str,
    /// For how long it is good, in seconds.
    pub life_s: f64,
}

/// A refresh token that was shown.
#[derive(Debug, Clone)]
pub struct ShownSession {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The login it belongs to.
    pub family: Uuid,
    /// Whether its time is over.
    pub expired: bool,
    /// How long ago it was used, in seconds.
    pub used_ago_s: Option<f64>,
    /// Whether its login was ended.
    pub revoked: bool,
    /// Whether its owner may still come in.
    pub active: bool,
    /// What must come with cookies of its login.
    pub csrf: String,
}

/// A login, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRow {
    /// Its id.
    pub family: Uuid,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Where it was last used from.
    pub address: Option<String>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// When it ends if it is not used any more.
    pub expires_at: DateTime<Utc>,
}

/// Who is behind a login or a token that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BearerRow {
    /// The person.
    pub user_id: Uuid,
    /// Their address.
    pub email: String,
    /// What they are.
    pub role: String,
    /// What the token may do; empty for a login.
    pub scopes: Vec<String>,
}

/// Adds a refresh token.
pub async fn insert(conn: &mut PgConnection, new: &NewSession<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sessions (id, user_id, family, token_sha256, user_agent, address, csrf, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), clock_timestamp() + make_interval(secs => $8))",
        new.id,
        new.user_id,
        new.family,
        new.token_sha256,
        new.user_agent,
        new.address,
        new.csrf,
        new.life_s
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The refresh token with this hash, locked until the transaction ends.
pub async fn lock_by_token(
    conn: &mut PgConnection,
    token_sha256: &[u8],
) -> sqlx::Result<Option<ShownSession>> {
    sqlx::query_as!(
        ShownSession,
        r#"select s.id, s.user_id, s.family, s.expires_at <= clock_timestamp() as "expired!",
                  extract(epoch from clock_timestamp() - s.used_at)::float8 as used_ago_s,
                  s.revoked_at is not null as "revoked!", u.deactivated_at is null as "active!", s.csrf
           from sessions s join users u on u.id = s.user_id
           where s.token_sha256 = $1 for update of s"#,
        token_sha256
    )
    .fetch_optional(conn)
    .await
}

/// Notes that a refresh token was used.
pub async fn mark_used(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update sessions set used_at = clock_timestamp() where id = $1",
        id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a login, when it is this person's; says whether it was under way.
pub async fn revoke_family(
    conn: &mut PgConnection,
    user_id: Uuid,
    family: Uuid,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update sessions set revoked_at = clock_timestamp()
         where family = $2 and user_id = $1 and revoked_at is null",
        user_id,
        family
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all logins of a person but this one; says which.
pub async fn revoke_others(
    conn: &mut PgConnection,
    user_id: Uuid,
    but: Option<Uuid>,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        r#"with ended as (
               update sessions set revoked_at = clock_timestamp()
               where user_id = $1 and revoked_at is null and family is distinct from $2
               returning family
           )
           select distinct family as "family!" from ended"#,
        user_id,
        but
    )
    .fetch_all(conn)
    .await
}

/// The logins of a person that are under way, newest first.
pub async fn logins(db: impl PgExecutor<'_>, user_id: Uuid) -> sqlx::Result<Vec<LoginRow>> {
    sqlx::query_as!(
        LoginRow,
        r#"select * from (
               select distinct on (s.family) s.family, s.user_agent, s.address,
                      (select min(b.created_at) from sessions b where b.family = s.family) as "created_at!",
                      s.created_at as last_used_at, s.expires_at
               from sessions s
               where s.user_id = $1 and s.revoked_at is null
               order by s.family, s.created_at desc
           ) newest where expires_at > clock_timestamp() order by last_used_at desc limit 200"#,
        user_id
    )
    .fetch_all(db)
    .await
}

/// Who is behind a login, while it lasts and they may come in.
pub async fn bearer(
    db: impl PgExecutor<'_>,
    user_id: Uuid,
    family: Uuid,
) -> sqlx::Result<Option<BearerRow>> {
    sqlx::query_as!(
        BearerRow,
        r#"select u.id as user_id, u.email, u.role, '{}'::text[] as "scopes!" from users u
           where u.id = $1 and u.deactivated_at is null
             and exists (select from sessions s where s.family = $2 and s.user_id = u.id and s.revoked_at is null)"#,
        user_id,
        family
    )
    .fetch_optional(db)
    .await
}

/// Deletes what has been over for more than `days`.
pub async fn prune(conn: &mut PgConnection, days: i32) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from sessions where expires_at < now() - make_interval(days => $1)",
        days
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
