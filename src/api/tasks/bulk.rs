//! The same done to many tasks, named one by one: each succeeds or fails for itself.

use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, payload::Json};
use uuid::Uuid;

use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        wire::{Id, kind},
    },
    error::Result,
    services::{
        access::Caller,
        attempts,
        tasks::{self, TaskChange},
    },
};

#[derive(Default)]
pub(in crate::api) struct BulkApi;

/// What is to be done to each task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum BulkAction {
    /// Its newest run is ended.
    Cancel,
    /// Its newest run, which failed or was canceled, goes on from where it stopped.
    Retry,
    /// It is put away.
    Archive,
    /// It comes back into the lists.
    Restore,
    /// It is deleted, if it never ran.
    Delete,
}

/// What is to be done, and to which tasks.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct BulkChange {
    /// The tasks, each named.
    #[oai(validator(min_items = 1, max_items = 200, unique_items))]
    ids: Vec<Id<kind::Task>>,
    /// What is to be done to each.
    action: BulkAction,
}

/// What came of one task.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct BulkItem {
    /// The task.
    id: Id<kind::Task>,
    /// Whether it was done.
    ok: bool,
    /// Why it was not.
    error: Option<String>,
}

/// What came of each task.
#[derive(Object)]
struct BulkAnswer {
    /// In the order in which they were named.
    items: Vec<BulkItem>,
}

#[OpenApi(prefix_path = "/api/v1/tasks", tag = "Tag::Tasks")]
impl BulkApi {
    /// Change many tasks
    ///
    /// Each for itself: one that cannot be changed does not keep the others from it. The answer says which.
    #[oai(path = "/bulk", method = "post", operation_id = "changeTasks")]
    async fn change(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        body: Json<BulkChange>,
    ) -> Result<Json<BulkAnswer>, Problem> {
        let caller = auth.may("changeTasks")?;
        let mut items = Vec::with_capacity(body.0.ids.len());
        for id in body.0.ids {
            let done = act(&state, caller, id.0, body.0.action).await;
            items.push(BulkItem {
                id,
                ok: done.is_ok(),
                error: done.err().map(|error| Problem::from(error).in_words()),
            });
        }
        Ok(Json(BulkAnswer { items }))
    }
}

async fn act(state: &ApiState, caller: &Caller, id: Uuid, action: BulkAction) -> Result<()> {
    let db = &state.db;
    let archived = |archived| TaskChange {
        archived: Some(archived),
        ..TaskChange::default()
    };
    match action {
        BulkAction::Archive => tasks::change(db, caller, id, None, archived(true))
            .await
            .map(drop),
        BulkAction::Restore => tasks::change(db, caller, id, None, archived(false))
            .await
            .map(drop),
        BulkAction::Delete => tasks::delete(db, caller, id).await,
        BulkAction::Cancel => attempts::cancel(db, caller, newest(state, caller, id).await?)
            .await
            .map(drop),
        BulkAction::Retry => attempts::retry(db, caller, newest(state, caller, id).await?, None)
            .await
            .map(drop),
    }
}

async fn newest(state: &ApiState, caller: &Caller, task: Uuid) -> Result<Uuid> {
    let row = tasks::get(&state.db, caller, task).await?;
    row.run_id
        .ok_or_else(|| crate::Error::Conflict("this task never ran".to_owned()))
}
