//! Runs: looking at them, and steering them.

mod checks;
mod events;
mod export;
mod plans;
mod results;
mod reviews;
mod steering;
mod steps;
mod views;

use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

pub(super) use self::{
    checks::ChecksApi,
    events::{EventsApi, RunEvent},
    export::ExportApi,
    plans::PlansApi,
    results::ResultsApi,
    reviews::ReviewsApi,
    steering::SteeringApi,
    steps::{AgentRun, StepsApi},
    views::{Run, Started},
};
use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    views::{Status, asked},
    wire::{AgeSort, Cursor, Id, Limit, kind},
};
use crate::services::{
    attempts::{self, AttemptRow, Filter},
    lists, standing, timeline,
};

#[derive(Default)]
pub(super) struct RunsApi;

/// A page of runs.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct RunPage {
    /// In the order of the list.
    pub(super) items: Vec<Run>,
    /// Where the next page begins; absent on the last.
    pub(super) next_cursor: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Runs")]
impl RunsApi {
    /// List runs
    ///
    /// Those that one may see, of all tasks, newest first unless something else is said. A cursor belongs to the order it was
    /// handed out for.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    #[oai(path = "/runs", method = "get", operation_id = "listRuns")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Only those that stand at one of these.
        status: Query<Option<Vec<Status>>>,
        /// Only those on this repository.
        repository_id: Query<Option<Id<kind::Repository>>>,
        /// In which order: `-created` is newest first (`-created`).
        sort: Query<Option<AgeSort>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<RunPage>, Problem> {
        let caller = auth.may("listRuns")?;
        let most = Limit::of(limit.0);
        let filter = Filter {
            task: None,
            repository: repository_id.0.map(|id| id.0),
            before: Cursor::one(cursor.0)?,
            oldest_first: sort.0.unwrap_or_default().oldest_first(),
            most: most + 1,
        };
        let states = asked(status.0);
        let rows = lists::runs(&state.db, caller, &filter, states.as_deref()).await?;
        let (rows, next_cursor) = Cursor::page(rows, most, |row| row.id);
        Ok(Json(RunPage {
            items: rows.into_iter().map(Run::of).collect::<Result<_, _>>()?,
            next_cursor,
        }))
    }

    /// Get a run
    ///
    /// With what it asks, when it waits for an answer, and what may be done to it now.
    #[oai(path = "/runs/:id", method = "get", operation_id = "getRun")]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
    ) -> Result<Json<Run>, Problem> {
        let caller = auth.may("getRun")?;
        let row = attempts::get(&state.db, caller, id.0.0).await?;
        answer(&state, row).await
    }

    /// List what waits for a person
    ///
    /// Runs that ask for a decision, an answer or money which the caller may give, longest waiting first. The status of
    /// each says what it waits for.
    #[oai(path = "/approvals", method = "get", operation_id = "listApprovals")]
    async fn approvals(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<RunPage>, Problem> {
        let caller = auth.may("listApprovals")?;
        let most = Limit::of(limit.0);
        let after = Cursor::two(cursor.0)?;
        let waiting = attempts::waiting(&state.db, caller, after, most + 1).await?;
        let (waiting, next_cursor) =
            Cursor::page(waiting, most, |row| Cursor::moment(row.since, row.id));
        let rows = attempts::whole(&state.db, &waiting, waiting.len()).await?;
        Ok(Json(RunPage {
            items: rows.into_iter().map(Run::of).collect::<Result<_, _>>()?,
            next_cursor,
        }))
    }
}

/// A run with what it asks.
async fn answer(state: &ApiState, row: AttemptRow) -> Result<Json<Run>, Problem> {
    let question = match row.standing()? {
        standing::Status::AwaitingAnswer => timeline::question(&state.db, row.id).await?,
        _ => None,
    };
    let rows = [row];
    let attempts = attempts::among(&state.db, &rows).await?.remove(&rows[0].id);
    let [row] = rows;
    Ok(Json(Run::of(row)?.making(attempts)?.asking(question)))
}
