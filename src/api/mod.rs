//! The HTTP API: translates between the wire and the services, and decides nothing.
//!
//! An operation is a method with its documentation; the OpenAPI document is made of those, so the
//! document cannot lie about what is there. `openapi/codegraph.json` is that document, committed;
//! a test compares it. Every error leaves as `application/problem+json` (see [`problem`]).
//! No SQL, no vendors, no agents in this room.

use std::{path::PathBuf, sync::Arc};

use poem::middleware::{CatchPanic, RequestId};
use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Request, Route, endpoint::make, get, http::StatusCode,
};
use poem_openapi::{LicenseObject, OpenApiService, ServerObject, Tags};
use secrecy::SecretString;
use tokio::sync::watch;

use crate::{
    config::{AccountsConfig, Config, HttpUrl, LimitsConfig, Origins, ServerConfig},
    services::{
        Cache, Db, PrivateHosts,
        accounts::Accounts,
        agent_records::AgentRecords,
        catalogue::Models,
        feed::Feed,
        forges::Forges,
        gauges::Gauges,
        health::{Health, WorkerHealth},
        limits::Limits,
        pull_requests::PullRequests,
        repositories::{LocalPolicy, Repositories},
        seal::Seal,
        secrets::Secrets,
        sessions::Sessions,
        tasks::Shares,
        turns::Turns,
    },
};

mod agent_runs;
mod attentive;
mod audit;
mod auth;
mod catalogue;
mod contents;
mod dashboard;
mod docs;
mod figures;
mod guard;
mod health;
mod invitations;
mod kept;
mod limits;
mod maps;
mod me;
mod metrics;
mod notifications;
mod once;
mod operations;
mod overview;
pub mod problem;
mod profiles;
mod pull_requests;
mod repositories;
mod role_limits;
mod runs;
mod saved_views;
mod search;
mod secrets;
mod sessions;
mod sign_in;
mod socket;
mod spec;
mod stream;
mod tasks;
mod tokens;
mod users;
mod version;
mod views;
mod webhooks;
mod wire;
mod yaml;

pub use self::attentive::Attentive;
pub use self::metrics::Metrics;
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
    /// What is kept for a while and may be lost.
    pub cache: Cache,
    /// How often somebody may do something.
    pub limits: Limits,
    /// What is under way, for those who watch.
    pub gauges: Gauges,
    /// What this node counts.
    pub metrics: Metrics,
    /// What the web around us looks like.
    pub web: Arc<Web>,
    /// Repositories, and how much at once.
    pub work: Arc<WorkState>,
    /// What moves.
    pub feed: Feed,
    /// Those who are told of it.
    pub streams: Turns,
}

/// Streams and sockets of one person at the same time, on one node.
const STREAMS: usize = 20;

/// What the operations on work need.
#[derive(Debug)]
pub struct WorkState {
    /// Repositories.
    pub repositories: Repositories,
    /// What servers that host them want to be shown.
    pub secrets: Secrets,
    /// What offers delivered branches.
    pub pulls: PullRequests,
    /// How many runs may hold places at the same time.
    pub shares: Shares,
    /// The models that tasks can name.
    pub models: Models,
    /// What agents did.
    pub records: AgentRecords,
    /// Receivers of webhooks inside the network that may be spoken to.
    pub webhook_hosts: PrivateHosts,
    /// Seals what signs webhooks.
    pub seal: Seal,
}

/// The folders in which everybody may connect repositories, without links in their paths. One that is not there holds
/// nothing.
fn roots(config: &Config) -> Vec<PathBuf> {
    let folders = config.repositories.local_repositories.0.iter();
    folders
        .filter_map(|folder| folder.canonicalize().ok())
        .collect()
}

impl ApiState {
    /// The services over this database, as configured. Secrets that are seen are told to `hide`, for the log to mask.
    pub fn new(
        db: Db,
        health: Health,
        config: &Config,
        hide: impl Fn(&SecretString) + Send + Sync + 'static,
    ) -> crate::Result<Self> {
        let sessions = Sessions::new(db.clone());
        let accounts = Accounts::new(db.clone(), sessions.clone(), &config.accounts)?;
        let cache = Cache::new(&config.redis);
        let share = |places: u32| u16::try_from(places).unwrap_or(u16::MAX);
        let local = LocalPolicy {
            roots: roots(config),
            anywhere_for_admins: config.server.listen.ip().is_loopback(),
        };
        let secrets = Secrets::new(db.clone(), config).hiding(hide);
        let forges = Forges::new(db.clone(), config, secrets.clone());
        let work = WorkState {
            repositories: Repositories::new(db.clone(), config, local, forges.clone()),
            secrets,
            pulls: PullRequests::new(db.clone(), config, forges),
            shares: Shares {
                of_user: share(config.worker.runs_per_user),
                of_repository: share(config.worker.runs_per_repository),
            },
            models: Models::new(&config.models)?,
            records: AgentRecords::configured(db.clone(), &config.objects)?,
            webhook_hosts: PrivateHosts::new(config.webhooks.private_webhook_hosts.iter()),
            seal: Seal::configured(config),
        };
        Ok(Self {
            health: Arc::new(health),
            accounts: Arc::new(accounts),
            sessions,
            limits: Limits::new(cache.clone(), &config.limits),
            cache,
            gauges: Gauges::new(db.clone()),
            metrics: Metrics::default(),
            web: Arc::new(Web::new(&config.accounts, &config.server, &config.limits)),
            work: Arc::new(work),
            feed: Feed::default(),
            streams: Turns::new(STREAMS),
            db,
        })
    }
}

/// What the web around us looks like.
#[derive(Debug, Clone, Default)]
pub struct Web {
    /// Where people find us.
    pub public_url: Option<String>,
    /// Where people find us, as their browsers write it.
    pub public_origin: Option<String>,
    /// Cookies travel over https only.
    pub secure: bool,
    /// A proxy of ours stands in front and says who asks.
    pub behind_proxy: bool,
    /// Other sites whose pages may use the API.
    pub origins: Arc<Origins>,
    /// How large a request may be, and how long it may take.
    pub limits: LimitsConfig,
    /// Who shows this may read the metrics from anywhere.
    pub metrics_token: Option<SecretString>,
}

impl Web {
    fn new(accounts: &AccountsConfig, server: &ServerConfig, limits: &LimitsConfig) -> Self {
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
            origins: Arc::new(server.cors_origins.clone()),
            limits: limits.clone(),
            metrics_token: server.metrics_token.clone(),
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
    /// Branches that runs have delivered, offered where the repository is.
    #[oai(rename = "Pull requests")]
    PullRequests,
    /// What happens, as it happens.
    Streams,
    /// What was used and how runs went.
    Metrics,
    /// What one is told of one's own work.
    Notifications,
    /// The models that tasks can name.
    Models,
    /// Finding one's way: what needs one, and what is called how.
    Home,
    /// The state of this process.
    Ops,
}

/// All operations. Tuples in tuples, because one has only so many places.
type Operations = (Outside, People, Repository, (Work, Results), Insight);

/// What is there before anybody is.
type Outside = (health::HealthApi, version::VersionApi, sign_in::SignInApi);

/// Those who are here, and what they do.
type People = (
    me::MeApi,
    sessions::SessionsApi,
    users::UsersApi,
    invitations::InvitationsApi,
    tokens::TokensApi,
    audit::AuditApi,
);

/// The operations on repositories.
type Repository = (
    repositories::RepositoriesApi,
    contents::ContentsApi,
    maps::MapsApi,
    profiles::ProfilesApi,
    secrets::SecretsApi,
);

/// The operations on what people ask for.
type Work = (
    tasks::TasksApi,
    tasks::BulkApi,
    runs::RunsApi,
    runs::SteeringApi,
    runs::PlansApi,
    runs::ReviewsApi,
    pull_requests::PullRequestsApi,
);

/// What happens in runs, and what comes of them.
type Results = (
    runs::EventsApi,
    runs::StepsApi,
    runs::ChecksApi,
    runs::ResultsApi,
    runs::ExportApi,
    agent_runs::AgentRunsApi,
    stream::StreamApi,
);

/// The operations that look at all of it.
type Insight = (
    figures::FiguresApi,
    catalogue::CatalogueApi,
    overview::OverviewApi,
    search::SearchApi,
    saved_views::SavedViewsApi,
    notifications::NotificationsApi,
    webhooks::WebhooksApi,
    operations::OperationsApi,
);

fn service() -> OpenApiService<Operations, ()> {
    OpenApiService::new(
        Operations::default(),
        "CodeGraph",
        env!("CARGO_PKG_VERSION"),
    )
    .description("A self-hosted orchestrator of AI coding agents.")
    .license(LicenseObject::new("Apache-2.0 OR MIT"))
    .server(ServerObject::new("/"))
}

/// The whole server as one endpoint: operations, document, documentation.
pub fn routes(state: ApiState) -> impl Endpoint {
    let web = Arc::clone(&state.web);
    let metrics = state.metrics.clone();
    let kept = state.clone();
    let (secure, origins) = (web.secure, Arc::clone(&web.origins));
    let (body, time) = (
        u64::from(web.limits.body_limit) * 1024,
        web.limits.request_timeout,
    );
    Route::new()
        .nest(
            "/",
            service()
                .into_endpoint()
                .around(guard::refusals::explain)
                .around(once::perform)
                .around(move |next, request| kept::serve(next, request, kept.clone())),
        )
        .at("/metrics", get(metrics_page(state.clone())))
        .at("/api/v1/ws", get(socket_door(state.clone())))
        .at("/docs", get(docs::page()))
        .at("/openapi.json", get(docs::json()))
        .at("/openapi.yaml", get(docs::yaml()))
        .data(state)
        .around(dashboard::serve)
        .with(CatchPanic::new().with_handler(problem::of_panic))
        .around(move |next, request| guard::body::limit(next, request, body))
        .around(move |next, request| guard::deadline::keep(next, request, time))
        .around(limits::show)
        .around(problem::for_every_error)
        .around(guard::methods::name)
        .around(move |next, request| metrics::count(next, request, metrics.clone()))
        // Boxed, or the type of all these layers is more than the compiler is patient with.
        .map_to_response()
        .boxed()
        .around(guard::compression::shrink)
        .around(move |next, request| guard::cors::allow(next, request, Arc::clone(&origins)))
        .around(move |next, request| guard::headers::add(next, request, secure))
        .with(RequestId::new())
}

/// What a worker that stands alone says at `/healthz`: whether it works. One that the database does not answer, or that
/// has not begun, does not.
pub fn worker(health: watch::Receiver<WorkerHealth>) -> impl Endpoint {
    let page = make(move |_: Request| {
        let health = *health.borrow();
        async move {
            let status = match health {
                WorkerHealth::Working | WorkerHealth::Draining => StatusCode::OK,
                WorkerHealth::Starting | WorkerHealth::Away | WorkerHealth::Stopped => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
            };
            Ok::<_, poem::Error>(status)
        }
    });
    Route::new().at("/healthz", get(page))
}

fn metrics_page(state: ApiState) -> impl Endpoint {
    make(move |request: Request| {
        let state = state.clone();
        async move { Ok::<_, poem::Error>(metrics::page(&request, &state).await?) }
    })
}

fn socket_door(state: ApiState) -> impl Endpoint {
    make(move |request: Request| socket::open(request, state.clone()))
}

#[cfg(test)]
mod tests;
