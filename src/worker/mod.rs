//! Where the two crates meet the application: claims runs, drives them with the engine, writes their
//! journal, shows that it lives and looks after those that do not. What may not live here: HTTP, SQL,
//! decisions about what a run does next.

mod alarm;
mod claims;
mod coding;
mod commit;
mod company;
mod drill;
mod ears;
mod held;
mod incarnation;
mod journal;
mod news;
mod pools;
mod pulse;
mod steps;
mod sweep;

pub use crate::services::health::WorkerHealth as Health;
pub use journal::PgJournal;
pub use steps::StepSet;
pub use sweep::sweep;

use std::{sync::Arc, time::Duration};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use workflows::Definitions;

use crate::{
    agents::Environment,
    error::Result,
    providers::reach::PrivateHosts,
    services::{pull_requests::PullRequests, seal::Seal},
};

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its lanes and their places.
    pub lanes: Vec<jobs::Width>,
    /// How long it may go unheard before what it holds is given to others.
    pub lease: Duration,
    /// How long work in hand may go on after it is told to stop.
    pub grace: Duration,
    /// Connections for everything but the hot path, which has its own few.
    pub connections: u32,
}

/// A worker: everything it needs, so that it can begin again under a new identity after it was given up.
#[derive(Debug, Clone)]
pub struct Worker {
    settings: Settings,
    database: PgConnectOptions,
    definitions: Arc<Definitions>,
    steps: Arc<StepSet>,
    /// Receivers of webhooks inside the network that it may speak to.
    webhook_hosts: PrivateHosts,
    /// What its agents work with, and the days for which it keeps what ended runs leave on disk.
    agents: Option<(Environment, Option<u32>)>,
    /// Opens what signs webhooks.
    seal: Option<Seal>,
    /// Looks at pull requests.
    pulls: Option<PullRequests>,
    /// Days for which it keeps what is over; for ever, if there is no number.
    keeps: Option<u32>,
    health: watch::Sender<Health>,
}

impl Worker {
    /// A worker on this database that knows these workflows and steps.
    #[must_use]
    pub fn new(
        settings: Settings,
        database: PgConnectOptions,
        definitions: Definitions,
        steps: StepSet,
    ) -> Self {
        Self {
            settings,
            database,
            definitions: Arc::new(definitions),
            steps: Arc::new(steps),
            webhook_hosts: PrivateHosts::default(),
            agents: None,
            seal: None,
            pulls: None,
            keeps: None,
            health: watch::Sender::new(Health::Starting),
        }
    }

    /// May speak to these receivers of webhooks although they are inside the network.
    #[must_use]
    pub fn reaching(self, webhook_hosts: PrivateHosts) -> Self {
        Self {
            webhook_hosts,
            ..self
        }
    }

    /// Opens with this what signs webhooks; without it none is sent.
    #[must_use]
    pub fn opening(self, seal: Seal) -> Self {
        Self {
            seal: Some(seal),
            ..self
        }
    }

    /// Looks, every few minutes, how open pull requests stand.
    #[must_use]
    pub fn watching(self, pulls: PullRequests) -> Self {
        Self {
            pulls: Some(pulls),
            ..self
        }
    }

    /// Removes, once a day, what has been over for more than so many days.
    #[must_use]
    pub fn keeping(self, days: Option<u32>) -> Self {
        Self {
            keeps: days,
            ..self
        }
    }

    /// Says which wall stands around what these agents run, and removes what their runs have left on disk so many days
    /// after they ended; never, if there is no number.
    #[must_use]
    pub fn looking_after(self, agents: &Environment, days: Option<u32>) -> Self {
        Self {
            agents: Some((agents.clone(), days)),
            ..self
        }
    }

    /// How it is doing, as it changes.
    #[must_use]
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// Works until told to stop, then hands back what it holds. When it was given up in between (its machine
    /// slept, or the database was away for longer than the lease), it drops everything and begins again as
    /// somebody new: what it held belongs to others now.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let sweeping = self
            .agents
            .clone()
            .and_then(|(env, days)| Some((env, days?)));
        let Some((env, days)) = sweeping else {
            return incarnation::live(self, stop).await;
        };
        // Beside its lives, with a connection of its own: it may take long.
        let pool = PgPoolOptions::new().max_connections(1);
        let db = pool.connect_lazy_with(self.database.clone());
        let ended = CancellationToken::new();
        let sweeping = tokio::spawn(sweep::daily(db.clone(), env, days, ended.clone()));
        let lived = incarnation::live(self, stop).await;
        ended.cancel();
        drop(sweeping.await);
        db.close().await;
        lived
    }
}
