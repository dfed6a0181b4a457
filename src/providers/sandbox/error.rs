//! Why nothing ran, by meaning.

use std::io;
use std::path::PathBuf;

/// No wall stands, so nothing is run.
#[derive(Debug, thiserror::Error)]
#[error("no wall stands around commands of agents: {reason}; {remedy}")]
pub struct NoWall {
    /// What each wall that was asked for answered.
    pub reason: String,
    /// What to install or set.
    pub remedy: &'static str,
}

/// Why a job did not run to an end of its own or of its limits.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The job names something that cannot be used.
    #[error("{what}: {}", path.display())]
    Path {
        /// What is the matter with it.
        what: &'static str,
        /// The path that was named.
        path: PathBuf,
    },
    /// The system refused something that the wall is made of.
    #[error("cannot {action}: {source}")]
    System {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// The system's own words.
        source: io::Error,
    },
    /// The wall fell over before the command began.
    #[error("the wall does not stand: {0}")]
    Wall(String),
    /// This wall cannot hold the job to what it may reach.
    #[error(
        "behind {wall} a command cannot be held to a list of hosts, so it is not run with a network: leave the network \
         off, or have bubblewrap work here (`codegraph doctor`)"
    )]
    Network {
        /// The wall that stands.
        wall: &'static str,
    },
    /// What the job began cannot be killed; the kernel holds it.
    #[error("processes of the command do not die")]
    Undying,
}

impl Error {
    /// For `map_err`: names what was tried.
    #[cfg(target_os = "linux")]
    pub(super) fn system<E: Into<io::Error>>(action: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::System {
            action,
            source: source.into(),
        }
    }
}
