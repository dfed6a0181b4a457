//! Where a repository comes from, and where its branches go.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::Error;
use super::command::{Git, other_end};

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On a server: `https`, `ssh` (`git@host:path` too) or `git`.
    Url(String),
    /// A folder of this machine.
    Path(PathBuf),
}

impl Source {
    /// As git takes it, after a look at it: an address can be an option or name a program to run.
    pub(super) fn address(&self) -> Result<OsString, Error> {
        match self {
            Self::Url(url) if is_remote(url) => Ok(url.into()),
            Self::Url(url) => Err(Error::refused(
                "this is not the address of a repository on a server",
                without_password(url),
            )),
            Self::Path(path) => {
                let found = fs::canonicalize(path);
                let found = found.map_err(Error::io("find the repository", path))?;
                if found.is_dir() {
                    Ok(found.into())
                } else {
                    Err(Error::refused(
                        "this is not the folder of a repository",
                        found.display().to_string(),
                    ))
                }
            }
        }
    }

    /// For a folder on this disk, the other end is run by us as well, under the same rules.
    pub(super) fn serve(&self, git: Git, option: &str, verb: &str) -> Git {
        match self {
            Self::Url(_) => git,
            Self::Path(_) => {
                let mut option = OsString::from(option);
                option.push("=");
                option.push(other_end(verb));
                git.arg(option)
            }
        }
    }

    /// The folder of its mirror: readable for people, and different for every source.
    pub(super) fn folder(&self) -> Result<String, Error> {
        let address = self.address()?;
        let address = without_password(&address.to_string_lossy());
        Ok(folder(&address))
    }
}

/// A folder name for any text.
pub(super) fn folder(text: &str) -> String {
    let last = text.trim_end_matches('/').rsplit(['/', ':']).next();
    let last = last.unwrap_or_default().trim_end_matches(".git");
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let slug: String = last.chars().take(40).map(plain).collect();
    format!("{slug}-{}.git", short_hash(text.as_bytes()))
}

/// Enough of a hash to tell names apart.
pub(super) fn short_hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether this is an address over ssh, where the identity of this machine is shown.
pub fn is_ssh(url: &str) -> bool {
    match url.split_once("://") {
        Some((scheme, _)) => scheme.eq_ignore_ascii_case("ssh"),
        None => is_remote(url),
    }
}

/// Whether an address over http brings a name or a password.
pub fn brings_password(url: &str) -> bool {
    let Some(("http" | "https", rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.contains('@')
}

/// `https://…`, `ssh://…`, `git://…`, `http://…` or `user@host:path`. No `ext::`, no `file://`, no options.
fn is_remote(url: &str) -> bool {
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) || url.starts_with('-') {
        return false;
    }
    let (host, path) = match url.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => {
            rest.split_once('/').unwrap_or((rest, ""))
        }
        Some(_) => return false,
        None => match url.split_once(':') {
            Some((host, path)) if !path.starts_with(':') && host.contains('@') => (host, path),
            _ => return false,
        },
    };
    let machine = host.rsplit('@').next().unwrap_or_default();
    // What begins with a dash would be an option of ssh.
    !path.is_empty() && !machine.is_empty() && !machine.starts_with('-') && !host.starts_with('-')
}

/// Credentials belong neither into names of folders nor into messages.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    // What stands before the path alone: an `@` may also be part of a path, and two paths are two repositories.
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{brings_password, folder, is_remote, is_ssh, without_password};

    #[test]
    fn only_servers_are_taken_for_servers() {
        for url in [
            "https://example.com/a/b.git",
            "https://user:pass@example.com/a",
            "ssh://git@example.com:22/a",
            "git@example.com:a/b.git",
            "git://example.com/a",
        ] {
            assert!(is_remote(url), "{url}");
        }
        for url in [
            "",
            "ext::sh -c id",
            "ext::id",
            "file:///etc",
            "/etc",
            "--upload-pack=id",
            "-u@x:y",
            "ssh://-oProxyCommand=id/x",
            "git@-oProxyCommand=id:x",
            "https://example.com",
            "https:///x",
            "https://example.com/a b",
            "https://example.com/a\nb",
            "fd::17/x",
            "user@host::x",
        ] {
            assert!(!is_remote(url), "{url}");
        }
    }

    #[test]
    fn folders_are_told_apart_and_hold_no_password() {
        assert_ne!(
            folder("https://a.org/x/app.git"),
            folder("https://b.org/x/app.git")
        );
        assert!(folder("https://a.org/x/app.git").starts_with("app-"));
        assert!(folder("/srv/..").starts_with("---"));
        assert_eq!(without_password("https://u:p@a.org/x"), "https://a.org/x");
        assert_eq!(without_password("https://a.org/x@y"), "https://a.org/x@y");
        assert_ne!(
            folder(&without_password("https://a.org/p@q")),
            folder(&without_password("https://b.org/z@q"))
        );
    }

    #[test]
    fn what_an_address_shows_is_told() {
        for (url, password, ssh) in [
            ("https://a.org/x", false, false),
            ("https://a.org/x@y", false, false),
            ("https://u:p@a.org/x", true, false),
            ("http://token@a.org/x", true, false),
            ("ssh://git@a.org/x", false, true),
            ("git@a.org:x", false, true),
            ("git://a.org/x", false, false),
            ("/srv/git/x", false, false),
        ] {
            assert_eq!(
                (brings_password(url), is_ssh(url)),
                (password, ssh),
                "{url}"
            );
        }
    }
}
