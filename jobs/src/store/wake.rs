//! Telling others.

use sqlx::PgExecutor;

/// Sends a notification on a channel. It writes nothing, so its commit waits for no disk.
pub(crate) async fn notify(
    db: impl PgExecutor<'_>,
    channel: &str,
    payload: &str,
) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, $2)", channel, payload)
        .execute(db)
        .await?;
    Ok(())
}
