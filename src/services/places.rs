//! Places: a run with limits is dispatched only when there is one free under each of them. What a bulk
//! import adds waits in line under its user's limit, and so starves nobody.

use sqlx::PgConnection;

use super::{announce::Announcement, run_state};
use crate::{
    error::Result,
    models::{
        head::{self, HeadRow},
        limit,
    },
};

/// How many in a line are looked at when a place comes free. Those that another limit holds up are none of them; of
/// several places that became free together, each is for another.
const LOOK: i64 = 16;

/// A limit that concerns a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What is limited, such as `user:…` or `repository:…`.
    pub key: String,
    /// Places.
    pub most: u16,
}

/// Takes a place under each key, or none at all.
pub(super) async fn take(conn: &mut PgConnection, keys: &[String]) -> Result<bool> {
    let limits = limit::lock(conn, keys).await?;
    let free = limits.iter().all(|limit| limit.holding < limit.most);
    if free {
        limit::hold(conn, keys, 1).await?;
    }
    Ok(free)
}

/// Gives back the places a run holds and lets the next in line have them.
pub(super) async fn give_back(
    conn: &mut PgConnection,
    keys: &[String],
    after: &mut Announcement,
) -> Result<()> {
    limit::lock(conn, keys).await?;
    limit::hold(conn, keys, -1).await?;
    call_up(conn, keys, after).await
}

/// Lets those who stand in line before free places have them. Where nobody gave one back, a limit has grown.
pub(super) async fn fill(conn: &mut PgConnection, after: &mut Announcement) -> Result<()> {
    let keys = limit::idle(conn).await?;
    if keys.is_empty() {
        return Ok(());
    }
    limit::lock(conn, &keys).await?;
    call_up(conn, &keys, after).await
}

async fn call_up(conn: &mut PgConnection, keys: &[String], after: &mut Announcement) -> Result<()> {
    for run in limit::next(conn, keys, LOOK).await? {
        let Some(mut waiting) = head::lock(conn, run).await? else {
            continue;
        };
        let wanted = waiting.limits.clone().unwrap_or_default();
        if waiting.state == "queued" && take(conn, &wanted).await? {
            limit::unqueue(conn, run).await?;
            run_state::dispatch(conn, &mut waiting, after).await?;
        }
    }
    Ok(())
}

/// Whether a head holds places now: it does while it is dispatched, held, or pausing between tries.
pub(super) fn holds(head: &HeadRow) -> bool {
    let waits_holding = matches!(head.waits.as_deref(), Some("retry" | "children"));
    head.limits.is_some() && (matches!(head.state.as_str(), "ready" | "running") || waits_holding)
}
