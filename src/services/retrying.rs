//! Runs that have ended are taken up again: where they stopped, or from an earlier row of their journal. What was
//! recorded stays and is used: steps, finished activities of an unfinished step, attempts that came to their end.

use futures::FutureExt;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use workflows::RunId;

use super::{
    access::Caller,
    announce::Announcement,
    budgets, needs, places,
    run_state::{self, Parking},
    steering::{living, note, persistently, step_after},
};
use crate::{
    error::{Error, Result},
    models::{
        event::{self, Spawned},
        head::{self, HeadRow},
        run::{self, RunRow},
    },
};

/// Takes up a run that failed or was canceled: from where it stopped, or again from after journal row `from`.
pub async fn retry(db: &PgPool, id: RunId, from: Option<i32>) -> Result<()> {
    retry_by(db, id, from, None).await
}

/// The same, noted as what this person did.
pub async fn retry_by(
    db: &PgPool,
    id: RunId,
    from: Option<i32>,
    by: Option<&Caller>,
) -> Result<()> {
    persistently(|| try_retry(db, id, from, by).boxed()).await
}

async fn try_retry(db: &PgPool, id: RunId, from: Option<i32>, by: Option<&Caller>) -> Result<()> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    // The task before its runs, as by all who give of its budget.
    let left = left(&mut tx, id.0).await?;
    let run = run::lock(&mut tx, id.0).await?.ok_or_else(missing)?;
    match run.parent_run {
        Some(parent) => branch(&mut tx, &run, parent, from, left, &mut after).await?,
        None => whole(&mut tx, &run, from, left, &mut after).await?,
    }
    let (kind, data) = match from {
        Some(to) => ("run.rewound", json!({"to_seq": to})),
        None => ("run.retried", json!({})),
    };
    note(&mut tx, by, kind, id, data).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(())
}

fn missing() -> Error {
    Error::not_found("run")
}

/// What the task of a run may still cost, or why nothing; `None` for runs of no task.
async fn left(conn: &mut PgConnection, id: Uuid) -> Result<Option<Result<i64>>> {
    let mut run = run::find(&mut *conn, id).await?.ok_or_else(missing)?;
    if let Some(parent) = run.parent_run {
        run = run::find(&mut *conn, parent).await?.ok_or_else(missing)?;
    }
    Ok(match run.task_id {
        Some(task) => Some(budgets::left(conn, task).await),
        None => None,
    })
}

/// A run that is nobody's part.
async fn whole(
    conn: &mut PgConnection,
    run: &RunRow,
    from: Option<i32>,
    left: Option<Result<i64>>,
    after: &mut Announcement,
) -> Result<()> {
    let (mut head, keep) = reopen(conn, run, from).await?;
    let left = left.transpose()?;
    cap(conn, run.id, left).await?;
    // Where it waited for its children it waits for them again.
    if let Some(spawned) = event::spawned(conn, run.id, keep).await? {
        let mut again = 0;
        for (child, seq) in run::children(&mut *conn, run.id).await? {
            if seq == spawned.seq
                && let Some(child) = run::lock(conn, child).await?
                && matches!(child.outcome.as_deref(), Some("failed" | "canceled"))
            {
                let (mut head, _) = reopen(conn, &child, None).await?;
                cap(conn, child.id, left).await?;
                run_state::wake(conn, &mut head, after).await?;
                again += 1;
            }
        }
        return wait(conn, head, spawned, again, after).await;
    }
    match run.task_id {
        // What has not begun waits for what its task waits for.
        Some(task) if head.step_no == 1 && needs::wait(conn, task).await? => {
            needs::park(conn, &mut head, after).await
        }
        _ => run_state::wake(conn, &mut head, after).await,
    }
}

/// One child of a run: the others stay as they ended, and the run is back where it waited for all of them.
async fn branch(
    conn: &mut PgConnection,
    run: &RunRow,
    parent: Uuid,
    from: Option<i32>,
    left: Option<Result<i64>>,
    after: &mut Announcement,
) -> Result<()> {
    let seq = run.parent_seq.unwrap_or_default();
    let whole = run::lock(conn, parent).await?.ok_or_else(missing)?;
    if run::spawned_at(conn, parent).await? != Some(seq) {
        let message = format!("{} has made others since", RunId(parent));
        return Err(Error::Conflict(message));
    }
    let (mut head, _) = reopen(conn, run, from).await?;
    // While the whole lives, what it was given is still its own.
    if whole.outcome.is_some() {
        let left = left.transpose()?;
        cap(conn, parent, left).await?;
        cap(conn, run.id, left).await?;
        let (above, keep) = reopen(conn, &whole, Some(seq)).await?;
        let spawned = event::spawned(conn, parent, keep).await?;
        let spawned = spawned.ok_or_else(|| Error::Conflict("it began no branches".to_owned()))?;
        wait(conn, above, spawned, 1, after).await?;
    } else {
        let mut above = living(conn, RunId(parent)).await?;
        if above.waits.as_deref() != Some("children") {
            let message = format!("{} has gone on without it; wait for its end", RunId(parent));
            return Err(Error::Conflict(message));
        }
        above.pending_children += 1;
        head::update(conn, &above, None).await?;
        if above.paused {
            head::set_paused(conn, run.id, true).await?;
            head.paused = true;
        }
    }
    run_state::wake(conn, &mut head, after).await
}

/// Holds a run that is taken up again to what its task has left.
async fn cap(conn: &mut PgConnection, run: Uuid, left: Option<i64>) -> Result<()> {
    match left {
        Some(left) => budgets::cap(conn, run, left).await,
        None => Ok(()),
    }
}

/// Gives a run that has ended a head again; answers with it, and with the row up to which its journal counts.
async fn reopen(
    conn: &mut PgConnection,
    run: &RunRow,
    from: Option<i32>,
) -> Result<(HeadRow, i32)> {
    match run.outcome.as_deref() {
        Some("failed" | "canceled") => {}
        Some(_) if from.is_some() => {}
        Some(_) => {
            return Err(Error::Conflict(
                "the run succeeded; retry it from one of its steps".to_owned(),
            ));
        }
        None => return Err(Error::Conflict("the run has not ended".to_owned())),
    }
    let last = run::last_seq(conn, run.id).await?;
    let base = run.fork_seq.unwrap_or(0);
    let keep = from.unwrap_or(last);
    if keep < base || keep > last {
        return Err(Error::Invalid(format!(
            "the run's own journal has rows {base} to {last}; it has no row {keep}"
        )));
    }
    let step_no = step_after(conn, run.id, keep).await?;
    run::reopen(conn, run.id).await?;
    let epoch = run.epoch.unwrap_or(0) + 1;
    head::insert(conn, &run.head_at(run.id, (epoch, last, step_no))).await?;
    let mut head = living(conn, RunId(run.id)).await?;
    let (kind, data) = match from {
        Some(to) => ("run.rewound", json!({"to_seq": to})),
        None => ("run.retried", json!({})),
    };
    run_state::append(conn, &mut head, kind, data).await?;
    Ok((head, keep))
}

/// The run waits for so many of its children.
async fn wait(
    conn: &mut PgConnection,
    mut head: HeadRow,
    spawned: Spawned,
    children: i32,
    after: &mut Announcement,
) -> Result<()> {
    head.step = Some(spawned.name.clone());
    head.pending_children = children;
    if children == 0 {
        return run_state::join(conn, &mut head, after).await;
    }
    // It keeps its places while it waits for them, so it has to have them first.
    if let Some(keys) = head.limits.clone()
        && !places::take(conn, &keys).await?
    {
        let message = "as many runs as may are under way; try again when one has ended";
        return Err(Error::Conflict(message.to_owned()));
    }
    let parking = Parking {
        waits: "children",
        name: spawned.name,
        signals: None,
        due_in: None,
    };
    run_state::park(conn, &mut head, parking, after).await
}
