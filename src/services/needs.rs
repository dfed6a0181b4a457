//! Tasks that wait for other tasks. A run whose task waits is parked; the end of a run of the last task that was waited
//! for wakes it, in the transaction that ends it. Rows are locked in one order: what is waited for before who waits.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    access::Caller,
    announce::Announcement,
    notices::{self, Kind},
    repositories::viewer,
    run_state::{self, Parking},
};
use crate::{
    error::{Error, Result},
    models::{
        head::{self, HeadRow},
        need,
    },
};

/// So many tasks one task waits for at most.
pub const MOST: usize = 20;

/// Writes what a task waits for: tasks that the caller may see, and none that waits for this one.
pub(super) async fn set(
    conn: &mut PgConnection,
    caller: &Caller,
    task: Uuid,
    needs: &[Uuid],
) -> Result<()> {
    if needs.len() > MOST {
        let message = format!("a task waits for {MOST} others at most");
        return Err(Error::field("/depends_on", message));
    }
    need::turn(conn).await?;
    let visible = need::visible(conn, needs, viewer(caller)).await?;
    for (at, needed) in needs.iter().enumerate() {
        let place = format!("/depends_on/{at}");
        if !visible.contains(needed) {
            return Err(Error::field(place, "there is no such task"));
        }
        if needs[..at].contains(needed) {
            return Err(Error::field(place, "this task is named twice"));
        }
    }
    if need::reaches(conn, needs, task).await? {
        let message = "the task would wait for itself";
        return Err(Error::field("/depends_on", message));
    }
    need::replace(conn, task, needs).await?;
    Ok(need::hold(conn, task).await?)
}

/// Whether a task has to wait. What it waits for stays as it is until the transaction ends.
pub(super) async fn wait(conn: &mut PgConnection, task: Uuid) -> Result<bool> {
    need::hold(conn, task).await?;
    Ok(need::unmet(conn, task).await?)
}

/// Parks a run until all that its task waits for have succeeded.
pub(super) async fn park(
    conn: &mut PgConnection,
    head: &mut HeadRow,
    after: &mut Announcement,
) -> Result<()> {
    let data = json!({"for": "tasks", "name": "tasks"});
    run_state::append(conn, head, "run.waiting", data).await?;
    let parking = Parking {
        waits: "tasks",
        name: "tasks".to_owned(),
        signals: None,
        due_in: None,
    };
    run_state::park(conn, head, parking, after).await
}

/// What a task waits for has changed: if that is nothing any more, its run begins.
pub(super) async fn changed(
    conn: &mut PgConnection,
    task: Uuid,
    after: &mut Announcement,
) -> Result<()> {
    for run in need::parked(conn, task).await? {
        try_wake(conn, run, task, after).await?;
    }
    Ok(())
}

/// A run of this task has ended: whoever waits for it begins when that was the last one, or is told that nothing came
/// of it.
pub(super) async fn ended(
    conn: &mut PgConnection,
    task: Uuid,
    outcome: &str,
    after: &mut Announcement,
) -> Result<()> {
    need::lock(conn, task).await?;
    let waiting = need::waiting(conn, task).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let well = need::succeeded(conn, task).await?;
    for (run, waits) in waiting {
        if well {
            try_wake(conn, run, waits, after).await?;
        } else if let Some(mut head) = parked(conn, run).await? {
            let title = need::title(conn, task).await?;
            let reason = format!("“{title}”, which this task waits for, has ended: {outcome}");
            let data = json!({"task": task, "reason": reason});
            run_state::append(conn, &mut head, "run.blocked", data).await?;
            head::update(conn, &head, None).await?;
            notices::about(conn, &head, Kind::Blocked, Some(&reason), after).await?;
            after.changed(workflows::RunId(run));
        }
    }
    Ok(())
}

/// Of two that end at once, the second finds here what the first has written: the head is locked before looking.
async fn try_wake(
    conn: &mut PgConnection,
    run: Uuid,
    task: Uuid,
    after: &mut Announcement,
) -> Result<()> {
    let Some(mut head) = parked(conn, run).await? else {
        return Ok(());
    };
    if need::unmet(conn, task).await? {
        return Ok(());
    }
    run_state::append(conn, &mut head, "run.unblocked", json!({})).await?;
    run_state::wake(conn, &mut head, after).await
}

async fn parked(conn: &mut PgConnection, run: Uuid) -> Result<Option<HeadRow>> {
    let head = head::lock(conn, run).await?;
    Ok(head.filter(|head| head.waits.as_deref() == Some("tasks")))
}
