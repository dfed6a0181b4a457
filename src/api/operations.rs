//! The engine room, for whoever looks after the installation.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Query, payload::Json};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Cursor, Limit, Text},
};
use crate::services::operations::{self, DeadJob, EngineRoom, WorkerRow};

#[derive(Default)]
pub(super) struct OperationsApi;

/// What is under way in a lane.
#[derive(Debug, Default, Object)]
struct LaneLoad {
    /// `agents`, `checks`, `outbound` or `upkeep`.
    lane: String,
    /// Runs without a free place.
    queued_runs: i64,
    /// Runs that a worker will take up.
    ready_runs: i64,
    /// Runs that a worker holds.
    running_runs: i64,
    /// Runs that wait for a person, a time, their children or their next try.
    waiting_runs: i64,
    /// For how long the first of those that are ready has been so, in seconds; 0 when there is none. More than some
    /// seconds means that there are too few workers.
    oldest_ready_s: f64,
    /// Jobs that wait for a worker.
    waiting_jobs: i64,
    /// Jobs that a worker has.
    running_jobs: i64,
    /// Jobs that failed for good: see `listDeadJobs`.
    dead_jobs: i64,
}

/// A worker.
#[derive(Object)]
struct WorkerInfo {
    /// Its number.
    id: i64,
    /// Its machine.
    host: String,
    /// Its process.
    pid: i32,
    /// The lanes it serves.
    lanes: Vec<String>,
    /// Its program's version.
    version: String,
    /// Since when it works.
    started_at: DateTime<Utc>,
    /// How long its lease is good still, in seconds; less than nothing when it has not been heard in time.
    lease_s: f64,
    /// Runs that it holds.
    runs: i64,
}

/// The engine room.
#[derive(Object)]
struct Operations {
    /// All lanes in which there is something, by name.
    lanes: Vec<LaneLoad>,
    /// All workers that are known, the oldest first.
    workers: Vec<WorkerInfo>,
}

/// A job that failed for good.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, rename = "DeadJob")]
struct Dead {
    /// Its id.
    id: String,
    /// Its lane.
    lane: String,
    /// Its name.
    name: Option<String>,
    /// How often it was tried.
    attempts: i32,
    /// Why it failed.
    reason: Option<String>,
    /// When it failed for good.
    died_at: DateTime<Utc>,
}

/// A page of jobs that failed for good.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct DeadJobPage {
    /// The newest first.
    items: Vec<Dead>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

/// Jobs to be tried again.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct DeadJobRetry {
    /// Their ids.
    #[oai(validator(min_items = 1, max_items = 200))]
    ids: Vec<Text>,
}

/// What came of it.
#[derive(Object)]
struct DeadJobsRetried {
    /// How many of them were dead and will be tried again.
    retried: u64,
}

#[OpenApi(prefix_path = "/api/v1/operations", tag = "Tag::Ops")]
impl OperationsApi {
    /// Look into the engine room
    ///
    /// Runs and jobs by lane, and the workers with their leases.
    #[oai(path = "/", method = "get", operation_id = "getOperations")]
    async fn overview(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
    ) -> Result<Json<Operations>, Problem> {
        auth.may("getOperations")?;
        Ok(Json(operations::overview(&state.db).await?.into()))
    }

    /// List jobs that failed for good
    ///
    /// With their reasons, the newest first. Runs are not among them: a run that fails says so itself.
    #[oai(path = "/dead-jobs", method = "get", operation_id = "listDeadJobs")]
    async fn dead(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<DeadJobPage>, Problem> {
        auth.may("listDeadJobs")?;
        let most = Limit::of(limit.0);
        let rows = operations::dead(&state.db, Cursor::two(cursor.0)?, most + 1).await?;
        let (rows, next_cursor) =
            Cursor::page(rows, most, |row| Cursor::moment(row.died_at, &row.id));
        let items = rows.into_iter().map(Dead::from).collect();
        Ok(Json(DeadJobPage { items, next_cursor }))
    }

    /// Try dead jobs again
    ///
    /// Gives each all its attempts again, at once. Those that are not dead are left alone.
    #[oai(
        path = "/dead-jobs/retry",
        method = "post",
        operation_id = "retryDeadJobs"
    )]
    async fn retry(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        body: Json<DeadJobRetry>,
    ) -> Result<Json<DeadJobsRetried>, Problem> {
        let caller = auth.may("retryDeadJobs")?;
        let ids: Vec<String> = body.0.ids.into_iter().map(Into::into).collect();
        let retried = operations::retry(&state.db, caller, &ids).await?;
        Ok(Json(DeadJobsRetried { retried }))
    }
}

impl From<EngineRoom> for Operations {
    fn from(room: EngineRoom) -> Self {
        let mut lanes: BTreeMap<String, LaneLoad> = BTreeMap::new();
        for head in room.heads {
            let load = lanes.entry(head.lane).or_default();
            match head.state.as_str() {
                "queued" => load.queued_runs += head.runs,
                "running" => load.running_runs += head.runs,
                "waiting" => load.waiting_runs += head.runs,
                _ => {
                    load.ready_runs += head.runs;
                    load.oldest_ready_s = head.oldest_s;
                }
            }
        }
        for (lane, status, count) in room.jobs {
            let load = lanes.entry(lane).or_default();
            match status.as_str() {
                "Pending" => load.waiting_jobs += count,
                "Queued" | "Running" => load.running_jobs += count,
                "Killed" => load.dead_jobs += count,
                _ => {}
            }
        }
        let lanes = lanes
            .into_iter()
            .map(|(lane, load)| LaneLoad { lane, ..load });
        Self {
            lanes: lanes.collect(),
            workers: room.workers.into_iter().map(WorkerInfo::from).collect(),
        }
    }
}

impl From<WorkerRow> for WorkerInfo {
    fn from(row: WorkerRow) -> Self {
        Self {
            id: row.id,
            host: row.host,
            pid: row.pid,
            lanes: row.lanes,
            version: row.version,
            started_at: row.started_at,
            lease_s: row.lease_s,
            runs: row.runs,
        }
    }
}

impl From<DeadJob> for Dead {
    fn from(row: DeadJob) -> Self {
        Self {
            id: row.id,
            lane: row.lane,
            name: row.name,
            attempts: row.attempts,
            reason: row.reason,
            died_at: row.died_at,
        }
    }
}
