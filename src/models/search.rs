//! What a palette finds: the newest things whose name has the words, of what a person may see.

use sqlx::PgExecutor;
use uuid::Uuid;

use super::{repository::Viewer, task_page::Patterns};

/// Something that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// What it belongs to.
    pub subtitle: String,
}

/// Tasks whose title has one of these patterns, newest first. To be asked after [`super::plan::by_values`].
pub async fn tasks(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    patterns: &Patterns,
    most: i64,
) -> sqlx::Result<Vec<Hit>> {
    sqlx::query_as!(
        Hit,
        "select t.id, t.title, r.name as subtitle
         from tasks t join repositories r on r.id = t.repository_id
         where (lower(t.title) like $3 or lower(t.title) like $5) and ($1 or t.created_by = $2 or r.owner_id = $2 or r.visibility = 'team')
         order by t.id desc limit $4",
        viewer.all,
        viewer.user,
        patterns.0,
        most,
        patterns.1
    )
    .fetch_all(db)
    .await
}

/// The ids that begin with certain digits.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    /// The lowest of them.
    pub from: Uuid,
    /// The highest of them.
    pub to: Uuid,
}

/// Repositories whose name or address has this pattern or whose id is one of these, by name.
pub async fn repositories(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    pattern: &str,
    ids: Option<Ids>,
    most: i64,
) -> sqlx::Result<Vec<Hit>> {
    sqlx::query_as!(
        Hit,
        "select r.id, r.name as title, r.url as subtitle from repositories r
         where r.deleted_at is null and (lower(r.name) like $3 or lower(r.url) like $3 or r.id between $5 and $6)
           and ($1 or r.owner_id = $2 or r.visibility = 'team')
         order by r.name, r.id limit $4",
        viewer.all,
        viewer.user,
        pattern,
        most,
        ids.map(|ids| ids.from),
        ids.map(|ids| ids.to)
    )
    .fetch_all(db)
    .await
}

/// Runs of these tasks, and runs whose id is one of these, newest first.
pub async fn runs(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    of: &[Uuid],
    ids: Option<Ids>,
    most: i64,
) -> sqlx::Result<Vec<Hit>> {
    sqlx::query_as!(
        Hit,
        r#"select n.id, t.title, run_status(n.outcome, n.output ->> 'result', h.state, h.paused, h.waits, h.waits_for, h.step)
                  as "subtitle!"
           from runs n
           join tasks t on t.id = n.task_id
           join repositories r on r.id = t.repository_id
           left join run_heads h on h.run_id = n.id
           where (n.task_id = any($3) or n.id between $4 and $5)
             and ($1 or t.created_by = $2 or r.owner_id = $2 or r.visibility = 'team')
           order by n.id desc limit $6"#,
        viewer.all,
        viewer.user,
        of,
        ids.map(|ids| ids.from),
        ids.map(|ids| ids.to),
        most
    )
    .fetch_all(db)
    .await
}

/// Tasks whose id is one of these, newest first.
pub async fn tasks_of(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    ids: Ids,
    most: i64,
) -> sqlx::Result<Vec<Hit>> {
    sqlx::query_as!(
        Hit,
        "select t.id, t.title, r.name as subtitle
         from tasks t join repositories r on r.id = t.repository_id
         where t.id between $3 and $4 and ($1 or t.created_by = $2 or r.owner_id = $2 or r.visibility = 'team')
         order by t.id desc limit $5",
        viewer.all,
        viewer.user,
        ids.from,
        ids.to,
        most
    )
    .fetch_all(db)
    .await
}
