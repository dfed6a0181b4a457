//! Writing down what came of a job. A job that somebody else holds by now is left alone.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::PgPool;

/// A reason as a column can keep it. The settler tries until it is written: one that cannot be would stop it for good.
fn result(reason: &str) -> Value {
    json!({"Err": reason.replace('\0', "\u{fffd}")})
}

/// These jobs are done.
pub(crate) async fn delete(pool: &PgPool, holders: &[String], ids: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from apalis.jobs where id = any($1) and lock_by = any($2)",
        ids,
        holders
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// This job is tried again after a pause; `counted` says whether this try was one of its attempts.
pub(crate) async fn postpone(
    pool: &PgPool,
    holder: &str,
    id: &str,
    pause: Duration,
    reason: &str,
    counted: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update apalis.jobs
         set status = 'Pending', lock_by = null, lock_at = null, last_result = $4,
             attempts = attempts - case when $5 then 0 else 1 end,
             run_at = clock_timestamp() + make_interval(secs => $3),
             metadata = hstore('delayed', '')
         where id = $2 and lock_by = $1",
        holder,
        id,
        pause.as_secs_f64(),
        result(reason),
        counted
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// This job failed for good and is kept with its reason.
pub(crate) async fn kill(pool: &PgPool, holder: &str, id: &str, reason: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update apalis.jobs
         set status = 'Killed', lock_by = null, done_at = now(), last_result = $3
         where id = $2 and lock_by = $1",
        holder,
        id,
        result(reason)
    )
    .execute(pool)
    .await?;
    Ok(())
}
