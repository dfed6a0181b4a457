//! Workers inside the test's own process.

use std::time::Duration;

use codegraph::{
    providers::reach::PrivateHosts,
    worker::{Health, PgJournal, Settings, StepSet, Worker},
};
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use workflows::{Definition, Definitions, Lane, StepContext, StepError, definitions};

use super::{SCRIPT, TestDb, Trace};

/// A worker about to be started.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    database: PgConnectOptions,
    settings: Settings,
    definitions: Vec<Definition>,
    steps: StepSet,
    webhook_hosts: PrivateHosts,
    keeps: Option<u32>,
}

/// A worker at work. Dropping it lets go of it as a crash would, but for what its tasks still do.
#[derive(Debug)]
pub(crate) struct TestWorker {
    stop: CancellationToken,
    health: watch::Receiver<Health>,
    running: JoinHandle<codegraph::Result<()>>,
}

impl TestDb {
    /// A worker of all lanes that knows the product's workflows and scripts.
    pub(crate) fn worker(&self) -> Plan {
        let lanes = Lane::ALL.map(|lane| jobs::Width { lane, places: 8 });
        let mut definitions = definitions::ALL.to_vec();
        definitions.push(SCRIPT);
        Plan {
            database: self.options.clone(),
            settings: Settings {
                lanes: lanes.to_vec(),
                lease: Duration::from_secs(3),
                grace: Duration::from_secs(5),
                connections: 6,
            },
            definitions,
            steps: StepSet::product(),
            webhook_hosts: PrivateHosts::default(),
            keeps: None,
        }
    }
}

impl Plan {
    /// Serves these lanes only.
    pub(crate) fn lanes(mut self, lanes: &[(Lane, usize)]) -> Self {
        let width = |&(lane, places): &(Lane, usize)| jobs::Width { lane, places };
        self.settings.lanes = lanes.iter().map(width).collect();
        self
    }

    pub(crate) fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Knows this workflow too.
    pub(crate) fn knows(mut self, definition: Definition) -> Self {
        self.definitions.push(definition);
        self
    }

    /// Can perform this step too.
    pub(crate) fn on<F, Fut>(mut self, name: &'static str, perform: F) -> Self
    where
        F: Fn(StepContext<PgJournal>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, StepError>> + Send + 'static,
    {
        self.steps = self.steps.on(name, perform);
        self
    }

    /// Can perform what this adds.
    pub(crate) fn with(mut self, add: impl FnOnce(StepSet) -> StepSet) -> Self {
        self.steps = add(self.steps);
        self
    }

    /// Can perform `say`, which adds its input to the trace and returns it.
    pub(crate) fn says(self, trace: &Trace) -> Self {
        let trace = trace.clone();
        self.on("say", move |cx| {
            let said = cx.step.input.clone();
            trace.add(
                said.as_str()
                    .map_or_else(|| said.to_string(), str::to_owned),
            );
            async { Ok(said) }
        })
    }

    /// May send webhooks to this host.
    pub(crate) fn reaching(mut self, host: &str) -> Self {
        self.webhook_hosts = PrivateHosts::new([host.to_owned()]);
        self
    }

    /// Removes what has been over for more than so many days.
    pub(crate) fn keeping(mut self, days: u32) -> Self {
        self.keeps = Some(days);
        self
    }

    /// Starts it and waits until it works.
    pub(crate) async fn start(self) -> TestWorker {
        let definitions = Definitions::of(&self.definitions);
        let worker = Worker::new(self.settings, self.database, definitions, self.steps)
            .reaching(self.webhook_hosts)
            .opening(super::seal())
            .keeping(self.keeps);
        let stop = CancellationToken::new();
        let mut health = worker.health();
        let running = tokio::spawn(worker.run(stop.clone()));
        health
            .wait_for(|health| *health == Health::Working)
            .await
            .expect("the worker starts");
        TestWorker {
            stop,
            health,
            running,
        }
    }
}

impl TestWorker {
    /// Tells it to stop.
    pub(crate) fn tell(&self) {
        self.stop.cancel();
    }

    /// Has it hand back what it holds, and waits until it is gone.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.running
            .await
            .expect("the worker does not panic")
            .expect("the worker ends well");
    }

    pub(crate) fn health(&self) -> Health {
        *self.health.borrow()
    }
}
