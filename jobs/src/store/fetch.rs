//! Finding jobs and taking them.

use sqlx::PgPool;
use workflows::Lane;

/// A job as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) job: Vec<u8>,
    pub(crate) max_attempts: i32,
}

/// Finds up to `most` due jobs of a lane that are not in hand: highest priority first, oldest first. It only
/// reads; who works on them is decided when each is taken.
pub(crate) async fn find(
    pool: &PgPool,
    lane: Lane,
    in_hand: &[String],
    most: usize,
) -> sqlx::Result<Vec<Found>> {
    sqlx::query_as!(
        Found,
        "select id, job, max_attempts from apalis.jobs
         where (status = 'Pending' or (status = 'Failed' and attempts < max_attempts))
           and job_type = $1 and run_at <= clock_timestamp() and id <> all($2)
         order by priority desc, run_at
         limit $3",
        lane.as_str(),
        in_hand,
        i64::try_from(most).unwrap_or(i64::MAX)
    )
    .fetch_all(pool)
    .await
}

/// Takes a job; answers with the number of this attempt, or nothing when somebody else was quicker.
pub(crate) async fn take(pool: &PgPool, holder: &str, id: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "update apalis.jobs set status = 'Running', attempts = attempts + 1, lock_by = $1, lock_at = now()
         where id = $2 and (status = 'Pending' or (status = 'Failed' and attempts < max_attempts))
         returning attempts",
        holder,
        id
    )
    .fetch_optional(pool)
    .await
}
