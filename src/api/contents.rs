//! What is in a repository: branches, folders, files.

use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use super::{
    ApiState, Problem, Tag,
    auth::Auth,
    wire::{Id, kind},
};
use crate::services::repositories::{Entry, EntryKind};

#[derive(Default)]
pub(super) struct ContentsApi;

/// A branch.
#[derive(Object)]
struct Branch {
    /// Its name.
    name: String,
    /// Its newest commit.
    commit: String,
}

/// The branches of a repository.
#[derive(Object)]
struct BranchList {
    /// By name; 5,000 at most.
    items: Vec<Branch>,
}

/// What an entry of a folder is.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum TreeKind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// Another repository.
    Submodule,
}

/// An entry of a folder.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct TreeEntry {
    /// Its name within the folder.
    name: String,
    /// What it is.
    kind: TreeKind,
    /// Its size in bytes, if it is a file.
    size: Option<u64>,
}

/// What lies in a folder.
#[derive(Object)]
struct TreeList {
    /// Folders first, then by name; 5,000 at most.
    items: Vec<TreeEntry>,
}

/// A file.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct SourceFile {
    /// Its path in the repository.
    path: String,
    /// Its text; absent when it is no text or larger than a megabyte.
    text: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1/repositories", tag = "Tag::Repositories")]
impl ContentsApi {
    /// List the branches of a repository
    ///
    /// As they were when the repository was fetched last.
    #[oai(path = "/:id/branches", method = "get", operation_id = "listBranches")]
    async fn branches(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
    ) -> Result<Json<BranchList>, Problem> {
        let caller = auth.may("listBranches")?;
        let branches = state.work.repositories.branches(caller, id.0.0).await?;
        let items = branches
            .into_iter()
            .map(|(name, commit)| Branch { name, commit });
        Ok(Json(BranchList {
            items: items.collect(),
        }))
    }

    /// List a folder of a repository
    ///
    /// Without a path, its top folder.
    #[oai(path = "/:id/tree", method = "get", operation_id = "listFolder")]
    async fn folder(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
        /// The folder.
        #[oai(validator(max_length = 1000))]
        path: Query<Option<String>>,
        /// A branch, a tag or a commit; the default branch when nothing is said.
        #[oai(name = "ref", validator(min_length = 1, max_length = 200))]
        at: Query<Option<String>>,
    ) -> Result<Json<TreeList>, Problem> {
        let caller = auth.may("listFolder")?;
        let path = path.0.unwrap_or_default();
        let repositories = &state.work.repositories;
        let entries = repositories.folder(caller, id.0.0, at.0.as_deref(), &path);
        Ok(Json(TreeList {
            items: entries.await?.into_iter().map(TreeEntry::from).collect(),
        }))
    }

    /// Read a file of a repository
    ///
    /// As text, up to a megabyte.
    #[oai(path = "/:id/file", method = "get", operation_id = "readFile")]
    async fn file(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The repository.
        id: Path<Id<kind::Repository>>,
        /// The file.
        #[oai(validator(min_length = 1, max_length = 1000))]
        path: Query<String>,
        /// A branch, a tag or a commit; the default branch when nothing is said.
        #[oai(name = "ref", validator(min_length = 1, max_length = 200))]
        at: Query<Option<String>>,
    ) -> Result<Json<SourceFile>, Problem> {
        let caller = auth.may("readFile")?;
        let repositories = &state.work.repositories;
        let text = repositories.file(caller, id.0.0, at.0.as_deref(), &path.0);
        Ok(Json(SourceFile {
            text: text.await?,
            path: path.0,
        }))
    }
}

impl From<Entry> for TreeEntry {
    fn from(entry: Entry) -> Self {
        Self {
            name: entry.name,
            kind: match entry.kind {
                EntryKind::Folder => TreeKind::Folder,
                EntryKind::File => TreeKind::File,
                EntryKind::Link => TreeKind::Link,
                EntryKind::Submodule => TreeKind::Submodule,
            },
            size: entry.size,
        }
    }
}
