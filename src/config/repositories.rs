//! Where repositories may come from.

use std::path::PathBuf;

use serde::Deserialize;

use super::text::{self, Text};

/// Where repositories may come from.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RepositoriesConfig {
    /// `CODEGRAPH_PRIVATE_GIT_HOSTS`: git servers inside the network that may be spoken to, such as
    /// `git.internal,10.0.0.5:8443` (default none: whoever may add a repository could otherwise
    /// reach whatever this server reaches).
    #[serde(default)]
    pub private_git_hosts: GitHosts,
    /// `CODEGRAPH_LOCAL_REPOSITORIES`: folders of this machine in which everybody may connect
    /// repositories, such as `/srv/git,/home/ada/src` (default none; admins may connect any while the
    /// API is reached from this machine alone).
    #[serde(default)]
    pub local_repositories: Folders,
    /// `CODEGRAPH_SSH_FOR_EVERYBODY`: members, too, may connect repositories over ssh (default no: this
    /// server shows its own identity there, so they would read whatever it may).
    #[serde(default, deserialize_with = "text::switch")]
    pub ssh_for_everybody: bool,
}

/// Absolute paths of folders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub struct Folders(pub Vec<PathBuf>);

impl TryFrom<Text> for Folders {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        let folders = text
            .split(',')
            .map(str::trim)
            .filter(|folder| !folder.is_empty());
        let folder = |folder: &str| {
            if folder.starts_with('/') {
                Ok(PathBuf::from(folder))
            } else {
                Err(format!(
                    "`{folder}` is not an absolute path such as /srv/git"
                ))
            }
        };
        folders.map(folder).collect::<Result<_, _>>().map(Self)
    }
}

/// Names or addresses of hosts, each with a port or for all ports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Text")]
pub struct GitHosts(Vec<String>);

impl GitHosts {
    /// The hosts.
    pub fn iter(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().cloned()
    }
}

impl TryFrom<Text> for GitHosts {
    type Error = String;

    fn try_from(Text(text): Text) -> Result<Self, Self::Error> {
        let hosts = text
            .split(',')
            .map(str::trim)
            .filter(|host| !host.is_empty());
        let host = |host: &str| {
            if host.contains(['/', '*', '@', '?', '#']) || host.contains(char::is_whitespace) {
                return Err(format!(
                    "`{host}` is not a host such as git.internal or git.internal:8443"
                ));
            }
            Ok(host.to_lowercase())
        };
        hosts.map(host).collect::<Result<_, _>>().map(Self)
    }
}
