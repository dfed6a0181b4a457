//! Large contents by what they are.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// Keeps these bytes under their hash; the same bytes are kept once.
pub async fn insert(
    conn: &mut PgConnection,
    sha256: &[u8],
    media_type: &str,
    content: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into artifacts (sha256, media_type, size_bytes, content) values ($1, $2, $3, $4)
         on conflict (sha256) do nothing",
        sha256,
        media_type,
        i64::try_from(content.len()).unwrap_or(i64::MAX),
        content
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The bytes kept under this hash.
pub async fn content(db: impl PgExecutor<'_>, sha256: &[u8]) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select content from artifacts where sha256 = $1", sha256)
        .fetch_optional(db)
        .await
        .map(Option::flatten)
}

/// Whether the journal or a tool of this run names this artifact.
pub async fn named_by(db: impl PgExecutor<'_>, run: Uuid, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from tool_calls t join agent_runs a on a.id = t.agent_run_id
                          where a.run_id = $1 and t.output = decode($2, 'hex'))
               or exists (select from steps where run_id = $1 and strpos(output::text, $2) > 0) as "named!""#,
        run,
        name
    )
    .fetch_one(db)
    .await
}

/// What kind of content an artifact is.
pub async fn media_type(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select media_type from artifacts where sha256 = decode($1, 'hex')",
        name
    )
    .fetch_optional(db)
    .await
}

/// The bytes of this name, if they are the output of a tool that this run used.
pub async fn output_of(
    db: impl PgExecutor<'_>,
    run: Uuid,
    sha256: &[u8],
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "select a.content from artifacts a
         where a.sha256 = $2 and exists (
             select from tool_calls t join agent_runs r on r.id = t.agent_run_id where r.run_id = $1 and t.output = $2)",
        run,
        sha256
    )
    .fetch_optional(db)
    .await
    .map(Option::flatten)
}
