//! The way to a usable database: migrations, and the check that a server has what we need. What may not
//! live here: SQL on our tables, starting servers (that is `postgres`).

use sqlx::{PgConnection, PgPool, migrate::Migrator};

use crate::models::server;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The oldest server we work with, as it counts.
const OLDEST: i32 = 150_000;

/// The database could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The queue's tables.
    #[error(transparent)]
    Queue(#[from] jobs::MigrateError),
    /// Our tables.
    #[error("the database could not be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The server does not answer as it should.
    #[error("the database cannot be used: {0}")]
    Unusable(#[from] sqlx::Error),
    /// The server is too old.
    #[error("the server is Postgres {0}; CodeGraph needs Postgres 15 or newer")]
    TooOld(String),
    /// The server does not have pgvector at all.
    #[error(
        "the server has no pgvector. Use an image that has it (pgvector/pgvector:pg18) or install it on the \
         server (Debian: postgresql-18-pgvector), or set CODEGRAPH_ALLOW_NO_VECTOR=1 to go without semantic search"
    )]
    NoVector,
    /// The server has pgvector, and we may not switch it on.
    #[error(
        "pgvector is on the server but not in this database, and this role may not create it. As a superuser, in \
         this database: CREATE EXTENSION vector; (or set CODEGRAPH_ALLOW_NO_VECTOR=1)"
    )]
    VectorForbidden,
    /// The server does not have hstore, in which the queue keeps what belongs to a job.
    #[error(
        "the server has no hstore, which comes with it: install its contrib package (Debian: postgresql-contrib)"
    )]
    NoHstore,
    /// The server has hstore, and we may not switch it on.
    #[error(
        "hstore is not in this database, and this role may not create it. As its owner or a superuser, in this \
         database: CREATE EXTENSION hstore;"
    )]
    HstoreForbidden,
}

/// Whether search by meaning is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// pgvector is there.
    Semantic,
    /// Words only, because that was allowed.
    Lexical,
}

/// Brings the database up to date. Several nodes may do it at once: they take turns.
pub async fn migrate(db: &PgPool) -> Result<(), Error> {
    jobs::migrate(db).await?;
    MIGRATIONS.run(db).await?;
    Ok(())
}

/// The newest migration this program knows.
#[must_use]
pub fn schema() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Checks that the server is one we can work with, and switches pgvector on.
pub async fn check(db: &mut PgConnection, allow_no_vector: bool) -> Result<Search, Error> {
    let version = server::version(db).await?;
    if version.number < OLDEST {
        return Err(Error::TooOld(version.text));
    }
    let hstore = server::extension(db, "hstore").await?;
    match (hstore.installed, hstore.available) {
        (None, None) => return Err(Error::NoHstore),
        (None, Some(_)) if !hstore.creatable => return Err(Error::HstoreForbidden),
        _ => {}
    }
    let vector = server::extension(db, "vector").await?;
    let refusal = match (vector.installed, vector.available) {
        (Some(_), _) => return Ok(Search::Semantic),
        (None, Some(_)) if vector.creatable => {
            server::create_vector(db).await?;
            return Ok(Search::Semantic);
        }
        (None, Some(_)) => Error::VectorForbidden,
        (None, None) => Error::NoVector,
    };
    if allow_no_vector {
        tracing::warn!("no pgvector: search is by words only");
        return Ok(Search::Lexical);
    }
    Err(refusal)
}
