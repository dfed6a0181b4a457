//! Calls that somebody else has written, on their way to a vendor and back: what they may ask for, and what their answers
//! say was used. What may not live here: who asks, and who pays.

mod meter;
mod order;
mod tools;

use std::fmt;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use http::{HeaderName, HeaderValue, StatusCode};
use reqwest::Response;
use serde_json::{Value, json};

pub use self::meter::Meter;
pub use self::order::{Order, Terms};
use super::{ollama, openai, wire};

/// The ways of speaking that are understood, by the path of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The Messages API.
    Messages,
    /// Its count of tokens, which costs nothing.
    Count,
    /// Chat Completions.
    Chat,
    /// Responses.
    Responses,
}

impl Way {
    const ALL: [Self; 4] = [Self::Messages, Self::Count, Self::Chat, Self::Responses];

    /// The way of a call to this path, where models of this vendor are spoken to so.
    #[must_use]
    pub fn of(path: &str, vendor: &str) -> Option<Self> {
        let speaks = |way: &Self| match way {
            Self::Messages => vendor != openai::NAME,
            Self::Count => vendor != openai::NAME && vendor != ollama::NAME,
            Self::Chat | Self::Responses => vendor == openai::NAME,
        };
        let found = Self::ALL.into_iter().find(|way| way.path() == path);
        found.filter(speaks)
    }

    /// Its path at the vendor.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Messages => "/v1/messages",
            Self::Count => "/v1/messages/count_tokens",
            Self::Chat => "/v1/chat/completions",
            Self::Responses => "/v1/responses",
        }
    }
}

/// A call is not let through; told as its vendor would tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// The status.
    pub status: StatusCode,
    /// The vendor's word for it.
    pub kind: &'static str,
    /// What is the matter.
    pub message: String,
}

impl Turned {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            kind,
            message,
        }
    }

    /// The request is at fault.
    pub fn wrong(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// Whoever asks may not.
    pub fn stranger() -> Self {
        let why = "this is not the pass of the door";
        Self::new(StatusCode::UNAUTHORIZED, "authentication_error", why)
    }

    /// There is nothing of this name.
    pub fn unknown(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found_error", message)
    }

    /// There is no money for it. Not the word for a pace that is too high: nobody shall try again.
    pub fn unpaid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, "billing_error", message)
    }

    /// The vendor, or we, cannot answer now.
    pub fn away(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "api_error", message)
    }

    /// The body, as a vendor of this name writes it.
    #[must_use]
    pub fn body(&self, vendor: &str) -> Vec<u8> {
        let (kind, message) = (self.kind, &self.message);
        let body = if vendor == openai::NAME {
            let code = match kind {
                "billing_error" => "insufficient_quota",
                other => other,
            };
            json!({"error": {"message": message, "type": kind, "param": Value::Null, "code": code}})
        } else {
            json!({"type": "error", "error": {"type": kind, "message": message}})
        };
        body.to_string().into_bytes()
    }
}

/// What a vendor answered.
pub struct Passed {
    /// The status.
    pub status: StatusCode,
    /// Headers that are for whoever asked.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether it is a stream of events.
    pub streams: bool,
    /// The body, as it comes.
    pub body: BoxStream<'static, Result<Vec<u8>, String>>,
}

impl Passed {
    pub(super) fn of(response: Response) -> Self {
        let headers = response.headers();
        let told = headers.iter().filter(|(name, _)| is_told(name.as_str()));
        let kind = headers.get(http::header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Self {
            status: response.status(),
            headers: told.map(|(n, v)| (n.clone(), v.clone())).collect(),
            streams: kind.starts_with("text/event-stream"),
            body: response
                .bytes_stream()
                .map_ok(|piece| piece.to_vec())
                .map_err(|error| wire::chain(&error.without_url()))
                .boxed(),
        }
    }

    /// The vendor's id of the call.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        let named = |(name, _): &&(HeaderName, HeaderValue)| {
            matches!(name.as_str(), "request-id" | "x-request-id")
        };
        let (_, value) = self.headers.iter().find(named)?;
        value.to_str().ok().map(str::to_owned)
    }
}

/// Headers that clients act on. The others are about our connection, or our account.
fn is_told(name: &str) -> bool {
    let names = [
        "content-type",
        "request-id",
        "x-request-id",
        "retry-after",
        "retry-after-ms",
        "x-should-retry",
    ];
    names.contains(&name)
}

impl fmt::Debug for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passed")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
