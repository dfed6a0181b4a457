//! The recorded steps of a run.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// One recorded step.
#[derive(Debug, Clone)]
pub struct StepRow {
    /// Its position in the journal.
    pub seq: i32,
    /// Its ordinal in the run.
    pub step_no: i32,
    /// The try that succeeded.
    pub attempt: i16,
    /// The epoch under which it was recorded.
    pub epoch: i32,
    /// How long that try took.
    pub duration_ms: i32,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Its name.
    pub name: String,
    /// What it returned.
    pub output: Value,
}

/// All steps of a run, in order.
pub async fn list(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Vec<StepRow>> {
    sqlx::query_as!(
        StepRow,
        "select seq, step_no, attempt, epoch, duration_ms, at, name, output from steps where run_id = $1 order by seq",
        run
    )
    .fetch_all(db)
    .await
}

/// Adds the row of a step that ended. The caller holds the head's lock.
pub async fn insert(
    conn: &mut PgConnection,
    run: Uuid,
    epoch: i32,
    seq: i32,
    end: &workflows::ports::StepEnd,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        run,
        seq,
        end.step_no,
        i16::try_from(end.attempt).unwrap_or(i16::MAX),
        epoch,
        i32::try_from(end.duration.as_millis()).unwrap_or(i32::MAX),
        end.name,
        end.output
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The ordinal of the step that is current after journal row `seq`. The row itself says it, since after a
/// rewind the steps before it are not all its predecessors.
pub async fn ordinal_after(conn: &mut PgConnection, run: Uuid, seq: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"select coalesce((select step_no + 1 from steps where run_id = $1 and seq = $2),
                           (select step_no from events where run_id = $1 and seq = $2), 1) as "step_no!""#,
        run,
        seq
    )
    .fetch_one(conn)
    .await
}

/// Milliseconds that a run has worked: its finished steps, and tries of steps from their first activity to their failure.
/// Attempts are made side by side, so the longest counts; to an attempt, what was done before it counts too.
pub async fn worked(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"with whole as (
               select id, parent_run is distinct from $1 as own from runs
               where id = $1 or parent_run = $1 or id = (select parent_run from runs where id = $1)
           ), failed as (
               select f.run_id, f.step_no, f.seq, f.at,
                      lag(f.seq) over (partition by f.run_id, f.step_no order by f.seq) as since
               from events f join whole on whole.id = f.run_id where f.kind = 'step.failed'
           ), parts as (
               select run_id, duration_ms::float8 as ms from steps where run_id in (select id from whole)
               union all
               select f.run_id, extract(epoch from f.at - min(e.at))::float8 * 1000
               from failed f join events e on e.run_id = f.run_id and e.step_no = f.step_no
                    and e.seq > coalesce(f.since, e.seq - 1) and e.seq < f.seq and e.kind = 'activity.started'
               group by f.run_id, f.seq, f.at
           ), sums as (
               select whole.own, coalesce(sum(parts.ms), 0) as ms
               from whole left join parts on parts.run_id = whole.id group by whole.id, whole.own
           )
           select (coalesce(sum(ms) filter (where own), 0)
                   + coalesce(max(ms) filter (where not own), 0))::bigint as "ms!" from sums"#,
        run
    )
    .fetch_one(db)
    .await
}
