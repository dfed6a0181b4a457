//! The settler of a worker: writes down what came of jobs, many at once. It also knows what is in hand.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use tokio::sync::mpsc;

use crate::store;

/// What came of a job.
#[derive(Debug)]
pub(crate) enum Settled {
    Done,
    Postponed {
        pause: Duration,
        reason: String,
        counted: bool,
    },
    Dead {
        reason: String,
    },
}

#[derive(Debug)]
struct Entry {
    holder: Arc<str>,
    id: String,
    settled: Settled,
}

/// Ends that come within this time are written together; nobody waits for them.
const GATHER: Duration = Duration::from_millis(5);
const MOST: usize = 512;
const AWAY: Duration = Duration::from_millis(250);

/// Ids of the jobs that a worker works on or has not yet settled.
#[derive(Debug, Clone, Default)]
pub struct InHand(Arc<Mutex<HashSet<String>>>);

impl InHand {
    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.lock().iter().cloned().collect()
    }
}

/// A handle on the settler.
#[derive(Debug, Clone)]
pub(crate) struct Settler {
    entries: mpsc::UnboundedSender<Entry>,
    in_hand: InHand,
}

impl Settler {
    /// Starts one; the task ends when every handle is gone and everything is written.
    pub(crate) fn start(pool: PgPool, in_hand: InHand) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(pool, receiver, in_hand.clone()));
        (
            Self {
                entries: sender,
                in_hand,
            },
            task,
        )
    }

    pub(crate) fn take(&self, id: &str) {
        self.in_hand.lock().insert(id.to_owned());
    }

    /// This job is out of our hands without anything to write.
    pub(crate) fn forget(&self, id: &str) {
        self.in_hand.lock().remove(id);
    }

    pub(crate) fn settle(&self, holder: Arc<str>, id: String, settled: Settled) {
        // Nobody listens only when the process is going down; the job is then handed back.
        drop(self.entries.send(Entry {
            holder,
            id,
            settled,
        }));
    }

    pub(crate) fn in_hand(&self) -> Vec<String> {
        self.in_hand.all()
    }
}

async fn run(pool: PgPool, mut entries: mpsc::UnboundedReceiver<Entry>, in_hand: InHand) {
    let mut batch = Vec::new();
    while let Some(first) = entries.recv().await {
        batch.push(first);
        tokio::time::sleep(GATHER).await;
        while batch.len() < MOST {
            let Ok(entry) = entries.try_recv() else { break };
            batch.push(entry);
        }
        while let Err(error) = write(&pool, &batch).await {
            tracing::warn!(%error, jobs = batch.len(), "could not settle jobs, trying again");
            tokio::time::sleep(AWAY).await;
        }
        let mut in_hand = in_hand.lock();
        for entry in batch.drain(..) {
            in_hand.remove(&entry.id);
        }
    }
}

/// Repeatable: every statement names the holder, and a settled job has none.
async fn write(pool: &PgPool, batch: &[Entry]) -> sqlx::Result<()> {
    let done: Vec<&Entry> = batch
        .iter()
        .filter(|entry| matches!(entry.settled, Settled::Done))
        .collect();
    if !done.is_empty() {
        let ids: Vec<String> = done.iter().map(|entry| entry.id.clone()).collect();
        let holders: BTreeSet<String> = done.iter().map(|entry| entry.holder.to_string()).collect();
        store::delete(pool, &holders.into_iter().collect::<Vec<_>>(), &ids).await?;
    }
    for entry in batch {
        match &entry.settled {
            Settled::Done => {}
            Settled::Postponed {
                pause,
                reason,
                counted,
            } => {
                store::postpone(pool, &entry.holder, &entry.id, *pause, reason, *counted).await?;
            }
            Settled::Dead { reason } => store::kill(pool, &entry.holder, &entry.id, reason).await?,
        }
    }
    Ok(())
}
