//! A bare repository of ours. What was fetched lies in a repository of its own inside it (`source`), from which it borrows:
//! working trees borrow from that one, and so see nothing that other runs have recorded.

use std::fs;
use std::path::{Path, PathBuf};

use super::command::Git;
use super::lock::Lock;
use super::store::{beside, init, remove};
use super::{Credential, Error, PrivateHosts, Source, check_remote, names};

/// Complaints about objects that real repositories have had for decades. Everything that names paths stays an error.
const TOLERATED: [&str; 9] = [
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "missingEmail",
    "badEmail",
    "badName",
    "badDate",
    "badDateOverflow",
    "badTimezone",
    "zeroPaddedFilemode",
];

/// A bare repository that is shared by all runs on its source, and holds what they record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    path: PathBuf,
    private: PrivateHosts,
    credential: Option<Credential>,
}

impl Mirror {
    pub(super) fn at(path: PathBuf) -> Self {
        Self {
            path,
            private: PrivateHosts::default(),
            credential: None,
        }
    }

    pub(super) fn allowing(self, private: PrivateHosts) -> Self {
        Self { private, ..self }
    }

    pub(super) fn showing(self, credential: Option<Credential>) -> Self {
        Self { credential, ..self }
    }

    /// Lets git speak to the source, and to nothing else.
    pub(super) async fn reach(&self, source: &Source, git: Git) -> Result<Git, Error> {
        match source {
            Source::Path(_) => Ok(git.protocols("file")),
            Source::Url(url) => {
                let remote = check_remote(url, &self.private).await?;
                let shown = self.credential.as_ref();
                let shown = shown.and_then(|credential| credential.header_for(url));
                Ok(git.protocols(remote.protocol()).held_to(&remote, shown))
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn git(&self, verb: &str) -> Git {
        Git::at(&self.path, verb)
    }

    /// Takes over branches and tags of the source; what runs have recorded is ours and stays.
    pub(super) async fn fetch(&self, source: &Source) -> Result<(), Error> {
        let lender = self.lender();
        if lender.is_dir() {
            self.like(lender.clone()).fetch_from(source).await?;
        } else {
            let half = beside(&lender, "new");
            remove(&half)?;
            init(&half).await?;
            self.like(half.clone()).fetch_from(source).await?;
            fs::rename(&half, &lender).map_err(Error::io("rename", &half))?;
        }
        self.borrow()?;
        let copy = Self::at(self.path.clone());
        copy.fetch_from(&Source::Path(lender)).await
    }

    /// Another repository that may speak to the same servers.
    fn like(&self, path: PathBuf) -> Self {
        Self {
            path,
            ..self.clone()
        }
    }

    /// The repository that holds what was fetched and nothing else.
    fn lender(&self) -> PathBuf {
        self.path.join("source")
    }

    /// Where working trees find what was fetched.
    pub(super) fn lent(&self) -> PathBuf {
        self.lender().join("objects")
    }

    fn borrow(&self) -> Result<(), Error> {
        let path = self.path.join("objects/info/alternates");
        if path.exists() {
            return Ok(());
        }
        let folder = self.path.join("objects/info");
        fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
        // Seen from `objects`, so that it stays right when the whole is renamed.
        fs::write(&path, "../source/objects\n").map_err(Error::io("write", &path))
    }

    /// Makes sure that there is a lender, if an empty one: a mirror may have been made from packs, or by a program that
    /// knew none.
    pub(super) async fn lend(&self) -> Result<(), Error> {
        let lender = self.lender();
        if lender.is_dir() {
            return Ok(());
        }
        let _lock = Lock::take(&beside(&self.path, "lock")).await?;
        if !lender.is_dir() {
            let half = beside(&lender, "new");
            remove(&half)?;
            init(&half).await?;
            fs::rename(&half, &lender).map_err(Error::io("rename", &half))?;
        }
        self.borrow()
    }

    /// The objects of a commit that a working tree cannot borrow, packed; nothing when it can borrow them all.
    pub(super) async fn not_lent(&self, commit: &str) -> Result<Option<Vec<u8>>, Error> {
        let known = Git::at(&self.lender(), "for-each-ref")
            .args(["--format=^%(objectname)", "refs/heads", "refs/tags"])
            .run("list what was fetched")
            .await?;
        let mut wanted = format!("{}\n", names::object(commit)?).into_bytes();
        wanted.extend(known);
        let missing = self
            .git("rev-list")
            .args(["--objects", "--no-object-names", "--stdin"])
            .stdin(wanted)
            .run("list what a commit needs")
            .await?;
        if missing.is_empty() {
            return Ok(None);
        }
        let pack = self
            .git("pack-objects")
            .args(["--stdout", "--quiet", "--no-reuse-delta", "--threads=1"])
            .stdin(missing)
            .run("pack a commit")
            .await?;
        Ok(Some(pack))
    }

    async fn fetch_from(&self, source: &Source) -> Result<(), Error> {
        let address = source.address()?;
        let git = Git::with(
            &self.path,
            "fetch",
            &std::iter::once("fetch.fsckObjects=true".to_owned())
                .chain(TOLERATED.iter().map(|id| format!("fetch.fsck.{id}=warn")))
                .collect::<Vec<_>>(),
        );
        let mut git = self.reach(source, git).await?;
        git = source.serve(git, "--upload-pack", "upload-pack");
        git.args([
            "--quiet",
            "--prune",
            "--force",
            "--no-tags",
            "--no-recurse-submodules",
        ])
        .args(["--no-write-fetch-head", "--"])
        .arg(&address)
        .args(["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"])
        .run("fetch from the source")
        .await?;
        self.follow_head(source).await
    }

    /// The source's default branch becomes ours, unless the source has none.
    async fn follow_head(&self, source: &Source) -> Result<(), Error> {
        let git = self.reach(source, Git::new("ls-remote")).await?;
        let git = source.serve(git, "--upload-pack", "upload-pack");
        let said = git
            .args(["--symref", "--"])
            .arg(source.address()?)
            .arg("HEAD")
            .run("ask for the default branch")
            .await?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let head = said
            .lines()
            .find_map(|line| line.strip_prefix("ref: ")?.strip_suffix("\tHEAD"));
        let Some(branch) = head.and_then(|head| head.strip_prefix("refs/heads/")) else {
            return Ok(());
        };
        let head = format!("refs/heads/{}", names::branch(branch)?);
        self.git("symbolic-ref")
            .args(["HEAD", &head])
            .run("set the default branch")
            .await
            .map(drop)
    }

    /// The branch that the source checks out by itself.
    pub async fn default_branch(&self) -> Result<String, Error> {
        self.git("symbolic-ref")
            .args(["--short", "HEAD"])
            .line("read the default branch")
            .await
    }

    /// The commit that a branch, a tag or an id names.
    pub async fn resolve(&self, revision: &str) -> Result<String, Error> {
        let missing = || Error::NotFound(revision.to_owned());
        if revision.is_empty() || revision.starts_with('-') || revision.contains(['\0', '\n']) {
            return Err(missing());
        }
        let said = self
            .git("rev-parse")
            .args(["--verify", "--quiet", "--end-of-options"])
            .arg(format!("{revision}^{{commit}}"))
            .ask("look up a revision")
            .await?;
        let id = String::from_utf8_lossy(&said.out).trim().to_owned();
        if said.status.success() {
            names::object(&id).map_err(|_| missing())?;
            Ok(id)
        } else {
            Err(missing())
        }
    }

    /// Keeps a commit under a name below `refs/codegraph/`.
    pub async fn set_ref(&self, name: &str, commit: &str) -> Result<(), Error> {
        self.git("update-ref")
            .args([names::own_ref(name)?, names::object(commit)?])
            .run("keep a commit under a name")
            .await
            .map(drop)
    }

    /// Forgets a name below `refs/codegraph/`; one that is not there is no error.
    pub async fn delete_ref(&self, name: &str) -> Result<(), Error> {
        self.git("update-ref")
            .args(["-d", names::own_ref(name)?])
            .run("forget a name")
            .await
            .map(drop)
    }
}
