//! What receivers of webhooks are sent, and how it went.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// Something that a receiver is sent.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: String,
    /// The run it is about.
    pub run_id: Uuid,
    /// `pending`, `delivered` or `failed`.
    pub state: String,
    /// Tries since it was written or asked for again.
    pub tries: i16,
    /// What the receiver answered last.
    pub status: Option<i16>,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was tried last.
    pub tried_at: Option<DateTime<Utc>>,
    /// When it was taken.
    pub delivered_at: Option<DateTime<Utc>>,
}

/// The receivers that are told of this run, each with an id for what it is sent. Whoever may not see a task any more is
/// told nothing of it: an owner's own tasks, and those of everybody while the owner is an admin who may come in.
pub async fn receivers(conn: &mut PgConnection, run: Uuid, kind: &str) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select e.id from webhook_endpoints e
         join users u on u.id = e.owner_id
         join runs n on n.id = $1
         left join runs p on p.id = n.parent_run
         join tasks t on t.id = coalesce(n.task_id, p.task_id)
         where e.disabled_at is null and u.deactivated_at is null and $2 = any(e.kinds)
           and (t.created_by = e.owner_id or (e.everyone and u.role = 'admin'))",
        run,
        kind
    )
    .fetch_all(conn)
    .await
}

/// What receivers are told of a run.
pub async fn about(conn: &mut PgConnection, run: Uuid) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        r#"select jsonb_build_object(
                'task', jsonb_build_object('id', 'task_' || replace(t.id::text, '-', ''), 'title', t.title),
                'repository', jsonb_build_object('id', 'repo_' || replace(r.id::text, '-', ''), 'name', r.name),
                'run_id', 'run_' || replace(n.id::text, '-', '')) as "about!"
           from runs n left join runs p on p.id = n.parent_run
           join tasks t on t.id = coalesce(n.task_id, p.task_id) join repositories r on r.id = t.repository_id where n.id = $1"#,
        run
    )
    .fetch_optional(conn)
    .await
}

/// Something about to be sent.
#[derive(Debug, Clone, Copy)]
pub struct NewDelivery<'a> {
    /// Its id: receivers know a repetition by it.
    pub id: Uuid,
    /// The receiver.
    pub endpoint: Uuid,
    /// The cause: the run and a row of its journal.
    pub cause: (Uuid, i32),
    /// What it is about.
    pub kind: &'a str,
    /// The very text that is sent.
    pub body: &'a str,
}

/// Writes down what is to be sent. False when the same cause was written down for this receiver before.
pub async fn insert(conn: &mut PgConnection, new: NewDelivery<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into webhook_deliveries (id, endpoint_id, run_id, seq, kind, body) values ($1, $2, $3, $4, $5, $6)
         on conflict (endpoint_id, run_id, seq) do nothing",
        new.id,
        new.endpoint,
        new.cause.0,
        new.cause.1,
        new.kind,
        new.body
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A try about to be made.
#[derive(Debug, Clone)]
pub struct TryRow {
    /// The receiver.
    pub endpoint_id: Uuid,
    /// Where it listens.
    pub url: String,
    /// What signs.
    pub secret: Vec<u8>,
    /// Whether that is sealed.
    pub sealed: bool,
    /// What is sent.
    pub body: String,
    /// The how manieth try this is.
    pub tries: i16,
    /// Why the receiver is told nothing any more.
    pub disabled: Option<String>,
    /// Now, by the database.
    pub now: DateTime<Utc>,
}

/// Counts a try, before it is made: one that its worker does not survive counts as well. Nothing when it was taken or
/// given up.
pub async fn begin(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<TryRow>> {
    sqlx::query_as!(
        TryRow,
        r#"update webhook_deliveries d set tries = d.tries + 1, tried_at = clock_timestamp()
           from webhook_endpoints e
           where d.id = $1 and d.state = 'pending' and e.id = d.endpoint_id
           returning d.endpoint_id, e.url, e.secret, e.sealed, d.body, d.tries,
                     case when e.disabled_at is not null then coalesce(e.disabled_reason, 'switched off') end as disabled,
                     clock_timestamp() as "now!""#,
        id
    )
    .fetch_optional(db)
    .await
}

/// Writes that it was taken, and that its receiver works.
pub async fn taken(conn: &mut PgConnection, id: Uuid, status: i16) -> sqlx::Result<()> {
    sqlx::query!(
        "with taken as (
             update webhook_deliveries set state = 'delivered', status = $2, error = null, delivered_at = clock_timestamp()
             where id = $1 and state = 'pending' returning endpoint_id
         )
         update webhook_endpoints set failures = 0 where id in (select endpoint_id from taken) and failures > 0",
        id,
        status
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes that a try failed, and whether it was the last.
pub async fn failed(
    conn: &mut PgConnection,
    id: Uuid,
    status: Option<i16>,
    error: &str,
    last: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update webhook_deliveries set status = $2, error = $3, state = case when $4 then 'failed' else state end
         where id = $1 and state = 'pending'",
        id,
        status,
        error,
        last
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts a failure of a receiver, and switches it off after so many in a row.
pub async fn strike(
    conn: &mut PgConnection,
    endpoint: Uuid,
    most: i32,
    reason: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update webhook_endpoints
         set failures = failures + 1,
             disabled_at = case when failures + 1 >= $2 then coalesce(disabled_at, clock_timestamp()) else disabled_at end,
             disabled_reason = case when failures + 1 >= $2 then coalesce(disabled_reason, $3) else disabled_reason end,
             updated_at = case when failures + 1 >= $2 and disabled_at is null then clock_timestamp() else updated_at end
         where id = $1",
        endpoint,
        most,
        reason
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What this receiver was sent, newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    endpoint: Uuid,
    before: Option<Uuid>,
    most: i64,
) -> sqlx::Result<Vec<DeliveryRow>> {
    sqlx::query_as!(
        DeliveryRow,
        "select id, kind, run_id, state, tries, status, error, created_at, tried_at, delivered_at from webhook_deliveries
         where endpoint_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3",
        endpoint,
        before,
        most
    )
    .fetch_all(db)
    .await
}

/// Has something sent again, under the same id. False when this receiver was never sent it, or it is being sent.
pub async fn again(conn: &mut PgConnection, endpoint: Uuid, id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update webhook_deliveries set state = 'pending', tries = 0, error = null
         where id = $2 and endpoint_id = $1 and state <> 'pending'",
        endpoint,
        id
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
