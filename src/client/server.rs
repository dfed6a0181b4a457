//! One server as commands see it: requests with a login that is renewed when it has to be, and answers as they came.

use std::{error::Error as _, time::Duration};

use chrono::{TimeDelta, Utc};
use reqwest::{Response, StatusCode, Url, header::LOCATION, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    To,
    credentials::{Credentials, Login},
    failure::{Failure, Refusal},
    operations::{self, Operation},
    wire::SignedIn,
};

/// Where a server is when nobody says.
pub(super) const USUAL: &str = "http://127.0.0.1:8400";
const CONNECT: Duration = Duration::from_secs(10);
/// Longer than a server takes for anything (`CODEGRAPH_REQUEST_TIMEOUT`).
const PATIENCE: Duration = Duration::from_secs(90);
/// Shown instead of a login.
const TOKEN: &str = "CODEGRAPH_TOKEN";

/// A server, and how one comes in.
pub(super) struct Server {
    pub(super) url: String,
    http: reqwest::Client,
    key: Key,
}

enum Key {
    /// Nothing is shown.
    None,
    /// The token of the environment.
    Given(SecretString),
    /// The login that is kept.
    Kept(Credentials),
}

impl Server {
    /// The one that is meant, with whatever lets one in there.
    pub(super) fn of(to: &To) -> Result<Self, Failure> {
        let given = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
        let named = to.url.as_deref().filter(|url| !url.is_empty());
        let (url, key) = match (named, given) {
            (Some(url), Some(token)) => (address(url)?, Key::Given(token.into())),
            (named, given) => {
                let kept = Credentials::here()?;
                let last = kept.server()?;
                let url = address(named.or(last.as_deref()).unwrap_or(USUAL))?;
                let key = given.map_or(Key::Kept(kept), |token| Key::Given(token.into()));
                (url, key)
            }
        };
        Self::new(url, key)
    }

    /// This one, before anybody has signed in.
    pub(super) fn entrance(url: &str) -> Result<Self, Failure> {
        Self::new(address(url)?, Key::None)
    }

    /// The same, with this token.
    pub(super) fn showing(self, token: SecretString) -> Self {
        Self {
            key: Key::Given(token),
            ..self
        }
    }

    fn new(url: String, key: Key) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("codegraph/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            // A server that has moved says so; nobody's token is taken elsewhere.
            .redirect(Policy::none())
            .build()
            .map_err(|error| Failure::Here(error.to_string()))?;
        Ok(Self { url, http, key })
    }

    /// A request, about to be sent.
    pub(super) fn ask(&self, operation: Operation, ids: &[&str]) -> Question<'_> {
        Question {
            server: self,
            operation,
            path: operation.path(ids),
            query: Vec::new(),
            body: None,
            key: None,
        }
    }

    /// What is shown, renewed before it is over.
    async fn shown(&self) -> Result<Option<Shown>, Failure> {
        Ok(match &self.key {
            Key::None => None,
            Key::Given(token) => Some(Shown::Given(token.clone())),
            Key::Kept(kept) => {
                let login = kept.login(&self.url)?.ok_or_else(|| self.signed_out())?;
                if login.is_fresh() {
                    Some(Shown::Kept(login))
                } else {
                    Some(Shown::Kept(self.renew(kept, &login).await?))
                }
            }
        })
    }

    /// New tokens for those of a login that is over, unless another command was quicker. A refresh token is good for
    /// one use, and a second use ends the login: so commands take turns, and look again when it is theirs.
    async fn renew(&self, kept: &Credentials, over: &Login) -> Result<Login, Failure> {
        let turn = kept.turn().await?;
        let login = kept.login(&self.url)?.ok_or_else(|| self.signed_out())?;
        if !login.same(over) && login.is_fresh() {
            return Ok(login);
        }
        let token = login.refresh_token.ok_or_else(|| self.signed_out())?;
        let body = json!({"refresh_token": token.expose_secret()});
        let entrance = Self {
            url: self.url.clone(),
            http: self.http.clone(),
            key: Key::None,
        };
        // Boxed: asking may renew, and renewing asks.
        let asked = Box::pin(entrance.ask(operations::REFRESH, &[]).json(body).send()).await;
        let answer = match asked {
            Err(Failure::Refused(refusal)) if refusal.status == 401 => {
                kept.forget(&turn, &self.url)?;
                return Err(self.signed_out());
            }
            asked => asked?,
        };
        let login = login_of(answer.read()?);
        kept.replace(&turn, &self.url, login.clone())?;
        Ok(login)
    }

    fn signed_out(&self) -> Failure {
        let url = &self.url;
        Failure::SignedOut(format!(
            "not signed in at {url}; `codegraph login --url {url}` does that, or {TOKEN} in the environment"
        ))
    }

    /// It answered, and then no more.
    pub(super) fn silent(&self, cause: String) -> Failure {
        let url = self.url.clone();
        Failure::Unreachable { url, cause }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        // The innermost cause is the one that people know.
        let mut cause = error.source();
        let mut words = error.to_string();
        while let Some(inner) = cause {
            words = inner.to_string();
            cause = inner.source();
        }
        let url = self.url.clone();
        Failure::Unreachable { url, cause: words }
    }
}

/// A login as the server granted it.
pub(super) fn login_of(signed_in: SignedIn) -> Login {
    Login {
        email: signed_in.user.email,
        access_token: signed_in.access_token,
        expires_at: Some(Utc::now() + TimeDelta::seconds(signed_in.expires_in.into())),
        refresh_token: signed_in.refresh_token,
    }
}

enum Shown {
    Given(SecretString),
    Kept(Login),
}

impl Shown {
    fn token(&self) -> &str {
        match self {
            Self::Given(token) => token.expose_secret(),
            Self::Kept(login) => login.access_token.expose_secret(),
        }
    }
}

/// A request that is being put together.
pub(super) struct Question<'a> {
    server: &'a Server,
    operation: Operation,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    key: Option<String>,
}

impl Question<'_> {
    /// With this parameter.
    pub(super) fn query(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// With this body.
    pub(super) fn json(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    /// The same request with the same key is done once.
    pub(super) fn key(self, key: String) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    /// The whole answer.
    pub(super) async fn send(self) -> Result<Answer, Failure> {
        let server = self.server;
        let response = self.response(Some(PATIENCE)).await?;
        let text = response.text().await;
        text.map(Answer).map_err(|error| server.unreachable(&error))
    }

    /// An answer that goes on for as long as it likes.
    pub(super) async fn open(self) -> Result<Response, Failure> {
        self.response(None).await
    }

    async fn response(self, patience: Option<Duration>) -> Result<Response, Failure> {
        let server = self.server;
        let shown = server.shown().await?;
        let response = self.once(shown.as_ref(), patience).await?;
        if let (StatusCode::UNAUTHORIZED, Key::Kept(kept), Some(Shown::Kept(login))) =
            (response.status(), &server.key, &shown)
        {
            // The clocks differ, or the server has other keys now.
            let login = server.renew(kept, login).await?;
            let response = self.once(Some(&Shown::Kept(login)), patience).await?;
            return good(server, response).await;
        }
        good(server, response).await
    }

    async fn once(
        &self,
        shown: Option<&Shown>,
        patience: Option<Duration>,
    ) -> Result<Response, Failure> {
        let server = self.server;
        let mut url = Url::parse(&format!("{}{}", server.url, self.path))
            .map_err(|error| Failure::Wrong(format!("{}: {error}", server.url)))?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let mut request = server.http.request(self.operation.method(), url);
        if let Some(shown) = shown {
            request = request.bearer_auth(shown.token());
        }
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(patience) = patience {
            request = request.timeout(patience);
        }
        let sent = request.send().await;
        sent.map_err(|error| server.unreachable(&error))
    }
}

/// Only an answer that is what was asked for.
async fn good(server: &Server, response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if status.is_redirection() {
        let place = response.headers().get(LOCATION);
        let place = place
            .and_then(|place| place.to_str().ok())
            .unwrap_or("elsewhere");
        let url = &server.url;
        return Err(Failure::Wrong(format!(
            "{url} leads to {place}: give that address"
        )));
    }
    let text = response.text().await.unwrap_or_default();
    Err(Failure::Refused(Box::new(Refusal::of(
        status.as_u16(),
        text,
    ))))
}

/// What the server answered.
pub(super) struct Answer(String);

impl Answer {
    /// As it came.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// What commands show of it.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let place = |error| Failure::Here(format!("the server's answer makes no sense: {error}"));
        serde_json::from_str(&self.0).map_err(place)
    }
}

/// An address in the one form that is kept.
fn address(text: &str) -> Result<String, Failure> {
    let wrong =
        |why: &str| Failure::Wrong(format!("`{text}` is not the address of a server: {why}"));
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
        return Err(wrong("it begins with http:// or https://"));
    }
    if url.query().is_some() || url.fragment().is_some() || url.username() != "" {
        return Err(wrong("it ends with the host, the port or a path"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form() {
        for (text, kept) in [
            ("http://127.0.0.1:8400/", "http://127.0.0.1:8400"),
            ("HTTPS://Code.Example.org:443", "https://code.example.org"),
            (
                "https://example.org/codegraph//",
                "https://example.org/codegraph",
            ),
        ] {
            assert_eq!(address(text).unwrap(), kept);
        }
        for wrong in [
            "",
            "127.0.0.1:8400",
            "ftp://x",
            "https://u@x",
            "https://x/?a",
            "https://x#a",
        ] {
            assert!(matches!(address(wrong), Err(Failure::Wrong(_))), "{wrong}");
        }
    }
}
