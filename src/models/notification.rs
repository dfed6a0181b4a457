//! What people are told, and what they do not want to be told.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// Something that somebody is told.
#[derive(Debug, Clone)]
pub struct NotificationRow {
    /// Its id.
    pub id: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// What that is called.
    pub task: String,
    /// The run.
    pub run_id: Uuid,
    /// What happened.
    pub kind: String,
    /// More about it.
    pub detail: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When they read it.
    pub read_at: Option<DateTime<Utc>>,
}

/// Tells who asked for the run's task, unless they do not want to hear of this kind. A run without a task has nobody.
pub async fn insert(
    conn: &mut PgConnection,
    run: Uuid,
    seq: i32,
    kind: &str,
    detail: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into notifications (id, user_id, task_id, run_id, seq, kind, detail)
         select $1, t.created_by, t.id, n.id, $3, $4, $5
         from runs n left join runs p on p.id = n.parent_run join tasks t on t.id = coalesce(n.task_id, p.task_id)
         where n.id = $2 and not exists (
             select from notification_preferences p where p.user_id = t.created_by and $4 = any(p.muted))
         on conflict (run_id, seq, user_id) do nothing",
        Uuid::now_v7(),
        run,
        seq,
        kind,
        detail
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What this person was told, newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    user: Uuid,
    unread: bool,
    before: Option<Uuid>,
    most: i64,
) -> sqlx::Result<Vec<NotificationRow>> {
    sqlx::query_as!(
        NotificationRow,
        "select n.id, n.task_id, t.title as task, n.run_id, n.kind, n.detail, n.created_at, n.read_at
         from notifications n join tasks t on t.id = n.task_id
         where n.user_id = $1 and (not $2 or n.read_at is null) and ($3::uuid is null or n.id < $3)
         order by n.id desc limit $4",
        user,
        unread,
        before,
        most
    )
    .fetch_all(db)
    .await
}

/// What this person was told of this run since that moment.
pub async fn since(
    db: impl PgExecutor<'_>,
    user: Uuid,
    run: Uuid,
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<NotificationRow>> {
    sqlx::query_as!(
        NotificationRow,
        "select n.id, n.task_id, t.title as task, n.run_id, n.kind, n.detail, n.created_at, n.read_at
         from notifications n join tasks t on t.id = n.task_id
         where n.run_id = $2 and n.user_id = $1 and n.created_at > $3 order by n.seq",
        user,
        run,
        since
    )
    .fetch_all(db)
    .await
}

/// The database's clock.
pub async fn now(db: impl PgExecutor<'_>) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
        .fetch_one(db)
        .await
}

/// How much this person has not read.
pub async fn unread(db: impl PgExecutor<'_>, user: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from notifications where user_id = $1 and read_at is null"#,
        user
    )
    .fetch_one(db)
    .await
}

/// Marks these, or all, as read.
pub async fn read(conn: &mut PgConnection, user: Uuid, ids: Option<&[Uuid]>) -> sqlx::Result<()> {
    sqlx::query!(
        "update notifications set read_at = clock_timestamp()
         where user_id = $1 and read_at is null and ($2::uuid[] is null or id = any($2))",
        user,
        ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What somebody does not want to be told.
#[derive(Debug, Clone, Default)]
pub struct MutedRow {
    /// Kinds that they do not want to hear of.
    pub muted: Vec<String>,
    /// When they said so last; whoever never did, did so when time began.
    pub updated_at: DateTime<Utc>,
}

/// The kinds this person does not want to hear of.
pub async fn muted(db: impl PgExecutor<'_>, user: Uuid) -> sqlx::Result<MutedRow> {
    let found = sqlx::query_as!(
        MutedRow,
        "select muted, updated_at from notification_preferences where user_id = $1",
        user
    )
    .fetch_optional(db)
    .await?;
    Ok(found.unwrap_or_default())
}

/// Writes the kinds this person does not want to hear of, if that was not changed since `seen`. False when it was.
pub async fn mute(
    conn: &mut PgConnection,
    user: Uuid,
    seen: Option<DateTime<Utc>>,
    kinds: &[String],
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into notification_preferences as p (user_id, muted)
         select $1, $2 where $3::timestamptz is null or $3 = 'epoch'
                          or exists (select from notification_preferences where user_id = $1)
         on conflict (user_id) do update set muted = excluded.muted, updated_at = clock_timestamp()
         where $3 is null or p.updated_at = $3",
        user,
        kinds,
        seen
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
