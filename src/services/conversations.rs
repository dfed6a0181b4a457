//! The conversations of agents: what was said, what calls of models and uses of tools they consist of.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Db, access::Caller, attempts};
pub use crate::models::timeline::{AgentRow, CallRow, ToolRow, TurnRow};
use crate::{
    error::{Error, Result},
    models::timeline,
};

/// The conversations of a run that the caller may see, in their order, those after the one that began then. Those in
/// steps that it shares with the run it was forked from are that run's.
pub async fn list(
    db: &Db,
    caller: &Caller,
    run: Uuid,
    after: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<AgentRow>> {
    attempts::get(db, caller, run).await?;
    Ok(timeline::agents(db, run, after, most).await?)
}

/// One conversation that the caller may see.
pub async fn get(db: &Db, caller: &Caller, id: Uuid) -> Result<AgentRow> {
    let missing = || Error::not_found("agent run");
    let row = timeline::agent(db, id).await?.ok_or_else(missing)?;
    match attempts::get(db, caller, row.run_id).await {
        Ok(_) => Ok(row),
        Err(Error::NotFound(_)) => Err(missing()),
        Err(error) => Err(error),
    }
}

/// What was said in it after this turn.
pub async fn turns(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    after: i32,
    most: i64,
) -> Result<Vec<TurnRow>> {
    get(db, caller, id).await?;
    Ok(timeline::turns(db, id, after, most).await?)
}

/// Its calls of models after this try of this turn.
pub async fn calls(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    after: (i32, i16),
    most: i64,
) -> Result<Vec<CallRow>> {
    get(db, caller, id).await?;
    Ok(timeline::calls(db, id, after, most).await?)
}

/// Its uses of tools after this place in this turn.
pub async fn tools(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    after: (i32, i16),
    most: i64,
) -> Result<Vec<ToolRow>> {
    get(db, caller, id).await?;
    Ok(timeline::tools(db, id, after, most).await?)
}
