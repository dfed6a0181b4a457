//! Pull requests that offer the work of runs.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::repository::Viewer;

/// A pull request, with what it is about.
#[derive(Debug, Clone)]
pub struct PullRequestRow {
    /// Its id here.
    pub id: Uuid,
    /// The repository.
    pub repository_id: Uuid,
    /// The repository's name.
    pub repository: String,
    /// The repository's address.
    pub repository_url: String,
    /// Whose the repository is.
    pub repository_owner: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// The task's title.
    pub task: String,
    /// Who asked for the task.
    pub created_by: Uuid,
    /// The run whose work it offers.
    pub run_id: Uuid,
    /// Its number in the repository.
    pub number: i64,
    /// Where people look at it.
    pub url: String,
    /// One line.
    pub title: String,
    /// `open`, `closed` or `merged`.
    pub state: String,
    /// Whether it is not to be merged yet.
    pub draft: bool,
    /// The branch it offers.
    pub head_branch: String,
    /// The branch it is for.
    pub base_branch: String,
    /// The commit it offers.
    pub head_commit: String,
    /// `none`, `pending`, `success` or `failure`.
    pub checks: Option<String>,
    /// How many checks there are.
    pub checks_total: Option<i32>,
    /// How many of them say no.
    pub checks_failed: Option<i32>,
    /// `approved`, `changes_requested` or `review_required`.
    pub review: Option<String>,
    /// Whether it could be merged.
    pub mergeable: Option<bool>,
    /// When it was merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// When it was closed, merged or not.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it became known here.
    pub created_at: DateTime<Utc>,
    /// When it was looked at last.
    pub synced_at: Option<DateTime<Utc>>,
}

macro_rules! pull_requests {
    ($which:literal $(+ $more:literal)* $(, $value:expr)*) => {
        sqlx::query_as!(
            PullRequestRow,
            r#"select p.id, p.repository_id, r.name as repository, r.url as repository_url, r.owner_id as repository_owner,
                      p.task_id, t.title as task, t.created_by, p.run_id, p.number, p.url, p.title, p.state, p.draft,
                      p.head_branch, p.base_branch, p.head_commit, p.checks, p.checks_total, p.checks_failed, p.review,
                      p.mergeable, p.merged_at, p.closed_at, p.created_at, p.synced_at
               from pull_requests p
               join repositories r on r.id = p.repository_id
               join tasks t on t.id = p.task_id "# + $which $(+ $more)*
            $(, $value)*
        )
    };
}

/// A pull request that this person may see.
pub async fn find(
    db: impl PgExecutor<'_>,
    id: Uuid,
    viewer: Viewer,
) -> sqlx::Result<Option<PullRequestRow>> {
    pull_requests!(
        "where p.id = $1 and ($2 or t.created_by = $3 or r.owner_id = $3 or r.visibility = 'team')",
        id,
        viewer.all,
        viewer.user
    )
    .fetch_optional(db)
    .await
}

/// Which pull requests a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of this repository.
    pub repository: Option<Uuid>,
    /// Those of this task.
    pub task: Option<Uuid>,
    /// Those of this run.
    pub run: Option<Uuid>,
    /// Those that stand so.
    pub state: Option<&'static str>,
    /// Those behind this one, in the order of the list.
    pub behind: Option<Uuid>,
    /// In which order that is.
    pub oldest_first: bool,
    /// So many at most.
    pub most: i64,
}

macro_rules! listed {
    ($db:ident, $viewer:ident, $filter:ident, $behind_and_order:literal) => {
        pull_requests!(
            "where ($1 or t.created_by = $2 or r.owner_id = $2 or r.visibility = 'team')
               and ($3::uuid is null or p.repository_id = $3) and ($4::uuid is null or p.task_id = $4)
               and ($5::uuid is null or p.run_id = $5) and ($6::text is null or p.state = $6)
               and ($7::uuid is null or " + $behind_and_order + " limit $8",
            $viewer.all,
            $viewer.user,
            $filter.repository,
            $filter.task,
            $filter.run,
            $filter.state,
            $filter.behind,
            $filter.most
        )
        .fetch_all($db)
        .await
    };
}

/// The pull requests that this person may see, in the order that is wanted.
pub async fn list(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    filter: &Filter,
) -> sqlx::Result<Vec<PullRequestRow>> {
    if filter.oldest_first {
        listed!(db, viewer, filter, "p.id > $7) order by p.id")
    } else {
        listed!(db, viewer, filter, "p.id < $7) order by p.id desc")
    }
}

/// The open ones that were not looked at for longest, while their repositories are connected.
pub async fn due(db: impl PgExecutor<'_>, most: i64) -> sqlx::Result<Vec<PullRequestRow>> {
    pull_requests!(
        "where p.state = 'open' and r.deleted_at is null
         order by greatest(p.synced_at, p.tried_at) nulls first, p.id limit $1",
        most
    )
    .fetch_all(db)
    .await
}

/// Notes that one could not be looked at.
pub async fn tried(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update pull_requests set tried_at = clock_timestamp() where id = $1",
        id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Where one stands as far as is known here, locked until the transaction ends.
pub async fn lock(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select state from pull_requests where id = $1 for update",
        id
    )
    .fetch_optional(conn)
    .await
}

/// Whether this run is known to offer its work with this one.
pub async fn is_known(conn: &mut PgConnection, run: Uuid, number: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from pull_requests where run_id = $1 and number = $2) as "known!""#,
        run,
        number
    )
    .fetch_one(conn)
    .await
}

/// A pull request as it is there.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its number in the repository.
    pub number: i64,
    /// Where people look at it.
    pub url: &'a str,
    /// One line.
    pub title: &'a str,
    /// `open`, `closed` or `merged`.
    pub state: &'a str,
    /// Whether it is not to be merged yet.
    pub draft: bool,
    /// The branch it offers.
    pub head_branch: &'a str,
    /// The branch it is for.
    pub base_branch: &'a str,
    /// The commit it offers.
    pub head_commit: &'a str,
    /// Whether it could be merged.
    pub mergeable: Option<bool>,
    /// When it was merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// When it was closed, merged or not.
    pub closed_at: Option<DateTime<Utc>>,
}

/// Writes a pull request of a run of a task; one that is known becomes this run's. Nothing when the run is of no task.
pub async fn upsert(
    conn: &mut PgConnection,
    run: Uuid,
    opened_by: Option<Uuid>,
    known: &Known<'_>,
) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "insert into pull_requests (id, repository_id, task_id, run_id, number, url, title, state, draft, head_branch,
                                    base_branch, head_commit, opened_by, mergeable, merged_at, closed_at)
         select $1, t.repository_id, t.id, n.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
         from runs n join tasks t on t.id = n.task_id where n.id = $2
         on conflict (repository_id, number) do update
         set run_id = excluded.run_id, task_id = excluded.task_id, url = excluded.url, title = excluded.title,
             state = excluded.state, draft = excluded.draft, head_commit = excluded.head_commit,
             mergeable = excluded.mergeable, merged_at = excluded.merged_at, closed_at = excluded.closed_at,
             updated_at = clock_timestamp()
         returning id",
        Uuid::now_v7(),
        run,
        known.number,
        known.url,
        known.title,
        known.state,
        known.draft,
        known.head_branch,
        known.base_branch,
        known.head_commit,
        opened_by,
        known.mergeable,
        known.merged_at,
        known.closed_at
    )
    .fetch_optional(conn)
    .await
}

/// What a look at it found.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    /// `none`, `pending`, `success` or `failure`.
    pub checks: &'a str,
    /// How many checks there are.
    pub checks_total: i32,
    /// How many of them say no.
    pub checks_failed: i32,
    /// `approved`, `changes_requested` or `review_required`.
    pub review: Option<&'a str>,
}

/// Writes what a look at a pull request found.
pub async fn looked(
    conn: &mut PgConnection,
    id: Uuid,
    known: &Known<'_>,
    looked: &Looked<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update pull_requests
         set url = $2, title = $3, state = $4, draft = $5, base_branch = $6, head_commit = $7, mergeable = $8,
             merged_at = $9, closed_at = $10, checks = $11, checks_total = $12, checks_failed = $13, review = $14,
             synced_at = clock_timestamp(), updated_at = clock_timestamp()
         where id = $1",
        id,
        known.url,
        known.title,
        known.state,
        known.draft,
        known.base_branch,
        known.head_commit,
        known.mergeable,
        known.merged_at,
        known.closed_at,
        looked.checks,
        looked.checks_total,
        looked.checks_failed,
        looked.review
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The repository that a run works on, when it is one of a task.
pub async fn repository_of(db: impl PgExecutor<'_>, run: Uuid) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select t.repository_id from runs n join tasks t on t.id = n.task_id where n.id = $1",
        run
    )
    .fetch_optional(db)
    .await
}
