//! Where mirrors live.

use std::fs;
use std::path::{Path, PathBuf};

use super::command::Git;
use super::lock::Lock;
use super::source::{Source, folder};
use super::{Credential, Error, Mirror, PrivateHosts};
use crate::{config::Config, failpoint};

/// Wins over every `.gitattributes`: files are taken byte by byte, no filter or driver is named, and nothing can call
/// itself binary to stay out of a diff.
pub(super) const ATTRIBUTES: &str =
    "* !text !crlf !eol !ident !filter !diff !merge !working-tree-encoding !whitespace\n";

/// The folder of all mirrors.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    private: PrivateHosts,
    credential: Option<Credential>,
}

impl Store {
    /// In this folder, which is made when it is needed.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            private: PrivateHosts::default(),
            credential: None,
        }
    }

    /// In the home of this installation, fetching from whom it may.
    pub fn configured(config: &Config) -> Self {
        let private = PrivateHosts::new(config.repositories.private_git_hosts.iter());
        Self::new(config.home.join("mirrors")).allowing(private)
    }

    /// Lets it fetch from these hosts inside the network too.
    #[must_use]
    pub fn allowing(self, private: PrivateHosts) -> Self {
        Self { private, ..self }
    }

    /// Lets it show this to the server it is for.
    #[must_use]
    pub fn showing(self, credential: Option<Credential>) -> Self {
        Self { credential, ..self }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn entrusted(&self, mirror: Mirror) -> Mirror {
        mirror
            .allowing(self.private.clone())
            .showing(self.credential.clone())
    }

    /// The mirror of a source as the source is now; cloned the first time. Of several callers, one fetches at a time.
    pub async fn mirror(&self, source: &Source) -> Result<Mirror, Error> {
        let path = self.path_of(source)?;
        let _lock = Lock::take(&beside(&path, "lock")).await?;
        if path.is_dir() {
            let mirror = self.entrusted(Mirror::at(path));
            mirror.fetch(source).await?;
            return Ok(mirror);
        }
        let half = make(&path).await?;
        let mirror = self.entrusted(Mirror::at(half.clone()));
        mirror.fetch(source).await?;
        Ok(self.entrusted(settle(&half, path)?))
    }

    pub(super) fn path_of(&self, source: &Source) -> Result<PathBuf, Error> {
        Ok(self.root.join(source.folder()?))
    }

    /// The mirror of a source as it was fetched last; nothing is asked of the source.
    pub fn known(&self, source: &Source) -> Result<Option<Mirror>, Error> {
        let path = self.path_of(source)?;
        Ok(path.is_dir().then(|| self.entrusted(Mirror::at(path))))
    }

    /// A mirror without content and without a source, for a machine that gets packs; the same one for the same name.
    pub async fn empty(&self, name: &str) -> Result<Mirror, Error> {
        let path = self.root.join(folder(name));
        let _lock = Lock::take(&beside(&path, "lock")).await?;
        if path.is_dir() {
            return Ok(self.entrusted(Mirror::at(path)));
        }
        let half = make(&path).await?;
        Ok(self.entrusted(settle(&half, path)?))
    }
}

/// Makes an empty repository beside where it will be. What is there already is left from a crash: we hold the lock.
async fn make(path: &Path) -> Result<PathBuf, Error> {
    let half = beside(path, "new");
    remove(&half)?;
    init(&half).await?;
    let info = half.join("info");
    fs::create_dir_all(&info).map_err(Error::io("make the folder", &info))?;
    let attributes = info.join("attributes");
    fs::write(&attributes, ATTRIBUTES).map_err(Error::io("write", &attributes))?;
    Ok(half)
}

/// An empty bare repository.
pub(super) async fn init(at: &Path) -> Result<(), Error> {
    fs::create_dir_all(at).map_err(Error::io("make the folder", at))?;
    Git::new("init")
        .args([
            "--bare",
            "--quiet",
            "--template=",
            "--initial-branch=main",
            "--",
        ])
        .arg(at)
        .run("make a repository")
        .await
        .map(drop)
}

/// Gives it its name: only whole mirrors have one.
fn settle(half: &Path, path: PathBuf) -> Result<Mirror, Error> {
    failpoint::pass("before", "mirror made");
    fs::rename(half, &path).map_err(Error::io("rename", half))?;
    failpoint::pass("after", "mirror made");
    Ok(Mirror::at(path))
}

/// A path with something after its name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// Removes a folder that may not be there, without following links.
pub(super) fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", folder)(error))
        }
        _ => Ok(()),
    }
}
