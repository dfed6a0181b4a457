//! The hot statements: many records of many runs in one statement, one round trip, one commit. Each record
//! stands under its own fence: where the epoch or the position has moved on, that record writes nothing.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// The end of a step after which this worker goes on, or the run has succeeded.
#[derive(Debug, Clone)]
pub struct StepRecord {
    /// The run.
    pub run_id: Uuid,
    /// The epoch under which it is held.
    pub epoch: i32,
    /// The position this builds on.
    pub seq: i32,
    /// Ordinal of the step.
    pub step_no: i32,
    /// The try that succeeded.
    pub attempt: i16,
    /// How long it took.
    pub duration_ms: i32,
    /// The step's name.
    pub name: String,
    /// What it returned.
    pub output: Value,
    /// What follows.
    pub follow: Follow,
}

/// What follows a recorded step.
#[derive(Debug, Clone)]
pub enum Follow {
    /// The named step.
    Step(String),
    /// Success, with this result.
    Success(Value),
}

impl Follow {
    fn next_step(&self) -> Option<&str> {
        match self {
            Self::Step(name) => Some(name),
            Self::Success(_) => None,
        }
    }

    fn result(&self) -> Option<&Value> {
        match self {
            Self::Step(_) => None,
            Self::Success(output) => Some(output),
        }
    }
}

/// A record that was written.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct Written {
    /// The run.
    pub run_id: Uuid,
    /// The epoch it was written under.
    pub epoch: i32,
    /// Whether the run is asked to pause.
    pub paused: bool,
}

macro_rules! columns {
    () => {
        "e(run_id, epoch, seq, step_no, attempt, duration_ms, name, output, next_step, result)"
    };
}

/// Many records: one array a column.
macro_rules! many {
    () => {
        concat!(
            "unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::smallint[], $6::int[], $7::text[], $8::jsonb[],
                    $9::text[], $10::jsonb[]) as ",
            columns!()
        )
    };
}

/// One record, which needs no arrays taken apart.
macro_rules! one {
    () => {
        concat!(
            "(values ($1::uuid, $2::int, $3::int, $4::int, $5::smallint, $6::int, $7::text, $8::jsonb, $9::text,
                      $10::jsonb)) as ",
            columns!()
        )
    };
}

/// Steps after which nothing ends.
macro_rules! steps {
    ($entries:expr) => {
        concat!(
            "with moved as (
                 update run_heads h
                 set seq = e.seq + 1, step_no = e.step_no + 1, attempt = 1, crashes = 0, since = clock_timestamp(),
                     step = e.next_step
                 from ", $entries, "
                 where h.run_id = e.run_id and h.epoch = e.epoch and h.seq = e.seq and h.state = 'running'
                 returning h.run_id, h.paused, e.epoch, h.seq, e.step_no, e.attempt, e.duration_ms, e.name, e.output
             ), recorded as (
                 insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
                 select run_id, seq, step_no, attempt, epoch, duration_ms, name, output from moved
             )
             select run_id, epoch, paused from moved"
        )
    };
}

/// Steps some of which are the last of their run.
macro_rules! ends {
    ($entries:expr) => {
        concat!(
            "with e as materialized (select * from ", $entries, "),
             moved as (
                 update run_heads h
                 set seq = e.seq + 1, step_no = e.step_no + 1, attempt = 1, crashes = 0, since = clock_timestamp(),
                     step = e.next_step
                 from e
                 where h.run_id = e.run_id and h.epoch = e.epoch and h.seq = e.seq and h.state = 'running'
                   and e.next_step is not null
                 returning h.run_id, h.paused, e.epoch, e.seq
             ), gone as (
                 delete from run_heads h using e
                 where h.run_id = e.run_id and h.epoch = e.epoch and h.seq = e.seq and h.state = 'running'
                   and e.next_step is null
                 returning h.run_id, e.epoch, e.seq, e.result
             ), closed as (
                 update runs r
                 set outcome = 'succeeded', ended_at = clock_timestamp(), output = g.result, epoch = g.epoch
                 from gone g where r.id = g.run_id
             ), written as (
                 select run_id, epoch, seq, paused from moved union all select run_id, epoch, seq, false from gone
             ), recorded as (
                 insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
                 select e.run_id, e.seq + 1, e.step_no, e.attempt, e.epoch, e.duration_ms, e.name, e.output
                 from e join written w using (run_id, epoch, seq)
             )
             select run_id, epoch, paused from written"
        )
    };
}

/// Records the ends of steps, at most one a run and epoch: what a former holder left in line may stand beside
/// what the present one writes.
pub async fn steps(conn: &mut PgConnection, records: &[&StepRecord]) -> sqlx::Result<Vec<Written>> {
    if let [record] = records {
        return step(conn, record).await;
    }
    let next_steps: Vec<_> = records.iter().map(|r| r.follow.next_step()).collect();
    let results: Vec<_> = records.iter().map(|r| r.follow.result()).collect();
    let ends = results.iter().any(Option::is_some);
    sqlx::query_as(if ends {
        ends!(many!())
    } else {
        steps!(many!())
    })
    .bind(records.iter().map(|r| r.run_id).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.epoch).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.seq).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.step_no).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.attempt).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.duration_ms).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.name.as_str()).collect::<Vec<_>>())
    .bind(records.iter().map(|r| &r.output).collect::<Vec<_>>())
    .bind(next_steps)
    .bind(results)
    .fetch_all(conn)
    .await
}

async fn step(conn: &mut PgConnection, record: &StepRecord) -> sqlx::Result<Vec<Written>> {
    let result = record.follow.result();
    sqlx::query_as(if result.is_some() {
        ends!(one!())
    } else {
        steps!(one!())
    })
    .bind(record.run_id)
    .bind(record.epoch)
    .bind(record.seq)
    .bind(record.step_no)
    .bind(record.attempt)
    .bind(record.duration_ms)
    .bind(&record.name)
    .bind(&record.output)
    .bind(record.follow.next_step())
    .bind(result)
    .fetch_all(conn)
    .await
}

/// A row of a step that is still under way.
#[derive(Debug, Clone)]
pub struct EventRecord {
    /// The run.
    pub run_id: Uuid,
    /// The epoch under which it is held.
    pub epoch: i32,
    /// The position this builds on.
    pub seq: i32,
    /// Ordinal of the step.
    pub step_no: i32,
    /// What happened.
    pub kind: &'static str,
    /// Its content.
    pub data: Value,
}

/// Records events, at most one a run and epoch. What only begins is no progress: a run that kills its workers in the
/// same activity again and again must be noticed.
pub async fn events(
    conn: &mut PgConnection,
    records: &[&EventRecord],
) -> sqlx::Result<Vec<Written>> {
    sqlx::query_as(
        "with moved as (
             update run_heads h
             set seq = e.seq + 1, crashes = case when e.kind = 'activity.started' then h.crashes else 0 end
             from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::text[], $6::jsonb[])
                  as e(run_id, epoch, seq, step_no, kind, data)
             where h.run_id = e.run_id and h.epoch = e.epoch and h.seq = e.seq and h.state = 'running'
             returning h.run_id, h.paused, e.epoch, h.seq, e.step_no, e.kind, e.data
         ), recorded as (
             insert into events (run_id, seq, step_no, epoch, kind, data)
             select run_id, seq, step_no, epoch, kind, data from moved
         )
         select run_id, epoch, paused from moved",
    )
    .bind(records.iter().map(|r| r.run_id).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.epoch).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.seq).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.step_no).collect::<Vec<_>>())
    .bind(records.iter().map(|r| r.kind).collect::<Vec<_>>())
    .bind(records.iter().map(|r| &r.data).collect::<Vec<_>>())
    .fetch_all(conn)
    .await
}

/// Of these (run, position, epoch), the runs and epochs whose journal has a row there under that epoch and that have
/// not changed hands since: what we wrote although the answer never reached us.
pub async fn already(
    conn: &mut PgConnection,
    places: &[(Uuid, i32, i32)],
) -> sqlx::Result<Vec<(Uuid, i32)>> {
    sqlx::query_as(
        "select p.run_id, p.epoch from unnest($1::uuid[], $2::int[], $3::int[]) as p(run_id, seq, epoch)
         where (exists (select from steps s where s.run_id = p.run_id and s.seq = p.seq and s.epoch = p.epoch)
                or exists (select from events e where e.run_id = p.run_id and e.seq = p.seq and e.epoch = p.epoch))
           and not exists (select from run_heads h where h.run_id = p.run_id and h.epoch <> p.epoch)",
    )
    .bind(places.iter().map(|p| p.0).collect::<Vec<_>>())
    .bind(places.iter().map(|p| p.1).collect::<Vec<_>>())
    .bind(places.iter().map(|p| p.2).collect::<Vec<_>>())
    .fetch_all(conn)
    .await
}
