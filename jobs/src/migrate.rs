//! Brings apalis' schema up to date and takes out of it what costs too much.

use sqlx::{AssertSqlSafe, PgPool, SqlSafeStr, migrate::MigrateError as Sqlx};

use crate::store;

/// apalis' schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Its own migrations failed.
    #[error("the queue's tables could not be migrated: {0}")]
    Apalis(#[from] Sqlx),
    /// Our additions to it failed.
    #[error("the queue's tables could not be adjusted: {0}")]
    Adjust(#[from] sqlx::Error),
}

/// Migrates the queue's tables. Safe when several nodes do it at once: they take turns.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    let mut migrations = apalis_postgres::PostgresStorage::<()>::migrations();
    for migration in migrations.migrations.to_mut() {
        // An early migration installs pgcrypto, which the final schema does not use and the embedded
        // server does not have. The checksum stays that of the published file.
        if migration.sql.as_str().contains("pgcrypto") {
            let without = migration
                .sql
                .as_str()
                .replace("CREATE EXTENSION IF NOT EXISTS pgcrypto;", "");
            migration.sql = AssertSqlSafe(without).into_sql_str();
        }
    }
    migrations.run(pool).await?;
    store::adjust(pool).await?;
    Ok(())
}
