//! Adding jobs.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use workflows::Lane;

/// A job about to be stored.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its lane.
    pub lane: Lane,
    /// The encoded [envelope](crate::Envelope).
    pub envelope: Vec<u8>,
    /// Unique within its lane.
    pub key: Option<String>,
    /// Higher goes first.
    pub priority: i16,
    /// Attempts in all.
    pub attempts: u16,
    /// Not before so much time has passed.
    pub delay: Duration,
}

/// Adds jobs and says how many were new. Keys that are taken are left alone. Delayed jobs are marked, so
/// that the few of them can be found without reading a long queue.
pub async fn insert(conn: &mut PgConnection, jobs: &[NewJob]) -> sqlx::Result<u64> {
    let lanes: Vec<&str> = jobs.iter().map(|job| job.lane.as_str()).collect();
    let envelopes: Vec<&[u8]> = jobs.iter().map(|job| job.envelope.as_slice()).collect();
    let keys: Vec<Option<&str>> = jobs.iter().map(|job| job.key.as_deref()).collect();
    let priorities: Vec<i32> = jobs.iter().map(|job| i32::from(job.priority)).collect();
    let attempts: Vec<i32> = jobs.iter().map(|job| i32::from(job.attempts)).collect();
    let delays: Vec<f64> = jobs.iter().map(|job| job.delay.as_secs_f64()).collect();
    let ids: Vec<String> = jobs.iter().map(|_| ulid()).collect();
    let done = sqlx::query!(
        "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority, metadata, idempotency_key)
         select id, lane, envelope, 'Pending', 0, attempts,
                clock_timestamp() + make_interval(secs => delay), priority,
                case when delay > 0 then hstore('delayed', '') end, key
         from unnest($1::text[], $2::bytea[], $3::text[], $4::int[], $5::int[], $6::float8[], $7::text[])
              as job(lane, envelope, key, priority, attempts, delay, id)
         on conflict (job_type, idempotency_key) do nothing",
        lanes as Vec<&str>,
        envelopes as Vec<&[u8]>,
        keys as Vec<Option<&str>>,
        &priorities,
        &attempts,
        &delays,
        &ids
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// An id as apalis wants it: a ULID is a UUID v7's time and chance in Crockford's base 32.
fn ulid() -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let id = uuid::Uuid::now_v7().as_u128();
    (0..26)
        .rev()
        .map(|place| char::from(DIGITS[(id >> (place * 5)) as usize & 31]))
        .collect()
}

/// What we change in apalis' schema, each for a reason and each safe to repeat.
pub async fn adjust(pool: &PgPool) -> sqlx::Result<()> {
    // Its NOTIFY at every insert takes a database-wide lock at commit and would serialise all writers;
    // ours comes after the commit, once for many jobs.
    // Delayed jobs are found by an index that holds only them.
    // Two of its indexes exist twice.
    // The table is small and changes fast: vacuum it early.
    sqlx::raw_sql(
        "begin;
         select pg_advisory_xact_lock(hashtext('codegraph.jobs.adjust'));
         drop trigger if exists notify_workers on apalis.jobs;
         alter table apalis.jobs drop constraint if exists unique_job_id;
         drop index if exists apalis.unique_job_id, apalis.lidx;
         create index if not exists codegraph_jobs_delayed_idx on apalis.jobs (run_at)
             where status = 'Pending' and metadata is not null;
         alter table apalis.jobs set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
         commit",
    )
    .execute(pool)
    .await?;
    Ok(())
}
