//! Where the server listens. A Unix socket's path has about 100 usable bytes; a home deeper than that gets a private
//! directory elsewhere, whose name is remembered so that the URL stays the same over restarts.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::ErrorKind,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{DirBuilderExt as _, MetadataExt as _, lchown},
    },
    path::{Path, PathBuf},
};

use super::{Error, account::Account, secret};

/// macOS allows 103 bytes and Linux 107; one limit for both keeps a home portable.
const LONGEST_PATH: usize = 100;

/// The longest name the server creates in the directory and binds.
const SOCKET_NAME: &str = "/.s.PGSQL.65535";

/// What a client needs to find a server, except for the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) directory: PathBuf,
    pub(super) port: u16,
}

impl Endpoint {
    /// A connection URL as libpq and sqlx read it.
    pub(super) fn url(&self, user: &str, password: &str, database: &str) -> String {
        let mut host = String::new();
        for &byte in self.directory.as_os_str().as_bytes() {
            if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
                host.push(char::from(byte));
            } else {
                write!(host, "%{byte:02X}").expect("a String takes every write");
            }
        }
        // The usual port is left out, so that the URL reads like the one in every manual.
        let port = if self.port == 5432 {
            String::new()
        } else {
            format!(":{}", self.port)
        };
        format!("postgresql://{user}:{password}@localhost{port}/{database}?host={host}")
    }
}

/// The private (0700) socket directory of `home`, created when missing.
pub(super) fn directory(home: &Path, account: Option<&Account>) -> Result<PathBuf, Error> {
    let near = home.join("run");
    if fits(&near) {
        if let Some(account) = account {
            // An earlier start may have run as another account. A missing directory is created just below.
            let _ = lchown(&near, Some(account.uid), Some(account.gid));
        }
        private(&near, account)?;
        return Ok(near);
    }
    let note = home.join("run-elsewhere");
    if let Ok(text) = fs::read_to_string(&note) {
        let remembered = PathBuf::from(text.trim_end());
        // Somebody else may have taken the name in a shared directory meanwhile; then a new one is drawn.
        if private(&remembered, account).is_ok() {
            return Ok(remembered);
        }
    }
    let fresh = elsewhere(account).join(format!("codegraph-{}", secret::random_hex::<8>()?));
    private(&fresh, account)?;
    fs::write(&note, fresh.as_os_str().as_bytes()).map_err(Error::io("write", note))?;
    Ok(fresh)
}

/// Removes a socket directory outside the home; its name is kept for the next start.
pub(super) fn tidy(home: &Path, directory: &Path) {
    if !directory.starts_with(home) {
        // A directory that is not empty belongs to a newer server, and then it must stay.
        let _ = fs::remove_dir(directory);
    }
}

/// Whether the name is short enough, and free of what libpq and the server's file of sockets would read as the end of it.
fn fits(directory: &Path) -> bool {
    let name = directory.as_os_str().as_bytes();
    let odd = |byte: &u8| b",\"".contains(byte) || byte.is_ascii_control();
    name.len() + SOCKET_NAME.len() <= LONGEST_PATH && !name.iter().any(odd)
}

/// Removes what a killed server left: its lock holds a process id that may be a stranger's by now, and Postgres would
/// take that for a rival. Only to be called when no server lives; the directory is private to one cluster.
pub(super) fn clear(endpoint: &Endpoint) {
    for end in ["", ".lock"] {
        let _ = fs::remove_file(
            endpoint
                .directory
                .join(format!(".s.PGSQL.{}{end}", endpoint.port)),
        );
    }
}

fn elsewhere(account: Option<&Account>) -> PathBuf {
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    // Root's runtime directory is closed to the account that runs the server.
    let runtime =
        runtime.filter(|path| account.is_none() && path.is_dir() && path.as_os_str().len() < 60);
    runtime.unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// Creates a directory only its owner may enter, or checks that an existing one is just that.
pub(super) fn private(path: &Path, account: Option<&Account>) -> Result<(), Error> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            let owner = account.map(|account| (account.uid, account.gid)).unzip();
            lchown(path, owner.0, owner.1).map_err(Error::io("hand over", path))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).map_err(Error::io("inspect", path))?;
            let ours = account.map_or_else(
                || rustix::process::geteuid().as_raw(),
                |account| account.uid,
            );
            if !found.is_dir() || found.mode() & 0o077 != 0 {
                let source = ErrorKind::NotADirectory.into();
                return Err(Error::Io {
                    action: "use (it must be a directory of mode 0700)",
                    path: path.into(),
                    source,
                });
            }
            if found.uid() != ours {
                return Err(Error::WrongOwner {
                    path: path.into(),
                    owner: found.uid(),
                    ours,
                });
            }
            Ok(())
        }
        Err(source) => Err(Error::io("create", path)(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_and_plain_directories_hold_sockets() {
        assert!(fits(Path::new("/var/lib/codegraph/run")));
        assert!(!fits(&Path::new("/").join("x".repeat(85))));
        assert!(fits(&Path::new("/").join("x".repeat(84))));
        assert!(fits(Path::new("/a b/é")) && !fits(Path::new("/a,b")));
    }

    #[test]
    fn urls_survive_odd_paths() {
        let mut endpoint = Endpoint {
            directory: "/a b/run&?é".into(),
            port: 5432,
        };
        assert_eq!(
            endpoint.url("codegraph", "pw", "codegraph"),
            "postgresql://codegraph:pw@localhost/codegraph?host=/a%20b/run%26%3F%C3%A9"
        );
        endpoint.port = 6000;
        assert!(endpoint.url("u", "pw", "d").contains("@localhost:6000/d?"));
    }
}
