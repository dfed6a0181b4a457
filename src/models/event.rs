//! The events of a run: everything in its journal that is not the end of a step.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// One event.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Its position in the journal.
    pub seq: i32,
    /// Ordinal of the step it belongs to.
    pub step_no: i32,
    /// The epoch under which it was written.
    pub epoch: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened, dotted and lowercase.
    pub kind: String,
    /// Its content.
    pub data: Value,
}

/// An event about to be written.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The run.
    pub run_id: Uuid,
    /// Its position.
    pub seq: i32,
    /// Ordinal of the step it belongs to.
    pub step_no: i32,
    /// The epoch under which it is written.
    pub epoch: i32,
    /// What happened.
    pub kind: &'static str,
    /// Its content.
    pub data: Value,
}

/// Adds events whose positions the caller has reserved in the heads.
pub async fn insert(conn: &mut PgConnection, events: &[NewEvent]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into events (run_id, seq, step_no, epoch, kind, data)
         select * from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::text[], $6::jsonb[])",
        &events.iter().map(|e| e.run_id).collect::<Vec<_>>(),
        &events.iter().map(|e| e.seq).collect::<Vec<_>>(),
        &events.iter().map(|e| e.step_no).collect::<Vec<_>>(),
        &events.iter().map(|e| e.epoch).collect::<Vec<_>>(),
        events.iter().map(|e| e.kind).collect::<Vec<_>>() as Vec<&str>,
        events.iter().map(|e| &e.data).collect::<Vec<_>>() as Vec<&Value>
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Events of a run after position `after`, oldest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    run: Uuid,
    after: i32,
    most: i64,
) -> sqlx::Result<Vec<EventRow>> {
    sqlx::query_as!(
        EventRow,
        "select seq, step_no, epoch, at, kind, data from events where run_id = $1 and seq > $2 order by seq limit $3",
        run,
        after,
        most
    )
    .fetch_all(db)
    .await
}

/// Where a run began children for which it still waited at row `most`.
#[derive(Debug, Clone)]
pub struct Spawned {
    /// The row.
    pub seq: i32,
    /// The name under which they were begun.
    pub name: String,
}

/// The newest beginning of children up to row `most`, if nothing that counts followed it by then.
pub async fn spawned(
    conn: &mut PgConnection,
    run: Uuid,
    most: i32,
) -> sqlx::Result<Option<Spawned>> {
    sqlx::query_as!(
        Spawned,
        r#"select s.seq, coalesce(s.data->>'name', '') as "name!" from events s
           where s.run_id = $1 and s.kind = 'children.spawned' and s.seq <= $2
             and s.seq = (select max(parent_seq) from runs where parent_run = $1)
             and not exists (select from steps t where t.run_id = $1 and t.seq > s.seq and t.seq <= $2)
             and not exists (
                 select from events e where e.run_id = $1 and e.seq > s.seq and e.seq <= $2
                    and (e.kind in ('signal.received', 'timer.fired', 'children.joined')
                         or e.kind = 'run.rewound' and (e.data->>'to_seq')::int < s.seq))"#,
        run,
        most
    )
    .fetch_optional(conn)
    .await
}
