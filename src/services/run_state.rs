//! The moves of a run between its states, each on a locked head inside the caller's transaction.

use std::time::Duration;

use jobs::AdvanceRun;
use serde_json::{Value, json};
use sqlx::PgConnection;
use workflows::{Failure, Lane, Outcome, RunId};

use super::{agent_records, announce::Announcement, needs, notices, places};
use crate::{
    error::{Error, Result},
    models::{
        event::{self, NewEvent},
        head::{self, HeadRow},
        limit, run,
    },
};

/// So many times a run may be lost by its holders without moving at all; then it is taken out of their way. The last
/// of them it had to itself (`worker/company.rs`), so that none fails for what its neighbour did.
pub(crate) const POISON: i16 = 5;

/// Adds an event as the newest row of a run. The head must be written afterwards.
pub(super) async fn append(
    conn: &mut PgConnection,
    head: &mut HeadRow,
    kind: &'static str,
    data: Value,
) -> Result<()> {
    Ok(event::insert(conn, &[next_event(head, kind, data)]).await?)
}

/// Adds to each of these runs what `told` says of it. The heads must be written afterwards.
pub(super) async fn append_all(
    conn: &mut PgConnection,
    heads: &mut [HeadRow],
    told: impl Fn(&HeadRow) -> Option<(&'static str, Value)>,
) -> Result<()> {
    let news: Vec<NewEvent> = heads
        .iter_mut()
        .filter_map(|head| told(head).map(|(kind, data)| next_event(head, kind, data)))
        .collect();
    if !news.is_empty() {
        event::insert(conn, &news).await?;
    }
    Ok(())
}

fn next_event(head: &mut HeadRow, kind: &'static str, data: Value) -> NewEvent {
    head.seq += 1;
    NewEvent {
        run_id: head.run_id,
        seq: head.seq,
        step_no: head.step_no,
        epoch: head.epoch,
        kind,
        data,
    }
}

/// Runs with limits are those of tasks, and those are followed by people.
fn moved(head: &HeadRow, after: &mut Announcement) {
    if head.limits.is_some() {
        after.changed(RunId(head.run_id));
    }
}

/// Makes a run that holds its places ready and writes its job, unless it is paused.
pub(super) async fn dispatch(
    conn: &mut PgConnection,
    head: &mut HeadRow,
    after: &mut Announcement,
) -> Result<()> {
    "ready".clone_into(&mut head.state);
    head.owner = None;
    head.waits = None;
    head.waits_for = None;
    head::update(conn, head, None).await?;
    moved(head, after);
    if !head.paused {
        let job = job_of(head)?;
        jobs::enqueue(conn, &job).await?;
        after.lane(job.lane);
    }
    Ok(())
}

/// As [`dispatch`], for many that [need no places](needs_places): so many wake at the same second that one by one would
/// take too long.
pub(super) async fn dispatch_all(
    conn: &mut PgConnection,
    heads: &[HeadRow],
    after: &mut Announcement,
) -> Result<()> {
    if heads.is_empty() {
        return Ok(());
    }
    let mut jobs = Vec::with_capacity(heads.len());
    for head in heads {
        moved(head, after);
        if !head.paused {
            jobs.push(job_of(head)?);
        }
    }
    head::make_ready(conn, heads).await?;
    jobs::enqueue_all(conn, &jobs).await?;
    for job in jobs {
        after.lane(job.lane);
    }
    Ok(())
}

/// Whether a run that goes on must take places first.
pub(super) fn needs_places(head: &HeadRow) -> bool {
    head.limits.is_some() && !places::holds(head)
}

/// Makes a run go on: at once when its places are free, else it stands in line for them.
pub(super) async fn wake(
    conn: &mut PgConnection,
    head: &mut HeadRow,
    after: &mut Announcement,
) -> Result<()> {
    if needs_places(head)
        && let Some(keys) = head.limits.clone()
        && !places::take(conn, &keys).await?
    {
        "queued".clone_into(&mut head.state);
        head.owner = None;
        head.waits = None;
        head.waits_for = None;
        head::update(conn, head, None).await?;
        moved(head, after);
        limit::queue(conn, head.run_id, &keys, head.priority).await?;
        return Ok(());
    }
    dispatch(conn, head, after).await
}

/// What a parked run waits for.
pub(super) struct Parking {
    pub(super) waits: &'static str,
    pub(super) name: String,
    pub(super) signals: Option<Vec<String>>,
    pub(super) due_in: Option<Duration>,
}

/// Parks a run: no job, no memory, no polling. Waits that people end may last for days, so their places
/// are given back.
pub(super) async fn park(
    conn: &mut PgConnection,
    head: &mut HeadRow,
    parking: Parking,
    after: &mut Announcement,
) -> Result<()> {
    let held = places::holds(head);
    "waiting".clone_into(&mut head.state);
    head.owner = None;
    head.waits = Some(parking.waits.to_owned());
    head.waits_for = parking.signals;
    head.step = Some(parking.name);
    head::update(conn, head, parking.due_in).await?;
    moved(head, after);
    notices::waits(conn, head, after).await?;
    if let Some(keys) = head.limits.clone().filter(|_| held && !places::holds(head)) {
        places::give_back(conn, &keys, after).await?;
    }
    Ok(())
}

/// Ends a run: its head goes, its places go to the next, its parent may go on, its children are canceled.
pub(super) async fn close(
    conn: &mut PgConnection,
    mut head: HeadRow,
    outcome: &Outcome,
    after: &mut Announcement,
) -> Result<()> {
    let (kind, data) = match outcome {
        Outcome::Succeeded { .. } => ("run.succeeded", json!({})),
        Outcome::Failed { failure } => ("run.failed", json!(failure)),
        Outcome::Canceled => ("run.canceled", json!({})),
    };
    if head.state == "running" {
        after.taken(RunId(head.run_id), head.epoch);
        // Its holder must not take this row for one of its own.
        head.epoch += 1;
    }
    append(conn, &mut head, kind, data).await?;
    moved(&head, after);
    notices::ended(conn, &head, outcome, after).await?;
    head::delete(conn, head.run_id).await?;
    match outcome {
        // A run succeeds between its steps, when its agents are silent.
        Outcome::Succeeded { .. } => {}
        Outcome::Failed { .. } => {
            agent_records::end_with_run(conn, RunId(head.run_id), "failed").await?;
        }
        Outcome::Canceled => {
            agent_records::end_with_run(conn, RunId(head.run_id), "canceled").await?;
        }
    }
    let (parent, task) = run::close(conn, head.run_id, head.epoch, outcome).await?;
    if head.state == "queued" {
        limit::unqueue(conn, head.run_id).await?;
    }
    if let Some(keys) = head.limits.clone().filter(|_| places::holds(&head)) {
        places::give_back(conn, &keys, after).await?;
    }
    for child in head::children(conn, head.run_id).await? {
        if let Some(child) = head::lock(conn, child).await? {
            Box::pin(close(conn, child, &Outcome::Canceled, after)).await?;
        }
    }
    if let Some(task) = task {
        needs::ended(conn, task, word(outcome), after).await?;
    }
    match parent {
        Some(parent) => {
            if head.limits.is_some() {
                after.changed(RunId(parent));
            }
            child_ended(conn, parent, after).await
        }
        None => Ok(()),
    }
}

/// How a run ended, in a word for people.
fn word(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Succeeded { output } => output["result"].as_str().unwrap_or("succeeded"),
        Outcome::Failed { .. } => "failed",
        Outcome::Canceled => "canceled",
    }
}

async fn child_ended(
    conn: &mut PgConnection,
    parent: uuid::Uuid,
    after: &mut Announcement,
) -> Result<()> {
    if head::child_ended(conn, parent).await? != Some(0) {
        return Ok(());
    }
    match head::lock(conn, parent).await? {
        Some(mut parent) if parent.waits.as_deref() == Some("children") => {
            join(conn, &mut parent, after).await
        }
        _ => Ok(()),
    }
}

/// All children have ended: their outcomes become one entry of the parent's history.
pub(super) async fn join(
    conn: &mut PgConnection,
    parent: &mut HeadRow,
    after: &mut Announcement,
) -> Result<()> {
    let outcomes = match run::spawned_at(conn, parent.run_id).await? {
        Some(seq) if parent.pending_children == 0 => {
            run::child_outcomes(conn, parent.run_id, seq).await?
        }
        _ => Vec::new(),
    };
    let data = json!({"name": parent.step, "outcomes": outcomes});
    append(conn, parent, "children.joined", data).await?;
    wake(conn, parent, after).await
}

pub(super) fn job_of(head: &HeadRow) -> Result<AdvanceRun> {
    let lane: Lane = head
        .lane
        .parse()
        .map_err(|error| Error::Internal(format!("in a run's head: {error}")))?;
    Ok(AdvanceRun {
        run: RunId(head.run_id),
        epoch: head.epoch,
        lane,
        priority: head.priority,
        crashes: head.crashes,
    })
}

/// Why a holder lets go of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Through no fault of the run: others take it up at once.
    Unharmed,
    /// It could not go on with it. Others try at once, and it counts as a crash: a run that no worker can go
    /// on with must not go round for ever.
    Suspect,
    /// It is for a program that knows more, after so long.
    Later(Duration),
}

/// Takes a run from its holder and gives it to others.
pub(super) async fn release(
    conn: &mut PgConnection,
    fence: workflows::Fence,
    reason: &str,
    how: Release,
    after: &mut Announcement,
) -> Result<()> {
    let head = head::lock(conn, fence.run.0).await?;
    let Some(mut head) = head.filter(|head| head.state == "running" && head.epoch == fence.epoch)
    else {
        return Ok(());
    };
    tracing::warn!(run = %fence.run, reason, "a worker lets go of a run");
    if let Release::Later(pause) = how {
        let name = head.step.clone().unwrap_or_default();
        let parking = Parking {
            waits: "retry",
            name,
            signals: None,
            due_in: Some(pause),
        };
        return park(conn, &mut head, parking, after).await;
    }
    head.crashes += i16::from(how == Release::Suspect);
    head.epoch += 1;
    append(conn, &mut head, "run.released", json!({"reason": reason})).await?;
    if head.crashes >= POISON {
        let failure = Failure {
            step: head.step.clone(),
            ..Failure::of_run(reason)
        };
        return close(conn, head, &Outcome::Failed { failure }, after).await;
    }
    dispatch(conn, &mut head, after).await
}
