//! The HTTP API: translates between the wire and the services, and decides nothing.
//!
//! An operation is a method with its documentation; the OpenAPI document is made of those, so the
//! document cannot lie about what is there. `openapi/codegraph.json` is that document, committed;
//! a test compares it. Every error leaves as `application/problem+json` (see [`problem`]).
//! No SQL, no vendors, no agents in this room.

use std::sync::Arc;

use poem::middleware::{CatchPanic, RequestId};
use poem::{Endpoint, EndpointExt, Route, get};
use poem_openapi::{LicenseObject, OpenApiService, ServerObject, Tags};

use crate::{
    config::{AccountsConfig, Config, HttpUrl, ServerConfig},
    services::{
        Db,
        accounts::Accounts,
        feed::Feed,
        health::Health,
        repositories::{LocalPolicy, Repositories},
        sessions::Sessions,
        tasks::Shares,
    },
};

mod audit;
mod auth;
mod contents;
mod docs;
mod health;
mod invitations;
mod me;
pub mod problem;
mod repositories;
mod runs;
mod sessions;
mod sign_in;
mod spec;
mod stream;
mod tasks;
mod tokens;
mod users;
mod version;
mod views;
mod wire;
mod yaml;

pub use self::problem::Problem;
pub use self::spec::json as spec;

/// What the operations work with. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// Answers the health checks.
    pub health: Arc<Health>,
    /// The database, for the services.
    pub db: Db,
    /// People and how they come in.
    pub accounts: Arc<Accounts>,
    /// Who asks.
    pub sessions: Sessions,
    /// What the web around us looks like.
    pub web: Arc<Web>,
    /// Repositories, and how much at once.
    pub work: Arc<WorkState>,
    /// What moves.
    pub feed: Feed,
}

/// What the operations on work need.
#[derive(Debug)]
pub struct WorkState {
    /// Repositories.
    pub repositories: Repositories,
    /// How many runs may hold places at the same time.
    pub shares: Shares,
}

impl ApiState {
    /// The services over this database, as configured.
    pub fn new(db: Db, health: Health, config: &Config) -> crate::Result<Self> {
        let sessions = Sessions::new(db.clone());
        let (accounts, server) = (&config.accounts, &config.server);
        let share = |places: u32| u16::try_from(places).unwrap_or(u16::MAX);
        let local = LocalPolicy {
            roots: Vec::new(),
            anywhere_for_admins: server.listen.ip().is_loopback(),
        };
        let work = WorkState {
            repositories: Repositories::new(db.clone(), &config.home, local),
            shares: Shares {
                of_user: share(config.worker.runs_per_user),
                of_repository: share(config.worker.runs_per_repository),
            },
        };
        Ok(Self {
            health: Arc::new(health),
            accounts: Arc::new(Accounts::new(db.clone(), sessions.clone(), accounts)?),
            sessions,
            web: Arc::new(Web::new(accounts, server)),
            work: Arc::new(work),
            feed: Feed::default(),
            db,
        })
    }
}

/// What the web around us looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Web {
    /// Where people find us.
    pub public_url: Option<String>,
    /// Where people find us, as their browsers write it.
    pub public_origin: Option<String>,
    /// Cookies travel over https only.
    pub secure: bool,
    /// A proxy of ours stands in front and says who asks.
    pub behind_proxy: bool,
}

impl Web {
    fn new(accounts: &AccountsConfig, server: &ServerConfig) -> Self {
        let url = accounts.public_url.as_ref().map(HttpUrl::as_str);
        let origin = |url: &str| {
            let (scheme, rest) = url.split_once("://")?;
            let host = rest.split('/').next()?;
            Some(format!("{scheme}://{host}").to_lowercase())
        };
        Self {
            public_url: url.map(str::to_owned),
            public_origin: url.and_then(origin),
            secure: url.is_some_and(|url| url.starts_with("https://")),
            behind_proxy: server.behind_proxy,
        }
    }
}

/// The groups operations are shown in.
#[derive(Tags)]
enum Tag {
    /// Coming in: the first account, signing in and out, one's own account and sessions.
    Auth,
    /// The people of this installation.
    Users,
    /// Tokens for programs.
    Tokens,
    /// Who did what.
    Audit,
    /// What people work on.
    Repositories,
    /// What people ask for.
    Tasks,
    /// Attempts at tasks: what happens in them, what comes of them, and steering them.
    Runs,
    /// What happens, as it happens.
    Streams,
    /// The state of this process.
    Ops,
}

/// All operations.
type Operations = (
    health::HealthApi,
    version::VersionApi,
    sign_in::SignInApi,
    me::MeApi,
    sessions::SessionsApi,
    users::UsersApi,
    invitations::InvitationsApi,
    tokens::TokensApi,
    audit::AuditApi,
    Work,
);

/// The operations on work, apart because a tuple has only so many places.
type Work = (
    repositories::RepositoriesApi,
    contents::ContentsApi,
    tasks::TasksApi,
    tasks::BulkApi,
    runs::RunsApi,
    runs::EventsApi,
    runs::StepsApi,
    runs::PlansApi,
    runs::ResultsApi,
    runs::SteeringApi,
    stream::StreamApi,
);

fn work() -> Work {
    (
        repositories::RepositoriesApi,
        contents::ContentsApi,
        tasks::TasksApi,
        tasks::BulkApi,
        runs::RunsApi,
        runs::EventsApi,
        runs::StepsApi,
        runs::PlansApi,
        runs::ResultsApi,
        runs::SteeringApi,
        stream::StreamApi,
    )
}

fn service() -> OpenApiService<Operations, ()> {
    let operations = (
        health::HealthApi,
        version::VersionApi,
        sign_in::SignInApi,
        me::MeApi,
        sessions::SessionsApi,
        users::UsersApi,
        invitations::InvitationsApi,
        tokens::TokensApi,
        audit::AuditApi,
        work(),
    );
    OpenApiService::new(operations, "CodeGraph", env!("CARGO_PKG_VERSION"))
        .description("A self-hosted orchestrator of AI coding agents.")
        .license(LicenseObject::new("Apache-2.0 OR MIT"))
        .server(ServerObject::new("/"))
}

/// The whole server as one endpoint: operations, document, documentation.
pub fn routes(state: ApiState) -> impl Endpoint {
    Route::new()
        .nest("/", service())
        .at("/docs", get(docs::page()))
        .at("/openapi.json", get(docs::json()))
        .at("/openapi.yaml", get(docs::yaml()))
        .data(state)
        .with(CatchPanic::new().with_handler(problem::of_panic))
        .around(problem::for_every_error)
        .with(RequestId::new())
}

#[cfg(test)]
mod tests;
