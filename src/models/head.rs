//! The heads of living runs: where each stands, who holds it, what it waits for.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A head.
#[derive(Debug, Clone)]
pub struct HeadRow {
    /// The run.
    pub run_id: Uuid,
    /// `queued`, `ready`, `running` or `waiting`.
    pub state: String,
    /// Whether somebody asked it to pause.
    pub paused: bool,
    /// Lane of its coming step.
    pub lane: String,
    /// Higher goes first.
    pub priority: i16,
    /// The worker that holds it.
    pub owner: Option<i64>,
    /// Children that have not ended.
    pub pending_children: i32,
    /// Limits under which it takes a place.
    pub limits: Option<Vec<String>>,
    /// What kind of wait: signal, timer, children, retry.
    pub waits: Option<String>,
    /// Signals that would end the wait.
    pub waits_for: Option<Vec<String>>,
    /// How often it has changed hands.
    pub epoch: i32,
    /// Position of its newest row.
    pub seq: i32,
    /// Ordinal of its current step.
    pub step_no: i32,
    /// Number of the coming try of that step.
    pub attempt: i16,
    /// Workers that died on it since it last moved.
    pub crashes: i16,
    /// Since when it has been where it is.
    pub since: DateTime<Utc>,
    /// The current step, or the name of the wait.
    pub step: Option<String>,
}

/// Heads, those that the literal says.
macro_rules! heads {
    ($which:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            HeadRow,
            "select run_id, state, paused, lane, priority, owner, pending_children, limits, waits, waits_for,
                    epoch, seq, step_no, attempt, crashes, since, step
             from run_heads " + $which
            $(, $value)*
        )
    };
}

/// A head about to be written.
#[derive(Debug, Clone)]
pub struct NewHead {
    /// The run.
    pub run_id: Uuid,
    /// `ready`, or `queued` when it has no place yet.
    pub state: &'static str,
    /// Lane of its first step.
    pub lane: &'static str,
    /// Name of its first step.
    pub step: Option<String>,
    /// Higher goes first.
    pub priority: i16,
    /// Longest time the run may take.
    pub time_limit: Option<Duration>,
    /// Limits under which it takes a place.
    pub limits: Option<Vec<String>>,
    /// Epoch, position and step ordinal to begin with: a fork or a retry begins in the middle.
    pub at: (i32, i32, i32),
}

/// Adds the head of a run.
pub async fn insert(conn: &mut PgConnection, head: &NewHead) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into run_heads (run_id, state, lane, step, priority, deadline_at, limits, epoch, seq, step_no, attempt)
         values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6), $7, $8, $9, $10, 1)",
        head.run_id,
        head.state,
        head.lane,
        head.step,
        head.priority,
        head.time_limit.map(|d| d.as_secs_f64()),
        head.limits.as_deref(),
        head.at.0,
        head.at.1,
        head.at.2
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds many plain heads at once: ready, unlimited, at the beginning.
pub async fn insert_many(
    conn: &mut PgConnection,
    runs: &[Uuid],
    lane: &str,
    step: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into run_heads (run_id, state, lane, step, epoch, seq, step_no, attempt)
         select run_id, 'ready', $2, $3, 0, 0, 1, 1 from unnest($1::uuid[]) as r(run_id)",
        runs,
        lane,
        step
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The head of a run, if it lives.
pub async fn find(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Option<HeadRow>> {
    heads!("where run_id = $1", run).fetch_optional(db).await
}

/// The head of a run, locked until the transaction ends.
pub async fn lock(conn: &mut PgConnection, run: Uuid) -> sqlx::Result<Option<HeadRow>> {
    heads!("where run_id = $1 for update", run)
        .fetch_optional(conn)
        .await
}

/// Whether a run still lives in this epoch; until the transaction ends it stays so.
pub async fn holds(conn: &mut PgConnection, run: Uuid, epoch: i32) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        "select epoch from run_heads where run_id = $1 and epoch = $2 for share",
        run,
        epoch
    );
    Ok(found.fetch_optional(conn).await?.is_some())
}

/// Writes back everything about a head but what it is and who may place it.
pub async fn update(
    conn: &mut PgConnection,
    head: &HeadRow,
    due_in: Option<Duration>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update run_heads
         set state = $2, paused = $3, lane = $4, owner = $5, pending_children = $6, waits = $7, waits_for = $8,
             epoch = $9, seq = $10, step_no = $11, attempt = $12, crashes = $13, step = $14,
             due_at = clock_timestamp() + make_interval(secs => $15), since = clock_timestamp()
         where run_id = $1",
        head.run_id,
        head.state,
        head.paused,
        head.lane,
        head.owner,
        head.pending_children,
        head.waits,
        head.waits_for.as_deref(),
        head.epoch,
        head.seq,
        head.step_no,
        head.attempt,
        head.crashes,
        head.step,
        due_in.map(|d| d.as_secs_f64())
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes waiting heads ready, and writes back how far their journals go.
pub async fn make_ready(conn: &mut PgConnection, heads: &[HeadRow]) -> sqlx::Result<()> {
    sqlx::query!(
        "update run_heads h
         set state = 'ready', owner = null, waits = null, waits_for = null, due_at = null, seq = woken.seq,
             since = clock_timestamp()
         from unnest($1::uuid[], $2::int[]) as woken(run_id, seq) where h.run_id = woken.run_id",
        &heads.iter().map(|head| head.run_id).collect::<Vec<_>>(),
        &heads.iter().map(|head| head.seq).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes the head of a run that has ended.
pub async fn delete(conn: &mut PgConnection, run: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from run_heads where run_id = $1", run)
        .execute(conn)
        .await?;
    Ok(())
}

/// Asks a run to pause, or no longer; says whether it lives.
pub async fn set_paused(conn: &mut PgConnection, run: Uuid, paused: bool) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update run_heads set paused = $2 where run_id = $1",
        run,
        paused
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Names the step at work, when the head still has the name of what was waited for.
pub async fn name_step(
    db: impl PgExecutor<'_>,
    run: Uuid,
    epoch: i32,
    step: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update run_heads set step = $3 where run_id = $1 and epoch = $2 and state = 'running' and step is distinct from $3",
        run,
        epoch,
        step
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One child fewer; answers with the number left, or nothing when the parent has ended.
pub async fn child_ended(conn: &mut PgConnection, parent: Uuid) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "update run_heads set pending_children = pending_children - 1 where run_id = $1 returning pending_children",
        parent
    )
    .fetch_optional(conn)
    .await
}

/// Heads whose wait is over by the database's clock, locked, those that nobody else is just looking at.
pub async fn lock_due(conn: &mut PgConnection, most: i64) -> sqlx::Result<Vec<HeadRow>> {
    heads!(
        "where due_at <= clock_timestamp() and state = 'waiting' order by due_at limit $1 for update skip locked",
        most
    )
    .fetch_all(conn)
    .await
}

/// Living runs whose time is up.
pub async fn overdue(conn: &mut PgConnection, most: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select run_id from run_heads where deadline_at <= clock_timestamp() order by deadline_at limit $1",
        most
    )
    .fetch_all(conn)
    .await
}

/// Heads held by these workers, locked.
pub async fn lock_held_by(conn: &mut PgConnection, workers: &[i64]) -> sqlx::Result<Vec<HeadRow>> {
    heads!("where owner = any($1) order by run_id for update", workers)
        .fetch_all(conn)
        .await
}

/// Ready heads older than a minute: one of them without a job would stand still. Reads all heads.
pub async fn long_ready(conn: &mut PgConnection) -> sqlx::Result<Vec<HeadRow>> {
    heads!(
        "where state = 'ready' and not paused and since < clock_timestamp() - interval '1 minute'"
    )
    .fetch_all(conn)
    .await
}

/// Living children of a run.
pub async fn children(conn: &mut PgConnection, parent: Uuid) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select h.run_id from run_heads h join runs r on r.id = h.run_id where r.parent_run = $1 order by h.run_id",
        parent
    )
    .fetch_all(conn)
    .await
}

/// Living runs that branched off from a run, however far below it, the farthest first.
pub async fn branches(conn: &mut PgConnection, run: Uuid) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        r#"with recursive below(id, depth) as (
             select id, 1 from runs where parent_run = $1
             union all select r.id, b.depth + 1 from runs r join below b on r.parent_run = b.id
           )
           select h.run_id from below b join run_heads h on h.run_id = b.id order by b.depth desc, b.id"#,
        run
    )
    .fetch_all(conn)
    .await
}

/// The living child of a run that has waited longest for a signal.
pub async fn waiting_child(db: impl PgExecutor<'_>, parent: Uuid) -> sqlx::Result<Option<HeadRow>> {
    heads!(
        "where state = 'waiting' and waits = 'signal' and run_id in (select id from runs where parent_run = $1)
         order by since limit 1",
        parent
    )
    .fetch_optional(db)
    .await
}

/// The channel on which workers hear of runs that were taken from them.
pub const TAKEN: &str = "codegraph_taken";

/// Tells the workers that these runs, each named as `run:epoch`, were taken from their holders.
pub async fn announce_taken(db: impl PgExecutor<'_>, runs: &[String]) -> sqlx::Result<()> {
    // A payload holds at most 8,000 bytes; whoever hears an empty one checks everything it holds.
    let payload = if runs.len() <= 150 {
        runs.join(" ")
    } else {
        String::new()
    };
    sqlx::query!("select pg_notify($1, $2)", TAKEN, payload)
        .execute(db)
        .await?;
    Ok(())
}

/// The channel on which runs that people follow are announced when they have moved.
pub const CHANGED: &str = "codegraph_changed";

/// Tells whoever follows these runs, each named by the 32 digits of its id, that they have moved.
pub async fn announce_changed(db: impl PgExecutor<'_>, runs: &[String]) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, $2)", CHANGED, runs.join(" "))
        .execute(db)
        .await?;
    Ok(())
}

/// The channel on which people who follow a run hear what its models say.
pub const WORDS: &str = "codegraph_words";

/// Tells whoever follows a run what is being said in it.
pub async fn announce_words(db: impl PgExecutor<'_>, words: &str) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, $2)", WORDS, words)
        .execute(db)
        .await?;
    Ok(())
}

/// The channel on which nodes hear that something was written.
pub const WRITTEN: &str = "codegraph_written";

/// Tells all nodes that something was written.
pub async fn announce_written(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, $2)", WRITTEN, "")
        .execute(db)
        .await?;
    Ok(())
}

/// How long it is until `at` by the database's clock; nothing when it has passed.
pub async fn time_until(conn: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<Duration> {
    let seconds = sqlx::query_scalar!(
        r#"select greatest(extract(epoch from $1 - clock_timestamp()), 0)::float8 as "seconds!""#,
        at
    )
    .fetch_one(conn)
    .await?;
    Ok(Duration::from_secs_f64(seconds))
}

/// Runs that this worker holds by the table's word, with their epochs.
pub async fn held_by(db: impl PgExecutor<'_>, worker: i64) -> sqlx::Result<Vec<(Uuid, i32)>> {
    sqlx::query!(
        "select run_id, epoch from run_heads where owner = $1",
        worker
    )
    .map(|row| (row.run_id, row.epoch))
    .fetch_all(db)
    .await
}
