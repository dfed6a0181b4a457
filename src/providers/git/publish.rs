//! Branches, pushed to where they came from.

use super::command::Git;
use super::source::short_hash;
use super::{Error, Mirror, Source, names};
use crate::failpoint;

/// What came of publishing a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// It is there now.
    New,
    /// It was there already.
    Already,
    /// A branch of this name is there that is not ours; this commit is its head.
    Taken(String),
}

impl Mirror {
    /// Pushes a commit as a branch. Looks first, and again when somebody was faster, so twice is once. A branch that
    /// is there is only moved when it stands where we put it.
    pub async fn publish(
        &self,
        commit: &str,
        branch: &str,
        remote: &Source,
    ) -> Result<Published, Error> {
        let (commit, branch) = (names::object(commit)?, names::branch(branch)?);
        let place = short_hash(format!("{} {branch}", remote.folder()?).as_bytes());
        let ours = format!("refs/codegraph/published/{place}");
        let expected = match self.head_of(branch, remote).await? {
            Some(found) if found == commit => {
                self.set_ref(&ours, commit).await?;
                return Ok(Published::Already);
            }
            Some(found) if self.resolve(&ours).await.ok().as_ref() == Some(&found) => found,
            Some(found) => return Ok(Published::Taken(found)),
            None => String::new(),
        };
        failpoint::pass("before", "branch pushed");
        let git = remote.serve(
            remote.reach(self.git("push")),
            "--receive-pack",
            "receive-pack",
        );
        let said = git
            .args([
                "--quiet",
                "--porcelain",
                "--no-verify",
                "--no-follow-tags",
                "--recurse-submodules=no",
            ])
            // The other side refuses when the branch is not as we have just seen it.
            .arg(format!("--force-with-lease=refs/heads/{branch}:{expected}"))
            .arg("--")
            .arg(remote.address()?)
            .arg(format!("{commit}:refs/heads/{branch}"))
            .ask("push a branch")
            .await?;
        failpoint::pass("after", "branch pushed");
        if said.status.success() {
            self.set_ref(&ours, commit).await?;
            failpoint::pass("after", "branch known");
            return Ok(Published::New);
        }
        match self.head_of(branch, remote).await? {
            Some(found) if found == commit => {
                self.set_ref(&ours, commit).await?;
                Ok(Published::Already)
            }
            Some(found) if found != expected => Ok(Published::Taken(found)),
            _ => Err(said.refusal("push a branch")),
        }
    }

    /// Where a branch stands on the other side.
    async fn head_of(&self, branch: &str, remote: &Source) -> Result<Option<String>, Error> {
        let name = format!("refs/heads/{branch}");
        let git = remote.serve(
            remote.reach(Git::new("ls-remote")),
            "--upload-pack",
            "upload-pack",
        );
        let list = git
            .args(["--heads", "--"])
            .arg(remote.address()?)
            .arg(&name)
            .run("look at a branch")
            .await?;
        let list = String::from_utf8_lossy(&list).into_owned();
        // The name is a pattern to git: it also finds branches that end like it.
        let exact = |line: &str| {
            let (id, found) = line.split_once('\t')?;
            (found == name).then(|| id.to_owned())
        };
        list.lines().find_map(exact).map_or(Ok(None), |id| {
            names::object(&id)?;
            Ok(Some(id))
        })
    }
}
