//! The journal on Postgres. The common writes (a step and the next, a note, a plain success) go through
//! the group commit; those that concern more than the run's own rows are transactions of their own.

use std::{collections::HashMap, sync::Arc, time::Duration};

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;
use workflows::{
    Committed, Fence, Journal, JournalError, Lane, Record, RunId, Then, Transition, Wait,
};

use super::{
    alarm::Alarm,
    commit::{Batch, GroupCommit},
    held::Held,
    news::News,
};
use crate::{
    error::{Error, Result},
    failpoint,
    models::{
        effect,
        record::{self, EventRecord, Follow, StepRecord},
    },
    services::{
        announce::Announcement,
        transitions::{self, Applied},
    },
};

/// Pause before a write that failed is tried again.
const AWAY: Duration = Duration::from_millis(100);

/// One record of the group commit.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    Step(StepRecord),
    Event(EventRecord),
}

impl Entry {
    /// The run, the position this will have, and the epoch it is written under.
    fn place(&self) -> (Uuid, i32, i32) {
        match self {
            Self::Step(r) => (r.run_id, r.seq + 1, r.epoch),
            Self::Event(r) => (r.run_id, r.seq + 1, r.epoch),
        }
    }
}

/// Writes [`Entry`]s. Answers with whether the run is asked to pause.
#[derive(Debug)]
pub(super) struct Records;

impl Batch for Records {
    type Item = Entry;
    type Reply = Result<bool, JournalError>;

    async fn write(
        &self,
        conn: &mut PgConnection,
        items: &[Entry],
        again: bool,
    ) -> sqlx::Result<Vec<Self::Reply>> {
        let mut steps = Vec::with_capacity(items.len());
        let mut events = Vec::new();
        for item in items {
            match item {
                Entry::Step(record) => steps.push(record),
                Entry::Event(record) => events.push(record),
            }
        }
        let written = match (steps.is_empty(), events.is_empty()) {
            (false, true) => record::steps(conn, &steps).await?,
            (true, _) => record::events(conn, &events).await?,
            (false, false) => {
                let mut tx = conn.begin().await?;
                let mut written = record::steps(&mut tx, &steps).await?;
                written.extend(record::events(&mut tx, &events).await?);
                tx.commit().await?;
                written
            }
        };
        // By epoch as well: what a former holder left in line is not answered with what the present one wrote.
        let mut answers: HashMap<(Uuid, i32), bool> = written
            .into_iter()
            .map(|w| ((w.run_id, w.epoch), w.paused))
            .collect();
        if again && answers.len() < items.len() {
            let places: Vec<_> = items.iter().map(Entry::place).collect();
            answers.extend(
                record::already(conn, &places)
                    .await?
                    .into_iter()
                    .map(|held| (held, false)),
            );
        }
        let answer = |item: &Entry| {
            let (run, _, epoch) = item.place();
            answers
                .get(&(run, epoch))
                .copied()
                .ok_or(JournalError::Fenced)
        };
        Ok(items.iter().map(answer).collect())
    }

    fn refused(&self, error: &sqlx::Error) -> Self::Reply {
        Err(JournalError::Rejected(error.to_string()))
    }
}

/// The journal of one incarnation of a worker.
#[derive(Debug)]
pub struct PgJournal {
    pub(super) db: PgPool,
    pub(super) records: GroupCommit<Records>,
    pub(super) held: Held,
    pub(super) alarm: Arc<Alarm>,
    pub(super) news: Arc<News>,
}

impl PgJournal {
    async fn record(&self, entry: Entry, seq: i32) -> Result<Committed, JournalError> {
        let what = match &entry {
            Entry::Step(_) => "step recorded",
            Entry::Event(event) => event.kind,
        };
        // What only begins is no progress (`record::events`).
        let moves = what != "activity.started";
        let (run, _, epoch) = entry.place();
        let fence = Fence {
            run: RunId(run),
            epoch,
        };
        failpoint::pass("before", what);
        let paused = self.records.write(entry).await?;
        failpoint::pass("after", what);
        if moves {
            self.held.moved(fence);
        }
        self.tell_followers(fence);
        Ok(Committed::Held {
            seq,
            pausing: paused || self.held.draining(),
        })
    }

    /// Only runs whose end concerns others belong to a task, and only those are followed.
    pub(super) fn tell_followers(&self, fence: Fence) {
        if self.held.bound(fence) {
            self.news.add(fence.run);
        }
    }

    /// Writes until it is committed, refused, or fenced.
    async fn transact(&self, write: Write<'_>) -> Result<Committed, JournalError> {
        let mut again = false;
        failpoint::pass("before", write.what());
        loop {
            let mut after = Announcement::default();
            match self.attempt(&write, again, &mut after).await {
                Ok(Some(committed)) => {
                    failpoint::pass("after", write.what());
                    self.tell_followers(write.fence());
                    after.tell(&self.db).await;
                    return Ok(committed);
                }
                Ok(None) => return Err(JournalError::Fenced),
                Err(Error::Unavailable(reason)) => {
                    tracing::warn!(reason, "a journal write failed, trying again");
                    again = true;
                    tokio::time::sleep(AWAY).await;
                }
                Err(error) => return Err(JournalError::Rejected(error.to_string())),
            }
        }
    }

    async fn attempt(
        &self,
        write: &Write<'_>,
        again: bool,
        after: &mut Announcement,
    ) -> Result<Option<Committed>> {
        let mut tx = self.db.begin().await?;
        if again && !record::already(&mut tx, &[write.place()]).await?.is_empty() {
            // The earlier try was committed although its answer was lost, and with it whom it concerns.
            Lane::ALL.into_iter().for_each(|lane| after.lane(lane));
            return Ok(Some(write.committed(false)));
        }
        let written = write.perform(&mut tx, self.held.draining(), after).await?;
        if written.is_some() {
            tx.commit().await?;
        }
        Ok(written)
    }

    async fn transition(&self, transition: &Transition) -> Result<Committed, JournalError> {
        let committed = self.transact(Write::Transition(transition)).await?;
        match &transition.then {
            Then::Retry { after, .. } => self.alarm.set(*after),
            Then::Wait(
                Wait::Sleep { length, .. }
                | Wait::Signal {
                    timeout: Some(length),
                    ..
                },
            ) => self.alarm.set(*length),
            Then::Wait(Wait::Until { .. }) => self.alarm.set(Duration::ZERO),
            _ => {}
        }
        Ok(committed)
    }
}

/// A write that is a transaction of its own.
enum Write<'a> {
    Transition(&'a Transition),
    /// A row of the journal, together with the row of the external effect it is about.
    Effect(&'a EventRecord, &'a Record),
}

impl Write<'_> {
    fn fence(&self) -> Fence {
        let (run, _, epoch) = self.place();
        Fence {
            run: RunId(run),
            epoch,
        }
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Transition(_) => "transition",
            Self::Effect(event, _) => event.kind,
        }
    }

    /// The run, the position this leaves a row at, and the epoch it is written under.
    fn place(&self) -> (Uuid, i32, i32) {
        match self {
            Self::Transition(t) => (t.fence.run.0, t.seq + 1, t.fence.epoch),
            Self::Effect(event, _) => (event.run_id, event.seq + 1, event.epoch),
        }
    }

    fn committed(&self, pausing: bool) -> Committed {
        match self {
            Self::Transition(_) => Committed::Released,
            Self::Effect(event, _) => Committed::Held {
                seq: event.seq + 1,
                pausing,
            },
        }
    }

    async fn perform(
        &self,
        conn: &mut PgConnection,
        draining: bool,
        after: &mut Announcement,
    ) -> Result<Option<Committed>> {
        match self {
            Self::Transition(transition) => {
                match transitions::apply(conn, transition, after).await? {
                    Applied::Yes(committed) => Ok(Some(committed)),
                    Applied::Fenced => Ok(None),
                }
            }
            Self::Effect(event, record) => {
                transitions::note_effect(conn, event.run_id, event.step_no, record).await?;
                let written = record::events(conn, &[event]).await?;
                Ok(written
                    .first()
                    .map(|written| self.committed(written.paused || draining)))
            }
        }
    }
}

impl Journal for PgJournal {
    async fn commit(&self, mut transition: Transition) -> Result<Committed, JournalError> {
        let follow = match &mut transition.then {
            Then::Continue { step } if !self.held.draining() => Follow::Step(std::mem::take(step)),
            Then::Finish(output)
                if transition.ended.is_some() && !self.held.bound(transition.fence) =>
            {
                Follow::Success(output.take())
            }
            _ => return self.transition(&transition).await,
        };
        let Some(end) = transition.ended else {
            return self.transition(&transition).await;
        };
        let released = matches!(follow, Follow::Success(_));
        let record = StepRecord {
            run_id: transition.fence.run.0,
            epoch: transition.fence.epoch,
            seq: transition.seq,
            step_no: end.step_no,
            attempt: i16::try_from(end.attempt).unwrap_or(i16::MAX),
            duration_ms: i32::try_from(end.duration.as_millis()).unwrap_or(i32::MAX),
            name: end.name,
            output: end.output,
            follow,
        };
        let held = self.record(Entry::Step(record), transition.seq + 1).await?;
        Ok(if released { Committed::Released } else { held })
    }

    async fn append(
        &self,
        fence: Fence,
        seq: i32,
        step_no: i32,
        records: Vec<Record>,
    ) -> Result<Committed, JournalError> {
        let mut committed = Committed::Held {
            seq,
            pausing: false,
        };
        for (seq, record) in (seq..).zip(records) {
            let (kind, data, external) = described(&record);
            let event = EventRecord {
                run_id: fence.run.0,
                epoch: fence.epoch,
                seq,
                step_no,
                kind,
                data,
            };
            committed = if external {
                self.transact(Write::Effect(&event, &record)).await?
            } else {
                self.record(Entry::Event(event), seq + 1).await?
            };
        }
        Ok(committed)
    }

    async fn effect(&self, natural_key: &str) -> Result<Option<Value>, JournalError> {
        loop {
            match effect::find(&self.db, natural_key)
                .await
                .map_err(Error::from)
            {
                Ok(found) => return Ok(found),
                Err(Error::Unavailable(_)) => tokio::time::sleep(AWAY).await,
                Err(error) => return Err(JournalError::Rejected(error.to_string())),
            }
        }
    }
}

/// How a record is stored, and whether it has a row in `effects`.
fn described(record: &Record) -> (&'static str, Value, bool) {
    match record {
        Record::Started {
            key,
            effect,
            natural_key,
        } => {
            let data = json!({"key": key, "effect": effect, "natural_key": natural_key});
            ("activity.started", data, natural_key.is_some())
        }
        Record::Finished {
            key,
            output,
            natural_key,
        } => (
            "activity.finished",
            json!({"key": key, "output": output}),
            natural_key.is_some(),
        ),
        Record::Failed { key, reason } => (
            "activity.failed",
            json!({"key": key, "reason": reason}),
            false,
        ),
        Record::Note { kind, data } => (kind, data.clone(), false),
    }
}
