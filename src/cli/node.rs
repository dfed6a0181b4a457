//! The parts of a running installation: everything at once, or the API and workers by themselves.

use std::{net::SocketAddr, time::Duration};

use poem::{
    Endpoint, Server,
    listener::{Acceptor, Listener, TcpAcceptor, TcpListener},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{Failed, spinner};
use crate::{
    api::{self, ApiState},
    app::App,
    config::Config,
    database,
    services::health::{Health, WorkerHealth},
    telemetry::Redactor,
};

/// Requests under way get so long to end.
const GRACE: Duration = Duration::from_secs(10);

/// A connection on which nothing moves is closed after so long; streams say something more often.
const IDLE: Duration = Duration::from_secs(120);

/// Everything in one process.
pub(super) async fn up(config: &Config, log: &Redactor) -> Result<(), Failed> {
    let stop = stop_signal()?;
    let mut app = App::open(config, spinner::tell()).await?;
    app.prepare(config).await?;
    let mut parts = Parts::new(stop);
    let worker = app.worker(config, log)?;
    let health = worker.health();
    parts.add(worker.run(parts.stop.clone()));
    let state = state(&app, config, log, Some(health))?;
    let door = Door::open(config.server.listen).await?;
    let address = door.address;
    parts.add(door.serve(state.clone(), parts.stop.clone()));
    eprintln!("CodeGraph is up: http://{address}  (API documentation at /docs, Ctrl-C stops)");
    tell_setup(&state, config, address).await?;
    // The embedded database goes last: `app` outlives the parts.
    tokio::select! {
        ended = parts.all() => ended,
        () = app.look_after() => Ok(()),
    }
}

/// The API alone.
pub(super) async fn serve(config: &Config, log: &Redactor) -> Result<(), Failed> {
    let stop = stop_signal()?;
    let app = App::open(config, spinner::tell()).await?;
    app.prepare(config).await?;
    let mut parts = Parts::new(stop);
    let state = state(&app, config, log, None)?;
    let door = Door::open(config.server.listen).await?;
    let address = door.address;
    parts.add(door.serve(state.clone(), parts.stop.clone()));
    eprintln!("CodeGraph's API is up: http://{address}");
    tell_setup(&state, config, address).await?;
    parts.all().await
}

/// A worker alone.
pub(super) async fn work(config: &Config, log: &Redactor) -> Result<(), Failed> {
    let stop = stop_signal()?;
    let app = App::open(config, spinner::tell()).await?;
    let mut parts = Parts::new(stop);
    let worker = app.worker(config, log)?;
    if let Some(listen) = config.worker.worker_health {
        let (door, page) = (Door::open(listen).await?, api::worker(worker.health()));
        parts.add(door.open_to(page, parts.stop.clone()));
    }
    parts.add(worker.run(parts.stop.clone()));
    parts.all().await
}

/// Brings the database up to date.
pub(super) async fn migrate(config: &Config) -> Result<(), Failed> {
    let app = App::open(config, spinner::tell()).await?;
    app.prepare(config).await?;
    println!(
        "the database is up to date (migration {})",
        database::schema()
    );
    Ok(())
}

/// The parts of this process. When one ends, the others are told to stop.
struct Parts {
    tasks: JoinSet<Result<(), Failed>>,
    stop: CancellationToken,
}

impl Parts {
    fn new(stop: CancellationToken) -> Self {
        Self {
            tasks: JoinSet::new(),
            stop,
        }
    }

    fn add<E: Into<Failed>>(&mut self, part: impl Future<Output = Result<(), E>> + Send + 'static) {
        self.tasks.spawn(async { part.await.map_err(Into::into) });
    }

    async fn all(mut self) -> Result<(), Failed> {
        let mut result = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            self.stop.cancel();
            let ended = ended.map_err(Into::into).and_then(|ended| ended);
            result = result.and(ended);
        }
        result
    }
}

fn state(
    app: &App,
    config: &Config,
    log: &Redactor,
    worker: Option<watch::Receiver<WorkerHealth>>,
) -> Result<ApiState, Failed> {
    let health = Health::new(app.db.clone(), database::schema(), worker);
    let db = app.db.clone();
    let masks = log.clone();
    let state = ApiState::new(db.clone(), health, config, move |secret| {
        masks.register(secret);
    })?;
    // Hears what moves, for the streams of this node; ends with the process.
    tokio::spawn(state.feed.clone().run(db));
    Ok(state)
}

/// While nobody has an account, says how the first person gets one.
async fn tell_setup(state: &ApiState, config: &Config, address: SocketAddr) -> Result<(), Failed> {
    if let Some(code) = state.accounts.setup_code().await? {
        let base = match &config.accounts.public_url {
            Some(url) => url.as_str().to_owned(),
            None => format!("http://{address}"),
        };
        eprintln!(
            "Nobody has an account yet. Make the first one, the admin: {base}/setup#code={code}"
        );
        eprintln!("The setup code is {code}; it opens nothing once there is an account.");
    }
    Ok(())
}

/// Where requests come in; open before anybody is told of it.
struct Door {
    acceptor: TcpAcceptor,
    /// The one asked for, with the port that the system chose for 0.
    address: SocketAddr,
}

impl Door {
    async fn open(asked: SocketAddr) -> Result<Self, Failed> {
        let refused = |error| Failed::from(format!("cannot listen on {asked}: {error}"));
        let acceptor = TcpListener::bind(asked)
            .into_acceptor()
            .await
            .map_err(refused)?;
        let found = acceptor.local_addr();
        let address = found
            .iter()
            .find_map(|local| local.0.as_socket_addr().copied());
        Ok(Self {
            acceptor,
            address: address.unwrap_or(asked),
        })
    }

    async fn open_to(
        self,
        pages: impl Endpoint + 'static,
        stop: CancellationToken,
    ) -> Result<(), std::io::Error> {
        Server::new_with_acceptor(api::Attentive(self.acceptor))
            .idle_timeout(IDLE)
            .run_with_graceful_shutdown(pages, stop.cancelled_owned(), Some(GRACE))
            .await
    }

    async fn serve(self, state: ApiState, stop: CancellationToken) -> Result<(), std::io::Error> {
        self.open_to(api::routes(state), stop).await
    }
}

/// Cancelled by Ctrl-C and by SIGTERM.
fn stop_signal() -> Result<CancellationToken, std::io::Error> {
    let stop = CancellationToken::new();
    let told = stop.clone();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("told to stop: finishing what is in hand");
        told.cancel();
    });
    Ok(stop)
}
