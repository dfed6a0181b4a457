//! The few numbers of the first page.

use sqlx::PgExecutor;

use super::repository::Viewer;

/// What somebody has done already, and how much is under way.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    /// They see a repository.
    pub repository: bool,
    /// They have asked for something.
    pub task: bool,
    /// Somebody else is here, or was invited.
    pub invite: bool,
    /// Runs they see that work, or will by themselves.
    pub at_work: i64,
}

/// What this person has done already.
pub async fn steps(db: impl PgExecutor<'_>, viewer: Viewer) -> sqlx::Result<Steps> {
    sqlx::query_as!(
        Steps,
        r#"select exists (select from repositories r where r.deleted_at is null
                              and ($1 or r.owner_id = $2 or r.visibility = 'team')) as "repository!",
                  exists (select from tasks t where t.created_by = $2) as "task!",
                  (exists (select from users u where u.id <> $2) or exists (select from invitations)) as "invite!",
                  (select count(*) from run_heads h
                   join runs n on n.id = h.run_id
                   join tasks t on t.id = n.task_id
                   join repositories r on r.id = t.repository_id
                   where (h.state in ('queued', 'ready', 'running') or h.waits in ('retry', 'timer', 'children'))
                     and ($1 or t.created_by = $2 or r.owner_id = $2 or r.visibility = 'team')) as "at_work!""#,
        viewer.all,
        viewer.user
    )
    .fetch_one(db)
    .await
}
