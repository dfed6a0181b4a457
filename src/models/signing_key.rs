//! The keys access tokens are signed with, shared by all nodes.

use sqlx::{PgConnection, PgExecutor};

/// A key.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// Its name, as tokens carry it.
    pub kid: String,
    /// Its bytes.
    pub secret: Vec<u8>,
    /// How old it is, in seconds.
    pub age_s: f64,
}

/// All keys, newest first.
pub async fn all(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<KeyRow>> {
    sqlx::query_as!(
        KeyRow,
        r#"select kid, secret, extract(epoch from clock_timestamp() - created_at)::float8 as "age_s!"
           from signing_keys order by created_at desc, kid"#
    )
    .fetch_all(db)
    .await
}

/// From here to the end of the transaction nobody else changes the keys.
pub async fn take_turn(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('codegraph.signing_keys'))")
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds a key.
pub async fn insert(conn: &mut PgConnection, kid: &str, secret: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into signing_keys (kid, secret) values ($1, $2)",
        kid,
        secret
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes the keys that a newer one replaced more than `seconds` ago.
pub async fn prune(conn: &mut PgConnection, seconds: f64) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from signing_keys k where exists (
             select from signing_keys n where n.created_at > k.created_at
               and n.created_at < clock_timestamp() - make_interval(secs => $1))",
        seconds
    )
    .execute(conn)
    .await?;
    Ok(())
}
