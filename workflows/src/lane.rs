//! Lanes: named queues with a concurrency of their own, so that slow work of one kind cannot starve another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where a step or a job is worked off. The names are stored data: add, never rename.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Conversations with models: minutes to hours each.
    Agents,
    /// Builds and tests: heavy on the processor.
    Checks,
    /// Words to the outside: pull requests, comments, notifications.
    Outbound,
    /// The house's own chores: indexing, pruning, synchronising.
    Upkeep,
}

/// A name that is no lane.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown lane `{0}`: use agents, checks, outbound or upkeep")]
pub struct UnknownLane(pub String);

impl Lane {
    /// Every lane, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Agents, Self::Checks, Self::Outbound, Self::Upkeep];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Checks => "checks",
            Self::Outbound => "outbound",
            Self::Upkeep => "upkeep",
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Lane {
    type Err = UnknownLane;

    fn from_str(name: &str) -> Result<Self, UnknownLane> {
        Self::ALL
            .into_iter()
            .find(|lane| lane.as_str() == name)
            .ok_or_else(|| UnknownLane(name.to_owned()))
    }
}
