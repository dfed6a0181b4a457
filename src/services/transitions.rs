//! The engine's writes that concern more than the run's own rows: parking, children, retries, ends.
//! (The common ones, a step and the next, are written by the group commit of `worker/journal.rs`.)

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::{
    Child, Committed, Outcome, Then, Transition, Wait,
    ports::{Record, StepEnd},
};

use super::{
    announce::Announcement,
    run_state::{self, Parking},
};
use crate::{
    error::{Error, Result},
    models::{
        effect,
        head::{self, HeadRow, NewHead},
        run::{self, NewRun},
        signal, step,
    },
};

/// What came of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was written.
    Yes(Committed),
    /// The run has changed hands, ended, or this was written already.
    Fenced,
}

/// Applies a transition under its fence.
pub async fn apply(
    conn: &mut PgConnection,
    transition: &Transition,
    after: &mut Announcement,
) -> Result<Applied> {
    let Some(mut head) = held(conn, transition.fence, transition.seq).await? else {
        return Ok(Applied::Fenced);
    };
    if let Some(end) = &transition.ended {
        record(conn, &mut head, end).await?;
    }
    match &transition.then {
        Then::Continue { step } => {
            // Only while draining does this come here: the next step is for another worker.
            head.step = Some(step.clone());
            hand_over(conn, &mut head, after).await?;
        }
        Then::Dispatch { step, lane } => {
            lane.as_str().clone_into(&mut head.lane);
            head.step = Some(step.clone());
            hand_over(conn, &mut head, after).await?;
        }
        Then::Pause if head.paused => {
            run_state::append(conn, &mut head, "run.paused", json!({})).await?;
            run_state::dispatch(conn, &mut head, after).await?;
        }
        // A shutdown, or a request that was taken back before it was heeded.
        Then::Pause => hand_over(conn, &mut head, after).await?,
        Then::Wait(wait) => park(conn, head, wait, after).await?,
        Then::Spawn { name, children } => spawn(conn, head, name, children, after).await?,
        Then::Retry {
            step,
            after: pause,
            reason,
        } => {
            let data = json!({"step": step, "attempt": head.attempt, "reason": reason, "retry_in_ms": pause.as_millis() as u64});
            run_state::append(conn, &mut head, "step.failed", data).await?;
            head.attempt = head.attempt.saturating_add(1);
            let parking = Parking {
                waits: "retry",
                name: step.clone(),
                signals: None,
                due_in: Some(*pause),
            };
            run_state::park(conn, &mut head, parking, after).await?;
        }
        Then::Finish(output) => {
            let outcome = Outcome::Succeeded {
                output: output.clone(),
            };
            run_state::close(conn, released(head), &outcome, after).await?;
        }
        Then::Fail(failure) => {
            let outcome = Outcome::Failed {
                failure: failure.clone(),
            };
            run_state::close(conn, released(head), &outcome, after).await?;
        }
    }
    Ok(Applied::Yes(Committed::Released))
}

/// The holder itself ends the run, so nobody has to be told to let go.
fn released(head: HeadRow) -> HeadRow {
    HeadRow {
        state: "ready".to_owned(),
        owner: None,
        ..head
    }
}

async fn held(
    conn: &mut PgConnection,
    fence: workflows::Fence,
    seq: i32,
) -> Result<Option<HeadRow>> {
    let head = head::lock(conn, fence.run.0).await?;
    Ok(head.filter(|head| head.state == "running" && head.epoch == fence.epoch && head.seq == seq))
}

async fn record(conn: &mut PgConnection, head: &mut HeadRow, end: &StepEnd) -> Result<()> {
    head.seq += 1;
    step::insert(conn, head.run_id, head.epoch, head.seq, end).await?;
    head.step_no += 1;
    head.attempt = 1;
    head.crashes = 0;
    Ok(())
}

/// The run goes on elsewhere. It holds its places already. The event also tells a writer whose commit was
/// answered by silence that it was written.
async fn hand_over(
    conn: &mut PgConnection,
    head: &mut HeadRow,
    after: &mut Announcement,
) -> Result<()> {
    let data = json!({"step": head.step, "lane": head.lane});
    run_state::append(conn, head, "step.dispatched", data).await?;
    run_state::dispatch(conn, head, after).await
}

async fn park(
    conn: &mut PgConnection,
    mut head: HeadRow,
    wait: &Wait,
    after: &mut Announcement,
) -> Result<()> {
    let parking = match wait {
        Wait::Signal { names, timeout } => {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            if let Some(signal) = signal::take(conn, head.run_id, &names).await? {
                let data = json!({"name": signal.name, "payload": signal.payload});
                run_state::append(conn, &mut head, "signal.received", data).await?;
                return run_state::dispatch(conn, &mut head, after).await;
            }
            Parking {
                waits: "signal",
                name: names.join(" | "),
                signals: Some(names),
                due_in: *timeout,
            }
        }
        Wait::Sleep { name, length } => Parking {
            waits: "timer",
            name: name.to_string(),
            signals: None,
            due_in: Some(*length),
        },
        Wait::Until { name, at } => {
            let left = head::time_until(conn, *at).await?;
            Parking {
                waits: "timer",
                name: name.to_string(),
                signals: None,
                due_in: Some(left),
            }
        }
    };
    run_state::append(
        conn,
        &mut head,
        "run.waiting",
        json!({"for": parking.waits, "name": parking.name}),
    )
    .await?;
    run_state::park(conn, &mut head, parking, after).await
}

async fn spawn(
    conn: &mut PgConnection,
    mut parent: HeadRow,
    name: &str,
    children: &[Child],
    after: &mut Announcement,
) -> Result<()> {
    run_state::append(
        conn,
        &mut parent,
        "children.spawned",
        json!({"name": name, "count": children.len()}),
    )
    .await?;
    parent.step = Some(name.to_owned());
    if children.is_empty() {
        parent.pending_children = -1;
        run_state::join(conn, &mut parent, after).await?;
        return Ok(());
    }
    for (ordinal, child) in (0..).zip(children) {
        let id = Uuid::now_v7();
        let new = NewRun {
            id,
            workflow: child.workflow.to_string(),
            version: i16::try_from(child.version)
                .map_err(|_| Error::Invalid("a version too large".into()))?,
            input: child.input.clone(),
            parent: Some((parent.run_id, parent.seq, ordinal)),
            ..NewRun::default()
        };
        let head = NewHead {
            run_id: id,
            state: "ready",
            lane: child.lane.as_str(),
            step: None,
            priority: parent.priority,
            time_limit: None,
            // They have no places of their own: the parent keeps its own for all of them. But of a task they are.
            limits: parent.limits.is_some().then(Vec::new),
            at: (0, 0, 1),
        };
        run::insert(conn, &new, &head).await?;
        if parent.paused {
            // It is resumed together with its parent.
            head::set_paused(conn, id, true).await?;
            continue;
        }
        let job = jobs::AdvanceRun {
            run: workflows::RunId(id),
            epoch: 0,
            lane: child.lane,
            priority: parent.priority,
            crashes: 0,
        };
        jobs::enqueue(conn, &job).await?;
        after.lane(child.lane);
    }
    parent.pending_children = i32::try_from(children.len()).unwrap_or(i32::MAX);
    let parking = Parking {
        waits: "children",
        name: name.to_owned(),
        signals: None,
        due_in: None,
    };
    run_state::park(conn, &mut parent, parking, after).await
}

/// The bookkeeping of external effects that belongs to a record of a step under way.
pub async fn note_effect(
    conn: &mut PgConnection,
    run: Uuid,
    step_no: i32,
    record: &Record,
) -> Result<()> {
    match record {
        Record::Started {
            natural_key: Some(key),
            ..
        } => effect::begin(conn, key, run, step_no).await?,
        Record::Finished {
            natural_key: Some(key),
            output,
            ..
        } => {
            effect::begin(conn, key, run, step_no).await?;
            effect::finish(conn, key, output).await?;
        }
        _ => {}
    }
    Ok(())
}
