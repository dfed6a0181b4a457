//! Starting runs.

use std::time::Duration;

use jobs::AdvanceRun;
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use workflows::{Definition, History, Lane, Next, RunId};

use super::{
    announce::Announcement,
    needs,
    places::{self, Limit},
};
use crate::{
    error::{Error, Result},
    models::{
        head::{self, NewHead},
        limit,
        run::{self, NewRun, RunRow},
    },
};

/// What a run is started with.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The definition's input.
    pub input: Value,
    /// The task it is an attempt at.
    pub task: Option<workflows::TaskId>,
    /// Limits under which it takes a place. Runs of tasks have some, and are known by them for runs that people follow.
    pub limits: Vec<Limit>,
    /// Higher goes first.
    pub priority: i16,
    /// Longest time it may take, waits included.
    pub deadline: Option<Duration>,
    /// The same key starts the same run once.
    pub request_key: Option<String>,
    /// Its task waits for others: it is parked until they have succeeded.
    pub waits: bool,
}

/// Starts a run inside the caller's transaction. Tell the announcement after the commit.
pub async fn start_in(
    conn: &mut PgConnection,
    definition: &Definition,
    start: Start,
    after: &mut Announcement,
) -> Result<RunId> {
    let id = RunId::new();
    let new = NewRun {
        id: id.0,
        task_id: start.task.map(|task| task.0),
        workflow: definition.name.to_owned(),
        version: version_of(definition)?,
        request_key: start.request_key.clone(),
        input: start.input.clone(),
        ..NewRun::default()
    };
    // In the order in which they are locked everywhere: two starts at once do not hold each other up.
    let mut limits = start.limits;
    limits.sort_by(|one, other| one.key.cmp(&other.key));
    let keys: Vec<String> = limits.iter().map(|limit| limit.key.clone()).collect();
    for limit in &limits {
        limit::set(conn, &limit.key, i32::from(limit.most)).await?;
    }
    let waits = start.waits;
    let placed = !waits && (keys.is_empty() || places::take(conn, &keys).await?);
    let (lane, step) = first_step(definition, start.input.clone());
    let head = NewHead {
        run_id: id.0,
        state: if placed { "ready" } else { "queued" },
        lane: lane.as_str(),
        step,
        priority: start.priority,
        time_limit: start.deadline,
        limits: Some(keys.clone()).filter(|keys| !keys.is_empty()),
        at: (0, 0, 1),
    };
    if !run::insert(conn, &new, &head).await? {
        if placed && !keys.is_empty() {
            limit::hold(conn, &keys, -1).await?;
        }
        let key = start.request_key.unwrap_or_default();
        let earlier = run::find_by_request_key(conn, &key)
            .await?
            .ok_or_else(|| Error::not_found("the run of this key"))?;
        return same_request(&earlier, definition, &start.input);
    }
    if waits {
        let head = head::lock(conn, id.0).await?;
        let mut head = head.ok_or_else(|| Error::not_found("the head of a new run"))?;
        needs::park(conn, &mut head, after).await?;
    } else if placed {
        jobs::enqueue(
            conn,
            &AdvanceRun {
                run: id,
                epoch: 0,
                lane,
                priority: start.priority,
                crashes: 0,
            },
        )
        .await?;
        after.lane(lane);
    } else {
        limit::queue(conn, id.0, &keys, start.priority).await?;
    }
    Ok(id)
}

/// Starts a run.
pub async fn start(db: &PgPool, definition: &Definition, start: Start) -> Result<RunId> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let id = start_in(&mut tx, definition, start, &mut after).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(id)
}

/// Starts many plain runs with the same input, a few statements in all.
pub async fn start_many(
    db: &PgPool,
    definition: &Definition,
    input: &Value,
    count: usize,
) -> Result<Vec<RunId>> {
    let ids: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
    let (lane, step) = first_step(definition, input.clone());
    let mut tx = db.begin().await?;
    run::insert_many(
        &mut tx,
        &ids,
        definition.name,
        version_of(definition)?,
        input,
    )
    .await?;
    head::insert_many(&mut tx, &ids, lane.as_str(), step.as_deref()).await?;
    let job = |id: &Uuid| AdvanceRun {
        run: RunId(*id),
        epoch: 0,
        lane,
        priority: 0,
        crashes: 0,
    };
    jobs::enqueue_all(&mut tx, &ids.iter().map(job).collect::<Vec<_>>()).await?;
    tx.commit().await?;
    let mut after = Announcement::default();
    after.lane(lane);
    after.tell(db).await;
    Ok(ids.into_iter().map(RunId).collect())
}

/// A run, ended or not.
pub async fn get(db: &PgPool, id: RunId) -> Result<RunRow> {
    run::find(db, id.0)
        .await?
        .ok_or_else(|| Error::not_found("run"))
}

fn same_request(earlier: &RunRow, definition: &Definition, input: &Value) -> Result<RunId> {
    if earlier.workflow == definition.name && earlier.input == *input {
        Ok(RunId(earlier.id))
    } else {
        Err(Error::Conflict(
            "this request key was used for another run".to_owned(),
        ))
    }
}

fn version_of(definition: &Definition) -> Result<i16> {
    i16::try_from(definition.version)
        .map_err(|_| Error::Internal(format!("{} has too large a version", definition.name)))
}

/// Lane and name of the step a run begins with; a run that begins with a wait is taken up by the agents' lane.
fn first_step(definition: &Definition, input: Value) -> (Lane, Option<String>) {
    match (definition.next)(&History::new(input)) {
        Next::Run(step) => (step.lane, Some(step.name.to_string())),
        _ => (Lane::Agents, None),
    }
}
