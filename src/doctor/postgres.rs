//! Postgres and pgvector on a server of one's own; without a URL see [`super::embedded`].

use sqlx::{Connection, PgConnection};

use crate::config::{Config, DatabaseUrl};
use crate::models::server::{self, Extension, Version};

use super::machine::Machine;
use super::report::Finding;

/// The oldest version whose SQL ours is.
const LEAST: i32 = 150_000;

pub(super) async fn check(config: &Config, machine: &Machine) -> Vec<Finding> {
    match &config.database.url {
        None => super::embedded::check(config, machine),
        Some(url) => match ask(url).await {
            Ok((version, vector, hstore)) => vec![
                judge_version(url, &version),
                judge_vector(&vector, config.database.allow_no_vector),
                judge_hstore(&hstore),
            ],
            Err(cause) => vec![
                Finding::fail("postgres", format!("does not answer at {url}"))
                    .detail(cause.to_string())
                    .remedy(
                        "start it, or correct CODEGRAPH_DATABASE_URL (or DATABASE_URL), or unset \
                         both to use the embedded server",
                    ),
            ],
        },
    }
}

async fn ask(url: &DatabaseUrl) -> Result<(Version, Extension, Extension), sqlx::Error> {
    let mut db = PgConnection::connect_with(&url.options()).await?;
    let version = server::version(&mut db).await?;
    let vector = server::extension(&mut db, "vector").await?;
    let hstore = server::extension(&mut db, "hstore").await?;
    db.close().await?;
    Ok((version, vector, hstore))
}

fn judge_version(url: &DatabaseUrl, version: &Version) -> Finding {
    let summary = format!("{} at {url}", version.text);
    if version.number >= LEAST {
        return Finding::ok("postgres", summary);
    }
    Finding::fail("postgres", summary)
        .remedy("upgrade it to 15 or newer, or unset the URL to use the embedded server")
}

fn judge_hstore(hstore: &Extension) -> Finding {
    match (&hstore.installed, &hstore.available) {
        (Some(version), _) => Finding::ok("hstore", version),
        (None, Some(version)) if hstore.creatable => Finding::ok(
            "hstore",
            format!("{version}, created by `codegraph migrate`"),
        ),
        (None, Some(version)) => Finding::fail(
            "hstore",
            format!("{version} is there, but this role may not create it"),
        )
        .remedy(
            "as the database's owner or a superuser, in this database: create extension hstore;",
        ),
        (None, None) => Finding::fail("hstore", "the server does not have it")
            .remedy("install the server's contrib package (Debian: postgresql-contrib)"),
    }
}

fn judge_vector(vector: &Extension, without: bool) -> Finding {
    let finding = match vector {
        Extension {
            installed: Some(version),
            ..
        } => return Finding::ok("pgvector", version),
        Extension {
            available: Some(version),
            creatable: true,
            ..
        } => {
            return Finding::ok(
                "pgvector",
                format!("{version}, created by `codegraph migrate`"),
            );
        }
        Extension {
            available: Some(version),
            ..
        } => {
            let summary = format!("{version} is there, but this role may not create it");
            (
                summary,
                "as a superuser, in this database: create extension vector;",
            )
        }
        Extension {
            available: None, ..
        } => (
            "the server does not have it".to_owned(),
            "install pgvector there (package postgresql-NN-pgvector, image pgvector/pgvector), \
             or set CODEGRAPH_ALLOW_NO_VECTOR=true to search by words only",
        ),
    };
    let (summary, remedy) = finding;
    if without {
        return Finding::warn("pgvector", summary).detail("allowed: search is by words only");
    }
    Finding::fail("pgvector", summary).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn extension(installed: bool, available: bool, creatable: bool) -> Extension {
        let version = |there: bool| there.then(|| "0.8.6".to_owned());
        Extension {
            installed: version(installed),
            available: version(available),
            creatable,
        }
    }

    #[test]
    fn pgvector_is_judged_by_whether_we_can_get_at_it() {
        for (vector, without, status) in [
            (extension(true, true, false), false, Status::Ok),
            (extension(false, true, true), false, Status::Ok),
            (extension(false, true, false), false, Status::Fail),
            (extension(false, false, false), false, Status::Fail),
            (extension(false, false, false), true, Status::Warn),
        ] {
            assert_eq!(judge_vector(&vector, without).status, status, "{vector:?}");
        }
    }

    #[test]
    fn hstore_cannot_be_gone_without() {
        for (hstore, status) in [
            (extension(true, true, false), Status::Ok),
            (extension(false, true, true), Status::Ok),
            (extension(false, true, false), Status::Fail),
            (extension(false, false, false), Status::Fail),
        ] {
            assert_eq!(judge_hstore(&hstore).status, status, "{hstore:?}");
        }
    }

    #[test]
    fn an_old_server_fails() {
        let url: DatabaseUrl = "postgresql://me:hunter22@db/x".parse().unwrap();
        let version = |text: &str, number| Version {
            text: text.into(),
            number,
        };
        assert_eq!(
            judge_version(&url, &version("15.0", 150_000)).status,
            Status::Ok
        );
        let old = judge_version(&url, &version("14.9", 140_009));
        assert_eq!(
            (old.status, old.summary.as_str()),
            (Status::Fail, "14.9 at db:5432/x")
        );
    }
}
