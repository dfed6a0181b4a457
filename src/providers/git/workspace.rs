//! A working tree of a run.

use std::fs;
use std::path::{Path, PathBuf};

use super::command::Git;
use super::lock::Lock;
use super::source::short_hash;
use super::{Error, Mirror, names};

/// Files larger than this are not recorded.
const RECORDED_MOST: u64 = 5 << 20;

/// A working tree, and the mirror its content is recorded in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub(super) path: PathBuf,
    pub(super) mirror: Mirror,
    pub(super) recorded_most: u64,
}

impl Workspace {
    /// The one at a path, which [`Mirror::checkout`] has made.
    pub fn open(path: PathBuf, mirror: Mirror) -> Self {
        Self {
            path,
            mirror,
            recorded_most: RECORDED_MOST,
        }
    }

    /// The same, recording files up to this length.
    #[must_use]
    pub fn recording_up_to(mut self, bytes: u64) -> Self {
        self.recorded_most = bytes;
        self
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What its `.git` borrows from elsewhere: a job in it that uses git must be able to read this.
    pub fn borrowed(&self) -> Vec<PathBuf> {
        vec![self.mirror.path().join("objects")]
    }

    /// What we know of it lies beside the objects, out of reach of whoever works in it.
    pub(super) fn notes(&self) -> Notes {
        let key = short_hash(self.path.as_os_str().as_encoded_bytes());
        Notes {
            folder: self.mirror.path().join("codegraph").join(key),
        }
    }

    /// A command of ours on the tree: the mirror's objects, an index of ours, never its own `.git`.
    pub(super) fn git(&self, verb: &str) -> Git {
        self.mirror
            .git(verb)
            .over(&self.path, &self.notes().index())
    }

    /// Waits for its turn, and makes the index whole: one writer died, or it was lost.
    pub(super) async fn turn(&self) -> Result<Lock, Error> {
        let notes = self.notes();
        let lock = Lock::take(&notes.folder.join("lock")).await?;
        let left = notes.folder.join("index.lock");
        match fs::remove_file(&left) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &left)(error));
            }
            _ => {}
        }
        let reads = self.git("ls-files").most(1);
        let broken = notes.index().exists() && reads.run("read the index").await.is_err();
        if broken || !notes.index().exists() {
            let _ = fs::remove_file(notes.index());
            if let Some(base) = notes.base()? {
                self.git("read-tree").arg(base).run("read the base").await?;
            }
        }
        Ok(lock)
    }
}

/// What is kept of a workspace beside its mirror's objects.
#[derive(Debug)]
pub(super) struct Notes {
    pub(super) folder: PathBuf,
}

impl Notes {
    /// What was recorded last, with the times of files: only what has changed since is read again.
    pub(super) fn index(&self) -> PathBuf {
        self.folder.join("index")
    }

    /// The commit it was checked out at.
    pub(super) fn base(&self) -> Result<Option<String>, Error> {
        let path = self.folder.join("base");
        match fs::read_to_string(&path) {
            Ok(id) => names::object(id.trim()).map(|id| Some(id.to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }
}
