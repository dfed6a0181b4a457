//! The journal as a worker reaches it: every write may take its time, and its answer may be lost.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::Value;
use workflows::{
    Committed, Fence, Journal, JournalError, Record, Transition, testing::MemoryJournal,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) journal: MemoryJournal,
    chance: Mutex<StdRng>,
    lost: Mutex<usize>,
}

/// Comes back at the second poll: between the two, the seed lets others go on.
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

/// Lets others go on.
pub(crate) async fn turn() {
    Turn(false).await;
}

impl Wire {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            journal: MemoryJournal::default(),
            chance: Mutex::new(StdRng::seed_from_u64(seed)),
            lost: Mutex::new(0),
        })
    }

    /// Answers that were lost after their commit.
    pub(crate) fn lost(&self) -> usize {
        *self.lost.lock().expect("nobody panics with it")
    }

    /// As the real journal does: a write whose answer is lost is looked for, and is ours while nobody else has the run.
    async fn answered(
        &self,
        fence: Fence,
        write: impl Future<Output = Result<Committed, JournalError>>,
    ) -> Result<Committed, JournalError> {
        turn().await;
        let answer = write.await;
        let lost = self
            .chance
            .lock()
            .expect("nobody panics with it")
            .random_ratio(1, 40);
        if !lost || answer.is_err() {
            turn().await;
            return answer;
        }
        *self.lost.lock().expect("nobody panics with it") += 1;
        for _ in 0..4 {
            turn().await;
        }
        match answer {
            Ok(Committed::Held { .. }) if !self.journal.holds(fence) => Err(JournalError::Fenced),
            answer => answer,
        }
    }
}

impl Journal for Wire {
    async fn commit(&self, transition: Transition) -> Result<Committed, JournalError> {
        let fence = transition.fence;
        self.answered(fence, self.journal.commit(transition)).await
    }

    async fn append(
        &self,
        fence: Fence,
        seq: i32,
        step_no: i32,
        records: Vec<Record>,
    ) -> Result<Committed, JournalError> {
        let append = self.journal.append(fence, seq, step_no, records);
        self.answered(fence, append).await
    }

    async fn effect(&self, natural_key: &str) -> Result<Option<Value>, JournalError> {
        turn().await;
        self.journal.effect(natural_key).await
    }
}
