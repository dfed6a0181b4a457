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

/// Milliseconds that a run's own steps took.
pub async fn worked(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(duration_ms), 0)::bigint as "ms!" from steps where run_id = $1"#,
        run
    )
    .fetch_one(db)
    .await
}
