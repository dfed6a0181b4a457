//! Tasks: what people ask for. A task and its first run begin together, or not at all.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::{
    RunId, TaskId,
    definitions::coding::{self, Assignment, Deliver, Options},
};

use super::{
    Db,
    access::Caller,
    announce::Announcement,
    audit, budgets,
    catalogue::Models,
    forges::Forges,
    needs,
    places::Limit,
    profiles::Profile,
    repositories::{fetched, origin, viewer},
    runs::{self, Start},
};
pub use crate::models::task::{Filter, TaskRow};
use crate::{
    error::{Error, Result},
    models::{
        need,
        repository::{self, RepositoryRow},
        task::{self, Change, NewTask},
    },
    providers::git,
};

/// How many runs may hold places at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    /// Of one person.
    pub of_user: u16,
    /// On one repository.
    pub of_repository: u16,
}

/// A task to be done.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What it is about.
    pub repository: Uuid,
    /// One line.
    pub title: String,
    /// Everything else.
    pub description: String,
    /// Where the work begins; the repository's default branch when nothing is said.
    pub base_branch: Option<String>,
    /// How its runs go about it. Their budget is the task's.
    pub options: Options,
    /// The tasks that have to succeed before its runs begin.
    pub depends_on: Vec<Uuid>,
    /// Whether a run begins at once.
    pub start: bool,
    /// The caller's key: the same task again is the same task.
    pub key: Option<String>,
}

/// A change to a task; nothing stays as it is.
#[derive(Debug, Clone, Default)]
pub struct TaskChange {
    /// One line.
    pub title: Option<String>,
    /// Everything else.
    pub description: Option<String>,
    /// The most its runs may cost together, in millionths of a dollar.
    pub budget_usd_micros: Option<i64>,
    /// Whether it is put away.
    pub archived: Option<bool>,
    /// The tasks that have to succeed before its runs begin.
    pub depends_on: Option<Vec<Uuid>>,
}

/// Writes a task down and starts its first run.
pub async fn create(
    db: &Db,
    caller: &Caller,
    shares: Shares,
    forges: &Forges,
    models: &Models,
    ask: Ask,
) -> Result<TaskRow> {
    let repository = repository::find(db, ask.repository, viewer(caller))
        .await?
        .ok_or_else(|| Error::field("/repository_id", "there is no such repository"))?;
    fetched(&repository)?;
    models.check(&ask.options.models)?;
    if ask.options.deliver == Deliver::PullRequest && forges.slug(&repository.url).is_none() {
        return Err(Error::field(
            "/options/deliver",
            "the repository is on no server that knows pull requests here; it can be delivered as a branch",
        ));
    }
    let words = words(&ask);
    let base_branch = ask
        .base_branch
        .unwrap_or_else(|| repository.default_branch.clone());
    git::check_branch(&base_branch)
        .map_err(|error| Error::field("/base_branch", error.to_string()))?;
    let new = NewTask {
        id: Uuid::now_v7(),
        repository_id: repository.id,
        created_by: caller.user,
        title: &ask.title,
        description: &ask.description,
        base_branch: &base_branch,
        options: &json!(ask.options),
        budget_usd_micros: ask.options.budget_usd_micros,
        request_key: ask.key.as_deref(),
        request_sha256: &words,
    };
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    if !task::insert(&mut tx, &new).await? {
        drop(tx);
        return same(db, caller, &new).await;
    }
    if !ask.depends_on.is_empty() {
        needs::set(&mut tx, caller, new.id, &ask.depends_on).await?;
    }
    if ask.start {
        let row = Plain {
            id: new.id,
            title: &ask.title,
            description: &ask.description,
            base_branch: &base_branch,
            created_by: caller.user,
        };
        begin(&mut tx, &repository, &row, &ask.options, shares, &mut after).await?;
    }
    let detail = json!({"title": new.title, "repository": audit::repository(repository.id), "started": ask.start});
    audit::note(
        &mut tx,
        caller,
        "task.created",
        &audit::task(new.id),
        &detail,
    )
    .await?;
    tx.commit().await?;
    after.tell(db).await;
    get(db, caller, new.id).await
}

/// What a run needs to know of its task.
struct Plain<'a> {
    id: Uuid,
    title: &'a str,
    description: &'a str,
    base_branch: &'a str,
    created_by: Uuid,
}

async fn begin(
    conn: &mut PgConnection,
    repository: &RepositoryRow,
    task: &Plain<'_>,
    options: &Options,
    shares: Shares,
    after: &mut Announcement,
) -> Result<RunId> {
    let profile = Profile::of(&repository.profile);
    let assignment = Assignment {
        title: task.title.to_owned(),
        description: described(task.description, &repository.profile),
        repository: origin(&repository.forge, &repository.url),
        base: Some(task.base_branch.to_owned()),
        branch: None,
        commands: profile.commands(),
        options: profile.under(options),
        hosts: profile.network_hosts,
        ..Assignment::default()
    };
    let limit = |key: String, most| Limit { key, most };
    let start = Start {
        input: json!(assignment),
        task: Some(TaskId(task.id)),
        limits: vec![
            limit(format!("user:{}", task.created_by), shares.of_user),
            limit(
                format!("repository:{}", repository.id),
                shares.of_repository,
            ),
        ],
        waits: needs::wait(conn, task.id).await?,
        ..Start::default()
    };
    runs::start_in(conn, &coding::NEWEST, start, after).await
}

/// What the repository's people want said in every task goes along with it.
fn described(description: &str, profile: &Value) -> String {
    match profile["instructions"].as_str().map(str::trim) {
        Some(instructions) if !instructions.is_empty() => {
            format!("{description}\n\n## What holds in this repository\n\n{instructions}")
        }
        _ => description.to_owned(),
    }
}

/// The task that was made of the same request before, however it was changed since.
async fn same(db: &Db, caller: &Caller, new: &NewTask<'_>) -> Result<TaskRow> {
    let key = new.request_key.unwrap_or_default();
    let earlier = task::of_key(db, caller.user, key).await?;
    let (id, asked) = earlier.ok_or_else(|| Error::not_found("the task of this key"))?;
    if asked.is_some_and(|asked| asked != new.request_sha256) {
        return Err(Error::field(
            "Idempotency-Key",
            "was used for another request",
        ));
    }
    get(db, caller, id).await
}

/// What makes two requests for a task the same.
fn words(ask: &Ask) -> [u8; 32] {
    let said = json!([
        ask.repository,
        ask.title,
        ask.description,
        ask.base_branch,
        ask.options,
        ask.depends_on,
        ask.start,
    ]);
    Sha256::digest(said.to_string()).into()
}

/// A task that the caller may see.
pub async fn get(db: &Db, caller: &Caller, id: Uuid) -> Result<TaskRow> {
    task::find(db, id, viewer(caller))
        .await?
        .ok_or_else(|| Error::not_found("task"))
}

/// Whether the caller may change this task and its runs.
pub fn may_change(caller: &Caller, created_by: Uuid, repository_owner: Uuid) -> Result<()> {
    if caller.oversees() || [created_by, repository_owner].contains(&caller.user) {
        return Ok(());
    }
    Err(Error::Forbidden(
        "only who asked for it, the repository's owner and maintainers may do this".to_owned(),
    ))
}

async fn own(db: &Db, caller: &Caller, id: Uuid) -> Result<TaskRow> {
    let row = get(db, caller, id).await?;
    may_change(caller, row.created_by, row.repository_owner)?;
    Ok(row)
}

/// Changes a task, if nobody has since `seen`. Runs under way go on with what they were told.
pub async fn change(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    change: TaskChange,
) -> Result<TaskRow> {
    let row = own(db, caller, id).await?;
    if change.archived == Some(true) && row.since.is_some() {
        return Err(Error::Conflict(
            "a run of this task is under way; cancel it first".to_owned(),
        ));
    }
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    if let Some(needs) = &change.depends_on {
        // Before the task itself is locked: what is waited for comes before who waits.
        needs::set(&mut tx, caller, id, needs).await?;
        needs::changed(&mut tx, id, &mut after).await?;
    }
    let changed = Change {
        title: change.title.as_deref(),
        description: change.description.as_deref(),
        budget_usd_micros: change.budget_usd_micros,
        archived: change.archived,
    };
    if !task::update(&mut tx, id, seen, &changed).await? {
        return Err(Error::Stale);
    }
    let detail = json!({
        "title": change.title, "description_changed": change.description.is_some(),
        "budget_usd_micros": change.budget_usd_micros, "archived": change.archived,
        "depends_on": change.depends_on.map(|tasks| tasks.into_iter().map(audit::task).collect::<Vec<_>>()),
    });
    audit::note(&mut tx, caller, "task.changed", &audit::task(id), &detail).await?;
    tx.commit().await?;
    after.tell(db).await;
    get(db, caller, id).await
}

/// Deletes a task that never ran. One that did is history: it can be put away.
pub async fn delete(db: &Db, caller: &Caller, id: Uuid) -> Result<()> {
    let row = own(db, caller, id).await?;
    let mut tx = db.begin().await?;
    if need::is_needed(&mut tx, id).await? {
        return Err(Error::Conflict(
            "other tasks wait for this one; change what they wait for first".to_owned(),
        ));
    }
    if !task::delete(&mut tx, id).await? {
        return Err(Error::Conflict(
            "this task has runs, and what they did is kept; archive it instead".to_owned(),
        ));
    }
    let detail = json!({"title": row.title});
    audit::note(&mut tx, caller, "task.deleted", &audit::task(id), &detail).await?;
    Ok(tx.commit().await?)
}

/// Starts another run of a task, on what is left of its budget.
pub async fn again(
    db: &Db,
    caller: &Caller,
    shares: Shares,
    id: Uuid,
    attempts: Option<usize>,
) -> Result<RunId> {
    let row = own(db, caller, id).await?;
    let repository = repository::find(db, row.repository_id, viewer(caller))
        .await?
        .ok_or_else(|| {
            Error::Conflict("the repository of this task was disconnected".to_owned())
        })?;
    fetched(&repository)?;
    let mut options: Options = serde_json::from_value(row.options.clone())
        .map_err(|error| Error::Internal(format!("the options of a task: {error}")))?;
    options.attempts = attempts.unwrap_or(options.attempts);
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    options.budget_usd_micros = budgets::left(&mut tx, id).await?;
    let task = Plain {
        id,
        title: &row.title,
        description: &row.description,
        base_branch: &row.base_branch,
        created_by: row.created_by,
    };
    let run = begin(&mut tx, &repository, &task, &options, shares, &mut after).await?;
    let detail = json!({"task": audit::task(id)});
    audit::note(&mut tx, caller, "run.started", &audit::run(run.0), &detail).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(run)
}
