//! The state of a working tree, kept in the mirror.

use super::{Author, Error, Workspace, names};
use crate::failpoint;

/// A recorded working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its content.
    pub tree: String,
    /// A commit of that content on top of what was checked out: the same content has the same id.
    pub commit: String,
    /// Names that are not in it: too large, not readable, neither files nor links.
    pub left_out: Vec<String>,
}

impl Workspace {
    /// Records the working tree under a name below `refs/codegraph/`. Its own `.git` is neither read nor written.
    pub async fn snapshot(&self, name: &str) -> Result<Snapshot, Error> {
        let name = names::own_ref(name)?;
        let _turn = self.turn().await?;
        let left_out = self.stage().await?;
        let tree = self.write_tree().await?;
        let base = self.notes().base()?;
        let commit = self
            .commit_tree(&tree, base.as_deref(), "snapshot", &Author::codegraph())
            .await?;
        failpoint::pass("before", "snapshot named");
        self.mirror.set_ref(name, &commit).await?;
        failpoint::pass("after", "snapshot named");
        Ok(Snapshot {
            tree,
            commit,
            left_out,
        })
    }

    pub(super) async fn write_tree(&self) -> Result<String, Error> {
        let id = self.git("write-tree").line("write a tree").await?;
        names::object(&id).map(str::to_owned)
    }
}
