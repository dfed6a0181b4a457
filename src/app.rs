//! The application put together: a database, its pool, a worker. Commands and tests build the same thing.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use workflows::{Definitions, definitions};

use crate::{
    agents::Environment,
    config::Config,
    database,
    postgres::{self, Health, Progress, Server},
    providers::{
        git::Store,
        llm::{Catalogue, Providers, Scripted},
        reach::PrivateHosts,
        sandbox::Egress,
    },
    services::{
        agent_records::AgentRecords, forges::Forges, pull_requests::PullRequests, seal::Seal,
        secrets::Secrets,
    },
    telemetry::Redactor,
    worker::{Settings, StepSet, Worker},
};

/// Why the application could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The embedded server.
    #[error(transparent)]
    Postgres(#[from] postgres::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] database::Error),
    /// The address of the database.
    #[error("the database's address is not usable: {0}")]
    Address(#[source] sqlx::Error),
    /// The models.
    #[error("the models cannot be used: {0}")]
    Models(String),
    /// Where large contents are kept.
    #[error("large contents cannot be kept: {0}")]
    Objects(String),
    /// The task that starts the embedded server.
    #[error("the embedded Postgres could not be started: {0}")]
    Start(#[from] tokio::task::JoinError),
}

/// A database that is ready to be used.
#[derive(Debug)]
pub struct App {
    /// How to reach it.
    pub options: PgConnectOptions,
    /// Connections to it, opened as needed.
    pub db: PgPool,
    server: Option<Server>,
}

/// Pause between looks at the embedded server.
const LOOK: Duration = Duration::from_secs(2);

impl App {
    /// Reaches the configured database, or starts the embedded one and says so through `progress`.
    pub async fn open(
        config: &Config,
        progress: impl FnMut(Progress<'_>) + Send + 'static,
    ) -> Result<Self, Error> {
        let (options, server) = match &config.database.url {
            Some(url) => (url.options(), None),
            None => {
                let server = start(config, progress).await?;
                (server.url().parse().map_err(Error::Address)?, Some(server))
            }
        };
        let db = PgPoolOptions::new()
            .max_connections(config.database.connections)
            .acquire_timeout(Duration::from_secs(10))
            .connect_lazy_with(options.clone());
        Ok(Self {
            options,
            db,
            server,
        })
    }

    /// The address of the database, password included, for processes of our own.
    #[must_use]
    pub fn url(&self, config: &Config) -> SecretString {
        match (&self.server, &config.database.url) {
            (Some(server), _) => server.url().into(),
            (None, Some(url)) => url.secret().clone(),
            (None, None) => SecretString::default(),
        }
    }

    /// Checks the server and brings the database up to date.
    pub async fn prepare(&self, config: &Config) -> Result<(), Error> {
        let mut conn = self.db.acquire().await.map_err(database::Error::from)?;
        database::check(&mut conn, config.database.allow_no_vector).await?;
        drop(conn);
        Ok(database::migrate(&self.db).await?)
    }

    /// What agents work with here.
    pub fn environment(&self, config: &Config, log: &Redactor) -> Result<Environment, Error> {
        let mut providers = Providers::new(&config.models);
        if let Some(file) = &config.models.script {
            let scenario =
                Scripted::read(file).map_err(|error| Error::Models(error.to_string()))?;
            providers.insert(Arc::new(scenario.standing_in_for("anthropic")));
        }
        let catalogue = Catalogue::configured(&config.models);
        let masks = log.clone();
        let secrets = Secrets::new(self.db.clone(), config);
        let secrets = secrets.hiding(move |secret| masks.register(secret));
        let forges = Forges::new(self.db.clone(), config, secrets);
        let log = log.clone();
        Ok(Environment {
            pulls: PullRequests::new(self.db.clone(), config, forges),
            records: AgentRecords::configured(self.db.clone(), &config.objects)
                .map_err(|error| Error::Objects(error.to_string()))?,
            catalogue: Arc::new(catalogue.map_err(|error| Error::Models(error.to_string()))?),
            providers: Arc::new(providers),
            store: Store::configured(config),
            home: config.home.clone(),
            wall: config.sandbox.wall,
            egress: Egress::configured(&config.sandbox),
            mask: Arc::new(move |text| log.mask(text).into_owned()),
            sandbox: Arc::default(),
            rerun: None,
        })
    }

    /// A worker for the configured lanes that knows the product's workflows and steps.
    pub fn worker(&self, config: &Config, log: &Redactor) -> Result<Worker, Error> {
        let width = |lane| jobs::Width {
            lane,
            places: config.worker.concurrency.of(lane),
        };
        let settings = Settings {
            lanes: config.worker.lanes.iter().map(width).collect(),
            lease: config.worker.lease,
            grace: config.worker.shutdown_grace,
            connections: config.database.connections,
        };
        let environment = self.environment(config, log)?;
        Ok(Worker::new(
            settings,
            self.options.clone(),
            Definitions::of(&definitions::ALL),
            StepSet::product().with_agents(&environment),
        )
        .looking_after(&environment, config.worker.workspace_days())
        .keeping(config.worker.keep_days())
        .opening(Seal::configured(config))
        .watching(environment.pulls.clone())
        .reaching(PrivateHosts::new(
            config.webhooks.private_webhook_hosts.iter(),
        )))
    }

    /// Looks after the embedded server, if there is one: when it dies it is started again. Never ends.
    pub async fn look_after(&mut self) {
        let Some(mut server) = self.server.take() else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(LOOK).await;
            let looked = tokio::task::spawn_blocking(move || {
                let health = server.check();
                (server, health)
            });
            let health;
            (server, health) = match looked.await {
                Ok(looked) => looked,
                Err(error) => {
                    tracing::error!(%error, "nobody looks after the embedded Postgres any more");
                    return std::future::pending().await;
                }
            };
            match health {
                Ok(Health::Running) => {}
                Ok(Health::Restarted) => {
                    tracing::warn!("the embedded Postgres had died and is back");
                }
                Err(error) => {
                    tracing::error!(%error, "the embedded Postgres is gone and does not come back");
                }
            }
        }
    }
}

async fn start(
    config: &Config,
    mut progress: impl FnMut(Progress<'_>) + Send + 'static,
) -> Result<Server, Error> {
    let settings = postgres::Settings {
        bundle: config.database.pg_bundle.clone(),
        wheel: config.database.pg_wheel.clone(),
        user: config.database.pg_user.clone(),
        ..postgres::Settings::new(&config.home)
    };
    Ok(tokio::task::spawn_blocking(move || Server::start(&settings, &mut progress)).await??)
}
