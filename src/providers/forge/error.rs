//! Why GitHub did not do something, by what can be done about it.

use std::time::Duration;

use chrono::Utc;
use reqwest::StatusCode;

/// Why GitHub did not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is none to show it.
    #[error(
        "there is no token for GitHub: set the secret GITHUB_TOKEN of the repository (or the installation's setting of this name)"
    )]
    NoToken,
    /// It does not know the token.
    #[error("GitHub does not take the token: it is wrong, revoked or has ended")]
    WrongToken,
    /// The token may not do this.
    #[error("the token may not do this on GitHub: {0}")]
    Forbidden(String),
    /// It is not there, or not shown to this token.
    #[error("GitHub does not have this, or does not show it to this token: {0}")]
    Gone(String),
    /// What was asked for makes no sense to it.
    #[error("GitHub refuses this: {0}")]
    Refused(String),
    /// Too much was asked; the same may be asked again then.
    #[error("GitHub wants to be left alone for {} s", .0.as_secs())]
    Limited(Duration),
    /// It does not answer, or not as itself. What was asked may have been done.
    #[error("GitHub does not answer: {0}")]
    Unreachable(String),
}

/// When a limit does not say how long it lasts.
const USUAL: Duration = Duration::from_secs(60);
/// Nobody is made to wait for longer than the window of a limit.
const LONGEST: Duration = Duration::from_secs(3600);

impl Error {
    /// What an error of the client means.
    pub(super) fn of(error: octocrab::Error) -> Self {
        match error {
            octocrab::Error::GitHub { source, .. } => Self::answered(&source),
            octocrab::Error::Service { source, .. } => {
                Self::Unreachable(match source.downcast::<reqwest::Error>() {
                    Ok(error) => why(&error.without_url()),
                    Err(other) => other.to_string(),
                })
            }
            octocrab::Error::Json { source, .. } => {
                Self::Unreachable(format!("its answer cannot be read: {source}"))
            }
            other => Self::Unreachable(short(&other.to_string())),
        }
    }

    fn answered(error: &octocrab::GitHubError) -> Self {
        let header = |name: &str| {
            let value = error.headers.as_ref()?.get(name)?.to_str().ok()?;
            value.trim().parse::<u64>().ok()
        };
        let limited = header("retry-after").map(Duration::from_secs).or_else(|| {
            let spent = header("x-ratelimit-remaining") == Some(0);
            let now = u64::try_from(Utc::now().timestamp()).unwrap_or_default();
            let until = header("x-ratelimit-reset").or(error.rate_limit_reset);
            spent.then(|| {
                until.map_or(USUAL, |until| {
                    Duration::from_secs(until.saturating_sub(now) + 1)
                })
            })
        });
        let said = said(error);
        match error.status_code {
            StatusCode::UNAUTHORIZED => Self::WrongToken,
            StatusCode::TOO_MANY_REQUESTS => Self::Limited(limited.unwrap_or(USUAL).min(LONGEST)),
            StatusCode::FORBIDDEN => match limited {
                Some(after) => Self::Limited(after.min(LONGEST)),
                // One of the limits says so in words alone.
                None if said.to_lowercase().contains("rate limit") => Self::Limited(USUAL),
                None => Self::Forbidden(said),
            },
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::MOVED_PERMANENTLY => {
                Self::Gone(said)
            }
            status if status.is_server_error() => {
                Self::Unreachable(format!("it answers {}", status.as_u16()))
            }
            _ => Self::Refused(said),
        }
    }
}

/// Its own words, and those about single fields.
fn said(error: &octocrab::GitHubError) -> String {
    let mut said = error.message.clone();
    for error in error.errors.iter().flatten().take(5) {
        let text = error["message"].as_str().map(str::to_owned);
        let text = text.or_else(|| {
            let field = error["field"].as_str()?;
            Some(format!("{field}: {}", error["code"].as_str()?))
        });
        if let Some(text) = text {
            said += &format!("; {text}");
        }
    }
    short(&said)
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(500).collect()
}

/// An error of the wire with what is behind it.
fn why(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(behind) = cause {
        text = format!("{text}: {behind}");
        cause = behind.source();
    }
    short(&text)
}
