//! What people and programs do to a run while it lives, and to one that has ended: signal, cancel, pause,
//! resume, retry, fork.

use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use workflows::{Outcome, RunId};

pub use super::retrying::{retry, retry_by};
use super::{access::Caller, agent_records::MESSAGE, announce::Announcement, audit, run_state};
use crate::{
    error::{Error, Result},
    models::{
        head,
        run::{self, NewRun},
        signal, step,
    },
};

/// How often what met a deadlock begins again.
const TRIES: usize = 3;

/// Does it, and again when it met a deadlock: what ends at the same moment locks the other way round, from a run to its
/// places, to those who stand in line for them. One of the two has to begin again, and it is not a person's to do so.
pub(super) async fn persistently<'a, T>(
    mut attempt: impl FnMut() -> BoxFuture<'a, Result<T>> + Send,
) -> Result<T> {
    for _ in 0..TRIES {
        match attempt().await {
            Err(Error::Unavailable(reason)) => tracing::debug!(reason, "begun again"),
            done => return done,
        }
    }
    attempt().await
}

/// Sends a run a word. It is kept until the run asks for it; a run that waits for it goes on at once.
pub async fn signal(
    db: &PgPool,
    id: RunId,
    name: &str,
    payload: &Value,
    request_key: Option<&str>,
) -> Result<()> {
    let signal = Signal {
        name,
        payload,
        sent_by: None,
        request_key,
    };
    send(db, id, signal).await
}

/// A word for a run.
#[derive(Debug, Clone, Copy)]
pub struct Signal<'a> {
    /// Its name.
    pub name: &'a str,
    /// What comes with it.
    pub payload: &'a Value,
    /// Who says it, if a person does.
    pub sent_by: Option<Uuid>,
    /// The sender's key: the same word twice is one word.
    pub request_key: Option<&'a str>,
}

/// The same from a person.
pub async fn send(db: &PgPool, id: RunId, word: Signal<'_>) -> Result<()> {
    persistently(|| try_send(db, id, word).boxed()).await
}

async fn try_send(db: &PgPool, id: RunId, word: Signal<'_>) -> Result<()> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    send_in(&mut tx, id, word, &mut after).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(())
}

/// Holds a living run where it is until the transaction ends.
pub(super) async fn hold(conn: &mut PgConnection, id: RunId) -> Result<()> {
    living(conn, id).await.map(drop)
}

/// What came of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// The run waited for it and goes on.
    Heard,
    /// It is kept until the run asks for it.
    Kept,
    /// It was said before, under the same key; nothing was done.
    Before,
}

/// The same inside the caller's transaction.
pub(super) async fn send_in(
    conn: &mut PgConnection,
    id: RunId,
    word: Signal<'_>,
    after: &mut Announcement,
) -> Result<Said> {
    let mut head = living(conn, id).await?;
    let said = async |conn: &mut PgConnection, run: Uuid| {
        let Signal {
            name,
            payload,
            sent_by,
            request_key,
        } = word;
        signal::insert(conn, run, name, payload, sent_by, request_key).await
    };
    if !said(conn, id.0).await? {
        let key = word.request_key.unwrap_or_default();
        return match signal::of_key(conn, id.0, key).await?.as_ref() == Some(word.payload) {
            true => Ok(Said::Before),
            false => Err(Error::field(
                "Idempotency-Key",
                "was used for another request",
            )),
        };
    }
    after.changed(id);
    if word.name == MESSAGE {
        // Those who are at work for it hear it as well.
        for child in head::children(conn, id.0).await? {
            said(conn, child).await?;
        }
    }
    let awaited = head
        .waits_for
        .clone()
        .filter(|_| head.waits.as_deref() == Some("signal"));
    if let Some(names) = awaited
        && let Some(signal) = signal::take(conn, id.0, &names).await?
    {
        let data = json!({"name": signal.name, "payload": signal.payload, "by": word.sent_by});
        run_state::append(conn, &mut head, "signal.received", data).await?;
        run_state::wake(conn, &mut head, after).await?;
        return Ok(Said::Heard);
    }
    Ok(Said::Kept)
}

/// Ends a run now, whoever holds it: its holder is told at once and can write nothing more.
pub async fn cancel(db: &PgPool, id: RunId) -> Result<()> {
    cancel_by(db, id, None).await
}

/// The same, noted as what this person did.
pub async fn cancel_by(db: &PgPool, id: RunId, by: Option<&Caller>) -> Result<()> {
    persistently(|| try_cancel(db, id, by).boxed()).await
}

async fn try_cancel(db: &PgPool, id: RunId, by: Option<&Caller>) -> Result<()> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let head = living(&mut tx, id).await?;
    run_state::close(&mut tx, head, &Outcome::Canceled, &mut after).await?;
    note(&mut tx, by, "run.canceled", id, json!({})).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(())
}

/// Asks a run to stop at the next good moment: after the activity under way, losing nothing.
pub async fn pause(db: &PgPool, id: RunId) -> Result<()> {
    pause_by(db, id, None).await
}

/// The same, noted as what this person did.
pub async fn pause_by(db: &PgPool, id: RunId, by: Option<&Caller>) -> Result<()> {
    persistently(|| try_pause(db, id, by).boxed()).await
}

async fn try_pause(db: &PgPool, id: RunId, by: Option<&Caller>) -> Result<()> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let head = with_branches(&mut tx, id).await?;
    if head.paused {
        return Err(Error::Conflict("the run is paused already".to_owned()));
    }
    head::set_paused(&mut tx, id.0, true).await?;
    after.changed(id);
    for branch in head::branches(&mut tx, id.0).await? {
        head::set_paused(&mut tx, branch, true).await?;
        after.changed(RunId(branch));
    }
    note(&mut tx, by, "run.paused", id, json!({})).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(())
}

/// Lets a paused run go on.
pub async fn resume(db: &PgPool, id: RunId) -> Result<()> {
    resume_by(db, id, None).await
}

/// The same, noted as what this person did.
pub async fn resume_by(db: &PgPool, id: RunId, by: Option<&Caller>) -> Result<()> {
    persistently(|| try_resume(db, id, by).boxed()).await
}

async fn try_resume(db: &PgPool, id: RunId, by: Option<&Caller>) -> Result<()> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let head = with_branches(&mut tx, id).await?;
    if !head.paused {
        return Err(Error::Conflict("the run is not paused".to_owned()));
    }
    go_on(&mut tx, head, &mut after).await?;
    for branch in head::branches(&mut tx, id.0).await? {
        if let Some(branch) = head::lock(&mut tx, branch).await?.filter(|one| one.paused) {
            go_on(&mut tx, branch, &mut after).await?;
        }
    }
    note(&mut tx, by, "run.resumed", id, json!({})).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(())
}

/// A living run, locked after all that branched off from it: in the order in which a branch that ends locks them.
async fn with_branches(conn: &mut PgConnection, id: RunId) -> Result<head::HeadRow> {
    for branch in head::branches(conn, id.0).await? {
        head::lock(conn, branch).await?;
    }
    living(conn, id).await
}

async fn go_on(
    conn: &mut PgConnection,
    mut head: head::HeadRow,
    after: &mut Announcement,
) -> Result<()> {
    head.paused = false;
    if head.state == "ready" {
        // A job of this epoch may be on its way out; the new one must not be taken for it.
        head.epoch += 1;
        run_state::append(conn, &mut head, "run.resumed", json!({})).await?;
        return run_state::dispatch(conn, &mut head, after).await;
    }
    head::set_paused(conn, head.run_id, false).await?;
    after.changed(RunId(head.run_id));
    Ok(())
}

/// Starts a new run that shares another's journal up to row `seq`, with another input if one is given. It
/// pays only for what it does itself.
pub async fn fork(db: &PgPool, of: RunId, seq: i32, input: Option<Value>) -> Result<RunId> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let id = fork_in(&mut tx, of, seq, input, None, &mut after).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(id)
}

/// The same in the caller's transaction, noted as what this person did.
pub(super) async fn fork_in(
    conn: &mut PgConnection,
    of: RunId,
    seq: i32,
    input: Option<Value>,
    by: Option<&Caller>,
    after: &mut Announcement,
) -> Result<RunId> {
    let origin = run::find(&mut *conn, of.0)
        .await?
        .ok_or_else(|| Error::not_found("run"))?;
    if let Some(parent) = origin.parent_run {
        // It would be an attempt among which nobody chooses.
        return Err(Error::Conflict(format!(
            "the run is a branch of {}; fork that one",
            RunId(parent)
        )));
    }
    let last = run::last_seq(conn, of.0)
        .await?
        .max(origin.fork_seq.unwrap_or(0));
    if seq < 0 || seq > last {
        return Err(Error::Invalid(format!(
            "the run's journal has rows 0 to {last}; it has no row {seq}"
        )));
    }
    let id = RunId::new();
    let new = NewRun {
        id: id.0,
        task_id: origin.task_id,
        workflow: origin.workflow.clone(),
        version: origin.version,
        input: input.unwrap_or_else(|| origin.input.clone()),
        fork: Some((of.0, seq)),
        ..NewRun::default()
    };
    let step_no = step_after(conn, of.0, seq).await?;
    run::insert(conn, &new, &origin.head_at(id.0, (0, seq, step_no))).await?;
    let mut head = living(conn, id).await?;
    let data = json!({"of": of, "seq": seq});
    run_state::append(conn, &mut head, "run.forked", data).await?;
    run_state::wake(conn, &mut head, after).await?;
    let data = json!({"of": audit::run(of.0), "seq": seq});
    note(conn, by, "run.forked", id, data).await?;
    Ok(id)
}

/// Notes what somebody did to a run. What programs do here is in its journal.
pub(super) async fn note(
    conn: &mut PgConnection,
    by: Option<&Caller>,
    action: &str,
    run: RunId,
    detail: Value,
) -> Result<()> {
    match by {
        Some(by) => audit::note(conn, by, action, &audit::run(run.0), &detail).await,
        None => Ok(()),
    }
}

/// Ordinal of the step after row `seq`, wherever that row's journal was begun.
pub(super) async fn step_after(conn: &mut PgConnection, run: Uuid, seq: i32) -> Result<i32> {
    let mut run = run;
    loop {
        let row = run::find(&mut *conn, run)
            .await?
            .ok_or_else(|| Error::not_found("run"))?;
        match (row.fork_of, row.fork_seq) {
            (Some(origin), Some(fork_seq)) if seq <= fork_seq => run = origin,
            _ => return Ok(step::ordinal_after(conn, run, seq).await?),
        }
    }
}

pub(super) async fn living(conn: &mut PgConnection, id: RunId) -> Result<head::HeadRow> {
    if let Some(head) = head::lock(conn, id.0).await? {
        return Ok(head);
    }
    match run::find(conn, id.0).await? {
        Some(run) => Err(Error::Conflict(format!(
            "the run has ended: {}",
            run.outcome.unwrap_or_default()
        ))),
        None => Err(Error::not_found("run")),
    }
}
