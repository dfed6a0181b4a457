//! A named, versioned workflow, and the set of those a worker knows.

use std::collections::BTreeMap;

use crate::{history::History, next::Next};

/// A workflow: name and version are stored with every run; the function decides what comes next.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// Stored data: never rename.
    pub name: &'static str,
    /// Runs in flight finish on the version they started with.
    pub version: u16,
    /// Pure: the same history always gives the same answer.
    pub next: fn(&History) -> Next,
}

/// A run names a workflow or version that this program does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "workflow `{name}` version {version} is not known to this program; it may be newer than this worker"
)]
pub struct UnknownWorkflow {
    /// The workflow's name.
    pub name: String,
    /// Its version.
    pub version: u16,
}

/// The workflows a program knows, every version that may still be in flight.
#[derive(Debug, Clone, Default)]
pub struct Definitions(BTreeMap<(&'static str, u16), Definition>);

impl Definitions {
    /// The set of these definitions.
    ///
    /// # Panics
    /// When two of them share name and version: one of them could never run.
    #[must_use]
    pub fn of(definitions: &[Definition]) -> Self {
        let mut all = BTreeMap::new();
        for d in definitions {
            let twin = all.insert((d.name, d.version), *d);
            assert!(
                twin.is_none(),
                "two definitions of {} version {}",
                d.name,
                d.version
            );
        }
        Self(all)
    }

    /// The definition of this name and version.
    pub fn find(&self, name: &str, version: u16) -> Result<&Definition, UnknownWorkflow> {
        self.0
            .values()
            .find(|d| d.name == name && d.version == version)
            .ok_or_else(|| UnknownWorkflow {
                name: name.to_owned(),
                version,
            })
    }

    /// All of them, by name and version.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.0.values()
    }
}
