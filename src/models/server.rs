//! The server itself: its version, its pgvector, and how far its schema is.

use sqlx::PgConnection;

/// Which Postgres answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// As the server writes it, such as `18.6`.
    pub text: String,
    /// As it counts, such as 180006.
    pub number: i32,
}

/// What the server knows of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The version in use in this database.
    pub installed: Option<String>,
    /// The version whose files the server has.
    pub available: Option<String>,
    /// Whether this role may create it here.
    pub creatable: bool,
}

/// The version of the server.
pub async fn version(db: &mut PgConnection) -> Result<Version, sqlx::Error> {
    sqlx::query_as!(
        Version,
        r#"select current_setting('server_version') as "text!",
                  current_setting('server_version_num')::int as "number!""#
    )
    .fetch_one(db)
    .await
}

/// The state of an extension. Asks the catalogue only: a `vector.so` built for another processor
/// would take the whole server down if it were tried out here.
pub async fn extension(db: &mut PgConnection, name: &str) -> Result<Extension, sqlx::Error> {
    sqlx::query_as!(
        Extension,
        r#"select
            (select extversion from pg_extension where extname = $1::text) as installed,
            (select default_version from pg_available_extensions where name = $1) as available,
            exists (
                select from pg_available_extension_versions v, pg_roles r
                where v.name = $1 and r.rolname = current_user
                  and (r.rolsuper or not v.superuser or v.trusted)
                  and has_database_privilege(current_database(), 'create')
            ) as "creatable!""#,
        name
    )
    .fetch_one(db)
    .await
}

/// The newest of our migrations that is done, 0 when there is none.
pub async fn schema(db: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let begun =
        sqlx::query_scalar!(r#"select to_regclass('_sqlx_migrations') is not null as "begun!""#)
            .fetch_one(&mut *db)
            .await?;
    if !begun {
        return Ok(0);
    }
    sqlx::query_scalar!(
        r#"select coalesce(max(version), 0) as "version!" from _sqlx_migrations where success"#
    )
    .fetch_one(db)
    .await
}

/// Switches pgvector on in this database. Two nodes may do it at once.
pub async fn create_vector(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(
        "begin;
         select pg_advisory_xact_lock(hashtext('codegraph.vector'));
         create extension if not exists vector;
         commit",
    )
    .execute(db)
    .await?;
    Ok(())
}
