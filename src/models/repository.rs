//! Repositories that people work on.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A repository, with the name of its owner.
#[derive(Debug, Clone)]
pub struct RepositoryRow {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
    /// What they are called.
    pub owner: String,
    /// What it is called.
    pub name: String,
    /// `github`, `git` or `local`.
    pub forge: String,
    /// Its address, or its folder.
    pub url: String,
    /// Where work begins when nothing else is said.
    pub default_branch: String,
    /// `private` or `team`.
    pub visibility: String,
    /// Commands, instructions and limits, as people set them.
    pub profile: Value,
    /// The commit of the default branch when it was looked at last.
    pub head_commit: Option<String>,
    /// Why it could not be looked at.
    pub sync_error: Option<String>,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// When it was looked at last.
    pub synced_at: Option<DateTime<Utc>>,
    /// Since when it waits for a first fetch with rights of its own.
    pub pending_since: Option<DateTime<Utc>>,
    /// Tasks on it that are not archived.
    pub tasks: i64,
}

/// A repository about to be written.
#[derive(Debug, Clone)]
pub struct NewRepository<'a> {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
    /// What it is called.
    pub name: &'a str,
    /// `github`, `git` or `local`.
    pub forge: &'a str,
    /// Its address, or its folder.
    pub url: &'a str,
    /// Where work begins when nothing else is said.
    pub default_branch: &'a str,
    /// `private` or `team`.
    pub visibility: &'a str,
    /// Whether the installation answers for it with what is its own.
    pub vouched: bool,
    /// Whether it waits for a first fetch.
    pub pending: bool,
}

/// Who looks: their own, what is shared, and everything if they oversee the work of all.
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    /// The person.
    pub user: Uuid,
    /// Whether they see everything.
    pub all: bool,
}

macro_rules! repositories {
    ($which:literal $(+ $more:literal)* $(, $value:expr)*) => {
        sqlx::query_as!(
            RepositoryRow,
            r#"select r.id, r.owner_id, u.name as owner, r.name, r.forge, r.url, r.default_branch, r.visibility, r.profile,
                      r.head_commit, r.sync_error, r.created_at, r.updated_at, r.synced_at, r.pending_since,
                      (select count(*) from tasks t where t.repository_id = r.id and t.archived_at is null) as "tasks!"
               from repositories r join users u on u.id = r.owner_id "# + $which $(+ $more)*
            $(, $value)*
        )
    };
}

/// Adds a repository. False when its owner has one at this address.
pub async fn insert(conn: &mut PgConnection, new: &NewRepository<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into repositories (id, owner_id, name, forge, url, default_branch, visibility, vouched, pending_since)
         values ($1, $2, $3, $4, $5, $6, $7, $8, case when $9 then clock_timestamp() end)
         on conflict (owner_id, url) where deleted_at is null do nothing",
        new.id,
        new.owner_id,
        new.name,
        new.forge,
        new.url,
        new.default_branch,
        new.visibility,
        new.vouched,
        new.pending
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A repository that this person may see.
pub async fn find(
    db: impl PgExecutor<'_>,
    id: Uuid,
    viewer: Viewer,
) -> sqlx::Result<Option<RepositoryRow>> {
    repositories!(
        "where r.id = $1 and r.deleted_at is null and ($2 or r.owner_id = $3 or r.visibility = 'team')",
        id,
        viewer.all,
        viewer.user
    )
    .fetch_optional(db)
    .await
}

/// Which repositories a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Those with this in their name or address.
    pub search: Option<&'a str>,
    /// Those behind this one, in the order of the list.
    pub behind: Option<Uuid>,
    /// So many at most.
    pub most: i64,
}

macro_rules! listed {
    ($db:ident, $viewer:ident, $filter:ident, $behind_and_order:literal) => {
        repositories!(
            "where r.deleted_at is null and ($1 or r.owner_id = $2 or r.visibility = 'team')
               and ($3::text is null or strpos(lower(r.name), lower($3)) > 0 or strpos(lower(r.url), lower($3)) > 0)
               and ($4::uuid is null or " + $behind_and_order + " limit $5",
            $viewer.all,
            $viewer.user,
            $filter.search,
            $filter.behind,
            $filter.most
        )
        .fetch_all($db)
        .await
    };
}

/// The repositories that this person may see, newest first.
pub async fn newest(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    filter: Filter<'_>,
) -> sqlx::Result<Vec<RepositoryRow>> {
    listed!(db, viewer, filter, "r.id < $4) order by r.id desc")
}

/// The same, oldest first.
pub async fn oldest(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    filter: Filter<'_>,
) -> sqlx::Result<Vec<RepositoryRow>> {
    listed!(db, viewer, filter, "r.id > $4) order by r.id")
}

/// The same, by name.
pub async fn by_name(
    db: impl PgExecutor<'_>,
    viewer: Viewer,
    filter: Filter<'_>,
) -> sqlx::Result<Vec<RepositoryRow>> {
    listed!(
        db,
        viewer,
        filter,
        "(lower(r.name), r.id) > (select lower(l.name), l.id from repositories l where l.id = $4)) order by lower(r.name), r.id"
    )
}

/// The repositories about which this person sees the work of others; those that were disconnected as well.
pub async fn seen(conn: &mut PgConnection, user: Uuid) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select id from repositories where owner_id = $1 or visibility = 'team'",
        user
    )
    .fetch_all(conn)
    .await
}

/// What may be changed; nothing stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Change<'a> {
    /// What it is called.
    pub name: Option<&'a str>,
    /// Where work begins when nothing else is said.
    pub default_branch: Option<&'a str>,
    /// `private` or `team`.
    pub visibility: Option<&'a str>,
    /// Parts of commands, instructions and limits; `null` takes one back.
    pub profile: Option<&'a Value>,
}

/// Changes a repository that has not been changed since `seen`. False when it has.
pub async fn update(
    conn: &mut PgConnection,
    id: Uuid,
    seen: Option<DateTime<Utc>>,
    change: &Change<'_>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update repositories
         set name = coalesce($3, name), default_branch = coalesce($4, default_branch),
             visibility = coalesce($5, visibility),
             profile = coalesce(jsonb_strip_nulls(profile || $6), profile), updated_at = clock_timestamp()
         where id = $1 and ($2::timestamptz is null or updated_at = $2)",
        id,
        seen,
        change.name,
        change.default_branch,
        change.visibility,
        change.profile
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what a look at the source found, with rights of its own. What was found is no longer waited for.
pub async fn synced(
    conn: &mut PgConnection,
    id: Uuid,
    head_commit: Option<&str>,
    error: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update repositories
         set head_commit = coalesce($2, head_commit), sync_error = $3, synced_at = clock_timestamp(),
             pending_since = case when $2::text is null then pending_since end
         where id = $1",
        id,
        head_commit,
        error
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Names the branch of a repository whose first fetch is waited for.
pub async fn begins_at(conn: &mut PgConnection, id: Uuid, branch: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update repositories set default_branch = $2, updated_at = clock_timestamp()
         where id = $1 and pending_since is not null and default_branch <> $2",
        id,
        branch
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether the installation answers for a repository with what is its own.
pub async fn is_vouched(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!("select vouched from repositories where id = $1", id);
    Ok(found.fetch_optional(db).await?.unwrap_or_default())
}

/// Takes a repository out of all lists; its tasks stay. Its address is free again.
pub async fn delete(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update repositories set deleted_at = clock_timestamp() where id = $1 and deleted_at is null",
        id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether runs on this repository live.
pub async fn busy(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from run_heads h join runs r on r.id = h.run_id join tasks t on t.id = r.task_id
                          where t.repository_id = $1) as "busy!""#,
        id
    )
    .fetch_one(db)
    .await
}

/// What these repositories are called, those that were disconnected as well.
pub async fn names(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<(Uuid, String)>> {
    let rows = sqlx::query!("select id, name from repositories where id = any($1)", ids)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
