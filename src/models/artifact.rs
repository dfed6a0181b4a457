//! Large contents by what they are.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// Where the bytes of a content are.
#[derive(Debug, Clone, Copy)]
pub enum Kept<'c> {
    /// In its row.
    Here(&'c [u8]),
    /// In the object store, under this name.
    There(&'c str),
}

/// A content, or where it is.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Its bytes, when they are in its row.
    pub content: Option<Vec<u8>>,
    /// Its name in the object store, when they are there.
    pub location: Option<String>,
}

/// Keeps a content under its hash; the same content is kept once.
pub async fn insert(
    conn: &mut PgConnection,
    sha256: &[u8],
    media_type: &str,
    size_bytes: i64,
    kept: Kept<'_>,
) -> sqlx::Result<()> {
    let (content, location) = match kept {
        Kept::Here(content) => (Some(content), None),
        Kept::There(location) => (None, Some(location)),
    };
    sqlx::query!(
        "insert into artifacts (sha256, media_type, size_bytes, content, location) values ($1, $2, $3, $4, $5)
         on conflict (sha256) do nothing",
        sha256,
        media_type,
        size_bytes,
        content,
        location
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The bytes kept under this hash.
pub async fn content(db: impl PgExecutor<'_>, sha256: &[u8]) -> sqlx::Result<Option<Found>> {
    sqlx::query_as!(
        Found,
        "select content, location from artifacts where sha256 = $1",
        sha256
    )
    .fetch_optional(db)
    .await
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

/// The bytes of this name, if they are the output of a tool that this run used, or one that it was forked from.
pub async fn output_of(
    db: impl PgExecutor<'_>,
    run: Uuid,
    sha256: &[u8],
) -> sqlx::Result<Option<Found>> {
    sqlx::query_as!(
        Found,
        r#"with recursive line(run_id, fork_of) as (
               select id, fork_of from runs where id = $1
               union all select r.id, r.fork_of from line l join runs r on r.id = l.fork_of
           )
           select a.content, a.location from artifacts a
           where a.sha256 = $2 and exists (
               select from tool_calls t join agent_runs r on r.id = t.agent_run_id
               where r.run_id in (select run_id from line) and t.output = $2)"#,
        run,
        sha256
    )
    .fetch_optional(db)
    .await
}

/// A content that a run names.
#[derive(Debug, Clone)]
pub struct NamedRow {
    /// Its name: its hash in hexadecimal digits.
    pub name: String,
    /// What kind of content it is.
    pub media_type: String,
    /// Its size.
    pub size_bytes: i64,
    /// When it was kept first, by whatever run.
    pub created_at: DateTime<Utc>,
    /// Ordinal of the first step that names it.
    pub step_no: i32,
    /// The use of a tool whose output it is.
    pub tool_call: Option<Uuid>,
}

/// What the journal and the tools of this run name (`named_by`), oldest first, after this one, which was kept then.
pub async fn of_run(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: Option<(DateTime<Utc>, String)>,
    most: i64,
) -> sqlx::Result<Vec<NamedRow>> {
    let (at, name) = after.unzip();
    sqlx::query_as!(
        NamedRow,
        r#"with named as (
               select encode(t.output, 'hex') as name, a.step_no, t.id as tool_call
               from agent_runs a join tool_calls t on t.agent_run_id = a.id
               where a.run_id = $1 and t.output is not null
               union all
               select word[1], s.step_no, null
               from steps s cross join lateral regexp_matches(s.output::text, '[0-9a-f]{64}', 'g') as word
               where s.run_id = $1
           ), first as (
               select distinct on (name) name, step_no, tool_call from named order by name, step_no, tool_call
           )
           select f.name as "name!", x.media_type, x.size_bytes, x.created_at, f.step_no as "step_no!", f.tool_call
           from first f join artifacts x on x.sha256 = decode(f.name, 'hex')
           where $2::timestamptz is null or (x.created_at, f.name) > ($2, $3)
           order by x.created_at, f.name limit $4"#,
        run,
        at,
        name,
        most
    )
    .fetch_all(db)
    .await
}
