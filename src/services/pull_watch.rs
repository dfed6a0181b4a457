//! Watches open pull requests: their server tells nobody when one is merged or closed, so it is asked, a few at a time.

use std::time::Duration;

use jobs::{Enqueued, JobError, LookAtPulls};

use super::{
    Db,
    announce::Announcement,
    audit,
    notices::{self, Kind},
    pull_requests::{NoPlace, PullRequests},
};
use crate::{
    error::{Error, Result},
    models::{pull_request, retention},
    providers::forge::{self, Look as Seen},
};

/// Looked at in one pass; each look is a few requests.
const BATCH: i64 = 25;

/// Has it done now, unless somebody has seen to it.
pub async fn schedule(db: &Db) -> Result<()> {
    let mut conn = db.acquire().await?;
    let (slot, _) = slot(&mut conn).await?;
    let added = jobs::enqueue(&mut conn, &LookAtPulls { slot }).await?;
    if added == Enqueued::New {
        jobs::wake::announce(&mut *conn, &[jobs::Lane::Upkeep]).await?;
    }
    Ok(())
}

/// Looks at those that were not looked at for longest, and has it done again in a while.
pub async fn pass(pulls: &PullRequests) -> Result<(), JobError> {
    let away = |error: Error| JobError::Retry(error.to_string());
    again(&pulls.db).await.map_err(away)?;
    let due = pull_request::due(&pulls.db, BATCH).await;
    for row in due.map_err(|error| away(error.into()))? {
        let id = row.id;
        match pulls.look(&row).await {
            Ok(seen) => note(pulls, &row, &seen).await.map_err(away)?,
            // Nobody is let in before it is over; the others wait for the next pass.
            Err(NoPlace::Forge(forge::Error::Limited(after))) => {
                tracing::info!(after_s = after.as_secs(), "GitHub wants fewer questions");
                return Ok(());
            }
            Err(error) => {
                tracing::debug!(?error, pull_request = %id, "could not be looked at");
                // It has had its turn: one that nobody may see must not stand in the way of the others.
                let tried = pull_request::tried(&pulls.db, id).await;
                tried.map_err(|error| away(error.into()))?;
            }
        }
    }
    Ok(())
}

/// Writes what was seen, and tells those whose work it is that it has come to an end there.
async fn note(pulls: &PullRequests, row: &pull_request::PullRequestRow, seen: &Seen) -> Result<()> {
    let mut after = Announcement::default();
    let mut tx = pulls.db.begin().await?;
    if let Some(from) = pulls.write(&mut tx, row, seen, &mut after).await? {
        let to = seen.pull.state.as_str();
        let detail = serde_json::json!({"number": row.number, "from": from, "to": to});
        let (action, subject) = ("pull_request.changed", audit::run(row.run_id));
        audit::note_as(
            &mut tx,
            None,
            "the server it is on",
            action,
            &subject,
            &detail,
        )
        .await?;
    }
    tx.commit().await?;
    after.tell(&pulls.db).await;
    Ok(())
}

/// What people are told when a pull request stands so.
pub(super) fn kind(state: &str) -> Option<Kind> {
    match state {
        "merged" => Some(Kind::Merged),
        "closed" => Some(Kind::Closed),
        _ => None,
    }
}

/// Tells those whose work a pull request offers, once for each way it can end.
pub(super) async fn tell(
    conn: &mut sqlx::PgConnection,
    row: &pull_request::PullRequestRow,
    state: &str,
    after: &mut Announcement,
) -> Result<()> {
    let Some(kind) = kind(state) else {
        return Ok(());
    };
    // No row of a journal is the cause; those below the first are for what happens elsewhere.
    let way = i32::from(kind == Kind::Merged);
    let seq = i32::try_from(row.number).map_or(i32::MIN, |number| -2 * (number % (1 << 29)) - way);
    notices::elsewhere(conn, (row.run_id, seq), kind, Some(&row.url), after).await
}

async fn again(db: &Db) -> Result<()> {
    let mut conn = db.acquire().await?;
    let (slot, left) = slot(&mut conn).await?;
    jobs::enqueue_in(&mut conn, &LookAtPulls { slot: slot + 1 }, left).await?;
    Ok(())
}

/// The slice of time that it is, and how much of it is left.
async fn slot(conn: &mut sqlx::PgConnection) -> Result<(i64, Duration)> {
    let length = i64::try_from(LookAtPulls::SLOT.as_secs()).unwrap_or(i64::MAX);
    let (day, left) = retention::today(conn).await?;
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a day")]
    let now = day * 86_400 + (86_400 - left.ceil() as i64);
    let left = u64::try_from(length - now.rem_euclid(length)).unwrap_or_default();
    Ok((now.div_euclid(length), Duration::from_secs(left)))
}
