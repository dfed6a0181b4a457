//! Servers that host repositories, and with what they are spoken to: the repository's own token, or the installation's.

use secrecy::SecretString;
use uuid::Uuid;
use workflows::RunId;

use super::{
    Db,
    secrets::{GITHUB_TOKEN, Secrets},
};
use crate::{
    config::Config,
    error::{Error, Result},
    models::pull_request,
    providers::{
        forge::{self, GitHub, Slug},
        git::Credential,
    },
};

/// The servers that are known, and the tokens for them.
#[derive(Debug, Clone)]
pub struct Forges {
    db: Db,
    secrets: Secrets,
    /// The one that knows pull requests.
    pub(super) github: GitHub,
    installation: Option<SecretString>,
}

impl Forges {
    /// As configured.
    #[must_use]
    pub fn new(db: Db, config: &Config, secrets: Secrets) -> Self {
        Self {
            db,
            secrets,
            github: GitHub::configured(&config.forge),
            installation: config.forge.github_token.clone(),
        }
    }

    /// The repository of this address on a server that knows pull requests.
    #[must_use]
    pub fn slug(&self, url: &str) -> Option<Slug> {
        self.github.repository(url)
    }

    /// The token for a repository: its own, or the installation's.
    pub async fn token(&self, repository: Option<Uuid>) -> Result<Option<SecretString>> {
        let all = match repository {
            Some(repository) => self.secrets.of(repository).await?,
            None => Vec::new(),
        };
        let own = all.into_iter().find(|(name, _)| name == GITHUB_TOKEN);
        Ok(own
            .map(|(_, token)| token)
            .or_else(|| self.installation.clone()))
    }

    /// What git shows the server of this repository.
    pub async fn credential(
        &self,
        repository: Option<Uuid>,
        url: &str,
    ) -> Result<Option<Credential>> {
        let token = match (self.slug(url), self.token(repository).await) {
            (Some(_), token) => token?,
            // Nothing of it is needed; what can be opened is masked from here on.
            (None, _) => None,
        };
        Ok(token.map(|token| self.github.credential(&token)))
    }

    /// The same for a run; without a task it has the installation's token alone.
    pub async fn credential_of(&self, run: RunId, url: &str) -> Result<Option<Credential>> {
        let repository = self.repository_of(run).await?;
        self.credential(repository, url).await
    }

    /// The repository that a run works on, when it is one of a task.
    pub async fn repository_of(&self, run: RunId) -> Result<Option<Uuid>> {
        Ok(pull_request::repository_of(&self.db, run.0).await?)
    }
}

impl From<forge::Error> for Error {
    fn from(error: forge::Error) -> Self {
        match error {
            forge::Error::Limited(after) => Self::TooMany {
                after_s: after.as_secs().max(1),
            },
            forge::Error::Unreachable(_) => Self::Unavailable(error.to_string()),
            other => Self::Conflict(other.to_string()),
        }
    }
}
