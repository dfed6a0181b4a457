//! What a server that hosts a repository wants to be shown. Set by people, used by the program, given out to nobody: not
//! to people, not to agents, not to commands.

use std::{fmt, sync::Arc};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Db, access::Caller, audit, repositories, seal::Seal};
pub use crate::models::repository_secret::SecretRow;
use crate::{
    config::Config,
    error::{Error, Result},
    models::repository_secret,
};

/// Shown to GitHub for a repository.
pub const GITHUB_TOKEN: &str = "GITHUB_TOKEN";

/// Secrets of one repository.
const MOST: usize = 50;

/// Secrets of repositories.
#[derive(Clone)]
pub struct Secrets {
    db: Db,
    seal: Seal,
    hide: Arc<dyn Fn(&SecretString) + Send + Sync>,
}

impl Secrets {
    /// In this database, under the configured key.
    #[must_use]
    pub fn new(db: Db, config: &Config) -> Self {
        Self {
            db,
            seal: Seal::configured(config),
            hide: Arc::new(|_| ()),
        }
    }

    /// Every value that is seen here is told to `hide`, which masks it from then on.
    #[must_use]
    pub fn hiding(self, hide: impl Fn(&SecretString) + Send + Sync + 'static) -> Self {
        Self {
            hide: Arc::new(hide),
            ..self
        }
    }

    /// The names of a repository's secrets.
    pub async fn list(&self, caller: &Caller, repository: Uuid) -> Result<Vec<SecretRow>> {
        repositories::own(&self.db, caller, repository).await?;
        Ok(repository_secret::list(&self.db, repository).await?)
    }

    /// Sets a secret, whatever it was before.
    pub async fn set(
        &self,
        caller: &Caller,
        repository: Uuid,
        name: &str,
        value: SecretString,
    ) -> Result<()> {
        repositories::own(&self.db, caller, repository).await?;
        self.check(name, &value, "/value")?;
        let known = repository_secret::list(&self.db, repository).await?;
        if known.len() >= MOST && known.iter().all(|row| row.name != name) {
            return Err(Error::Conflict(format!(
                "the repository has {MOST} secrets already"
            )));
        }
        let mut tx = self.db.begin().await?;
        self.set_in(&mut tx, caller, repository, name, &value)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The same for one that was looked at, in the caller's transaction.
    pub(super) async fn set_in(
        &self,
        conn: &mut PgConnection,
        caller: &Caller,
        repository: Uuid,
        name: &str,
        value: &SecretString,
    ) -> Result<()> {
        let place = place(repository, name);
        let sealed = self.seal.seal(&place, value.expose_secret())?;
        repository_secret::set(conn, repository, name, &sealed, caller.user).await?;
        let subject = audit::repository(repository);
        let detail = json!({"name": name});
        audit::note(conn, caller, "repository.secret_set", &subject, &detail).await
    }

    /// Looks at a secret, which is written nowhere from here on; `field` is where it came in.
    pub(super) fn check(
        &self,
        name: &str,
        value: &SecretString,
        field: &'static str,
    ) -> Result<()> {
        check(name, value, field)?;
        (self.hide)(value);
        Ok(())
    }

    /// Forgets a secret.
    pub async fn delete(&self, caller: &Caller, repository: Uuid, name: &str) -> Result<()> {
        repositories::own(&self.db, caller, repository).await?;
        let mut tx = self.db.begin().await?;
        if !repository_secret::delete(&mut tx, repository, name).await? {
            return Err(Error::not_found("secret"));
        }
        let subject = audit::repository(repository);
        let detail = json!({"name": name});
        audit::note(
            &mut tx,
            caller,
            "repository.secret_deleted",
            &subject,
            &detail,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Every secret of a repository; from here on none of them is written anywhere.
    pub async fn of(&self, repository: Uuid) -> Result<Vec<(String, SecretString)>> {
        let rows = repository_secret::sealed(&self.db, repository).await?;
        let open = |(name, sealed): (String, Vec<u8>)| {
            let value = self.seal.open(&place(repository, &name), &sealed)?;
            (self.hide)(&value);
            Ok((name, value))
        };
        rows.into_iter().map(open).collect()
    }
}

/// To what a sealed value is bound.
fn place(repository: Uuid, name: &str) -> String {
    format!("{}/{name}", repository.simple())
}

/// What is wrong is said without the value.
fn check(name: &str, value: &SecretString, field: &'static str) -> Result<()> {
    let first = name.starts_with(|c: char| c.is_ascii_uppercase());
    let rest = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if !first || name.len() > 100 || !name.chars().all(rest) {
        return Err(Error::field(
            "name",
            "a name is made of A to Z, digits and _, begins with a letter and has 100 characters at most",
        ));
    }
    let value = value.expose_secret();
    if value.is_empty() || value.contains('\0') {
        return Err(Error::field(field, "a secret is text and not empty"));
    }
    if name == GITHUB_TOKEN && !value.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Error::field(
            field,
            "a token has no spaces and no line breaks",
        ));
    }
    Ok(())
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("seal", &self.seal)
            .finish_non_exhaustive()
    }
}
