//! Files of recorded trees.

use super::{Error, Mirror, Workspace, names};

/// Larger files are not read as text.
const MOST: u64 = 2 << 20;

impl Workspace {
    /// A file of a recorded tree as text; nothing when it is not there, is no text or is too large.
    pub async fn read(&self, tree: &str, path: &str) -> Result<Option<String>, Error> {
        let tree = names::object(tree)?;
        let said = self
            .git("cat-file")
            .args(["blob", &format!("{tree}:{path}")])
            .most(MOST)
            .ask("read a file of a tree")
            .await?;
        if !said.status.success() || said.cut {
            return Ok(None);
        }
        Ok(String::from_utf8(said.out).ok())
    }
}

impl Mirror {
    /// The tree of a commit.
    pub async fn tree_of(&self, commit: &str) -> Result<String, Error> {
        let commit = names::object(commit)?;
        let tree = self
            .git("rev-parse")
            .args(["--verify", "--quiet", &format!("{commit}^{{tree}}")])
            .line("find the tree of a commit")
            .await?;
        names::object(&tree).map(str::to_owned)
    }

    /// Whether an object is here.
    pub async fn has(&self, object: &str) -> Result<bool, Error> {
        let object = names::object(object)?;
        let said = self
            .git("cat-file")
            .args(["-e", object])
            .ask("look for an object")
            .await?;
        Ok(said.status.success())
    }
}
