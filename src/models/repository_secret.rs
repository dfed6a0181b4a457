//! Sealed secrets of repositories.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// What may be known of a secret.
#[derive(Debug, Clone)]
pub struct SecretRow {
    /// Its name.
    pub name: String,
    /// When it was set first.
    pub created_at: DateTime<Utc>,
    /// When it was set last.
    pub updated_at: DateTime<Utc>,
    /// Who set it last.
    pub updated_by: Uuid,
    /// What they are called.
    pub updater: String,
}

/// The secrets of a repository, by name.
pub async fn list(db: impl PgExecutor<'_>, repository: Uuid) -> sqlx::Result<Vec<SecretRow>> {
    sqlx::query_as!(
        SecretRow,
        "select s.name, s.created_at, s.updated_at, s.updated_by, u.name as updater
         from repository_secrets s join users u on u.id = s.updated_by where s.repository_id = $1 order by s.name",
        repository
    )
    .fetch_all(db)
    .await
}

/// Every secret of a repository as it is kept: name and sealed value.
pub async fn sealed(
    db: impl PgExecutor<'_>,
    repository: Uuid,
) -> sqlx::Result<Vec<(String, Vec<u8>)>> {
    let rows = sqlx::query!(
        "select name, sealed from repository_secrets where repository_id = $1",
        repository
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.sealed)).collect())
}

/// Sets a secret, whatever it was before.
pub async fn set(
    conn: &mut PgConnection,
    repository: Uuid,
    name: &str,
    sealed: &[u8],
    by: Uuid,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into repository_secrets (repository_id, name, sealed, created_by, updated_by) values ($1, $2, $3, $4, $4)
         on conflict (repository_id, name)
         do update set sealed = excluded.sealed, updated_by = excluded.updated_by, updated_at = clock_timestamp()",
        repository,
        name,
        sealed,
        by
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets a secret. False when there is none of this name.
pub async fn delete(conn: &mut PgConnection, repository: Uuid, name: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from repository_secrets where repository_id = $1 and name = $2",
        repository,
        name
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets all secrets of a repository.
pub async fn delete_all(conn: &mut PgConnection, repository: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from repository_secrets where repository_id = $1",
        repository
    )
    .execute(conn)
    .await?;
    Ok(())
}
