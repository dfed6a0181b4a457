//! Repositories that people connect.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
    types::Example,
};

use secrecy::SecretString;

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    views::Person,
    wire::{Cursor, Done, Id, Limit, NamedSort, Nullable, Tagged, TaggedNew, Text, kind, seen},
};
use crate::{
    Error,
    services::repositories::{Connect, Filter, RepositoryChange, RepositoryRow, without_password},
};

#[derive(Default)]
pub(super) struct RepositoriesApi;

/// Where a repository is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum Forge {
    /// On GitHub.
    Github,
    /// At any address that git understands.
    Git,
    /// In a folder of the server.
    Local,
}

/// Who sees a repository and the work on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum Visibility {
    /// Its owner and maintainers.
    Private,
    /// Everybody here.
    Team,
}

/// What agents are told about a repository in every task.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "RepositoryProfile", skip_serializing_if_is_none)]
struct Profile {
    /// What holds here: conventions, commands, what to leave alone.
    instructions: Option<String>,
}

/// A repository that work can be done on.
#[derive(Debug, Clone, Object)]
#[oai(example, skip_serializing_if_is_none)]
struct Repository {
    /// Its id.
    id: Id<kind::Repository>,
    /// What it is called.
    name: String,
    /// Where it is.
    forge: Forge,
    /// Its address, or its folder on the server.
    url: String,
    /// Where work begins when nothing else is said.
    default_branch: String,
    /// Who sees it and the work on it.
    visibility: Visibility,
    /// Whose it is.
    owner: Person,
    /// What agents are told about it in every task.
    profile: Profile,
    /// Tasks on it that are not archived.
    tasks: i64,
    /// The commit of its default branch when it was fetched last.
    head_commit: Option<String>,
    /// Why it could not be fetched last time.
    sync_error: Option<String>,
    /// When it was fetched last on request.
    synced_at: Option<DateTime<Utc>>,
    /// Since when it waits for a first fetch with rights of its own; nothing in it is shown and no task begins until then.
    /// A sync tries again.
    pending_since: Option<DateTime<Utc>>,
    /// When it was connected.
    created_at: DateTime<Utc>,
    /// When it was changed last.
    updated_at: DateTime<Utc>,
}

/// A page of repositories.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct RepositoryPage {
    /// Newest first.
    items: Vec<Repository>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

/// A repository to connect.
#[derive(Object)]
#[oai(deny_unknown_fields, example)]
struct NewRepository {
    /// Its address (`https://…`, `ssh://…`, `git@host:path`), or the absolute path of its folder on the server where
    /// the operator allows that.
    #[oai(validator(min_length = 1, max_length = 2000))]
    url: Text,
    /// What it is called; made from the address when nothing is said.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<Text>,
    /// Where work begins; its own default branch when nothing is said.
    #[oai(validator(min_length = 1, max_length = 200))]
    default_branch: Option<Text>,
    /// Who sees it; only its owner and maintainers when nothing is said.
    visibility: Option<Visibility>,
    /// A token that GitHub wants to be shown for it, from the first look on. It is kept sealed, as the secret
    /// `GITHUB_TOKEN`, and given out to nobody.
    #[oai(validator(min_length = 1, max_length = 10_000), write_only)]
    token: Option<Text>,
}

/// What may be changed about a repository; what is left out stays.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct RepositoryUpdate {
    /// What it is called.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<Text>,
    /// Where work begins.
    #[oai(validator(min_length = 1, max_length = 200))]
    default_branch: Option<Text>,
    /// Who sees it.
    visibility: Option<Visibility>,
    /// What agents are told about it in every task; `null` clears it.
    instructions: Nullable<Text>,
}

/// Characters of instructions at most.
const INSTRUCTIONS: usize = 20_000;

#[OpenApi(prefix_path = "/api/v1/repositories", tag = "Tag::Repositories")]
impl RepositoriesApi {
    /// Connect a repository
    ///
    /// It must be there and answer: the first fetch is waited for, up to 15 seconds; a larger repository goes on being
    /// fetched afterwards, and until then `pending_since` stands in it. The token of this installation is shown for
    /// repositories that maintainers connect; others bring a `token` of theirs for what is not open to everybody. A key
    /// (`Idempotency-Key`) does not look at the token.
    #[oai(path = "/", method = "post", operation_id = "createRepository")]
    async fn create(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        body: Json<NewRepository>,
    ) -> Result<TaggedNew<Repository>, Problem> {
        let caller = auth.may("createRepository")?;
        let connect = Connect {
            url: body.0.url.into(),
            name: body.0.name.map(Into::into),
            default_branch: body.0.default_branch.map(Into::into),
            shared: body.0.visibility == Some(Visibility::Team),
            token: body.0.token.map(|token| SecretString::from(token.0)),
        };
        let row = state.work.repositories.connect(caller, connect).await?;
        Ok(connected(row))
    }

    /// Connect a sample repository
    ///
    /// A small Python project with a failing test, made on the server: something to try the first task on.
    #[oai(
        path = "/sample",
        method = "post",
        operation_id = "createSampleRepository"
    )]
    async fn sample(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
    ) -> Result<TaggedNew<Repository>, Problem> {
        let caller = auth.may("createSampleRepository")?;
        Ok(connected(state.work.repositories.sample(caller).await?))
    }

    /// List repositories
    ///
    /// Those that one may see, newest first unless something else is said. A cursor belongs to the order it was handed out
    /// for.
    #[oai(path = "/", method = "get", operation_id = "listRepositories")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// Only those with this in their name or address.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<Option<String>>,
        /// In which order: `-created` is newest first (`-created`).
        sort: Query<Option<NamedSort>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<RepositoryPage>, Problem> {
        let caller = auth.may("listRepositories")?;
        let most = Limit::of(limit.0);
        let filter = Filter {
            search: q.0.as_deref(),
            behind: Cursor::one(cursor.0)?,
            most: most + 1,
        };
        let order = sort.0.unwrap_or(NamedSort::Newest).into();
        let list = state.work.repositories.list(caller, filter, order).await?;
        let (rows, next_cursor) = Cursor::page(list, most, |row| row.id);
        Ok(Json(RepositoryPage {
            items: rows.into_iter().map(Repository::from).collect(),
            next_cursor,
        }))
    }

    /// Get a repository
    ///
    /// The `ETag` names this state of it; send it back as `If-Match` with a change.
    #[oai(path = "/:id", method = "get", operation_id = "getRepository")]
    async fn get(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
    ) -> Result<Tagged<Repository>, Problem> {
        let caller = auth.may("getRepository")?;
        Ok(found(state.work.repositories.get(caller, id.0.0).await?))
    }

    /// Change a repository
    ///
    /// With `If-Match`, only if nobody has changed it since; else 412.
    #[oai(path = "/:id", method = "patch", operation_id = "updateRepository")]
    async fn update(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
        /// The `ETag` of the state that is to be changed.
        #[oai(name = "If-Match", validator(max_length = 100))]
        if_match: Header<Option<String>>,
        body: Json<RepositoryUpdate>,
    ) -> Result<Tagged<Repository>, Problem> {
        let caller = auth.may("updateRepository")?;
        let instructions: Option<Option<String>> = body
            .0
            .instructions
            .change()
            .map(|text| text.map(Into::into));
        if let Some(Some(text)) = &instructions
            && text.chars().count() > INSTRUCTIONS
        {
            let message = format!("at most {INSTRUCTIONS} characters");
            return Err(Error::field("/instructions", message).into());
        }
        let change = RepositoryChange {
            name: body.0.name.map(Into::into),
            default_branch: body.0.default_branch.map(Into::into),
            shared: body.0.visibility.map(|who| who == Visibility::Team),
            instructions,
        };
        let seen = seen(if_match.0.as_deref())?;
        let repositories = &state.work.repositories;
        let row = repositories.change(caller, id.0.0, seen, change).await?;
        Ok(found(row))
    }

    /// Disconnect a repository
    ///
    /// It goes out of all lists; its tasks and what was done stay. Refused while runs on it are under way.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteRepository")]
    async fn delete(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
    ) -> Result<Done, Problem> {
        let caller = auth.may("deleteRepository")?;
        state.work.repositories.delete(caller, id.0.0).await?;
        Ok(Done::Done)
    }

    /// Fetch a repository
    ///
    /// Takes over what is new at its source. Runs do this by themselves when they begin. What goes wrong is in
    /// `sync_error` of the answer.
    #[oai(path = "/:id/sync", method = "post", operation_id = "syncRepository")]
    async fn sync(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
    ) -> Result<Tagged<Repository>, Problem> {
        let caller = auth.may("syncRepository")?;
        Ok(found(state.work.repositories.sync(caller, id.0.0).await?))
    }
}

fn connected(row: RepositoryRow) -> TaggedNew<Repository> {
    let made = row.updated_at;
    TaggedNew::new(row.into(), made)
}

fn found(row: RepositoryRow) -> Tagged<Repository> {
    let changed = row.updated_at;
    Tagged::new(row.into(), changed)
}

impl From<RepositoryRow> for Repository {
    fn from(row: RepositoryRow) -> Self {
        Self {
            id: row.id.into(),
            forge: match row.forge.as_str() {
                "github" => Forge::Github,
                "local" => Forge::Local,
                _ => Forge::Git,
            },
            visibility: match row.visibility.as_str() {
                "team" => Visibility::Team,
                _ => Visibility::Private,
            },
            owner: Person::new(row.owner_id, row.owner),
            profile: Profile {
                instructions: row.profile["instructions"].as_str().map(str::to_owned),
            },
            name: row.name,
            // Addresses from before they were refused may hold one.
            url: without_password(&row.url),
            default_branch: row.default_branch,
            tasks: row.tasks,
            head_commit: row.head_commit,
            sync_error: row.sync_error,
            synced_at: row.synced_at,
            pending_since: row.pending_since,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl Example for NewRepository {
    fn example() -> Self {
        Self {
            url: Text("https://github.com/example/inventory".to_owned()),
            name: None,
            default_branch: None,
            visibility: Some(Visibility::Team),
            token: None,
        }
    }
}

impl Example for Repository {
    fn example() -> Self {
        Self {
            id: uuid::uuid!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f5").into(),
            name: "inventory".to_owned(),
            forge: Forge::Github,
            url: "https://github.com/example/inventory".to_owned(),
            default_branch: "main".to_owned(),
            visibility: Visibility::Team,
            owner: Person::new(
                uuid::uuid!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f6"),
                "Ada".to_owned(),
            ),
            profile: Profile::default(),
            tasks: 3,
            head_commit: None,
            sync_error: None,
            synced_at: None,
            pending_since: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }
}
