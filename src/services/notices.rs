//! Words to people about their work: what needs them, what has ended. Whoever moves a run writes them, in the same
//! transaction as the row of the journal that is the cause: exactly once, and never of what did not happen.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::{
    Outcome,
    definitions::coding::{ANSWERED, BUDGET_RAISED, DELIVERY_DECIDED, PLAN_DECIDED},
};

use super::{Db, access::Caller, announce::Announcement, audit, webhooks};
pub use crate::models::notification::NotificationRow;
use crate::{
    error::{Error, Result},
    models::{head::HeadRow, notification},
};

/// Longer than this no reason is kept; the run has it whole.
const DETAIL: usize = 500;

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A plan waits for a decision.
    Plan,
    /// A question waits for an answer.
    Question,
    /// A run waits for money or time.
    Budget,
    /// A run waits for a decision on what it has done.
    Delivery,
    /// A task waits for another that has ended without success.
    Blocked,
    /// A run came to a good end.
    Succeeded,
    /// A run came to an end that a person has to look at.
    NeedsHuman,
    /// A run could not go on.
    Failed,
    /// A pull request with the work of a run was merged.
    Merged,
    /// A pull request with the work of a run was closed and not merged.
    Closed,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Plan,
        Self::Question,
        Self::Budget,
        Self::Delivery,
        Self::Blocked,
        Self::Succeeded,
        Self::NeedsHuman,
        Self::Failed,
        Self::Merged,
        Self::Closed,
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Question => "question",
            Self::Budget => "budget",
            Self::Delivery => "delivery",
            Self::Blocked => "blocked",
            Self::Succeeded => "succeeded",
            Self::NeedsHuman => "needs_human",
            Self::Failed => "failed",
            Self::Merged => "merged",
            Self::Closed => "closed",
        }
    }

    /// As other programs are told.
    pub(super) fn event(self) -> String {
        let about = match self {
            Self::Merged | Self::Closed => "pull_request",
            _ => "run",
        };
        format!("{about}.{}", self.as_str())
    }

    /// What a stored word means.
    pub fn of(word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| Error::Internal(format!("`{word}` is no kind of notification")))
    }

    /// What it means that a run waits for this signal.
    fn of_wait(signal: &str) -> Option<Self> {
        Some(match signal {
            PLAN_DECIDED => Self::Plan,
            ANSWERED => Self::Question,
            BUDGET_RAISED => Self::Budget,
            DELIVERY_DECIDED => Self::Delivery,
            _ => return None,
        })
    }
}

/// A run has been parked; its newest row says so.
pub(super) async fn waits(
    conn: &mut PgConnection,
    head: &HeadRow,
    after: &mut Announcement,
) -> Result<()> {
    let signal = head.waits_for.as_ref().and_then(|names| names.first());
    match signal.and_then(|signal| Kind::of_wait(signal)) {
        Some(kind) => about(conn, head, kind, None, after).await,
        None => Ok(()),
    }
}

/// A run has ended; its newest row says so.
pub(super) async fn ended(
    conn: &mut PgConnection,
    head: &HeadRow,
    outcome: &Outcome,
    after: &mut Announcement,
) -> Result<()> {
    // A branch of a task's run, without places of its own: people hear of the end of the whole.
    if head.limits.as_ref().is_some_and(Vec::is_empty) {
        return Ok(());
    }
    let (kind, detail) = match outcome {
        // Whoever ended it knows.
        Outcome::Canceled => return Ok(()),
        Outcome::Failed { failure } => (Kind::Failed, Some(failure.reason.as_str())),
        Outcome::Succeeded { output } => match output["result"].as_str() {
            Some(result @ ("needs_human" | "infeasible" | "out_of_budget")) => {
                (Kind::NeedsHuman, Some(result))
            }
            result => (Kind::Succeeded, result),
        },
    };
    about(conn, head, kind, detail, after).await
}

/// Tells people something about a run; its newest row is the cause.
pub(super) async fn about(
    conn: &mut PgConnection,
    head: &HeadRow,
    kind: Kind,
    detail: Option<&str>,
    after: &mut Announcement,
) -> Result<()> {
    // Runs with limits are those of tasks; the others are nobody's.
    if head.limits.is_none() {
        return Ok(());
    }
    let detail: Option<String> = detail.map(|text| text.chars().take(DETAIL).collect());
    let (run, seq) = (head.run_id, head.seq);
    let detail = detail.as_deref();
    notification::insert(conn, run, seq, kind.as_str(), detail).await?;
    webhooks::tell(conn, (run, seq), kind, detail, after).await
}

/// Tells people of something about a run that happened elsewhere; `cause` is the run and a number that stands for it.
pub(super) async fn elsewhere(
    conn: &mut PgConnection,
    cause: (Uuid, i32),
    kind: Kind,
    detail: Option<&str>,
    after: &mut Announcement,
) -> Result<()> {
    notification::insert(conn, cause.0, cause.1, kind.as_str(), detail).await?;
    webhooks::tell(conn, cause, kind, detail, after).await
}

/// What the caller was told, newest first.
pub async fn list(
    db: &Db,
    caller: &Caller,
    unread: bool,
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<NotificationRow>> {
    Ok(notification::list(db, caller.user, unread, before, most).await?)
}

/// What the caller was told of this run since that moment.
pub async fn since(
    db: &Db,
    caller: &Caller,
    run: Uuid,
    since: DateTime<Utc>,
) -> Result<Vec<NotificationRow>> {
    Ok(notification::since(db, caller.user, run, since).await?)
}

/// The database's clock, by which notifications are dated.
pub async fn now(db: &Db) -> Result<DateTime<Utc>> {
    Ok(notification::now(db).await?)
}

/// How much the caller has not read.
pub async fn unread(db: &Db, caller: &Caller) -> Result<i64> {
    Ok(notification::unread(db, caller.user).await?)
}

/// Marks these, or all, as read; answers with how much is not.
pub async fn read(db: &Db, caller: &Caller, ids: Option<&[Uuid]>) -> Result<i64> {
    let mut tx = db.begin().await?;
    notification::read(&mut tx, caller.user, ids).await?;
    tx.commit().await?;
    unread(db, caller).await
}

/// The kinds that the caller does not want to hear of, and when they said so.
pub async fn muted(db: &Db, caller: &Caller) -> Result<(Vec<Kind>, DateTime<Utc>)> {
    let row = notification::muted(db, caller.user).await?;
    let kinds = row.muted.iter().map(|word| Kind::of(word));
    Ok((kinds.collect::<Result<_>>()?, row.updated_at))
}

/// Writes the kinds that the caller does not want to hear of from now on, if they have not said otherwise since `seen`.
pub async fn mute(
    db: &Db,
    caller: &Caller,
    seen: Option<DateTime<Utc>>,
    kinds: &[Kind],
) -> Result<()> {
    let wanted = |kind: &Kind| kinds.contains(kind);
    let words = Kind::ALL.into_iter().filter(wanted);
    let words: Vec<String> = words.map(|kind| kind.as_str().to_owned()).collect();
    let mut tx = db.begin().await?;
    if !notification::mute(&mut tx, caller.user, seen, &words).await? {
        return Err(Error::Stale);
    }
    let (subject, detail) = (audit::user(caller.user), json!({"muted": words}));
    audit::note(
        &mut tx,
        caller,
        "user.notifications_changed",
        &subject,
        &detail,
    )
    .await?;
    Ok(tx.commit().await?)
}
