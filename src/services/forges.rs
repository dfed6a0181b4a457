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
    models::{pull_request, repository},
    providers::{
        forge::{self, GitHub, Slug},
        git::{self, Credential},
    },
};

/// Why an address over ssh is not spoken to.
pub(super) const SSH: &str = "over ssh this server shows its own identity, so only maintainers connect such addresses here \
    (CODEGRAPH_SSH_FOR_EVERYBODY); use https";

/// The servers that are known, and the tokens for them.
#[derive(Debug, Clone)]
pub struct Forges {
    db: Db,
    pub(super) secrets: Secrets,
    /// The one that knows pull requests.
    pub(super) github: GitHub,
    installation: Option<SecretString>,
    /// Whether everybody's repositories are spoken to with the ssh identity of this server.
    ssh_for_everybody: bool,
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
            ssh_for_everybody: config.repositories.ssh_for_everybody,
        }
    }

    /// The repository of this address on a server that knows pull requests.
    #[must_use]
    pub fn slug(&self, url: &str) -> Option<Slug> {
        self.github.repository(url)
    }

    /// The token for a repository: its own; or the installation's, if one of those who look after it connected it.
    pub async fn token(&self, repository: Option<Uuid>) -> Result<Option<SecretString>> {
        let Some(repository) = repository else {
            return Ok(self.installation.clone());
        };
        let all = self.secrets.of(repository).await?;
        if let Some((_, own)) = all.into_iter().find(|(name, _)| name == GITHUB_TOKEN) {
            return Ok(Some(own));
        }
        let vouched = repository::is_vouched(&self.db, repository).await?;
        Ok(self.installation.clone().filter(|_| vouched))
    }

    /// Whether a repository may be spoken to over ssh: what is shown there is the identity of this server.
    pub(super) fn lends_ssh(&self, oversees: bool) -> bool {
        oversees || self.ssh_for_everybody
    }

    /// What git shows the server of this repository. Refuses a way to speak on which more would be shown than the
    /// repository has.
    pub async fn credential(
        &self,
        repository: Option<Uuid>,
        url: &str,
    ) -> Result<Option<Credential>> {
        if let Some(id) = repository
            && git::is_ssh(url)
            && !self.lends_ssh(repository::is_vouched(&self.db, id).await?)
        {
            return Err(Error::Conflict(SSH.to_owned()));
        }
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
