//! The first page: what needs somebody, what is under way, what it costs, what is still to be set up.

use chrono::{Duration, Utc};
use uuid::Uuid;

use super::{
    Db,
    access::Caller,
    attempts::{self, AttemptRow},
    figures,
    repositories::viewer,
    standing::Status,
};
pub use crate::models::overview::Steps;
use crate::{
    error::Result,
    models::{attempt, overview},
};

/// Runs of each kind that are shown.
const SHOWN: i64 = 10;
/// So many of those that wait are counted.
const COUNTED: i64 = 200;
/// Runs that failed so long ago are nobody's business any more.
const RECENT: Duration = Duration::days(7);

/// The first page.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The first runs that wait for a word of the caller, longest waiting first.
    pub waiting: Vec<AttemptRow>,
    /// What all of them wait for.
    pub waits: Vec<Status>,
    /// The newest runs of the caller's tasks that failed lately and that nobody took up again.
    pub failed: Vec<AttemptRow>,
    /// Runs at work, newest first; so many as are shown.
    pub at_work: Vec<AttemptRow>,
    /// What the caller has done already, and how many runs are at work.
    pub steps: Steps,
    /// Millionths of a dollar since the day began.
    pub spent_today: i64,
    /// Millionths of a dollar since Monday.
    pub spent_week: i64,
}

/// The first page of this caller, whose days begin as this time zone says.
pub async fn of(db: &Db, caller: &Caller, zone: &str) -> Result<Overview> {
    let viewer = viewer(caller);
    let waiting = attempts::waiting(db, caller, None, COUNTED).await?;
    let (spent_today, spent_week) = figures::spent(db, caller, zone).await?;
    let waits = waiting.iter().map(|row| row.status.parse());
    Ok(Overview {
        waits: waits.collect::<Result<_>>()?,
        waiting: attempts::whole(db, &waiting, usize::try_from(SHOWN).unwrap_or_default()).await?,
        failed: attempt::failed(db, caller.user, first_recent(), SHOWN).await?,
        at_work: attempt::at_work(db, viewer, SHOWN).await?,
        steps: overview::steps(db, viewer).await?,
        spent_today,
        spent_week,
    })
}

/// Ids grow with time: those of recent runs are above this one.
fn first_recent() -> Uuid {
    let millis = (Utc::now() - RECENT).timestamp_millis();
    Uuid::from_u128(u128::from(u64::try_from(millis).unwrap_or_default()) << 80)
}
