//! What went wrong with a repository, by meaning.

use std::io;
use std::path::{Path, PathBuf};

/// Why something did not happen to a repository.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such branch, tag or commit.
    #[error("{0} is not in the repository")]
    NotFound(String),
    /// A name or address that is not used as it is.
    #[error("{what}: {name:?}")]
    Refused {
        /// What is the matter with it.
        what: &'static str,
        /// As it was given.
        name: String,
    },
    /// Git said no.
    #[error("git could not {what}: {said}")]
    Git {
        /// What was tried, as a verb phrase.
        what: &'static str,
        /// The end of what it wrote.
        said: String,
    },
    /// It took too long and was stopped.
    #[error("git did not {what} within {seconds} s")]
    TimedOut {
        /// What was tried, as a verb phrase.
        what: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// The file system refused something ordinary.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// A folder could not be made equal to a recorded tree.
    #[error("the working tree is not as recorded: it is {is}, not {should}")]
    NotRestored {
        /// The tree that is there.
        is: String,
        /// The tree that was asked for.
        should: String,
    },
}

impl Error {
    /// For `map_err`: names what was tried, and on what.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    pub(super) fn refused(what: &'static str, name: impl Into<String>) -> Self {
        Self::Refused {
            what,
            name: name.into(),
        }
    }
}
