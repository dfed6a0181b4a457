//! Removing what is over for long. By the database's clock, and never through an index that the hot path would have to
//! keep: ids are in the order of time, so what is old is found by walking them.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// The day it is, since 1970, and the seconds until the next one.
pub async fn today(db: impl PgExecutor<'_>) -> sqlx::Result<(i64, f64)> {
    sqlx::query!(
        r#"select floor(extract(epoch from now()) / 86400)::bigint as "day!",
                  (86400 - mod(extract(epoch from now()), 86400))::float8 as "left!""#
    )
    .map(|row| (row.day, row.left))
    .fetch_one(db)
    .await
}

/// What a look at some runs found.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The newest run that was looked at; nothing when there were none left.
    pub last: Option<Uuid>,
    /// Runs that can go: nobody's task and no part of one, over for more than so many days, without children or forks, and without an
    /// entry in the ledger.
    pub over: Vec<Uuid>,
}

/// Looks at the next `most` runs after this one.
pub async fn look(
    conn: &mut PgConnection,
    after: Uuid,
    days: i32,
    most: i64,
) -> sqlx::Result<Looked> {
    sqlx::query_as!(
        Looked,
        r#"with looked as (
             select id, task_id, parent_run, ended_at from runs
             where id > $1 and created_at < now() - make_interval(days => $2)
             order by id limit $3
         ), over as (
             select id from looked r
             where r.task_id is null and r.ended_at < now() - make_interval(days => $2)
               and not exists (select from runs p where p.id = r.parent_run and p.task_id is not null)
               and not exists (select from runs f where f.fork_of = r.id)
               and not exists (select from runs c where c.parent_run = r.id)
               and not exists (select from ledger_entries l where l.run_id = r.id)
         )
         select (select id from looked order by id desc limit 1) as last, array(select id from over) as "over!""#,
        after,
        days,
        most
    )
    .fetch_one(conn)
    .await
}

/// Those of these runs that ended more than so many days ago, and that no run which lives or is younger builds on: none
/// that was forked from them, and not the one that they are a part of.
pub async fn over_on_disk(
    db: impl PgExecutor<'_>,
    runs: &[Uuid],
    days: i32,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        r#"with recursive kin(root, id) as (
               select id, id from runs where id = any($1)
               union select k.root, r.id from kin k join runs r on r.fork_of = k.id or r.parent_run = k.id
           ), young as (
               select k.root from kin k join runs r on r.id = k.id
               where r.ended_at is null or r.ended_at >= now() - make_interval(days => $2)
           )
           select r.id as "id!" from runs r left join runs p on p.id = r.parent_run
           where r.id = any($1) and r.id not in (select root from young)
             and (p.id is null or p.ended_at < now() - make_interval(days => $2))"#,
        runs,
        days
    )
    .fetch_all(db)
    .await
}

/// Deletes these runs and their journals. What they changed outside stays written down: it must not be done again.
pub async fn delete_runs(conn: &mut PgConnection, runs: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!("delete from steps where run_id = any($1)", runs)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from events where run_id = any($1)", runs)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from runs where id = any($1)", runs)
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes up to `most` deliveries of webhooks that were taken or given up so many days ago; says how many.
pub async fn delete_deliveries(db: impl PgExecutor<'_>, days: i32, most: i64) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from webhook_deliveries where id in (
             select id from webhook_deliveries
             where state <> 'pending' and created_at < now() - make_interval(days => $1)
               and coalesce(tried_at, created_at) < now() - make_interval(days => $1)
             limit $2)",
        days,
        most
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
