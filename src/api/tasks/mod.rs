//! Tasks: what people ask for.

mod bulk;
mod sort;
mod views;

use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
    types::Example,
};
use uuid::Uuid;

use self::sort::TaskSort;
pub(super) use self::{
    bulk::BulkApi,
    views::{NewTaskOptions, Task},
};
use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    runs::{Run, RunPage, Started},
    views::{Status, asked},
    wire::{Cursor, Done, Id, Limit, Tagged, TaggedNew, Text, Who, kind, seen},
};
use crate::services::{
    attempts, lists,
    tasks::{self, Ask, Filter, TaskChange, TaskRow},
};

#[derive(Default)]
pub(super) struct TasksApi;

/// A page of tasks.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct TaskPage {
    /// Newest first.
    items: Vec<Task>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

/// A task to be done.
#[derive(Object)]
#[oai(deny_unknown_fields, example)]
struct NewTask {
    /// What it is about.
    repository_id: Id<kind::Repository>,
    /// One line.
    #[oai(validator(min_length = 1, max_length = 300))]
    title: Text,
    /// Everything else, in Markdown.
    #[oai(validator(max_length = 100_000))]
    description: Option<Text>,
    /// Where the work begins; the repository's default branch when nothing is said.
    #[oai(validator(min_length = 1, max_length = 200))]
    base_branch: Option<Text>,
    /// How its runs go about it.
    options: Option<NewTaskOptions>,
    /// The most that its runs may cost together, in millionths of a US dollar (10,000,000).
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000000")))]
    budget_usd_micros: Option<i64>,
    /// The tasks, on any repository, that have to succeed before its runs begin (none).
    #[oai(validator(max_items = 20, unique_items))]
    depends_on: Option<Vec<Id<kind::Task>>>,
    /// Whether a run begins at once (yes); while it waits for other tasks it is `waiting_for_tasks`.
    start: Option<bool>,
}

/// What may be changed about a task; what is left out stays.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct TaskUpdate {
    /// One line.
    #[oai(validator(min_length = 1, max_length = 300))]
    title: Option<Text>,
    /// Everything else, in Markdown.
    #[oai(validator(max_length = 100_000))]
    description: Option<Text>,
    /// The most that its runs may cost together, in millionths of a US dollar.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000000")))]
    budget_usd_micros: Option<i64>,
    /// Whether it is put away: out of the lists, with all that was done.
    archived: Option<bool>,
    /// The tasks, on any repository, that have to succeed before its runs begin. A run that waits begins when none of
    /// them is left.
    #[oai(validator(max_items = 20, unique_items))]
    depends_on: Option<Vec<Id<kind::Task>>>,
}

#[OpenApi(prefix_path = "/api/v1/tasks", tag = "Tag::Tasks")]
impl TasksApi {
    /// Ask for something to be done
    ///
    /// Writes the task down and starts its first run, in one transaction; the same request with the same
    /// `Idempotency-Key` gives the same task. Follow the run with `stream` or `listRunEvents`.
    #[oai(path = "/", method = "post", operation_id = "createTask")]
    async fn create(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// A key of the caller's choice: the same request again is the same task.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 200))]
        key: Header<Option<String>>,
        body: Json<NewTask>,
    ) -> Result<TaggedNew<Task>, Problem> {
        let caller = auth.may("createTask")?;
        let body = body.0;
        let options = body.options.unwrap_or_default();
        let ask = Ask {
            repository: body.repository_id.0,
            title: body.title.into(),
            description: body.description.unwrap_or_default().into(),
            base_branch: body.base_branch.map(Into::into),
            options: options.into_options(body.budget_usd_micros),
            depends_on: ids(body.depends_on.unwrap_or_default()),
            start: body.start.unwrap_or(true),
            key: key.0,
        };
        let row = tasks::create(
            &state.db,
            caller,
            state.work.shares,
            &state.work.pulls.forges,
            &state.work.models,
            ask,
        )
        .await?;
        let made = row.updated_at;
        Ok(TaggedNew::new(Task::of(row)?, made))
    }

    /// List tasks
    ///
    /// Those that one may see, newest first unless something else is said. A cursor belongs to the order it was handed out
    /// for.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    #[oai(path = "/", method = "get", operation_id = "listTasks")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Only those that stand at one of these.
        status: Query<Option<Vec<Status>>>,
        /// Only those on this repository.
        repository_id: Query<Option<Id<kind::Repository>>>,
        /// Only those of this person; `me` is whoever asks.
        created_by: Query<Option<Who>>,
        /// In which order: `-created` is newest first, `-updated` changed last first (`-created`).
        sort: Query<Option<TaskSort>>,
        /// Only those with this in their title or description; one or two letters only where a word begins.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<Option<String>>,
        /// Those that were put away, instead of the others.
        archived: Query<Option<bool>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<TaskPage>, Problem> {
        let caller = auth.may("listTasks")?;
        let most = Limit::of(limit.0);
        let sort = sort.0.unwrap_or_default();
        let (before, at) = sort.place(cursor.0)?;
        let filter = Filter {
            repository: repository_id.0.map(|id| id.0),
            created_by: created_by.0.map(|who| who.of(caller)),
            search: q.0.as_deref().map(lists::patterns).unwrap_or_default(),
            archived: archived.0.unwrap_or_default(),
            before,
            most: most + 1,
        };
        let states = asked(status.0);
        let (states, order) = (states.as_deref(), sort.into());
        let rows = lists::ordered(&state.db, caller, &filter, states, order, at).await?;
        let (rows, next_cursor) = Cursor::page(rows, most, |row| sort.of(row));
        Ok(Json(TaskPage {
            items: rows.into_iter().map(Task::of).collect::<Result<_, _>>()?,
            next_cursor,
        }))
    }

    /// Get a task
    ///
    /// The `ETag` names this state of it; send it back as `If-Match` with a change.
    #[oai(path = "/:id", method = "get", operation_id = "getTask")]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The task.
        id: Path<Id<kind::Task>>,
    ) -> Result<Tagged<Task>, Problem> {
        let caller = auth.may("getTask")?;
        found(tasks::get(&state.db, caller, id.0.0).await?)
    }

    /// Change a task
    ///
    /// Runs under way go on with what they were told. With `If-Match`, only if nobody has changed it since; else 412.
    #[oai(path = "/:id", method = "patch", operation_id = "updateTask")]
    async fn update(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The task.
        id: Path<Id<kind::Task>>,
        /// The `ETag` of the state that is to be changed.
        #[oai(name = "If-Match", validator(max_length = 100))]
        if_match: Header<Option<String>>,
        body: Json<TaskUpdate>,
    ) -> Result<Tagged<Task>, Problem> {
        let caller = auth.may("updateTask")?;
        let change = TaskChange {
            title: body.0.title.map(Into::into),
            description: body.0.description.map(Into::into),
            budget_usd_micros: body.0.budget_usd_micros,
            archived: body.0.archived,
            depends_on: body.0.depends_on.map(ids),
        };
        let seen = seen(if_match.0.as_deref())?;
        found(tasks::change(&state.db, caller, id.0.0, seen, change).await?)
    }

    /// Delete a task
    ///
    /// Only one that never ran. What was done is kept: a task that ran can be archived.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteTask")]
    async fn delete(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The task.
        id: Path<Id<kind::Task>>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("deleteTask")?;
        tasks::delete(&state.db, caller, id.0.0).await?;
        Ok(Done::Done)
    }

    /// List the runs of a task
    ///
    /// All attempts at it and forks of them, newest first.
    #[oai(path = "/:id/runs", method = "get", operation_id = "listTaskRuns")]
    async fn runs(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The task.
        id: Path<Id<kind::Task>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<RunPage>, Problem> {
        let caller = auth.may("listTaskRuns")?;
        tasks::get(&state.db, caller, id.0.0).await?;
        let most = Limit::of(limit.0);
        let filter = attempts::Filter {
            oldest_first: false,
            task: Some(id.0.0),
            before: Cursor::one(cursor.0)?,
            most: most + 1,
            ..attempts::Filter::default()
        };
        let rows = lists::runs(&state.db, caller, &filter, None).await?;
        let (rows, next_cursor) = Cursor::page(rows, most, |row| row.id);
        let mut made = attempts::among(&state.db, &rows).await?;
        let run = |row: attempts::AttemptRow| {
            let attempts = made.remove(&row.id);
            Run::of(row)?.making(attempts)
        };
        Ok(Json(RunPage {
            items: rows.into_iter().map(run).collect::<Result<_, _>>()?,
            next_cursor,
        }))
    }

    /// Start another run of a task
    ///
    /// From the beginning, on what is left of the task's budget.
    #[oai(path = "/:id/runs", method = "post", operation_id = "startRun")]
    async fn start(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The task.
        id: Path<Id<kind::Task>>,
        /// How many attempts it makes side by side, to deliver the best; as many as the task says when this is left
        /// out.
        #[oai(validator(minimum(value = "1"), maximum(value = "5")))]
        attempts: Query<Option<u32>>,
    ) -> Result<Started, Problem> {
        let caller = auth.may("startRun")?;
        let attempts = attempts.0.map(|many| many as usize);
        let run = tasks::again(&state.db, caller, state.work.shares, id.0.0, attempts).await?;
        let row = attempts::get(&state.db, caller, run.0).await?;
        Ok(Started::Created(Json(Run::of(row)?)))
    }
}

fn ids(tasks: Vec<Id<kind::Task>>) -> Vec<Uuid> {
    tasks.into_iter().map(|id| id.0).collect()
}

fn found(row: TaskRow) -> Result<Tagged<Task>, Problem> {
    let changed = row.updated_at;
    Ok(Tagged::new(Task::of(row)?, changed))
}

impl Example for NewTask {
    fn example() -> Self {
        Self {
            repository_id: uuid::uuid!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f5").into(),
            title: Text("The same bolts were sold twice".to_owned()),
            description: Some(Text("`reserve` has to raise `OutOfStock`.".to_owned())),
            base_branch: None,
            options: None,
            budget_usd_micros: Some(5_000_000),
            depends_on: None,
            start: None,
        }
    }
}
