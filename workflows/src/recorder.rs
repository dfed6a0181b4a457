//! The one writer of a run's journal while a worker holds the run: keeps the run's own writes in order and
//! counts positions, whatever happens to those who asked for them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::{FutureExt, future::BoxFuture, lock::Mutex};

use crate::ports::{Claimed, Committed, Fence, Journal, JournalError, Record, Transition};

type Write = BoxFuture<'static, Result<Committed, JournalError>>;

pub(crate) struct Recorder<J> {
    journal: Arc<J>,
    fence: Fence,
    state: Mutex<State>,
    pausing: AtomicBool,
}

struct State {
    /// Position of the newest row.
    seq: i32,
    /// A write whose answer nobody has heard yet. It outlives the step that asked for it: a step that is
    /// dropped in the middle of a write (its time was up) must not make us lose count.
    under_way: Option<Write>,
}

impl<J: Journal> Recorder<J> {
    pub(crate) fn new(journal: Arc<J>, claimed: &Claimed) -> Self {
        let state = State {
            seq: claimed.seq,
            under_way: None,
        };
        Self {
            journal,
            fence: claimed.fence,
            state: Mutex::new(state),
            pausing: AtomicBool::new(false),
        }
    }

    pub(crate) fn pausing(&self) -> bool {
        self.pausing.load(Ordering::Relaxed)
    }

    pub(crate) async fn commit(
        &self,
        mut transition: Transition,
    ) -> Result<Committed, JournalError> {
        let journal = Arc::clone(&self.journal);
        self.write(|seq| {
            transition.seq = seq;
            async move { journal.commit(transition).await }.boxed()
        })
        .await
    }

    pub(crate) async fn append(&self, step_no: i32, record: Record) -> Result<(), JournalError> {
        let journal = Arc::clone(&self.journal);
        let fence = self.fence;
        self.write(|seq| {
            async move { journal.append(fence, seq, step_no, vec![record]).await }.boxed()
        })
        .await
        .map(|_| ())
    }

    pub(crate) fn journal(&self) -> &J {
        &self.journal
    }

    async fn write(&self, write: impl FnOnce(i32) -> Write) -> Result<Committed, JournalError> {
        let mut state = self.state.lock().await;
        match self.finish(&mut state).await {
            // What could not be stored was not stored; whoever asked for it is gone.
            Ok(_) | Err(JournalError::Rejected(_)) => {}
            Err(JournalError::Fenced) => return Err(JournalError::Fenced),
        }
        state.under_way = Some(write(state.seq));
        self.finish(&mut state).await
    }

    /// Waits for the answer to the write under way, if there is one.
    async fn finish(&self, state: &mut State) -> Result<Committed, JournalError> {
        let held = Committed::Held {
            seq: state.seq,
            pausing: self.pausing(),
        };
        let Some(under_way) = state.under_way.as_mut() else {
            return Ok(held);
        };
        let answer = under_way.await;
        state.under_way = None;
        if let Ok(Committed::Held { seq, pausing }) = answer {
            state.seq = seq;
            self.pausing.store(pausing, Ordering::Relaxed);
        }
        answer
    }
}

impl<J> std::fmt::Debug for Recorder<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("fence", &self.fence)
            .finish_non_exhaustive()
    }
}
