//! Commits, made in the mirror without a working tree.

use chrono::{DateTime, Utc};

use super::{Error, Workspace, names};

/// Who made a commit, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// As people read it.
    pub name: String,
    /// Where to write to.
    pub email: String,
    /// With a date, the same content gives the same commit.
    pub date: Option<DateTime<Utc>>,
}

impl Author {
    /// Of what nobody but us will see.
    pub(super) fn codegraph() -> Self {
        Self {
            name: "CodeGraph".to_owned(),
            email: "codegraph@localhost".to_owned(),
            date: Some(DateTime::UNIX_EPOCH),
        }
    }
}

impl Workspace {
    /// Makes a commit of a recorded tree in the mirror. The message is taken as it is, trailers and all.
    pub async fn commit(
        &self,
        tree: &str,
        parent: &str,
        message: &str,
        author: &Author,
    ) -> Result<String, Error> {
        let (tree, parent) = (names::object(tree)?, names::object(parent)?);
        self.commit_tree(tree, Some(parent), message, author).await
    }

    pub(super) async fn commit_tree(
        &self,
        tree: &str,
        parent: Option<&str>,
        message: &str,
        author: &Author,
    ) -> Result<String, Error> {
        if author.name.trim().is_empty() || author.email.contains(['<', '>', '\n']) {
            return Err(Error::refused("this is not an author", &author.name));
        }
        let mut git = self.mirror.git("commit-tree").arg("--no-gpg-sign");
        for role in ["AUTHOR", "COMMITTER"] {
            git = git
                .env(&format!("GIT_{role}_NAME"), &author.name)
                .env(&format!("GIT_{role}_EMAIL"), &author.email);
            if let Some(date) = author.date {
                git = git.env(
                    &format!("GIT_{role}_DATE"),
                    format!("@{} +0000", date.timestamp()),
                );
            }
        }
        if let Some(parent) = parent {
            git = git.args(["-p", parent]);
        }
        let id = git
            .args(["-F", "-", tree])
            .stdin(message)
            .line("make a commit")
            .await?;
        names::object(&id).map(str::to_owned)
    }
}
