//! A working tree made whole, or not at all.

use std::fs;
use std::path::Path;

use super::command::Git;
use super::lock::Lock;
use super::store::{ATTRIBUTES, beside, remove};
use super::{Error, Mirror, Workspace, names};
use crate::failpoint;

impl Mirror {
    /// Makes a working tree of a commit, on a new branch, with a repository of its own that borrows what was fetched. That
    /// one lies among our notes, and the tree's `.git` names it: whoever may write to the tree cannot write there.
    /// One that is there already is left as it is: whatever has this name was whole when it got it.
    pub async fn checkout(
        &self,
        commit: &str,
        branch: &str,
        into: &Path,
    ) -> Result<Workspace, Error> {
        let (commit, branch) = (names::object(commit)?, names::branch(branch)?);
        let folder = into.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        // Without links in it, so that it has one name only.
        let folder = fs::canonicalize(folder).map_err(Error::io("find", folder))?;
        let into = folder.join(into.file_name().unwrap_or_default());
        let workspace = Workspace::open(into.clone(), self.clone());
        let notes = workspace.notes();
        let _lock = Lock::take(&notes.folder.join("lock")).await?;
        if into.is_dir() {
            return Ok(workspace);
        }
        let half = beside(&into, "new");
        remove(&half)?;
        self.lend().await?;
        remove(&notes.repository())?;
        self.furnish(&half, &notes.repository(), commit, branch)
            .await?;
        failpoint::pass("before", "tree checked out");
        let index = notes.index();
        fs::copy(notes.repository().join("index"), &index).map_err(Error::io("write", &index))?;
        let base = notes.folder.join("base");
        fs::write(&base, commit).map_err(Error::io("write", &base))?;
        fs::rename(&half, &into).map_err(Error::io("rename", &half))?;
        failpoint::pass("after", "tree checked out");
        Ok(workspace)
    }

    /// The only time its own repository is used by us: nobody else has had it yet.
    async fn furnish(
        &self,
        tree: &Path,
        git: &Path,
        commit: &str,
        branch: &str,
    ) -> Result<(), Error> {
        Git::new("init")
            .args(["--quiet", "--template=", "--initial-branch"])
            .arg(branch)
            .arg("--separate-git-dir")
            .arg(git)
            .arg("--")
            .arg(tree)
            .run("make a working tree")
            .await?;
        let write = |name: &str, content: &[u8]| {
            let path = git.join(name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
            }
            fs::write(&path, content).map_err(Error::io("write", &path))
        };
        let mut lender = self.lent().into_os_string().into_encoded_bytes();
        lender.push(b'\n');
        write("objects/info/alternates", &lender)?;
        if let Some(pack) = self.not_lent(commit).await? {
            Git::at(git, "index-pack")
                .args(["--stdin"])
                .stdin(pack)
                .run("take in a pack")
                .await?;
        }
        // What is written here is taken byte by byte; whoever looks from inside must see the same.
        write("info/attributes", ATTRIBUTES.as_bytes())?;
        let here = |verb: &str| Git::at(git, verb).over(tree, &git.join("index"));
        here("update-ref")
            .args([&format!("refs/heads/{branch}"), commit])
            .run("make the branch")
            .await?;
        here("read-tree").arg(commit).run("read the commit").await?;
        here("checkout-index")
            .args(["--all", "--force", "--index", "--quiet"])
            .run("write the files")
            .await
            .map(drop)
    }
}
