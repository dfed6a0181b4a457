//! Jobs that failed for good: listed, retried, dropped.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

/// A job that failed for good.
#[derive(Debug, Clone)]
pub struct DeadJob {
    /// Its id.
    pub id: String,
    /// Its lane.
    pub lane: String,
    /// Its name.
    pub name: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it died.
    pub reason: Option<String>,
    /// When it died.
    pub died_at: DateTime<Utc>,
}

/// The newest dead jobs, those that died before this one, which did so then. Their names are looked for in what they carry, not read from it: a job that nobody could read
/// is one of them.
pub async fn dead(
    db: impl PgExecutor<'_>,
    before: Option<(DateTime<Utc>, String)>,
    most: i64,
) -> sqlx::Result<Vec<DeadJob>> {
    let (at, id) = before.unzip();
    sqlx::query_as!(
        DeadJob,
        r#"select id, job_type as lane, substring(encode(job, 'escape') from '"job":\s*"([a-z0-9_.]+)"') as name, attempts,
                  last_result ->> 'Err' as reason, coalesce(done_at, run_at) as "died_at!"
           from apalis.jobs
           where status = 'Killed' and ($1::timestamptz is null or (coalesce(done_at, run_at), id) < ($1, $2))
           order by coalesce(done_at, run_at) desc, id desc limit $3"#,
        at,
        id,
        most
    )
    .fetch_all(db)
    .await
}

/// Gives dead jobs all their attempts again; says how many there were.
pub async fn retry_dead(conn: &mut PgConnection, ids: &[String]) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update apalis.jobs set status = 'Pending', attempts = 0, run_at = clock_timestamp(), done_at = null
         where status = 'Killed' and id = any($1)",
        ids
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets jobs that died more than so many days ago; says how many there were.
pub async fn drop_long_dead(db: impl PgExecutor<'_>, days: i32) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from apalis.jobs where status = 'Killed' and done_at < now() - make_interval(days => $1)",
        days
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets dead jobs; says how many there were.
pub async fn drop_dead(conn: &mut PgConnection, ids: &[String]) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from apalis.jobs where status = 'Killed' and id = any($1)",
        ids
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
