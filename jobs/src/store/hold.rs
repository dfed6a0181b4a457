//! Who holds which jobs, and what happens to them when a holder is gone. A holder is `w<worker id>.<lane>`:
//! never a name that a later process could have too.

use sqlx::{PgConnection, PgExecutor};
use workflows::Lane;

/// The name under which a worker holds jobs of a lane.
pub(crate) fn holder(worker: i64, lane: Lane) -> String {
    format!("w{worker}.{lane}")
}

fn holders(worker: i64) -> Vec<String> {
    Lane::ALL
        .into_iter()
        .map(|lane| holder(worker, lane))
        .collect()
}

/// Makes a worker known, so that it may hold jobs.
pub async fn register(conn: &mut PgConnection, worker: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into apalis.workers (id, worker_type, storage_name, layers, last_seen, started_at)
         select holder, lane, 'codegraph', '', now(), now() from unnest($1::text[], $2::text[]) as w(holder, lane)
         on conflict (id) do nothing",
        &holders(worker),
        Lane::ALL.map(Lane::as_str).to_vec() as Vec<&str>
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Hands back every job of workers that are gone and forgets them. Says which lanes have work again.
pub async fn hand_back(conn: &mut PgConnection, workers: &[i64]) -> sqlx::Result<Vec<Lane>> {
    let gone: Vec<String> = workers.iter().flat_map(|worker| holders(*worker)).collect();
    let lanes = sqlx::query_scalar!(
        r#"with freed as (
             update apalis.jobs
             set status = 'Pending', lock_by = null, lock_at = null,
                 last_result = '{"Err": "its worker died"}'
             where lock_by = any($1) and status in ('Queued', 'Running')
             returning job_type
         )
         select distinct job_type from freed"#,
        &gone
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "update apalis.jobs set lock_by = null where lock_by = any($1)",
        &gone
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from apalis.workers where id = any($1)", &gone)
        .execute(conn)
        .await?;
    Ok(lanes.iter().filter_map(|lane| lane.parse().ok()).collect())
}

/// Hands back jobs that a live worker holds by the table's word but does not have in hand: the trace of a
/// write that the server lost in a crash.
pub async fn disown(conn: &mut PgConnection, worker: i64, jobs: &[String]) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update apalis.jobs set status = 'Pending', lock_by = null, lock_at = null
         where lock_by = any($1) and status in ('Queued', 'Running') and id = any($2)",
        &holders(worker),
        jobs
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// What a worker must know about the queue from time to time.
#[derive(Debug, Clone)]
pub struct Look {
    /// Lanes with delayed jobs that are due now, or with jobs that have been due for a second: their
    /// announcement was lost, or there is no room for them.
    pub due: Vec<Lane>,
    /// Seconds until the next delayed job is.
    pub next_due: Option<f64>,
    /// Jobs that the worker holds by the table's word but does not have in hand.
    pub strange: Vec<String>,
}

/// Looks at the queue with a worker's eyes, in one statement.
pub async fn look(db: impl PgExecutor<'_>, worker: i64, in_hand: &[String]) -> sqlx::Result<Look> {
    let row = sqlx::query!(
        r#"select array(select lane from unnest($3::text[]) as l(lane)
                      where exists (select from apalis.jobs
                                    where status = 'Pending' and job_type = lane
                                      and run_at <= clock_timestamp() - interval '1 second')
                         or exists (select from apalis.jobs
                                    where status = 'Pending' and job_type = lane and metadata is not null
                                      and run_at <= clock_timestamp())) as "due!",
                (select extract(epoch from min(run_at) - clock_timestamp())::float8 from apalis.jobs
                 where status = 'Pending' and metadata is not null and run_at > clock_timestamp()) as next_due,
                array(select id from apalis.jobs
                      where lock_by = any($1) and status in ('Queued', 'Running') and id <> all($2)) as "strange!""#,
        &holders(worker),
        in_hand,
        Lane::ALL.map(Lane::as_str).to_vec() as Vec<&str>
    )
    .fetch_one(db)
    .await?;
    Ok(Look {
        due: row
            .due
            .iter()
            .filter_map(|lane| lane.parse().ok())
            .collect(),
        next_due: row.next_due,
        strange: row.strange,
    })
}

/// Jobs by lane and status, for people.
pub async fn queue_lengths(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<(String, String, i64)>> {
    sqlx::query!(
        r#"select job_type, status, count(*) as "count!" from apalis.jobs group by 1, 2 order by 1, 2"#
    )
    .map(|row| (row.job_type, row.status, row.count))
    .fetch_all(db)
    .await
}
