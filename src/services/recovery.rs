//! Upkeep of living runs: timers that are due, runs past their deadline, and what dead workers held. Each
//! is a level-triggered look that any worker may do at any time.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use jobs::{Lane, store::Look};
use serde_json::{Value, json};
use sqlx::{PgPool, Postgres, Transaction};
use workflows::{Failure, Outcome};

pub use super::run_state::Release;
use super::{announce::Announcement, places, run_state};
use crate::{
    error::Result,
    failpoint,
    models::{
        head::{self, HeadRow},
        worker,
    },
};

/// How many timers are fired in one transaction.
const BATCH: i64 = 200;

/// Wakes the runs whose time has come; says how many. Who looks after timers has a lease to renew, so none is begun
/// with after so long: the next look finds it.
pub async fn fire_timers(db: &PgPool, longest: Duration) -> Result<usize> {
    let (mut fired, began) = (0, Instant::now());
    let late = || began.elapsed() > longest;
    loop {
        let mut after = Announcement::default();
        let mut tx = db.begin().await?;
        let due = head::lock_due(&mut tx, BATCH).await?;
        let (found, mut many) = (due.len(), 0);
        let (in_line, mut at_once): (Vec<_>, Vec<_>) =
            due.into_iter().partition(run_state::needs_places);
        many += at_once.len();
        at_once.retain(known);
        run_state::append_all(&mut tx, &mut at_once, fired_timer).await?;
        run_state::dispatch_all(&mut tx, &at_once, &mut after).await?;
        for mut head in in_line {
            if many > 0 && late() {
                break;
            }
            many += 1;
            if known(&head) {
                let one = std::slice::from_mut(&mut head);
                run_state::append_all(&mut tx, one, fired_timer).await?;
                run_state::wake(&mut tx, &mut head, &mut after).await?;
            }
        }
        // Looks that find nothing are no places: when they are made, nobody knows beforehand.
        commit(tx, "timers fired", many > 0).await?;
        after.tell(db).await;
        fired += many;
        let all = many == found && found < usize::try_from(BATCH).unwrap_or(usize::MAX);
        if all || late() {
            return Ok(fired);
        }
    }
}

/// Whether this program knows the lane of a run. The others' timers are due as well.
fn known(head: &HeadRow) -> bool {
    run_state::job_of(head)
        .inspect_err(
            |error| tracing::warn!(run = %head.run_id, %error, "a timer is left to a newer worker"),
        )
        .is_ok()
}

/// What the end of a wait adds to a run, if anything: the pause before another try is no part of its history.
fn fired_timer(head: &HeadRow) -> Option<(&'static str, Value)> {
    let name = match head.waits.as_deref() {
        Some("timer") => head.step.clone(),
        Some("signal") => Some("timeout".to_owned()),
        _ => None,
    };
    name.map(|name| ("timer.fired", json!({"name": name})))
}

/// Fails the runs that took longer than they may; says how many.
pub async fn end_overdue(db: &PgPool) -> Result<usize> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let overdue = head::overdue(&mut tx, BATCH).await?;
    let mut ended = 0;
    for run in overdue {
        if let Some(head) = head::lock(&mut tx, run).await? {
            let failure = Failure {
                step: head.step.clone(),
                ..Failure::of_run("the run took longer than it may")
            };
            run_state::close(&mut tx, head, &Outcome::Failed { failure }, &mut after).await?;
            ended += 1;
        }
    }
    commit(tx, "overdue ended", ended > 0).await?;
    after.tell(db).await;
    Ok(ended)
}

/// Why what a worker held is given to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It died: its session or its lease is gone.
    Died,
    /// It is going down and hands back what it could not finish.
    HandedBack,
}

/// Gives everything these workers held to others, under a new epoch; says how many runs that were.
pub async fn take_over(db: &PgPool, workers: &[i64], cause: Cause) -> Result<usize> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    // One taker a worker: the others find its row locked or gone. Holders that are not known at all are
    // taken by whoever locks their runs first.
    let forgotten = worker::forget(&mut tx, workers).await?;
    let unknown = worker::unknown(&mut tx, workers).await?;
    let gone: Vec<i64> = forgotten.iter().map(|(id, _)| *id).chain(unknown).collect();
    if gone.is_empty() {
        return Ok(0);
    }
    let excused = |owner| forgotten.contains(&(owner, true));
    let held = head::lock_held_by(&mut tx, &gone).await?;
    let count = held.len();
    for mut head in held {
        let owner = head.owner;
        head.epoch += 1;
        // Nobody is blamed for what a restart of the server explains.
        if cause == Cause::Died && !owner.is_some_and(excused) {
            head.crashes += 1;
        }
        let data = json!({"worker": owner, "cause": if cause == Cause::Died { "died" } else { "handed_back" }, "step": head.step});
        run_state::append(&mut tx, &mut head, "run.recovered", data).await?;
        if head.crashes >= run_state::POISON {
            let reason = format!(
                "{} workers died on this step without any progress",
                head.crashes
            );
            let failure = Failure {
                step: head.step.clone(),
                ..Failure::of_run(reason)
            };
            run_state::close(&mut tx, head, &Outcome::Failed { failure }, &mut after).await?;
        } else {
            run_state::dispatch(&mut tx, &mut head, &mut after).await?;
        }
    }
    for lane in jobs::store::hand_back(&mut tx, &gone).await? {
        after.lane(lane);
    }
    commit(tx, "runs taken over", count > 0).await?;
    after.tell(db).await;
    Ok(count)
}

/// Writes a job for every run that has been ready for long: if its job is still there this changes nothing. And calls up
/// who stands in line although there is room.
pub async fn find_stranded(db: &PgPool) -> Result<()> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let mut found = false;
    places::fill(&mut tx, &mut after).await?;
    for head in head::long_ready(&mut tx).await? {
        let job = run_state::job_of(&head)?;
        if jobs::enqueue(&mut tx, &job).await? == jobs::Enqueued::New {
            tracing::warn!(run = %job.run, "a run had no job and stood still; it goes on now");
            after.lane(job.lane);
            found = true;
        }
    }
    commit(tx, "stranded runs found", found).await?;
    after.tell(db).await;
    Ok(())
}

/// Looks at the queue for a worker.
pub async fn look_at_jobs(db: &PgPool, worker: i64, in_hand: &[String]) -> Result<Look> {
    Ok(jobs::store::look(db, worker, in_hand).await?)
}

/// Gives jobs back that a worker holds by mistake.
pub async fn disown_jobs(db: &PgPool, worker: i64, strange: &[String]) -> Result<()> {
    let mut conn = db.acquire().await?;
    let given = jobs::store::disown(&mut conn, worker, strange).await?;
    drop(conn);
    tracing::warn!(worker, given, "gave back jobs that nobody had in hand");
    Ok(jobs::wake::announce(db, &Lane::ALL).await?)
}

/// Looks for stranded runs at once and then once in ten minutes; never ends.
pub async fn find_stranded_for_ever(db: &PgPool) -> Infallible {
    loop {
        let pause = match find_stranded(db).await {
            Ok(()) => Duration::from_secs(600),
            Err(error) => {
                tracing::warn!(%error, "could not look for stranded runs");
                Duration::from_secs(5)
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Lets go of a run that a worker holds by the journal's word.
pub async fn release(
    db: &PgPool,
    fence: workflows::Fence,
    reason: &str,
    how: Release,
) -> Result<()> {
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    run_state::release(&mut tx, fence, reason, how, &mut after).await?;
    commit(tx, "run released", true).await?;
    after.tell(db).await;
    Ok(())
}

/// Writes what was done, and is a place where tests have the process die when there was anything to do.
async fn commit(tx: Transaction<'_, Postgres>, what: &str, done: bool) -> Result<()> {
    if done {
        failpoint::pass("before", what);
    }
    tx.commit().await?;
    if done {
        failpoint::pass("after", what);
    }
    Ok(())
}
