//! Working trees and names that nobody needs any more.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::lock::Lock;
use super::store::{beside, remove};
use super::workspace::Notes;
use super::{Error, Mirror, Store, Workspace, names};

impl Store {
    /// Every mirror there is.
    pub fn all(&self) -> Result<Vec<Mirror>, Error> {
        let root = self.root();
        let entries = match fs::read_dir(root) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(Error::io("look into", root))?,
        };
        let folders = entries.flatten().map(|entry| entry.path());
        let whole = folders.filter(|path| {
            path.join("HEAD").is_file() && path.extension().is_none_or(|end| end != "new")
        });
        Ok(whole.map(Mirror::at).collect())
    }

    /// Keeps everybody from beginning with a working tree, so that it can be made sure of that nobody needs it.
    pub async fn hold_workspace(&self, path: &Path) -> Result<HeldWorkspace, Error> {
        let mut notes = Vec::new();
        for mirror in self.all()? {
            let known = Workspace::open(path.to_owned(), mirror).notes();
            if known.folder.is_dir() {
                let lock = Lock::take(&known.folder.join("lock")).await?;
                notes.push((known, lock));
            }
        }
        Ok(HeldWorkspace {
            path: path.to_owned(),
            notes,
        })
    }
}

/// A working tree that nobody begins with while this lives.
#[derive(Debug)]
pub struct HeldWorkspace {
    path: PathBuf,
    notes: Vec<(Notes, Lock)>,
}

impl HeldWorkspace {
    /// Removes it, and what is known of it.
    pub fn remove(self) -> Result<(), Error> {
        let gone = beside(&self.path, "gone");
        // What an earlier try left; then in one go, so that half a tree is never taken for a whole one.
        remove(&gone)?;
        match fs::rename(&self.path, &gone) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io("rename", &self.path)(error));
            }
            _ => {}
        }
        for (notes, _) in &self.notes {
            for name in ["index", "base"] {
                let _ = fs::remove_file(notes.folder.join(name));
            }
            remove(&notes.repository())?;
        }
        drop(self.notes);
        remove(&gone)
    }
}

impl Mirror {
    /// The first parts of the names below `refs/codegraph/` under which something was recorded.
    pub async fn recorded(&self) -> Result<BTreeSet<String>, Error> {
        let said = self
            .git("for-each-ref")
            .args(["--format=%(refname:lstrip=2)", "refs/codegraph/"])
            .run("list what was recorded")
            .await?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let first = said.lines().filter_map(|name| name.split('/').next());
        Ok(first.map(str::to_owned).collect())
    }

    /// Forgets every name below `refs/codegraph/NAME/`.
    pub async fn forget(&self, name: &str) -> Result<(), Error> {
        let below = format!("refs/codegraph/{name}/");
        names::own_ref(&format!("{below}1"))?;
        let said = self
            .git("for-each-ref")
            .args(["--format=delete %(refname)", &below])
            .run("list what was recorded")
            .await?;
        self.git("update-ref")
            .arg("--stdin")
            .stdin(said)
            .run("forget names")
            .await
            .map(drop)
    }
}
