//! Workers: who they are, whether they live.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

/// First half of the advisory lock that a living worker's session holds; the second half is its id.
const LOCK_CLASS: i32 = 0x0043_4757;

/// Who starts to work.
#[derive(Debug, Clone)]
pub struct NewWorker {
    /// Its machine.
    pub host: String,
    /// Its process.
    pub pid: i32,
    /// The lanes it serves.
    pub lanes: Vec<String>,
    /// Its program's version.
    pub version: String,
    /// How long it may go unheard.
    pub lease: Duration,
    /// The wall around what it runs.
    pub sandbox: &'static str,
}

/// Makes a worker known and takes its lock on this very session; answers with its id.
pub async fn register(session: impl PgExecutor<'_>, worker: &NewWorker) -> sqlx::Result<i64> {
    let row = sqlx::query!(
        "insert into workers (host, pid, lanes, version, lease_until, sandbox)
         values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5), $7)
         returning id, pg_try_advisory_lock($6, id::int)",
        worker.host,
        worker.pid,
        &worker.lanes,
        worker.version,
        worker.lease.as_secs_f64(),
        LOCK_CLASS,
        worker.sandbox
    )
    .fetch_one(session)
    .await?;
    Ok(row.id)
}

/// Takes the lock of a worker that is still known again, on a new session. False while the old session lasts.
pub async fn lock_again(session: impl PgExecutor<'_>, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_lock($1, $2::bigint::int) as "taken!""#,
        LOCK_CLASS,
        id
    )
    .fetch_one(session)
    .await
}

/// What a worker learns when it shows that it lives.
#[derive(Debug, Clone)]
pub struct Pulse {
    /// Whether it is still known. If not, everything it held has been given away.
    pub alive: bool,
    /// Seconds until the next timer of a waiting run, negative when it is due.
    pub next_timer: Option<f64>,
    /// Seconds until the next deadline of a run.
    pub next_deadline: Option<f64>,
    /// Workers whose lease is over, and holders that nobody knows.
    pub gone: Vec<i64>,
    /// Whether other workers hold runs.
    pub others_hold: bool,
    /// Whether it holds runs itself, by the table's word.
    pub holds: bool,
}

/// Renews a worker's lease and looks around, in one statement.
pub async fn pulse(db: impl PgExecutor<'_>, id: i64, lease: Duration) -> sqlx::Result<Pulse> {
    sqlx::query_as!(
        Pulse,
        r#"with renewed as (
             update workers set lease_until = clock_timestamp() + make_interval(secs => $2) where id = $1 returning id
         )
         select exists (select from renewed) as "alive!",
                (select extract(epoch from min(due_at) - clock_timestamp())::float8
                 from run_heads where due_at is not null) as next_timer,
                (select extract(epoch from min(deadline_at) - clock_timestamp())::float8
                 from run_heads where deadline_at is not null) as next_deadline,
                array(select w.id from workers w where w.id <> $1 and w.lease_until < clock_timestamp()
                      union
                      select h.owner from run_heads h
                      where h.owner is not null and not exists (select from workers w where w.id = h.owner)) as "gone!",
                exists (select from run_heads where owner is not null and owner <> $1) as "others_hold!",
                exists (select from run_heads where owner = $1) as "holds!""#,
        id,
        lease.as_secs_f64()
    )
    .fetch_one(db)
    .await
}

/// Workers whose session is gone or whose lease is over, and whether workers other than `id` hold runs.
pub async fn unlocked(db: impl PgExecutor<'_>, id: i64) -> sqlx::Result<(Vec<i64>, bool)> {
    sqlx::query!(
        r#"select array(select w.id from workers w
                      where w.id <> $1
                        and (w.lease_until < clock_timestamp() or pg_try_advisory_xact_lock_shared($2, w.id::int)))
                  as "gone!",
                exists (select from run_heads where owner is not null and owner <> $1) as "others_hold!""#,
        id,
        LOCK_CLASS
    )
    .map(|row| (row.gone, row.others_hold))
    .fetch_one(db)
    .await
}

/// Forgets workers that are gone; answers with those that nobody else is just forgetting, and whether the server's own
/// restart explains why nothing was heard of them: they had begun before it, and it was not long ago.
pub async fn forget(conn: &mut PgConnection, ids: &[i64]) -> sqlx::Result<Vec<(i64, bool)>> {
    sqlx::query!(
        r#"delete from workers where id in (select id from workers where id = any($1) order by id for update skip locked)
           returning id, started_at < pg_postmaster_start_time()
                         and clock_timestamp() < pg_postmaster_start_time() + interval '30 seconds' as "excused!""#,
        ids
    )
    .map(|row| (row.id, row.excused))
    .fetch_all(conn)
    .await
}

/// Those of these workers that are not known and yet hold runs.
pub async fn unknown(conn: &mut PgConnection, ids: &[i64]) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select distinct h.owner as "owner!" from run_heads h
           where h.owner = any($1) and not exists (select from workers w where w.id = h.owner)"#,
        ids
    )
    .fetch_all(conn)
    .await
}

/// Seconds until the next timer of a waiting run, negative when it is due.
pub async fn next_timer(db: impl PgExecutor<'_>) -> sqlx::Result<Option<f64>> {
    sqlx::query_scalar!(
        "select extract(epoch from min(due_at) - clock_timestamp())::float8 from run_heads where due_at is not null"
    )
    .fetch_one(db)
    .await
}

/// The process of a worker.
pub async fn process(db: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("select pid from workers where id = $1", id)
        .fetch_optional(db)
        .await
}

/// The walls around what living workers run.
pub async fn walls(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select distinct sandbox from workers where lease_until > clock_timestamp()"
    )
    .fetch_all(db)
    .await
}

/// A worker, for people.
#[derive(Debug, Clone)]
pub struct WorkerRow {
    /// Its id.
    pub id: i64,
    /// Its machine.
    pub host: String,
    /// Its process.
    pub pid: i32,
    /// The lanes it serves.
    pub lanes: Vec<String>,
    /// Its program's version.
    pub version: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Seconds for which its lease is good still, negative when it is over.
    pub lease_s: f64,
    /// Runs that it holds.
    pub runs: i64,
}

/// All workers that are known, the oldest first.
pub async fn list(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<WorkerRow>> {
    sqlx::query_as!(
        WorkerRow,
        r#"select w.id, w.host, w.pid, w.lanes, w.version, w.started_at,
                  extract(epoch from w.lease_until - clock_timestamp())::float8 as "lease_s!",
                  (select count(*) from run_heads h where h.owner = w.id) as "runs!"
           from workers w order by w.id"#
    )
    .fetch_all(db)
    .await
}
