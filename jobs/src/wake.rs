//! Wake-ups: a bell a lane in every worker, rung by NOTIFY. The NOTIFY comes after the commit of what it
//! announces and carries names only; it writes nothing, so it waits for no disk. One that is lost costs a
//! slow look's time, never a job.

use std::sync::Arc;

use sqlx::PgExecutor;
use tokio::sync::Notify;
use workflows::Lane;

use crate::store;

/// The channel on which lanes with new work are announced.
pub const CHANNEL: &str = "codegraph_lanes";

/// Tells every worker that these lanes have work.
pub async fn announce(db: impl PgExecutor<'_>, lanes: &[Lane]) -> sqlx::Result<()> {
    let names: Vec<&str> = lanes.iter().map(|lane| lane.as_str()).collect();
    store::notify(db, CHANNEL, &names.join(" ")).await
}

/// What is announced when jobs or timers have been added that are due later.
pub const LATER: &str = "later";

/// Tells every worker that something has been added that is due later, so that somebody's alarm is set.
pub async fn announce_later(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    store::notify(db, CHANNEL, LATER).await
}

/// What is announced by a worker that has come to hold something.
pub const HOLDING: &str = "holding";

/// Tells every other worker that this one is worth watching.
pub async fn announce_holding(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    store::notify(db, CHANNEL, HOLDING).await
}

/// The bells of one worker.
#[derive(Debug, Clone, Default)]
pub struct Bells([Arc<Notify>; Lane::ALL.len()]);

impl Bells {
    /// The bell of a lane.
    #[must_use]
    pub fn of(&self, lane: Lane) -> &Arc<Notify> {
        &self.0[lane as usize]
    }

    /// Rings for what an announcement names; an empty one is for everybody.
    pub fn ring(&self, announcement: &str) {
        for lane in Lane::ALL {
            if announcement.is_empty() || announcement.split(' ').any(|name| name == lane.as_str())
            {
                self.of(lane).notify_one();
            }
        }
    }
}
