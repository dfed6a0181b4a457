//! Tasks that wait for other tasks.

use sqlx::PgConnection;
use uuid::Uuid;

use super::repository::Viewer;

/// Only one transaction at a time changes who waits for whom: two could make a circle that neither sees.
const TURN: i64 = 0x0043_474e;

/// Takes the turn to change who waits for whom, until the transaction ends.
pub async fn turn(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", TURN)
        .execute(conn)
        .await?;
    Ok(())
}

/// Those of these tasks that this person may see.
pub async fn visible(
    conn: &mut PgConnection,
    tasks: &[Uuid],
    viewer: Viewer,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select t.id from tasks t join repositories r on r.id = t.repository_id
         where t.id = any($1) and ($2 or t.created_by = $3 or r.owner_id = $3 or r.visibility = 'team')",
        tasks,
        viewer.all,
        viewer.user
    )
    .fetch_all(conn)
    .await
}

/// Whether one of these tasks waits for this one, directly or through others.
pub async fn reaches(conn: &mut PgConnection, from: &[Uuid], to: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"with recursive line(id) as (
               select unnest($1::uuid[])
               union select d.needs_id from line l join task_needs d on d.task_id = l.id
           )
           select exists (select from line where id = $2) as "reaches!""#,
        from,
        to
    )
    .fetch_one(conn)
    .await
}

/// Writes what a task waits for, in the place of what it waited for before.
pub async fn replace(conn: &mut PgConnection, task: Uuid, needs: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!("delete from task_needs where task_id = $1", task)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into task_needs (task_id, needs_id, ordinal)
         select $1, n.id, n.place from unnest($2::uuid[]) with ordinality as n(id, place)",
        task,
        needs
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a task waits for stays as it is until the transaction ends: none of it comes to an end meanwhile.
pub async fn hold(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select t.id from tasks t where t.id in (select needs_id from task_needs where task_id = $1)
         order by t.id for share",
        task
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// A run of this task comes to its end: nobody begins to wait for it until the transaction ends.
pub async fn lock(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from tasks where id = $1 for no key update", task)
        .fetch_all(conn)
        .await?;
    Ok(())
}

/// Whether something that a task waits for has not succeeded yet.
pub async fn unmet(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from task_needs d where d.task_id = $1 and not exists (
                   select from runs s where s.task_id = d.needs_id and s.outcome is not null
                     and run_end(s.outcome, s.output ->> 'result') = 'succeeded')) as "unmet!""#,
        task
    )
    .fetch_one(conn)
    .await
}

/// Whether a task has succeeded.
pub async fn succeeded(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from runs s where s.task_id = $1 and s.outcome is not null
                 and run_end(s.outcome, s.output ->> 'result') = 'succeeded') as "succeeded!""#,
        task
    )
    .fetch_one(conn)
    .await
}

/// The runs that are parked because their tasks wait for this one, each with its task.
pub async fn waiting(conn: &mut PgConnection, needed: Uuid) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
    sqlx::query!(
        "select h.run_id, d.task_id from task_needs d
         join runs n on n.task_id = d.task_id
         join run_heads h on h.run_id = n.id
         where d.needs_id = $1 and h.state = 'waiting' and h.waits = 'tasks' order by h.run_id",
        needed
    )
    .map(|row| (row.run_id, row.task_id))
    .fetch_all(conn)
    .await
}

/// The runs of this task that are parked because it waits for others.
pub async fn parked(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select h.run_id from runs n join run_heads h on h.run_id = n.id
         where n.task_id = $1 and h.state = 'waiting' and h.waits = 'tasks' order by h.run_id",
        task
    )
    .fetch_all(conn)
    .await
}

/// Whether others wait for a task.
pub async fn is_needed(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from task_needs where needs_id = $1) as "needed!""#,
        task
    )
    .fetch_one(conn)
    .await
}

/// The title of a task.
pub async fn title(conn: &mut PgConnection, task: Uuid) -> sqlx::Result<String> {
    sqlx::query_scalar!("select title from tasks where id = $1", task)
        .fetch_one(conn)
        .await
}
