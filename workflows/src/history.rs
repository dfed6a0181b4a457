//! What has happened in a run so far: the input of every decision.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;

/// One recorded fact that a definition may decide on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// A step finished.
    Step {
        /// The step's name.
        name: String,
        /// What it returned.
        output: Value,
    },
    /// A signal the run waited for arrived.
    Signal {
        /// The signal's name.
        name: String,
        /// What came with it.
        payload: Value,
    },
    /// A wait ended because its time was up.
    Timer {
        /// The name of the wait.
        name: String,
    },
    /// The last of the children spawned under this name ended.
    Children {
        /// The name they were spawned under.
        name: String,
        /// How each ended, in the order they were spawned.
        outcomes: Vec<Outcome>,
    },
}

impl Entry {
    fn output_of(&self, step: &str) -> Option<&Value> {
        match self {
            Self::Step { name, output } if name == step => Some(output),
            _ => None,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// With this result.
    Succeeded {
        /// The result.
        output: Value,
    },
    /// Without one.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Somebody stopped it.
    Canceled,
}

/// The facts of one run, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// What the run was started with.
    pub input: Value,
    entries: Vec<Entry>,
}

impl History {
    /// The history of a run that has just started.
    #[must_use]
    pub fn new(input: Value) -> Self {
        Self {
            input,
            entries: Vec::new(),
        }
    }

    /// The history of a run that is resumed.
    #[must_use]
    pub fn with_entries(input: Value, entries: Vec<Entry>) -> Self {
        Self { input, entries }
    }

    /// Adds the newest fact.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// All facts, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The newest fact.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// How many steps have finished.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.entries
            .iter()
            .filter(|e| matches!(e, Entry::Step { .. }))
            .count()
    }

    /// How many steps of this name have finished.
    #[must_use]
    pub fn count(&self, step: &str) -> usize {
        self.entries
            .iter()
            .filter_map(|entry| entry.output_of(step))
            .count()
    }

    /// What the newest step of this name returned.
    #[must_use]
    pub fn output(&self, step: &str) -> Option<&Value> {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| entry.output_of(step))
    }
}
