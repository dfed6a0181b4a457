//! What has changed in a working tree, brought into our index.
//!
//! Not by `git add`: it would take a repository inside the tree for a submodule and start commands in it, under that
//! repository's own configuration. Here git lists names, we look at what lies there, and git reads single files.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{Error, Workspace, paths};

/// How deep repositories inside of repositories are opened.
const NESTED: usize = 8;

impl Workspace {
    /// Brings the index up to date and answers with what was left out. The caller has the turn.
    pub(super) async fn stage(&self) -> Result<Vec<String>, Error> {
        let mut changed = self.changed().await?;
        let mut left_out = BTreeSet::new();
        changed.extend(self.untracked(&mut left_out).await?);
        let (mut gone, mut there) = (Vec::new(), Vec::new());
        for name in &changed {
            match self.verdict(name) {
                Verdict::Take => push(&mut there, name),
                Verdict::Gone => {
                    gone.extend_from_slice(b"0 0000000000000000000000000000000000000000\t");
                    push(&mut gone, name);
                }
                Verdict::Leave => {
                    left_out.insert(paths::text(name));
                }
            }
        }
        // First what is gone: a file may have become a folder, or a folder a link.
        if !gone.is_empty() {
            self.git("update-index")
                .args(["-z", "--index-info"])
                .stdin(gone)
                .run("record what is gone")
                .await?;
        }
        if !there.is_empty() {
            self.git("update-index")
                .args(["-z", "--add", "--replace", "--stdin"])
                .stdin(there)
                .run("record files")
                .await?;
        }
        Ok(left_out.into_iter().collect())
    }

    /// Names of files that are not as recorded.
    async fn changed(&self) -> Result<BTreeSet<Vec<u8>>, Error> {
        // It exits with 1 when something has changed, which is no failure.
        self.git("update-index")
            .args(["-q", "--refresh"])
            .ask("look at files")
            .await?;
        let list = self
            .git("diff-files")
            .args([
                "-z",
                "--name-only",
                "--ignore-submodules=all",
                "--no-ext-diff",
            ])
            .run("compare files")
            .await?;
        Ok(paths::split(&list).map(<[u8]>::to_vec).collect())
    }

    /// Names of files that are new, those in repositories inside the tree as well.
    async fn untracked(&self, left_out: &mut BTreeSet<String>) -> Result<Vec<Vec<u8>>, Error> {
        let list = self.others(&self.path, &self.notes().index()).await?;
        let mut found = Vec::new();
        let mut open: Vec<(Vec<u8>, usize)> = list.into_iter().map(|name| (name, 0)).collect();
        let nothing = self.notes().folder.join("nothing");
        while let Some((name, depth)) = open.pop() {
            if name.last() != Some(&b'/') {
                found.push(name);
            } else if depth < NESTED && paths::look(&self.path, &name).is_some_and(|m| m.is_dir()) {
                // A repository: its files, by its own rules of what is ignored, and without its `.git`.
                let folder = self.path.join(paths::path(&name));
                let inside = self.others(&folder, &nothing);
                for below in Box::pin(inside).await? {
                    open.push(([name.clone(), below].concat(), depth + 1));
                }
            } else {
                left_out.insert(paths::text(&name));
            }
        }
        Ok(found)
    }

    /// Files below a folder that an index does not know. A repository is listed as a folder.
    async fn others(&self, folder: &Path, index: &Path) -> Result<Vec<Vec<u8>>, Error> {
        let git = self.mirror.git("ls-files").over(folder, index);
        let list = git
            .args(["-z", "--others", "--exclude-standard"])
            .run("list new files")
            .await?;
        Ok(paths::split(&list).map(<[u8]>::to_vec).collect())
    }

    fn verdict(&self, name: &[u8]) -> Verdict {
        let Some(found) = paths::look(&self.path, name) else {
            return Verdict::Gone;
        };
        if found.is_symlink() {
            return Verdict::Take;
        }
        if found.is_dir() {
            return Verdict::Gone;
        }
        if !found.is_file() || found.len() > self.recorded_most {
            return Verdict::Leave;
        }
        // One that cannot be read would stop git at this name.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(self.path.join(paths::path(name)));
        if opened.is_ok() {
            Verdict::Take
        } else {
            Verdict::Leave
        }
    }

    /// Removes repositories inside the tree of which nothing is recorded. What git lists as a folder here is one.
    pub(super) async fn remove_strangers(&self) -> Result<(), Error> {
        for name in self.others(&self.path, &self.notes().index()).await? {
            let folder = self.path.join(paths::path(&name));
            if name.last() == Some(&b'/')
                && paths::look(&self.path, &name).is_some_and(|m| m.is_dir())
            {
                fs::remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
            }
        }
        Ok(())
    }
}

/// What becomes of a name.
enum Verdict {
    Take,
    Gone,
    Leave,
}

fn push(list: &mut Vec<u8>, name: &[u8]) {
    list.extend_from_slice(name);
    list.push(0);
}
