//! One HTTP call to a vendor: the client, its limits, what its answers mean. What may not live here: what a
//! vendor's JSON means beyond errors.

use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, redirect};
use secrecy::{ExposeSecret, SecretString};

use super::{Class, NotConfigured, Refused};
use crate::config::HttpUrl;

mod answer;
mod events;

pub(super) use self::answer::kind_class;
pub(super) use self::events::{Broken, events};

/// Vendors answer a handshake at once or are not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// As much of an error's body is read; the rest is a page for a browser.
const ERROR_BYTES: usize = 64 * 1024;

/// Names the call to vendors that log it; nothing is decided by it.
const ROLE: HeaderName = HeaderName::from_static("x-codegraph-role");

/// How a vendor is reached.
pub(super) struct Wire {
    vendor: &'static str,
    base: HttpUrl,
    key: Option<SecretString>,
    headers: HeaderMap,
    client: Client,
}

/// Where the key goes.
pub(super) enum KeyHeader {
    /// `x-api-key: KEY`
    ApiKey,
    /// `authorization: Bearer KEY`
    Bearer,
}

impl Wire {
    /// A client that gives up when the vendor is silent for `patience`.
    pub(super) fn new(
        vendor: &'static str,
        base: HttpUrl,
        key: Option<(SecretString, KeyHeader)>,
        patience: Duration,
    ) -> Result<Self, NotConfigured> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let key = match key {
            Some((key, place)) => {
                let (name, value) = place.header(&key).ok_or_else(|| {
                    NotConfigured::new(vendor, "its key holds characters no key has")
                })?;
                headers.insert(name, value);
                Some(key)
            }
            None => None,
        };
        Ok(Self {
            vendor,
            client: client(&base, patience)
                .map_err(|error| NotConfigured::new(vendor, chain(&error)))?,
            base,
            key,
            headers,
        })
    }

    pub(super) fn base(&self) -> &HttpUrl {
        &self.base
    }

    /// A further header of every call.
    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        let value = HeaderValue::from_static(value);
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Posts; an answer that is not a success is a refusal.
    pub(super) async fn post(
        &self,
        path: &str,
        role: &str,
        body: Vec<u8>,
    ) -> Result<Response, Refused> {
        let response = self.pass(path, role, HeaderMap::new(), body).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = beginning(response).await;
        let refused = answer::refusal(status, &headers, &body, chrono::Utc::now());
        Err(self.signed(refused))
    }

    /// Posts with these headers besides; whatever is answered is an answer.
    pub(super) async fn pass(
        &self,
        path: &str,
        role: &str,
        mut headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Response, Refused> {
        let url = format!("{}{path}", self.base.as_str());
        headers.extend(self.headers.clone());
        if let Ok(role) = HeaderValue::from_str(role) {
            headers.insert(ROLE, role);
        }
        let sent = self.client.post(url).headers(headers).body(body).send();
        sent.await
            .map_err(|error| self.broken(&chain(&error.without_url())))
    }

    /// The connection or what came over it broke.
    pub(super) fn broken(&self, how: &str) -> Refused {
        self.signed(Refused::new(Class::Passing, how))
    }

    /// The refusal with the vendor's name before its words, and without the key, should they repeat it.
    pub(super) fn signed(&self, refused: Refused) -> Refused {
        let mut message = format!("{}: {}", self.vendor, refused.message);
        let key = self.key.as_ref().map(ExposeSecret::expose_secret);
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            message = message.replace(key, "***");
        }
        Refused { message, ..refused }
    }
}

/// Without the key, and without a password in the address.
impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({} at {})", self.vendor, self.base)
    }
}

impl KeyHeader {
    fn header(&self, key: &SecretString) -> Option<(HeaderName, HeaderValue)> {
        let key = key.expose_secret();
        let (name, text) = match self {
            Self::ApiKey => (HeaderName::from_static("x-api-key"), key.to_owned()),
            Self::Bearer => (reqwest::header::AUTHORIZATION, format!("Bearer {key}")),
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    }
}

/// Redirects are not followed: they would carry prompts, and perhaps the key, somewhere else.
fn client(base: &HttpUrl, patience: Duration) -> Result<Client, reqwest::Error> {
    // Installed already means that somebody before us chose; theirs serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .user_agent(concat!("codegraph/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(patience)
        .redirect(redirect::Policy::none())
        // A compressed stream is held back until a block is full.
        .gzip(false);
    if base.as_str().starts_with("http://") {
        // A machine without certificates can still reach a model beside it.
        client.tls_certs_only([]).build()
    } else {
        client.build()
    }
}

/// An error's own words and those of its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// The first bytes of a body as text; a body that breaks off is as long as it came.
async fn beginning(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ERROR_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
