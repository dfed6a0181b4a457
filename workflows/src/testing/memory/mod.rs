//! A journal in memory with the meaning of the real one: fenced, all or nothing, and mortal.

mod claimed;

use std::{collections::BTreeMap, sync::Mutex};

use serde_json::Value;
use uuid::Uuid;

use crate::{
    failure::Failure,
    history::{Entry, Outcome},
    ids::RunId,
    lane::Lane,
    next::{Child, Wait},
    ports::{Claimed, Committed, Fence, Journal, JournalError, Record, StepEnd, Then, Transition},
};

/// On which side of a durable write the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The write does not happen.
    Before,
    /// The write happens and nobody hears of it.
    After,
}

/// A death at a chosen durable write. Counted over all lives: a second one may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash {
    /// The write's ordinal, from 0.
    pub write: usize,
    /// Before or after it.
    pub when: When,
}

#[derive(Debug)]
enum State {
    Ready,
    Running,
    Waiting {
        names: Vec<String>,
        timer: Option<String>,
    },
    Joining {
        name: String,
        children: Vec<RunId>,
    },
    Ended(Outcome),
}

#[derive(Debug)]
enum Row {
    Step(StepEnd),
    Entry(Entry),
    Record(i32, Record),
}

#[derive(Debug)]
struct Run {
    workflow: String,
    version: u16,
    input: Value,
    lane: Lane,
    epoch: i32,
    seq: i32,
    step_no: i32,
    attempt: u16,
    state: State,
    rows: Vec<Row>,
}

#[derive(Debug, Default)]
struct Inner {
    runs: BTreeMap<RunId, Run>,
    effects: BTreeMap<String, Value>,
    writes: usize,
    crashes: Vec<Crash>,
    /// Canceled at this durable write, whoever is about to make it.
    cancel_at: Option<usize>,
    dead: bool,
    pausing: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<Inner>);

impl MemoryJournal {
    /// A journal whose process dies at these places.
    #[must_use]
    pub fn crashing(crashes: &[Crash]) -> Self {
        Self(Mutex::new(Inner {
            crashes: crashes.to_vec(),
            ..Inner::default()
        }))
    }

    /// A journal whose first run is canceled just before this write.
    #[must_use]
    pub fn canceling_at(write: usize) -> Self {
        Self(Mutex::new(Inner {
            cancel_at: Some(write),
            ..Inner::default()
        }))
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0
            .lock()
            .expect("no test panics while it holds the journal")
    }

    /// Starts a run.
    pub fn start(&self, workflow: &str, version: u16, input: Value) -> RunId {
        self.inner().start(workflow, version, input)
    }

    /// Durable writes so far.
    pub fn writes(&self) -> usize {
        self.inner().writes
    }

    /// The process is started again; what it held is claimable.
    pub fn restart(&self) {
        let mut inner = self.inner();
        inner.dead = false;
        for run in inner.runs.values_mut() {
            if matches!(run.state, State::Running) {
                run.state = State::Ready;
                run.epoch += 1;
            }
        }
    }

    /// Asks every run to pause at the next good moment, or stops asking.
    pub fn set_pausing(&self, pausing: bool) {
        self.inner().pausing = pausing;
    }

    /// Whether the process is dead.
    pub fn dead(&self) -> bool {
        self.inner().dead
    }

    /// Claims a run that is ready.
    pub fn claim(&self) -> Option<Claimed> {
        self.claim_after(0)
    }

    /// Claims a run that is ready, but not one of the first so many unless there are no others.
    pub fn claim_after(&self, skip: usize) -> Option<Claimed> {
        let mut inner = self.inner();
        let ready = |run: &Run| matches!(run.state, State::Ready);
        let many = inner.runs.values().filter(|run| ready(run)).count();
        let (id, run) = inner
            .runs
            .iter_mut()
            .filter(|(_, run)| ready(run))
            .nth(skip.min(many.saturating_sub(1)))?;
        run.epoch += 1;
        run.state = State::Running;
        Some(run.claimed(*id))
    }

    /// Whether this right to write is still good.
    pub fn holds(&self, fence: Fence) -> bool {
        let inner = self.inner();
        let run = &inner.runs[&fence.run];
        matches!(run.state, State::Running) && run.epoch == fence.epoch
    }

    /// Takes a run from whoever holds it under this right; others may claim it.
    pub fn take_from(&self, fence: Fence) {
        if let Ok(run) = self.inner().held_by(fence) {
            run.epoch += 1;
            run.state = State::Ready;
        }
    }

    /// Takes up a run that failed or was canceled from where it stopped; false for another.
    pub fn retry(&self, id: RunId) -> bool {
        let mut inner = self.inner();
        let run = inner.runs.get_mut(&id).expect("a known run");
        let again = matches!(
            run.state,
            State::Ended(Outcome::Canceled | Outcome::Failed { .. })
        );
        if again {
            run.epoch += 1;
            run.attempt = 1;
            run.state = State::Ready;
        }
        again
    }

    /// Cancels a run, whoever holds it.
    pub fn cancel(&self, id: RunId) {
        self.inner().cancel(id);
    }

    /// Lets every timer fire and answers every waiting run with `answer(signal name)`. True when a run moved.
    pub fn stir(&self, answer: impl Fn(&str) -> Value) -> bool {
        let mut moved = false;
        for run in self.inner().runs.values_mut() {
            let State::Waiting { names, timer } = &run.state else {
                continue;
            };
            let entry = match (names.first(), timer) {
                (Some(name), _) => Entry::Signal {
                    name: name.clone(),
                    payload: answer(name),
                },
                (None, Some(name)) => Entry::Timer { name: name.clone() },
                (None, None) => continue,
            };
            run.rows.push(Row::Entry(entry));
            run.seq += 1;
            run.state = State::Ready;
            moved = true;
        }
        moved
    }

    /// How a run ended, if it has.
    pub fn outcome(&self, id: RunId) -> Option<Outcome> {
        match &self.inner().runs[&id].state {
            State::Ended(outcome) => Some(outcome.clone()),
            _ => None,
        }
    }

    /// Names and ordinals of the recorded steps of a run, in order.
    pub fn recorded_steps(&self, id: RunId) -> Vec<(i32, String)> {
        let inner = self.inner();
        let steps = inner.runs[&id].rows.iter().filter_map(|row| match row {
            Row::Step(end) => Some((end.step_no, end.name.clone())),
            _ => None,
        });
        steps.collect()
    }

    /// Every run, in the order they were started.
    pub fn runs(&self) -> Vec<RunId> {
        self.inner().runs.keys().copied().collect()
    }
}

impl Inner {
    fn start(&mut self, workflow: &str, version: u16, input: Value) -> RunId {
        // By number: what a seed did is repeated to the letter.
        let id = RunId(Uuid::from_u128(self.runs.len() as u128 + 1));
        let run = Run {
            workflow: workflow.to_owned(),
            version,
            input,
            lane: Lane::Agents,
            epoch: 0,
            seq: 0,
            step_no: 1,
            attempt: 1,
            state: State::Ready,
            rows: Vec::new(),
        };
        self.runs.insert(id, run);
        id
    }

    /// Ends a run, and as the real journal does everything that branched off from it.
    fn cancel(&mut self, id: RunId) {
        let run = self.runs.get_mut(&id).expect("a known run");
        let children = match &run.state {
            State::Ended(_) => return,
            State::Joining { children, .. } => children.clone(),
            _ => Vec::new(),
        };
        run.epoch += 1;
        run.state = State::Ended(Outcome::Canceled);
        for child in children {
            self.cancel(child);
        }
    }

    /// Applies a write, dying where the test said.
    fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        if self.dead {
            return Err(JournalError::Fenced);
        }
        let ordinal = self.writes;
        self.writes += 1;
        if self.cancel_at == Some(ordinal)
            && let Some(first) = self.runs.keys().next().copied()
        {
            self.cancel(first);
        }
        let here = self
            .crashes
            .iter()
            .find(|crash| crash.write == ordinal)
            .copied();
        if here.is_some_and(|crash| crash.when == When::Before) {
            self.dead = true;
            return Err(JournalError::Fenced);
        }
        let written = write(self)?;
        if here.is_some() {
            self.dead = true;
            return Err(JournalError::Fenced);
        }
        Ok(written)
    }

    fn held_by(&mut self, fence: Fence) -> Result<&mut Run, JournalError> {
        let run = self.runs.get_mut(&fence.run).ok_or(JournalError::Fenced)?;
        let holds = matches!(run.state, State::Running) && run.epoch == fence.epoch;
        if holds {
            Ok(run)
        } else {
            Err(JournalError::Fenced)
        }
    }

    fn held(&mut self, fence: Fence, seq: i32) -> Result<&mut Run, JournalError> {
        let run = self.held_by(fence)?;
        assert_eq!(run.seq, seq, "a holder lost count of its own journal");
        Ok(run)
    }

    fn commit(&mut self, t: Transition) -> Result<Committed, JournalError> {
        let pausing = self.pausing;
        let children = match &t.then {
            Then::Spawn { children, .. } => children.clone(),
            _ => Vec::new(),
        };
        self.held(t.fence, t.seq)?;
        let children = children
            .iter()
            .map(|c: &Child| self.start(&c.workflow, c.version, c.input.clone()))
            .collect();
        let run = self.held(t.fence, t.seq)?;
        if let Some(end) = t.ended {
            run.rows.push(Row::Step(end));
            run.step_no += 1;
            run.attempt = 1;
            run.seq += 1;
        }
        run.state = match t.then {
            Then::Continue { .. } => {
                return Ok(Committed::Held {
                    seq: run.seq,
                    pausing,
                });
            }
            Then::Dispatch { lane, .. } => {
                run.lane = lane;
                State::Ready
            }
            Then::Pause => State::Ready,
            Then::Retry { .. } => {
                run.attempt += 1;
                State::Ready
            }
            Then::Wait(wait) => waiting(wait),
            Then::Spawn { name, .. } => State::Joining { name, children },
            Then::Finish(output) => State::Ended(Outcome::Succeeded { output }),
            Then::Fail(failure) => State::Ended(Outcome::Failed { failure }),
        };
        self.join();
        Ok(Committed::Released)
    }

    /// Wakes every run whose children have all ended: in the real journal, part of the last child's end.
    fn join(&mut self) {
        let ended: BTreeMap<RunId, Outcome> = self
            .runs
            .iter()
            .filter_map(|(id, run)| match &run.state {
                State::Ended(outcome) => Some((*id, outcome.clone())),
                _ => None,
            })
            .collect();
        for run in self.runs.values_mut() {
            let State::Joining { name, children } = &run.state else {
                continue;
            };
            let outcomes: Option<Vec<Outcome>> =
                children.iter().map(|id| ended.get(id).cloned()).collect();
            if let Some(outcomes) = outcomes {
                run.rows.push(Row::Entry(Entry::Children {
                    name: name.clone(),
                    outcomes,
                }));
                run.seq += 1;
                run.state = State::Ready;
            }
        }
    }

    fn append(
        &mut self,
        fence: Fence,
        seq: i32,
        step_no: i32,
        records: Vec<Record>,
    ) -> Result<Committed, JournalError> {
        let pausing = self.pausing;
        for record in &records {
            if let Record::Finished {
                natural_key: Some(key),
                output,
                ..
            } = record
            {
                self.effects.insert(key.clone(), output.clone());
            }
        }
        let run = self.held(fence, seq)?;
        for record in records {
            run.rows.push(Row::Record(step_no, record));
            run.seq += 1;
        }
        Ok(Committed::Held {
            seq: run.seq,
            pausing,
        })
    }
}

fn waiting(wait: Wait) -> State {
    match wait {
        Wait::Signal { names, .. } => State::Waiting {
            names: names.iter().map(ToString::to_string).collect(),
            timer: None,
        },
        Wait::Sleep { name, .. } | Wait::Until { name, .. } => State::Waiting {
            names: Vec::new(),
            timer: Some(name.to_string()),
        },
    }
}

impl Journal for MemoryJournal {
    async fn commit(&self, transition: Transition) -> Result<Committed, JournalError> {
        self.inner().write(|inner| inner.commit(transition))
    }

    async fn append(
        &self,
        fence: Fence,
        seq: i32,
        step_no: i32,
        records: Vec<Record>,
    ) -> Result<Committed, JournalError> {
        self.inner()
            .write(|inner| inner.append(fence, seq, step_no, records))
    }

    async fn effect(&self, natural_key: &str) -> Result<Option<Value>, JournalError> {
        Ok(self.inner().effects.get(natural_key).cloned())
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self::Failed { failure }
    }
}
