//! Secrets of repositories: set, never shown.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Path, payload::Json, types::Example};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    views::Person,
    wire::{Done, Id, Text, kind},
};
use crate::services::secrets::SecretRow;

#[derive(Default)]
pub(super) struct SecretsApi;

/// What may be known of a secret.
#[derive(Object)]
struct RepositorySecret {
    /// Its name.
    name: String,
    /// When it was set first.
    created_at: DateTime<Utc>,
    /// When it was set last.
    updated_at: DateTime<Utc>,
    /// Who set it last.
    updated_by: Person,
}

/// The secrets of a repository.
#[derive(Object)]
struct RepositorySecretList {
    /// By name; 50 at most.
    items: Vec<RepositorySecret>,
}

/// The value of a secret.
#[derive(Object)]
#[oai(deny_unknown_fields, example)]
struct NewRepositorySecret {
    /// The value. Nothing gives it out again.
    #[oai(validator(min_length = 1, max_length = 10_000))]
    value: Text,
}

#[OpenApi(prefix_path = "/api/v1/repositories", tag = "Tag::Repositories")]
impl SecretsApi {
    /// List the secrets of a repository
    ///
    /// Their names, when they were set and by whom. The values are never shown. For its owner and maintainers.
    #[oai(
        path = "/:id/secrets",
        method = "get",
        operation_id = "listRepositorySecrets"
    )]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
    ) -> Result<Json<RepositorySecretList>, Problem> {
        let caller = auth.may("listRepositorySecrets")?;
        let rows = state.work.secrets.list(caller, id.0.0).await?;
        Ok(Json(RepositorySecretList {
            items: rows.into_iter().map(RepositorySecret::from).collect(),
        }))
    }

    /// Set a secret of a repository
    ///
    /// Whatever it was before. `GITHUB_TOKEN` is shown to GitHub when the repository is fetched over https, a branch is
    /// pushed or a pull request is opened; it needs the rights to read and write contents and pull requests. No secret
    /// is shown to agents or to the commands they run.
    #[oai(
        path = "/:id/secrets/:name",
        method = "put",
        operation_id = "setRepositorySecret"
    )]
    async fn set(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
        /// Its name: A to Z, digits and `_`, beginning with a letter, 100 characters at most.
        #[oai(validator(max_length = 100))]
        name: Path<String>,
        body: Json<NewRepositorySecret>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("setRepositorySecret")?;
        let value = String::from(body.0.value).into();
        let set = state.work.secrets.set(caller, id.0.0, &name.0, value);
        set.await?;
        Ok(Done::Done)
    }

    /// Forget a secret of a repository
    ///
    /// What uses it goes on without it, or with the installation's own.
    #[oai(
        path = "/:id/secrets/:name",
        method = "delete",
        operation_id = "deleteRepositorySecret"
    )]
    async fn delete(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
        /// Its name.
        #[oai(validator(max_length = 100))]
        name: Path<String>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("deleteRepositorySecret")?;
        state.work.secrets.delete(caller, id.0.0, &name.0).await?;
        Ok(Done::Done)
    }
}

impl From<SecretRow> for RepositorySecret {
    fn from(row: SecretRow) -> Self {
        Self {
            name: row.name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            updated_by: Person::new(row.updated_by, row.updater),
        }
    }
}

impl Example for NewRepositorySecret {
    fn example() -> Self {
        Self {
            value: Text("the-token-as-github-shows-it".to_owned()),
        }
    }
}
