//! Commits on their way to another machine.

use std::collections::HashSet;
use std::path::Path;

use super::command::Git;
use super::{Error, Mirror, names};

impl Mirror {
    /// A pack of a commit and all it needs, without what the known commits have. It can be read by itself.
    pub async fn pack(&self, commit: &str, known: &[String]) -> Result<Vec<u8>, Error> {
        let commit = names::object(commit)?;
        let mut list =
            self.git("rev-list")
                .args(["--objects", "--no-object-names", commit, "--not"]);
        for id in known {
            list = list.arg(names::object(id)?);
        }
        let needed = list.run("list what a commit needs").await?;
        // Known commits that are no ancestors only take their history out of the list, not all of their content.
        let mut there = HashSet::new();
        for id in known {
            let tree = self.git("ls-tree").args(["-r", "-t", "-z", id]);
            for entry in super::paths::split(&tree.run("list a known tree").await?) {
                there.extend(
                    entry
                        .split(|byte| [b' ', b'\t'].contains(byte))
                        .nth(2)
                        .map(<[u8]>::to_vec),
                );
            }
        }
        let mut wanted = Vec::new();
        for id in needed
            .split(|byte| *byte == b'\n')
            .filter(|id| !id.is_empty())
        {
            if !there.contains(id) {
                wanted.extend_from_slice(id);
                wanted.push(b'\n');
            }
        }
        self.git("pack-objects")
            .args(["--stdout", "--quiet", "--no-reuse-delta", "--threads=1"])
            .stdin(wanted)
            .run("pack a commit")
            .await
    }

    /// A repository of its own whose only branch is this commit: a source that needs nobody else.
    pub async fn export(&self, commit: &str, into: &Path) -> Result<(), Error> {
        let commit = names::object(commit)?;
        let pack = self.pack(commit, &[]).await?;
        Git::new("init")
            .args(["--bare", "--quiet", "--template=", "--initial-branch=main"])
            .arg("--")
            .arg(into)
            .run("make a repository")
            .await?;
        let copy = Self::at(into.to_owned());
        copy.unpack(&pack, "refs/codegraph/base", commit).await?;
        copy.git("update-ref")
            .args(["refs/heads/main", commit])
            .run("make the branch")
            .await
            .map(drop)
    }

    /// Takes in a pack and keeps its commit under a name below `refs/codegraph/`, if all it needs is there then.
    pub async fn unpack(&self, pack: &[u8], name: &str, commit: &str) -> Result<(), Error> {
        let (name, commit) = (names::own_ref(name)?, names::object(commit)?);
        self.git("index-pack")
            .args(["--stdin", "--strict"])
            .stdin(pack)
            .run("take in a pack")
            .await?;
        self.git("rev-list")
            .args(["--objects", "--quiet", commit, "--not", "--all"])
            .run("find all that a commit needs")
            .await?;
        self.set_ref(name, commit).await
    }
}
