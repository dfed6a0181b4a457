//! What is left of a task's budget. One run after the other is given its part: what living runs may still spend is theirs.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    models::budget,
};

/// What another run of this task may cost, in millionths of a dollar and at least one. Until the transaction ends nobody
/// else gives any of it away.
pub(super) async fn left(conn: &mut PgConnection, task: Uuid) -> Result<i64> {
    let budget = budget::lock(conn, task)
        .await?
        .ok_or_else(|| Error::not_found("task"))?;
    let given = budget::given(conn, task).await?;
    let left = budget - given.spent - given.held;
    if left > 0 {
        return Ok(left);
    }
    let what = match given.held {
        0 => "is used up",
        _ => "is used up, with what runs under way may still spend",
    };
    Err(Error::Conflict(format!(
        "the budget of this task {what}; raise it first"
    )))
}

/// Holds a run that is taken up again to what is left of its task's budget: what it may still spend was free for others
/// while it was over.
pub(super) async fn cap(conn: &mut PgConnection, run: Uuid, left: i64) -> Result<()> {
    let rest = budget::rest(conn, run).await?;
    if rest > left {
        budget::lower(conn, run, rest - left).await?;
    }
    Ok(())
}
