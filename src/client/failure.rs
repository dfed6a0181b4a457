//! Why a command did not do what was asked, in words for people and in exit codes for programs.

use std::{fmt, io, process::ExitCode};

use serde::Deserialize;

use super::screen::clean;

/// What the exit codes mean; a part of the help.
pub(super) const EXIT_CODES: &str = "\
Commands that speak to a server end with:
  0  it is done; of `logs -f`: the run came to a good end
  1  something failed here or on the server
  2  the command line makes no sense
  3  the server cannot be reached
  4  not signed in, or not allowed
  5  there is no such thing, or none that you may see
  6  refused: it contradicts what is there, or makes no sense to the server
  7  too many requests, or the server is not ready; try again later
  8  of `logs -f`: the run ended without what was asked for";

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The server said no.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Nobody answers.
    #[error("{url} cannot be reached: {cause}")]
    Unreachable {
        /// The server.
        url: String,
        /// Why not.
        cause: String,
    },
    /// There is no login, or it is over.
    #[error("{0}")]
    SignedOut(String),
    /// What was named is not there.
    #[error("{0}")]
    NoSuch(String),
    /// It stands otherwise than the command needs.
    #[error("{0}")]
    NotNow(String),
    /// The command line makes no sense.
    #[error("{0}")]
    Wrong(String),
    /// The run that was followed ended like this.
    #[error("the run ended: {0}")]
    Ended(String),
    /// A file, the terminal, an answer that is none.
    #[error("{0}")]
    Here(String),
    /// Nobody reads what is said any more.
    #[error("nobody reads this any more")]
    Unheard,
}

/// An answer that is not what was asked for (RFC 9457, as far as the server said so).
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    /// The HTTP status.
    #[serde(default)]
    pub(super) status: u16,
    #[serde(default)]
    title: String,
    detail: Option<String>,
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<Place>,
    retry_after: Option<u64>,
    /// The whole answer.
    #[serde(skip)]
    pub(super) text: String,
}

#[derive(Debug, Deserialize)]
struct Place {
    path: String,
    message: String,
}

impl Refusal {
    /// Reads what the server said with this status.
    pub(super) fn of(status: u16, text: String) -> Self {
        let said: Option<Self> = serde_json::from_str(&text).ok();
        // Whatever stands in between may answer in its own words.
        let said = said.unwrap_or_else(|| Self {
            title: format!("the server answered with status {status}"),
            ..Self::default()
        });
        Self {
            status,
            text,
            ..said
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail.as_deref().unwrap_or(&self.title);
        f.write_str(&clean(detail))?;
        for Place { path, message } in &self.errors {
            if !detail.contains(message.as_str()) {
                write!(f, "\n  {}: {}", clean(path), clean(message))?;
            }
        }
        if let Some(seconds) = self.retry_after {
            write!(f, "\n  try again in {seconds} s")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\n  request {}", clean(id))?;
        }
        Ok(())
    }
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Refused(refusal) => match refusal.status {
                401 | 403 => 4,
                404 => 5,
                429 | 503 => 7,
                400..=499 => 6,
                _ => 1,
            },
            Self::Unreachable { .. } => 3,
            Self::SignedOut(_) => 4,
            Self::NoSuch(_) => 5,
            Self::NotNow(_) => 6,
            Self::Wrong(_) => 2,
            Self::Ended(_) => 8,
            Self::Here(_) => 1,
            // Whoever has closed the pipe has what they wanted.
            Self::Unheard => 0,
        }
    }

    /// Says it on standard error, to programs as the API does, and gives the exit code.
    pub(super) fn tell(&self, json: bool) -> ExitCode {
        match self {
            Self::Unheard => {}
            Self::Refused(refusal) if json && refusal.text.starts_with('{') => {
                eprintln!("{}", refusal.text.trim_end());
            }
            failure => eprintln!("codegraph: {failure}"),
        }
        ExitCode::from(self.code())
    }

    /// Whether the same may well succeed in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused(refusal) => refusal.status == 429 || refusal.status >= 500,
            _ => false,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Unheard
        } else {
            Self::Here(error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_as_the_server_words_it_and_nothing_twice() {
        let text = r#"{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"/title: too long",
                       "request_id":"r1","errors":[{"path":"/title","message":"too long"},{"path":"/x","message":"no\u001b[2J"}]}"#;
        let failure = Failure::Refused(Box::new(Refusal::of(422, text.to_owned())));
        assert_eq!(
            failure.to_string(),
            "/title: too long\n  /x: no [2J\n  request r1"
        );
        assert_eq!(failure.code(), 6);
    }

    #[test]
    fn an_answer_of_somebody_in_between_is_told_by_its_status() {
        let refusal = Refusal::of(502, "<html>Bad Gateway</html>".to_owned());
        assert_eq!(refusal.to_string(), "the server answered with status 502");
        let failure = Failure::Refused(Box::new(refusal));
        assert!(failure.may_pass() && failure.code() == 1);
    }
}
