//! What happened in the steps of a test, and a gate that holds them up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::eventually;

/// What the steps of a test did, in order. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, line: impl Into<String>) {
        self.lines().push(line.into());
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.lines().clone()
    }

    pub(crate) fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|l| *l == line).count()
    }

    /// Waits until something happened so often.
    pub(crate) async fn until(&self, line: &str, times: usize) {
        let what = format!("`{line}`, {times} times");
        eventually(&what, async || (self.count(line) >= times).then_some(())).await;
    }

    /// Adds a line when dropped: how a test sees that a step's future is gone.
    pub(crate) fn on_drop(&self, line: &'static str) -> impl Drop + Send + use<> {
        struct Last(Trace, &'static str);
        impl Drop for Last {
            fn drop(&mut self) {
                self.0.add(self.1);
            }
        }
        Last(self.clone(), line)
    }
}

/// Shut at first; steps wait in front of it until it is opened for good.
#[derive(Debug, Clone)]
pub(crate) struct Gate(watch::Sender<bool>);

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Gate {
    pub(crate) fn open(&self) {
        self.0.send_replace(true);
    }

    pub(crate) async fn pass(&self) {
        let opened = self.0.subscribe().wait_for(|open| *open).await.is_ok();
        assert!(opened, "the gate is held by the test");
    }
}
