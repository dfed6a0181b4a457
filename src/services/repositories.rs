//! Repositories that people connect: where they come from, who sees them, and what is in them.

use std::{path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::definitions::coding::Origin;

use super::{
    Db,
    access::Caller,
    audit,
    forges::{self, Forges},
    lists::Place,
    looks::{self, Look, Looks},
    secrets::GITHUB_TOKEN,
};
use crate::{
    config::Config,
    error::{Error, Result},
    models::{
        repository::{self, Change, NewRepository},
        repository_secret,
    },
    providers::git::{self, Credential, Mirror, Source, Store},
};
pub use crate::{
    models::repository::{Filter, RepositoryRow, Viewer},
    providers::git::{Entry, EntryKind, without_password},
};

/// Why nothing is done with a repository, and shown of it.
const PENDING: &str = "this repository has not been fetched with rights of its own yet; sync it";

/// Refuses work on a repository that was not fetched yet.
pub(super) fn fetched(row: &RepositoryRow) -> Result<()> {
    match row.pending_since {
        Some(_) => Err(Error::Conflict(PENDING.to_owned())),
        None => Ok(()),
    }
}

/// Which folders of this machine may be connected.
#[derive(Debug, Clone, Default)]
pub struct LocalPolicy {
    /// Everybody may connect what lies in these.
    pub roots: Vec<PathBuf>,
    /// Those who look after the installation may connect any: the API is reached from this machine alone.
    pub anywhere_for_admins: bool,
}

/// The use cases on repositories.
#[derive(Debug, Clone)]
pub struct Repositories {
    pub(super) db: Db,
    pub(super) looks: Looks,
    /// Where trees are laid out to be looked at.
    pub(super) desk: PathBuf,
    forges: Forges,
    samples: PathBuf,
    local: Arc<LocalPolicy>,
}

/// A repository to connect.
#[derive(Debug, Clone)]
pub struct Connect {
    /// Its address, or the absolute path of its folder.
    pub url: String,
    /// What it is called; made from the address when nothing is said.
    pub name: Option<String>,
    /// Where work begins; its own default branch when nothing is said.
    pub default_branch: Option<String>,
    /// Whether everybody here sees it.
    pub shared: bool,
    /// What its server wants to be shown, from the first look on.
    pub token: Option<SecretString>,
}

/// A change to a repository; nothing stays as it is.
#[derive(Debug, Clone, Default)]
pub struct RepositoryChange {
    /// What it is called.
    pub name: Option<String>,
    /// Where work begins.
    pub default_branch: Option<String>,
    /// Whether everybody here sees it.
    pub shared: Option<bool>,
    /// What agents are told in every task; nothing takes it back.
    pub instructions: Option<Option<String>>,
}

/// The place of a caller in what they may see.
#[must_use]
pub fn viewer(caller: &Caller) -> Viewer {
    Viewer {
        user: caller.user,
        all: caller.oversees(),
    }
}

/// Where git finds a repository.
#[must_use]
pub fn origin(forge: &str, url: &str) -> Origin {
    match forge {
        "local" => Origin::Path(url.to_owned()),
        _ => Origin::Url(url.to_owned()),
    }
}

impl Repositories {
    /// On this database, with mirrors and samples below this folder.
    #[must_use]
    pub fn new(db: Db, config: &Config, local: LocalPolicy, forges: Forges) -> Self {
        Self {
            looks: Looks::new(db.clone(), Store::configured(config)),
            db,
            desk: config.home.join("looks"),
            forges,
            samples: config.home.join("samples"),
            local: Arc::new(local),
        }
    }

    /// Connects a repository: it must be there and answer.
    pub async fn connect(&self, caller: &Caller, connect: Connect) -> Result<RepositoryRow> {
        let (forge, url) = self.address(caller, &connect.url)?;
        if let Some(branch) = &connect.default_branch {
            git::check_branch(branch)
                .map_err(|error| Error::field("/default_branch", error.to_string()))?;
        }
        let name = connect.name.unwrap_or_else(|| name_of(&url));
        let shown = self.shown(caller, &url, connect.token.as_ref()).await?;
        let source = source(forge, &url);
        let wanted = connect.default_branch.clone();
        let looked = self.looks.look(caller.user, source, shown, wanted).await?;
        let (branch, head) = match &looked {
            Look::Over(found) => (found.branch.clone(), Some(found.head.as_str())),
            Look::GoesOn(_) => {
                let branch = connect.default_branch.unwrap_or_else(|| "main".to_owned());
                (branch, None)
            }
        };
        let new = NewRepository {
            id: Uuid::now_v7(),
            owner_id: caller.user,
            name: &name,
            forge,
            url: &url,
            default_branch: &branch,
            visibility: visibility(connect.shared),
            vouched: caller.oversees(),
            pending: head.is_none(),
        };
        let mut tx = self.db.begin().await?;
        if !repository::insert(&mut tx, &new).await? {
            return Err(Error::Conflict(
                "you have connected this repository already".to_owned(),
            ));
        }
        if head.is_some() {
            repository::synced(&mut tx, new.id, head, None).await?;
        }
        if let Some(token) = &connect.token {
            let secrets = &self.forges.secrets;
            secrets
                .set_in(&mut tx, caller, new.id, GITHUB_TOKEN, token)
                .await?;
        }
        connected(&mut tx, caller, &new).await?;
        tx.commit().await?;
        if let Look::GoesOn(fetching) = looked {
            self.looks.settle(new.id, fetching);
        }
        self.get(caller, new.id).await
    }

    /// What is shown at the first look: the caller's own token; or the installation's, whose rights are not everybody's.
    async fn shown(
        &self,
        caller: &Caller,
        url: &str,
        own: Option<&SecretString>,
    ) -> Result<Option<Credential>> {
        let Some(token) = own else {
            return match caller.oversees() {
                true => self.forges.credential(None, url).await,
                false => Ok(None),
            };
        };
        if self.forges.slug(url).is_none() {
            let why = "is for repositories on the GitHub of this installation";
            return Err(Error::field("/token", why));
        }
        self.forges.secrets.check(GITHUB_TOKEN, token, "/token")?;
        Ok(Some(self.forges.github.credential(token)))
    }

    /// Connects a sample repository of the caller's own, made on this machine.
    pub async fn sample(&self, caller: &Caller) -> Result<RepositoryRow> {
        let folder = self.samples.join(caller.user.simple().to_string());
        std::fs::create_dir_all(&folder).map_err(|error| Error::Internal(error.to_string()))?;
        let folder = folder.join("inventory");
        super::sample::make(&folder).await?;
        let new = NewRepository {
            id: Uuid::now_v7(),
            owner_id: caller.user,
            name: "inventory (sample)",
            forge: "local",
            url: &folder.to_string_lossy(),
            default_branch: "main",
            visibility: visibility(false),
            vouched: caller.oversees(),
            pending: false,
        };
        let mut tx = self.db.begin().await?;
        if !repository::insert(&mut tx, &new).await? {
            return Err(Error::Conflict(
                "you have connected the sample already".to_owned(),
            ));
        }
        connected(&mut tx, caller, &new).await?;
        tx.commit().await?;
        self.get(caller, new.id).await
    }

    /// A repository that the caller may see.
    pub async fn get(&self, caller: &Caller, id: Uuid) -> Result<RepositoryRow> {
        find(&self.db, caller, id).await
    }

    /// The repositories that the caller may see.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: Filter<'_>,
        order: Place,
    ) -> Result<Vec<RepositoryRow>> {
        let (db, viewer) = (&self.db, viewer(caller));
        let found = match order {
            Place::Newest => repository::newest(db, viewer, filter).await,
            Place::Oldest => repository::oldest(db, viewer, filter).await,
            Place::Name => repository::by_name(db, viewer, filter).await,
        };
        Ok(found?)
    }

    /// Changes a repository, if nobody has since `seen`.
    pub async fn change(
        &self,
        caller: &Caller,
        id: Uuid,
        seen: Option<DateTime<Utc>>,
        change: RepositoryChange,
    ) -> Result<RepositoryRow> {
        own(&self.db, caller, id).await?;
        if let Some(branch) = &change.default_branch {
            git::check_branch(branch)
                .map_err(|error| Error::field("/default_branch", error.to_string()))?;
        }
        let profile = change
            .instructions
            .map(|text| json!({"instructions": text}));
        let mut tx = self.db.begin().await?;
        let row = Change {
            name: change.name.as_deref(),
            default_branch: change.default_branch.as_deref(),
            visibility: change.shared.map(visibility),
            profile: profile.as_ref(),
        };
        if !repository::update(&mut tx, id, seen, &row).await? {
            return Err(Error::Stale);
        }
        let detail = json!({
            "name": row.name, "default_branch": row.default_branch, "visibility": row.visibility,
            "profile_changed": row.profile.is_some(),
        });
        let subject = audit::repository(id);
        audit::note(&mut tx, caller, "repository.changed", &subject, &detail).await?;
        tx.commit().await?;
        self.get(caller, id).await
    }

    /// Takes a repository out of all lists. Its tasks stay.
    pub async fn delete(&self, caller: &Caller, id: Uuid) -> Result<()> {
        own(&self.db, caller, id).await?;
        if repository::busy(&self.db, id).await? {
            return Err(Error::Conflict(
                "runs on this repository are under way; cancel them first".to_owned(),
            ));
        }
        let mut tx = self.db.begin().await?;
        repository::delete(&mut tx, id).await?;
        repository_secret::delete_all(&mut tx, id).await?;
        let subject = audit::repository(id);
        audit::note(
            &mut tx,
            caller,
            "repository.disconnected",
            &subject,
            &json!({}),
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Fetches what is new at the source.
    pub async fn sync(&self, caller: &Caller, id: Uuid) -> Result<RepositoryRow> {
        let row = own(&self.db, caller, id).await?;
        let shown = self.forges.credential(Some(id), &row.url).await?;
        let source = source(&row.forge, &row.url);
        // Of one that was never seen nobody knows the branch for sure.
        let branch = row.pending_since.is_none().then_some(row.default_branch);
        let mut tx = self.db.begin().await?;
        let subject = audit::repository(id);
        audit::note(&mut tx, caller, "repository.synced", &subject, &json!({})).await?;
        tx.commit().await?;
        match self.looks.look(caller.user, source, shown, branch).await {
            Ok(Look::Over(found)) => looks::write(&self.db, id, Ok(found)).await?,
            Ok(Look::GoesOn(fetching)) => self.looks.settle(id, fetching),
            Err(error) => looks::write(&self.db, id, Err(error)).await?,
        }
        self.get(caller, id).await
    }

    /// Its branches, by name.
    pub async fn branches(&self, caller: &Caller, id: Uuid) -> Result<Vec<(String, String)>> {
        let mirror = self.mirror(caller, id).await?.1;
        mirror.branches().await.map_err(of_git)
    }

    /// What lies in a folder of it.
    pub async fn folder(
        &self,
        caller: &Caller,
        id: Uuid,
        at: Option<&str>,
        path: &str,
    ) -> Result<Vec<Entry>> {
        let (row, mirror) = self.mirror(caller, id).await?;
        let commit = mirror
            .resolve(at.unwrap_or(&row.default_branch))
            .await
            .map_err(of_git)?;
        mirror.folder(&commit, path).await.map_err(of_git)
    }

    /// A file of it as text; nothing when it is no text or too large.
    pub async fn file(
        &self,
        caller: &Caller,
        id: Uuid,
        at: Option<&str>,
        path: &str,
    ) -> Result<Option<String>> {
        let (row, mirror) = self.mirror(caller, id).await?;
        let commit = mirror
            .resolve(at.unwrap_or(&row.default_branch))
            .await
            .map_err(of_git)?;
        mirror.file(&commit, path).await.map_err(of_git)
    }

    /// The mirror as it is, fetched if this machine has none.
    pub(super) async fn mirror(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<(RepositoryRow, Mirror)> {
        let row = self.get(caller, id).await?;
        if row.pending_since.is_some() {
            // The mirror may be there: others have the same repository, with rights of their own.
            return Err(Error::not_found(format!("the content ({PENDING})")));
        }
        let source = source(&row.forge, &row.url);
        let store = &self.looks.store;
        let mirror = match store.known(&source).map_err(of_git)? {
            Some(mirror) => mirror,
            None => {
                let shown = self.forges.credential(Some(id), &row.url).await?;
                let store = store.clone().showing(shown);
                store.mirror(&source).await.map_err(of_git)?
            }
        };
        Ok((row, mirror))
    }

    /// What kind of repository this address names, if it may be connected.
    fn address(&self, caller: &Caller, url: &str) -> Result<(&'static str, String)> {
        if !url.starts_with('/') {
            Source::Url(url.to_owned())
                .check()
                .map_err(|error| Error::field("/url", error.to_string()))?;
            if git::brings_password(url) {
                return Err(Error::field(
                    "/url",
                    "an address is shown to others, so it brings no name and no password; send a `token` beside it, or set \
                     the secret GITHUB_TOKEN",
                ));
            }
            if git::is_ssh(url) && !self.forges.lends_ssh(caller.oversees()) {
                return Err(Error::field("/url", forges::SSH));
            }
            let forge = match self.forges.slug(url) {
                Some(_) => "github",
                None => "git",
            };
            return Ok((forge, url.to_owned()));
        }
        let folder = std::fs::canonicalize(url).map_err(|_| {
            Error::field(
                "/url",
                "there is no such folder on this machine, or it may not be connected",
            )
        })?;
        let admin = self.local.anywhere_for_admins && caller.role == super::access::Role::Admin;
        if !admin && !self.local.roots.iter().any(|root| folder.starts_with(root)) {
            return Err(Error::field(
                "/url",
                "there is no such folder on this machine, or it may not be connected",
            ));
        }
        match folder.to_str() {
            Some(folder) => Ok(("local", folder.to_owned())),
            None => Err(Error::field("/url", "the folder's name is not UTF-8")),
        }
    }
}

/// A repository that the caller may see.
pub(super) async fn find(db: &Db, caller: &Caller, id: Uuid) -> Result<RepositoryRow> {
    repository::find(db, id, viewer(caller))
        .await?
        .ok_or_else(|| Error::not_found("repository"))
}

/// A repository that the caller may change.
pub(super) async fn own(db: &Db, caller: &Caller, id: Uuid) -> Result<RepositoryRow> {
    let row = find(db, caller, id).await?;
    if row.owner_id == caller.user || caller.oversees() {
        return Ok(row);
    }
    Err(Error::Forbidden(
        "only its owner and maintainers may change a repository".to_owned(),
    ))
}

/// Notes that a repository was connected. Its address may hold a password, so only its name is told.
async fn connected(
    conn: &mut PgConnection,
    caller: &Caller,
    new: &NewRepository<'_>,
) -> Result<()> {
    let detail = json!({"name": new.name, "forge": new.forge, "visibility": new.visibility});
    let subject = audit::repository(new.id);
    audit::note(conn, caller, "repository.connected", &subject, &detail).await
}

fn source(forge: &str, url: &str) -> Source {
    match forge {
        "local" => Source::Path(PathBuf::from(url)),
        _ => Source::Url(url.to_owned()),
    }
}

fn visibility(shared: bool) -> &'static str {
    if shared { "team" } else { "private" }
}

fn name_of(url: &str) -> String {
    let last = url
        .trim_end_matches('/')
        .rsplit(['/', ':'])
        .next()
        .unwrap_or_default();
    let name = last.trim_end_matches(".git");
    if name.is_empty() {
        url.chars().take(100).collect()
    } else {
        name.chars().take(100).collect()
    }
}

pub(super) fn of_git(error: git::Error) -> Error {
    match error {
        git::Error::NotFound(what) => Error::not_found(what),
        git::Error::Refused { .. } => Error::Invalid(error.to_string()),
        other => Error::Unavailable(other.to_string()),
    }
}
