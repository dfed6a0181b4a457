//! Taking a run up, and reading its journal back.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;
use workflows::Fence;

/// A run as it was claimed.
#[derive(Debug, Clone, FromRow)]
pub struct ClaimedRun {
    /// The run.
    pub run_id: Uuid,
    /// The epoch it was given to us under.
    pub epoch: i32,
    /// Position of its newest row.
    pub seq: i32,
    /// Ordinal of its current step.
    pub step_no: i32,
    /// Number of the coming try of that step.
    pub attempt: i16,
    /// Name of its workflow.
    pub workflow: String,
    /// Version of its workflow.
    pub version: i16,
    /// What it was started with.
    pub input: Value,
    /// The run it was forked from.
    pub fork_of: Option<Uuid>,
    /// Up to which row.
    pub fork_seq: Option<i32>,
    /// Whether its end concerns others: a parent, or runs that wait for its place.
    pub bound: bool,
}

/// Somebody asks for a run because of a job.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The run, and the epoch under which the job was written.
    pub fence: Fence,
    /// The job's row.
    pub job: String,
}

/// Claims those of these runs that are ready and have not changed hands: the epoch goes up by one, and
/// whoever held the run before can write nothing more. The jobs are used up by the same statement, the
/// stale ones as well; it is the one place that touches the queue's table from outside the queue.
pub async fn claim(
    conn: &mut PgConnection,
    worker: i64,
    asked: &[Ask],
) -> sqlx::Result<Vec<ClaimedRun>> {
    let runs: Vec<Uuid> = asked.iter().map(|ask| ask.fence.run.0).collect();
    let epochs: Vec<i32> = asked.iter().map(|ask| ask.fence.epoch).collect();
    sqlx::query_as(
        "with asked as (select * from unnest($2::uuid[], $3::int[]) as a(run_id, epoch)),
         claimed as (
             update run_heads h
             set state = 'running', owner = $1, epoch = h.epoch + 1, since = clock_timestamp()
             from asked a
             where h.run_id = a.run_id and h.epoch = a.epoch and h.state = 'ready' and not h.paused
             returning h.run_id, h.epoch, h.seq, h.step_no, h.attempt, h.limits
         ), used as (
             delete from apalis.jobs where id = any($4)
         )
         select c.run_id, c.epoch, c.seq, c.step_no, c.attempt,
                r.workflow, r.version, r.input, r.fork_of, r.fork_seq,
                r.parent_run is not null or c.limits is not null as bound
         from claimed c join runs r on r.id = c.run_id",
    )
    .bind(worker)
    .bind(runs)
    .bind(epochs)
    .bind(asked.iter().map(|ask| ask.job.as_str()).collect::<Vec<_>>())
    .fetch_all(conn)
    .await
}

/// A journal row that decisions or resumption need.
#[derive(Debug, Clone, FromRow)]
pub struct JournalRow {
    /// Its position.
    pub seq: i32,
    /// `step`, or an event's kind.
    pub kind: String,
    /// A step's name.
    pub name: Option<String>,
    /// A step's output, or an event's data.
    pub data: Value,
}

/// The rows up to `seq` that decisions are made on, and the activities of step `step_no`, oldest first.
pub async fn journal(
    conn: &mut PgConnection,
    run: Uuid,
    seq: i32,
    step_no: i32,
) -> sqlx::Result<Vec<JournalRow>> {
    sqlx::query_as(
        "select seq, 'step' as kind, name, output as data from steps where run_id = $1 and seq <= $2
         union all
         select seq, kind, null, data from events
         where run_id = $1 and seq <= $2
           and (kind in ('signal.received', 'timer.fired', 'children.joined', 'run.rewound')
                or step_no = $3 and kind in ('activity.started', 'activity.finished', 'activity.failed'))
         order by seq",
    )
    .bind(run)
    .bind(seq)
    .bind(step_no)
    .fetch_all(conn)
    .await
}
