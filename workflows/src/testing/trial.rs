//! A trial: one run driven to its end through any number of deaths, and what the world saw of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use futures::future::BoxFuture;
use serde_json::Value;

use super::memory::{Crash, MemoryJournal};
use crate::{
    activity::StepContext,
    definition::{Definition, Definitions},
    definitions,
    engine::{End, drive},
    failure::StepError,
    history::Outcome,
    ids::RunId,
    ports::Steps,
};

/// What was done to the outside, whatever any journal says.
#[derive(Debug, Default)]
pub struct World(Mutex<BTreeMap<String, usize>>);

impl World {
    /// Something happens; says how often it has happened now.
    pub fn happen(&self, what: &str) -> usize {
        let mut seen = self
            .0
            .lock()
            .expect("no test panics while it holds the world");
        let times = seen.entry(what.to_owned()).or_default();
        *times += 1;
        *times
    }

    /// How often it has happened.
    pub fn times(&self, what: &str) -> usize {
        self.0
            .lock()
            .expect("no test panics while it holds the world")
            .get(what)
            .copied()
            .unwrap_or(0)
    }

    /// Everything that has happened, with how often.
    pub fn all(&self) -> BTreeMap<String, usize> {
        self.0
            .lock()
            .expect("no test panics while it holds the world")
            .clone()
    }
}

/// What a trial showed.
#[derive(Debug)]
pub struct Verdict {
    /// How the run ended.
    pub outcome: Outcome,
    /// Names and ordinals of its recorded steps.
    pub steps: Vec<(i32, String)>,
    /// What the world saw.
    pub world: BTreeMap<String, usize>,
    /// Durable writes in all.
    pub writes: usize,
    /// How often the process died.
    pub deaths: usize,
}

/// What a step does to the world in a trial.
pub type Perform =
    fn(StepContext<MemoryJournal>, Arc<World>) -> BoxFuture<'static, Result<Value, StepError>>;

/// A workflow, its input, what its steps do to the world, and what people answer.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The workflow under trial.
    pub definition: Definition,
    /// Its input.
    pub input: Value,
    /// Performs a step in a world.
    pub perform: Perform,
    /// What comes with a signal the run waits for.
    pub answer: fn(&str) -> Value,
}

struct Performer {
    perform: Perform,
    world: Arc<World>,
}

impl Steps<MemoryJournal> for Performer {
    async fn call(&self, context: StepContext<MemoryJournal>) -> Result<Value, StepError> {
        (self.perform)(context, Arc::clone(&self.world)).await
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

impl Trial {
    /// Drives the run to its end, dying at `crash` and starting again.
    ///
    /// # Panics
    /// When the run neither moves nor ends.
    pub async fn run(&self, crash: Option<Crash>) -> Verdict {
        let journal = Arc::new(MemoryJournal::crashing(crash));
        let id = journal.start(
            self.definition.name,
            self.definition.version,
            self.input.clone(),
        );
        self.drive_all(&journal, id, |_| ()).await
    }

    /// As [`Trial::run`], without deaths; `meddle` is called before every claim, with the number of claims so far.
    pub async fn meddled(&self, meddle: impl Fn(&MemoryJournal, RunId, usize)) -> Verdict {
        let journal = Arc::new(MemoryJournal::default());
        let id = journal.start(
            self.definition.name,
            self.definition.version,
            self.input.clone(),
        );
        let claims = std::cell::Cell::new(0);
        let before_claim = |journal: &MemoryJournal| {
            meddle(journal, id, claims.get());
            claims.set(claims.get() + 1);
        };
        self.drive_all(&journal, id, before_claim).await
    }

    async fn drive_all(
        &self,
        journal: &Arc<MemoryJournal>,
        id: RunId,
        before_claim: impl Fn(&MemoryJournal),
    ) -> Verdict {
        let definitions = Definitions::of(&[
            self.definition,
            definitions::step::V1,
            definitions::coding::ATTEMPT_V1,
            definitions::coding::ATTEMPT_V2,
        ]);
        let performer = Performer {
            perform: self.perform,
            world: Arc::default(),
        };
        let mut deaths = 0;
        let outcome = loop {
            before_claim(journal);
            if let Some(claimed) = journal.claim() {
                let definition = *definitions
                    .find(&claimed.workflow, claimed.version)
                    .expect("a known workflow");
                let end = drive(Arc::clone(journal), &performer, &definition, claimed).await;
                if journal.dead() {
                    assert_eq!(
                        end,
                        End::Fenced,
                        "a dead process can only find itself fenced"
                    );
                    deaths += 1;
                    journal.restart();
                }
            } else if let Some(outcome) = journal.outcome(id) {
                break outcome;
            } else {
                assert!(journal.stir(self.answer), "the run neither moves nor ends");
            }
        };
        Verdict {
            outcome,
            steps: journal.recorded_steps(id),
            world: performer.world.all(),
            writes: journal.writes(),
            deaths,
        }
    }
}
