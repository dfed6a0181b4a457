//! How a step survives a crash half way: it is made of activities, and each records what it intends and
//! what came of it. When the step is performed again, finished activities answer from the journal.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    failure::{StepError, storable},
    ids::RunId,
    next::Step,
    ports::{Claimed, Journal, Mark, Record},
    recorder::Recorder,
};

/// What it means when a crash falls between the start of an activity and the record of its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing outside changed: perform it again.
    Pure,
    /// A model call: perform it again with the same bytes; the first may have been charged.
    Paid,
    /// The working tree may be half changed: restore it, then perform it again, twice at most.
    Workspace,
    /// The outside world may have changed: look it up by its natural key before doing it again.
    External,
}

/// After so many crashes inside one workspace activity it is not tried again.
const WORKSPACE_CRASHES: usize = 2;

/// What came of a workspace activity.
#[derive(Debug, Clone, PartialEq)]
pub enum Performed {
    /// It returned this.
    Done(Value),
    /// Workers died in it twice: whoever asked for it must be told instead.
    Interrupted,
}

/// What a look at the outside world says about an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It has happened; this is its result.
    Yes(Value),
    /// It has not happened.
    No,
}

/// What is known of the current step's activities from earlier tries.
#[derive(Debug, Default)]
struct Memory {
    finished: HashMap<String, Value>,
    cut: HashMap<String, usize>,
}

impl Memory {
    fn of(claimed: &Claimed) -> Self {
        let mut memory = Self::default();
        for recorded in &claimed.activities {
            match &recorded.mark {
                Mark::Started => *memory.cut.entry(recorded.key.clone()).or_default() += 1,
                Mark::Failed => drop(memory.cut.remove(&recorded.key)),
                Mark::Finished(output) => {
                    memory.cut.remove(&recorded.key);
                    memory.finished.insert(recorded.key.clone(), output.clone());
                }
            }
        }
        memory
    }
}

/// Everything a step may know and do.
#[derive(Debug)]
pub struct StepContext<J> {
    /// The run it belongs to.
    pub run: RunId,
    /// Ordinal of the step within the run, from 1; names its effects together with an activity's key.
    pub step_no: i32,
    /// How often the run had changed hands when this try began: what a record outside the journal is fenced with.
    pub epoch: i32,
    /// Number of this try, from 1.
    pub attempt: u16,
    /// The step as the definition asked for it.
    pub step: Step,
    recorder: Arc<Recorder<J>>,
    memory: std::sync::Mutex<Memory>,
}

impl<J: Journal> StepContext<J> {
    pub(crate) fn new(recorder: &Arc<Recorder<J>>, claimed: &Claimed, step: Step) -> Self {
        Self {
            run: claimed.fence.run,
            step_no: claimed.step_no,
            epoch: claimed.fence.epoch,
            attempt: claimed.attempt,
            step,
            recorder: Arc::clone(recorder),
            memory: std::sync::Mutex::new(Memory::of(claimed)),
        }
    }

    /// Whether an earlier try of the step finished this activity, so that it will answer from the journal.
    pub fn knows(&self, key: &str) -> bool {
        self.memory().finished.contains_key(key)
    }

    /// An activity that changes nothing outside.
    pub async fn pure<F, Fut>(&self, key: &str, perform: F) -> Result<Value, StepError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Value, StepError>>,
    {
        match self.finished(key) {
            Some(output) => Ok(output),
            None => self.perform(key, Effect::Pure, None, perform).await,
        }
    }

    /// An activity that costs money. When an earlier try was cut off, the journal says that it may have
    /// been charged before it is made once more.
    pub async fn paid<F, Fut>(&self, key: &str, perform: F) -> Result<Value, StepError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Value, StepError>>,
    {
        if let Some(output) = self.finished(key) {
            return Ok(output);
        }
        let cut = self.cut(key);
        if cut > 0 {
            self.note("activity.possible_charge", json!({"key": key, "cut": cut}))
                .await?;
        }
        self.perform(key, Effect::Paid, None, perform).await
    }

    /// An activity that changes the working tree. `restore` puts back the tree from before it and is
    /// called only when an earlier try was cut off.
    pub async fn workspace<R, RFut, F, Fut>(
        &self,
        key: &str,
        restore: R,
        perform: F,
    ) -> Result<Performed, StepError>
    where
        R: FnOnce() -> RFut,
        RFut: Future<Output = Result<(), StepError>>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Value, StepError>>,
    {
        if let Some(output) = self.finished(key) {
            return Ok(Performed::Done(output));
        }
        let cut = self.cut(key);
        if cut > 0 {
            restore().await?;
        }
        if cut >= WORKSPACE_CRASHES {
            self.note("activity.interrupted", json!({"key": key, "cut": cut}))
                .await?;
            return Ok(Performed::Interrupted);
        }
        self.perform(key, Effect::Workspace, None, perform)
            .await
            .map(Performed::Done)
    }

    /// An activity that changes the world outside. `natural_key` is what makes it the same effect whoever
    /// attempts it; `lookup` asks the outside whether it has happened already.
    pub async fn external<L, LFut, F, Fut>(
        &self,
        key: &str,
        natural_key: &str,
        lookup: L,
        send: F,
    ) -> Result<Value, StepError>
    where
        L: FnOnce() -> LFut,
        LFut: Future<Output = Result<Found, StepError>>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Value, StepError>>,
    {
        if let Some(output) = self.finished(key) {
            return Ok(output);
        }
        let known = match self.recorder.journal().effect(natural_key).await? {
            Some(output) => Found::Yes(output),
            None => lookup().await?,
        };
        let adopt_or_send = async || match known {
            Found::Yes(output) => Ok(output),
            Found::No => send().await,
        };
        self.perform(
            key,
            Effect::External,
            Some(natural_key.to_owned()),
            adopt_or_send,
        )
        .await
    }

    /// Writes an event that people may want to see.
    pub async fn note(&self, kind: &'static str, data: Value) -> Result<(), StepError> {
        Ok(self
            .recorder
            .append(self.step_no, Record::Note { kind, data })
            .await?)
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn finished(&self, key: &str) -> Option<Value> {
        self.memory().finished.get(key).cloned()
    }

    /// How many earlier tries were cut off inside this activity.
    fn cut(&self, key: &str) -> usize {
        self.memory().cut.get(key).copied().unwrap_or(0)
    }

    async fn perform<F, Fut>(
        &self,
        key: &str,
        effect: Effect,
        natural_key: Option<String>,
        perform: F,
    ) -> Result<Value, StepError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Value, StepError>>,
    {
        if self.recorder.pausing() {
            return Err(StepError::Paused);
        }
        let key = key.to_owned();
        let started = Record::Started {
            key: key.clone(),
            effect,
            natural_key: natural_key.clone(),
        };
        self.recorder.append(self.step_no, started).await?;
        match perform().await {
            Ok(output) => {
                let finished = Record::Finished {
                    key: key.clone(),
                    output: output.clone(),
                    natural_key,
                };
                self.recorder.append(self.step_no, finished).await?;
                self.memory().finished.insert(key, output.clone());
                Ok(output)
            }
            Err(error @ (StepError::Retry { .. } | StepError::Fatal(_))) => {
                let failed = Record::Failed {
                    key,
                    reason: storable(&error.to_string()),
                };
                self.recorder.append(self.step_no, failed).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }
}
