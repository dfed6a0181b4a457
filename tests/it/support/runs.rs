//! Runs as a test starts them and looks at them.

use std::time::Duration;

use codegraph::{
    models::{
        event::{self, EventRow},
        head::{self, HeadRow},
        run::RunRow,
        step::{self, StepRow},
    },
    services::runs::{self, Start},
};
use serde_json::Value;
use workflows::{Definition, RunId};

use super::{Act, SCRIPT, TestDb, eventually, script, within};

impl TestDb {
    pub(crate) async fn start(&self, definition: &Definition, start: Start) -> RunId {
        runs::start(&self.pool, definition, start)
            .await
            .expect("the run starts")
    }

    /// Starts a run that does these things.
    pub(crate) async fn script(&self, acts: &[Act]) -> RunId {
        let start = Start {
            input: script(acts),
            ..Start::default()
        };
        self.start(&SCRIPT, start).await
    }

    pub(crate) async fn run(&self, run: RunId) -> RunRow {
        runs::get(&self.pool, run).await.expect("the run exists")
    }

    /// Waits for the run's end.
    pub(crate) async fn ended(&self, run: RunId) -> RunRow {
        eventually(&format!("the end of {run}"), async || {
            Some(self.run(run).await).filter(|row| row.outcome.is_some())
        })
        .await
    }

    /// The same for one that takes long by its nature.
    pub(crate) async fn ended_within(&self, patience: Duration, run: RunId) -> RunRow {
        within(patience, &format!("the end of {run}"), async || {
            Some(self.run(run).await).filter(|row| row.outcome.is_some())
        })
        .await
    }

    /// Waits for the run's success; answers with its result.
    pub(crate) async fn succeeded(&self, run: RunId) -> Value {
        let row = self.ended(run).await;
        assert_eq!(
            row.outcome.as_deref(),
            Some("succeeded"),
            "{:?}",
            row.failure
        );
        row.output.unwrap_or_default()
    }

    /// Waits for the run's failure; answers with its reason.
    pub(crate) async fn failed(&self, run: RunId) -> Value {
        let row = self.ended(run).await;
        assert_eq!(row.outcome.as_deref(), Some("failed"), "{:?}", row.output);
        row.failure.expect("a failure has a reason")
    }

    pub(crate) async fn head(&self, run: RunId) -> Option<HeadRow> {
        head::find(&self.pool, run.0).await.expect("heads are read")
    }

    /// Waits until the living run is in this state.
    pub(crate) async fn until(&self, run: RunId, state: &str) -> HeadRow {
        eventually(&format!("{run} is {state}"), async || {
            self.head(run).await.filter(|head| head.state == state)
        })
        .await
    }

    pub(crate) async fn steps(&self, run: RunId) -> Vec<StepRow> {
        step::list(&self.pool, run.0).await.expect("steps are read")
    }

    pub(crate) async fn events(&self, run: RunId) -> Vec<EventRow> {
        event::list(&self.pool, run.0, 0, 10_000)
            .await
            .expect("events are read")
    }

    /// Events of one kind.
    pub(crate) async fn events_of(&self, run: RunId, kind: &str) -> Vec<EventRow> {
        let mut events = self.events(run).await;
        events.retain(|event| event.kind == kind);
        events
    }

    /// How many jobs there are, in whatever state.
    pub(crate) async fn jobs(&self) -> i64 {
        sqlx::query_scalar("select count(*) from apalis.jobs")
            .fetch_one(&self.pool)
            .await
            .expect("jobs are counted")
    }

    pub(crate) async fn sql(&self, sql: &'static str) {
        sqlx::raw_sql(sql)
            .execute(&self.pool)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}
