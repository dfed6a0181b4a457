//! A working tree of a run.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::command::Git;
use super::lock::Lock;
use super::source::short_hash;
use super::store::remove;
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
        // Without links on the way, so that it has one name only: by that, our notes are found.
        let folder = path
            .parent()
            .and_then(|folder| fs::canonicalize(folder).ok());
        let real = folder
            .zip(path.file_name())
            .map(|(folder, name)| folder.join(name));
        Self {
            path: real.unwrap_or(path),
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

    /// What a job in it that uses git must be able to read: its repository, and what that one borrows.
    pub fn borrowed(&self) -> Vec<PathBuf> {
        vec![self.notes().repository(), self.mirror.lent()]
    }

    /// Puts its `.git` back, whatever a job has made of it behind a wall that could not keep it from that.
    pub fn mend(&self) -> Result<(), Error> {
        let (git, repository) = (self.path.join(".git"), self.notes().repository());
        let mut line = b"gitdir: ".to_vec();
        line.extend_from_slice(repository.as_os_str().as_encoded_bytes());
        line.push(b'\n');
        let found = fs::symlink_metadata(&git);
        let is_file = found.as_ref().is_ok_and(fs::Metadata::is_file);
        if is_file && fs::read(&git).is_ok_and(|content| content == line) {
            return Ok(());
        }
        match found {
            Ok(found) if found.is_dir() => remove(&git)?,
            Ok(_) => fs::remove_file(&git).map_err(Error::io("remove", &git))?,
            Err(_) => {}
        }
        let made = File::options().write(true).create_new(true).open(&git);
        let written = made.and_then(|mut file| file.write_all(&line));
        written.map_err(Error::io("write", &git))
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

    /// The tree's own repository, which an agent looks at and nobody writes to.
    pub(super) fn repository(&self) -> PathBuf {
        self.folder.join("git")
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
