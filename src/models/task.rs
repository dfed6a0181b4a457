//! Tasks: what people asked for, with where the newest run of each stands.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{repository::Viewer, task_page::Patterns};

/// A task and its newest run.
#[derive(Debug, Clone)]
pub struct TaskRow {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub repository_id: Uuid,
    /// The repository's name.
    pub repository: String,
    /// Whose the repository is.
    pub repository_owner: Uuid,
    /// Who asked.
    pub created_by: Uuid,
    /// What they are called.
    pub creator: String,
    /// One line.
    pub title: String,
    /// Everything else.
    pub description: String,
    /// Where the work begins.
    pub base_branch: String,
    /// What its runs are started with.
    pub options: Value,
    /// The most all its runs may cost together.
    pub budget_usd_micros: i64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// When it was put away.
    pub archived_at: Option<DateTime<Utc>>,
    /// How many runs it has.
    pub attempts: i64,
    /// What all of them have cost.
    pub cost_usd_micros: i64,
    /// What it waits for, in its order: `{task_id, status, succeeded}` of each.
    pub needs: Value,
    /// Where it stands, in the words of `run_status` (migration 8).
    pub status: String,
    /// The newest run.
    pub run_id: Option<Uuid>,
    /// When that was started.
    pub run_created_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub run_ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<String>,
    /// What its end comes to.
    pub result: Option<String>,
    /// Why it failed.
    pub failure: Option<Value>,
    /// The newest pull request that offers its work.
    pub pull_request: Option<Value>,
    /// The branch it delivered.
    pub branch: Option<String>,
    /// Its current step.
    pub step: Option<String>,
    /// Since when it has been there.
    pub since: Option<DateTime<Utc>>,
}

macro_rules! tasks {
    ($which:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            TaskRow,
            r#"select t.id, t.repository_id, r.name as repository, r.owner_id as repository_owner, t.created_by,
                      u.name as creator, t.title, t.description, t.base_branch, t.options, t.budget_usd_micros,
                      t.created_at, t.updated_at, t.archived_at,
                      (select count(*) from runs a where a.task_id = t.id) as "attempts!",
                      (select coalesce(sum(l.usd_micros) filter (where l.kind = 'settled'), 0)::bigint
                       from (select a.id from runs a where a.task_id = t.id
                             union all
                             select c.id from runs a join runs c on c.parent_run = a.id where a.task_id = t.id) a
                       join ledger_entries l on l.run_id = a.id) as "cost_usd_micros!",
                      (select coalesce(jsonb_agg(jsonb_build_object(
                           'task_id', d.needs_id,
                           'status', run_status(m.outcome, m.output ->> 'result', g.state, g.paused, g.waits, g.waits_for, g.step),
                           'succeeded', exists (
                               select from runs s where s.task_id = d.needs_id and s.outcome is not null
                                 and run_end(s.outcome, s.output ->> 'result') = 'succeeded')) order by d.ordinal), '[]')
                       from task_needs d
                       left join lateral (select * from runs a where a.task_id = d.needs_id order by a.id desc limit 1) m on true
                       left join run_heads g on g.run_id = m.id
                       where d.task_id = t.id) as "needs!",
                      run_status(n.outcome, n.output ->> 'result', h.state, h.paused, h.waits, h.waits_for, h.step) as "status!",
                      n.id as "run_id?", n.created_at as "run_created_at?", n.ended_at as run_ended_at, n.outcome,
                      n.output ->> 'result' as result, n.failure,
                      n.output #>> '{evidence,branch}' as branch,
                      (select jsonb_build_object('id', p.id, 'number', p.number, 'url', p.url, 'state', p.state, 'draft', p.draft)
                       from pull_requests p where p.run_id = n.id order by p.number desc limit 1) as pull_request,
                      h.step, h.since as "since?"
               from tasks t
               join repositories r on r.id = t.repository_id
               join users u on u.id = t.created_by
               left join lateral (select * from runs a where a.task_id = t.id order by a.id desc limit 1) n on true
               left join run_heads h on h.run_id = n.id "# + $which
            $(, $value)*
        )
    };
}

/// A task about to be written.
#[derive(Debug, Clone)]
pub struct NewTask<'a> {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub repository_id: Uuid,
    /// Who asks.
    pub created_by: Uuid,
    /// One line.
    pub title: &'a str,
    /// Everything else.
    pub description: &'a str,
    /// Where the work begins.
    pub base_branch: &'a str,
    /// What its runs are started with.
    pub options: &'a Value,
    /// The most all its runs may cost together.
    pub budget_usd_micros: i64,
    /// The caller's key.
    pub request_key: Option<&'a str>,
    /// The hash of what was asked for.
    pub request_sha256: &'a [u8],
}

/// Adds a task. False when its creator has used its key before.
pub async fn insert(conn: &mut PgConnection, new: &NewTask<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into tasks (id, repository_id, created_by, title, description, base_branch, options,
                            budget_usd_micros, request_key, request_sha256)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (created_by, request_key) do nothing",
        new.id,
        new.repository_id,
        new.created_by,
        new.title,
        new.description,
        new.base_branch,
        new.options,
        new.budget_usd_micros,
        new.request_key,
        new.request_sha256
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The task that this person began under this key, and the hash of what was asked for; those of earlier versions have none.
pub async fn of_key(
    db: impl PgExecutor<'_>,
    user: Uuid,
    key: &str,
) -> sqlx::Result<Option<(Uuid, Option<Vec<u8>>)>> {
    let found = sqlx::query!(
        "select id, request_sha256 from tasks where created_by = $1 and request_key = $2",
        user,
        key
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| (row.id, row.request_sha256)))
}

/// A task that this person may see.
pub async fn find(
    db: impl PgExecutor<'_>,
    id: Uuid,
    viewer: Viewer,
) -> sqlx::Result<Option<TaskRow>> {
    tasks!(
        "where t.id = $1 and ($2 or t.created_by = $3 or r.owner_id = $3 or r.visibility = 'team')",
        id,
        viewer.all,
        viewer.user
    )
    .fetch_optional(db)
    .await
}

/// Which tasks a list shows (`task_page`).
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those on this repository.
    pub repository: Option<Uuid>,
    /// Those of this person.
    pub created_by: Option<Uuid>,
    /// Those with this in their title or description.
    pub search: Patterns,
    /// Those that were put away, instead of the others.
    pub archived: bool,
    /// Those before this one.
    pub before: Option<Uuid>,
    /// So many at most.
    pub most: i64,
}

/// These tasks, newest first.
pub async fn of(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<TaskRow>> {
    tasks!("where t.id = any($1) order by t.id desc", ids)
        .fetch_all(db)
        .await
}

/// What may be changed; nothing stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Change<'a> {
    /// One line.
    pub title: Option<&'a str>,
    /// Everything else.
    pub description: Option<&'a str>,
    /// The most all its runs may cost together.
    pub budget_usd_micros: Option<i64>,
    /// Whether it is put away.
    pub archived: Option<bool>,
}

/// Changes a task that has not been changed since `seen`. False when it has.
pub async fn update(
    conn: &mut PgConnection,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    change: &Change<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update tasks
         set title = coalesce($3, title), description = coalesce($4, description),
             budget_usd_micros = coalesce($5, budget_usd_micros),
             archived_at = case when $6::boolean is null then archived_at when $6 then coalesce(archived_at, now()) end,
             updated_at = clock_timestamp()
         where id = $1 and ($2::timestamptz is null or updated_at = $2)",
        id,
        seen,
        change.title,
        change.description,
        change.budget_usd_micros,
        change.archived
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a task that has no runs. False when it has some.
pub async fn delete(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from tasks t where t.id = $1 and not exists (select from runs r where r.task_id = t.id)",
        id
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
