//! Trees beside a run's own, for tests: the one that the work began at, and the one that would be delivered. What stands in
//! them is what was recorded, whatever an earlier run of tests has done to them.

use std::{
    fs,
    io::{Error, ErrorKind},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use workflows::StepError;

use super::{Desk, trouble};
use crate::evidence::Outcome;

impl Desk<'_> {
    /// A working tree of the base. What its tests have built and git ignores stays.
    pub(in crate::agents) async fn base_tree(&self) -> Result<PathBuf, StepError> {
        self.beside("base", &self.base, false).await
    }

    /// A working tree of what would be delivered: without what is ignored, too large or not recorded for another reason.
    /// One that is made anew has nothing of earlier runs either.
    pub(in crate::agents) async fn delivered_tree(&self, anew: bool) -> Result<PathBuf, StepError> {
        let head = self.head().await;
        self.mirror(&head).await?;
        self.beside("head", &head.commit, anew).await
    }

    async fn beside(&self, what: &str, commit: &str, anew: bool) -> Result<PathBuf, StepError> {
        let name = format!("{}-{what}", self.run);
        let path = self.env.home.join("workspaces").join(&name);
        let branch = format!("codegraph/{name}");
        let mirror = self.stored().await?;
        if anew {
            remove(path.clone()).await?;
        }
        let there = path.is_dir();
        let made = mirror.checkout(commit, &branch, &path).await;
        let made = made.map_err(trouble)?;
        if there && let Err(error) = made.restore(commit).await {
            tracing::warn!(run = %self.run, %error, "a tree for tests is made anew");
            remove(path.clone()).await?;
            let made = mirror.checkout(commit, &branch, &path).await;
            return Ok(made.map_err(trouble)?.path().to_owned());
        }
        Ok(made.path().to_owned())
    }

    /// What a suite said on the base tree when it came to its end there.
    pub(in crate::agents) async fn known_base(&self, suite: &str) -> Option<Outcome> {
        self.bases.lock().await.get(suite).cloned()
    }

    pub(in crate::agents) async fn know_base(&self, suite: String, said: &Outcome) {
        if said.complete {
            self.bases.lock().await.insert(suite, said.clone());
        }
    }
}

/// Removes a folder whatever tests have done to the modes of what is in it.
async fn remove(path: PathBuf) -> Result<(), StepError> {
    let gone = tokio::task::spawn_blocking(move || {
        let again = |error: Error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            ErrorKind::PermissionDenied => {
                open_up(&path)?;
                fs::remove_dir_all(&path)
            }
            _ => Err(error),
        };
        fs::remove_dir_all(&path).or_else(again)
    });
    let gone = gone
        .await
        .map_err(|error| StepError::retry(error.to_string()))?;
    gone.map_err(|error| StepError::retry(format!("a tree for tests cannot be removed: {error}")))
}

/// Lets us into every folder below, without following links.
fn open_up(folder: &Path) -> Result<(), Error> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_goes_whatever_its_modes_are() {
        let home = tempfile::tempdir().expect("a folder");
        let tree = home.path().join("tree");
        fs::create_dir_all(tree.join("a/b")).expect("made");
        fs::write(tree.join("a/b/c"), "x").expect("written");
        fs::set_permissions(tree.join("a"), fs::Permissions::from_mode(0o0)).expect("closed");
        remove(tree.clone()).await.expect("removed");
        assert!(!tree.exists());
        remove(tree).await.expect("what is not there is gone");
    }
}
