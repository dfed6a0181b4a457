//! The server of a test: a database of its own, the routes as they ship, and people of every role.

use codegraph::{
    api::{self, ApiState},
    config::Config,
    models::user::{self, NewUser},
    services::{
        access::Role,
        health::Health,
        sessions::{Client, Granted},
    },
};
use poem::{
    Endpoint as _, EndpointExt as _, Request,
    endpoint::BoxEndpoint,
    http::{HeaderMap, Method, StatusCode},
};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::{KEY, TestDb};

/// The server of a test. End one with [`Stage::finish`].
pub(crate) struct Stage {
    pub(crate) db: TestDb,
    pub(crate) state: ApiState,
    routes: BoxEndpoint<'static>,
    /// What it keeps in files.
    home: TempDir,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) session: Uuid,
    pub(crate) email: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) csrf: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With these settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let db = TestDb::new().await;
        let home = tempfile::tempdir().unwrap();
        let (state, routes) = node(&db, &home, settings);
        Self {
            db,
            state,
            routes,
            home,
        }
    }

    /// Another server on the same database.
    pub(crate) fn beside(&self, settings: &[(&str, &str)]) -> (ApiState, BoxEndpoint<'static>) {
        node(&self.db, &self.home, settings)
    }

    /// Somebody of this role who is signed in. They have no password: that would take its time.
    pub(crate) async fn person(&self, role: Role) -> Person {
        let id = Uuid::now_v7();
        let email = format!("{role}-{}@example.org", id.simple());
        let new = NewUser {
            id,
            email: &email,
            name: "Somebody",
            role: role.as_str(),
            password_hash: "none",
        };
        let mut conn = self.db.pool.acquire().await.unwrap();
        user::insert(&mut conn, &new).await.unwrap();
        sqlx::query("update users set password_hash = null where id = $1")
            .bind(id)
            .execute(&mut *conn)
            .await
            .unwrap();
        drop(conn);
        let granted = self.login(&self.state, id).await;
        Person {
            id,
            session: granted.session,
            email,
            access: granted.access,
            refresh: granted.refresh.unwrap(),
            csrf: granted.csrf,
        }
    }

    /// One more login of somebody, on this node.
    pub(crate) async fn login(&self, node: &ApiState, id: Uuid) -> Granted {
        let mut conn = self.db.pool.acquire().await.unwrap();
        let client = Client::default();
        node.sessions.open(&mut conn, id, &client).await.unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::POST, path).json(body)
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call::new(&self.routes, method, path)
    }

    /// Checks that nothing is left over, and clears away.
    pub(crate) async fn finish(self) {
        let Self {
            db,
            state,
            routes,
            home,
        } = self;
        drop((state, routes, home));
        db.finish().await;
    }
}

fn node(
    db: &TestDb,
    home: &TempDir,
    settings: &[(&str, &str)],
) -> (ApiState, BoxEndpoint<'static>) {
    let home = home.path().display().to_string();
    let own = [("CODEGRAPH_SECRET_KEY", KEY), ("CODEGRAPH_HOME", &home)];
    let settings = own
        .iter()
        .chain(settings)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = Config::read(settings, std::path::Path::new("/")).unwrap();
    let health = Health::new(db.pool.clone(), codegraph::database::schema(), None);
    let state = ApiState::new(db.pool.clone(), health, &config, |_| ()).unwrap();
    let routes = api::routes(state.clone()).map_to_response().boxed();
    (state, routes)
}

/// A request about to be sent.
pub(crate) struct Call<'a> {
    routes: &'a BoxEndpoint<'static>,
    request: poem::RequestBuilder,
    body: Option<Value>,
    operation: (Method, String),
}

impl<'a> Call<'a> {
    pub(crate) fn new(routes: &'a BoxEndpoint<'static>, method: Method, path: &str) -> Self {
        let operation = (method.clone(), path.to_owned());
        let request = Request::builder().method(method);
        let request = request.uri(path.parse().unwrap());
        Self {
            routes,
            request: request.header("host", "codegraph.test"),
            body: None,
            operation,
        }
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self {
            request: self.request.header(name, value),
            ..self
        }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    pub(crate) async fn send(self) -> Answer {
        let request = match self.body {
            None => self.request.finish(),
            Some(body) => self
                .request
                .content_type("application/json")
                .body(body.to_string()),
        };
        let response = self.routes.get_response(request).await;
        let (parts, body) = response.into_parts();
        let (method, path) = &self.operation;
        // A stream has no end to wait for.
        let stream = parts.headers.get("content-type");
        let stream = stream.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let text = if stream {
            String::new()
        } else {
            body.into_string().await.unwrap()
        };
        let kind = parts.headers.get("content-type");
        let kind = kind.map_or("", |kind| kind.to_str().unwrap());
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        super::declared::check(method, path, parts.status.as_u16(), kind, &body);
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The cookies it sets: name, value, the rest.
    pub(crate) fn cookies(&self) -> Vec<(String, String, String)> {
        let headers = self.headers.get_all("set-cookie").iter();
        headers
            .map(|header| {
                let (pair, rest) = header.to_str().unwrap().split_once("; ").unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                (name.to_owned(), value.to_owned(), rest.to_owned())
            })
            .collect()
    }
}
