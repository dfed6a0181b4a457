//! Errors by meaning: what a caller can do about it, not which library said it.

use std::borrow::Cow;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the caller may not see it.
    #[error("{0} not found")]
    NotFound(Cow<'static, str>),
    /// Nobody knows who asks.
    #[error("{0}")]
    Unauthorized(String),
    /// The caller may know of it, but not do it.
    #[error("{0}")]
    Forbidden(String),
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// Somebody has changed it since the caller looked.
    #[error("it has been changed since you looked; look again")]
    Stale,
    /// It makes no sense as it was asked.
    #[error("{0}")]
    Invalid(String),
    /// The same, and known where: a field of the body or a parameter.
    #[error("{path}: {message}")]
    Field {
        /// The field or parameter.
        path: Cow<'static, str>,
        /// What is wrong there.
        message: String,
    },
    /// The same in several places: each with what is wrong there.
    #[error("{}", several(.0))]
    Fields(Vec<(String, String)>),
    /// Somebody asks too often.
    #[error("too many requests; try again in {after_s} s")]
    TooMany {
        /// When to ask again, in seconds.
        after_s: u64,
    },
    /// Something this needs is away; trying again later may help.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("an internal error: {0}")]
    Internal(String),
}

impl Error {
    /// There is no such thing.
    pub fn not_found(what: impl Into<Cow<'static, str>>) -> Self {
        Self::NotFound(what.into())
    }

    /// This field or parameter makes no sense.
    pub fn field(path: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::Field {
            path: path.into(),
            message: message.into(),
        }
    }
}

fn several(fields: &[(String, String)]) -> String {
    let each: Vec<String> = fields
        .iter()
        .map(|(path, message)| format!("{path}: {message}"))
        .collect();
    each.join("; ")
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match classify(&error) {
            Fault::Content => Self::Invalid(format!("this content cannot be stored: {error}")),
            Fault::Passing if says(&error, "53100") => Self::Unavailable(format!(
                "the database's disk is full; nothing new is taken until there is room: {error}"
            )),
            Fault::Passing => Self::Unavailable(format!("the database does not answer: {error}")),
            Fault::Ours => Self::Internal(error.to_string()),
        }
    }
}

fn says(error: &sqlx::Error, code: &str) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|said| said == code)
}

/// Whether a row was refused because of this constraint.
#[must_use]
pub fn breaks(error: &sqlx::Error, constraint: &str) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.constraint() == Some(constraint))
}

/// Whose fault a database error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The values: the same ones will never be taken.
    Content,
    /// The moment: a connection, a restart, a deadlock. The same again may well succeed.
    Passing,
    /// The statement.
    Ours,
}

/// Tells faults apart by SQLSTATE class (Postgres, appendix A).
#[must_use]
pub fn classify(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(error) => match error
            .code()
            .as_deref()
            .map(|code| code.get(..2).unwrap_or_default())
        {
            Some("22" | "54") => Fault::Content,
            Some("08" | "25" | "40" | "53" | "55" | "57" | "58") => Fault::Passing,
            _ => Fault::Ours,
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Fault::Passing,
        sqlx::Error::Encode(_) => Fault::Content,
        _ => Fault::Ours,
    }
}

impl From<jobs::QueueError> for Error {
    fn from(error: jobs::QueueError) -> Self {
        match error {
            jobs::QueueError::Database(error) => error.into(),
            jobs::QueueError::Encode(error) => Self::Internal(error.to_string()),
        }
    }
}
