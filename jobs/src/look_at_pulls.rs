//! The chore that looks how open pull requests stand, since the server they are on tells nobody.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use workflows::{Lane, Policy};

use crate::job::Job;

/// Look at the open pull requests that were not looked at for longest, and see to it that it is done again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LookAtPulls {
    /// The slice of time it is for, counted from 1970 by the database's clock. Each has one.
    pub slot: i64,
}

impl LookAtPulls {
    /// How long such a slice is.
    pub const SLOT: Duration = Duration::from_secs(300);
}

impl Job for LookAtPulls {
    const NAME: &'static str = "look_at_pulls";
    const POLICY: Policy = Policy {
        attempts: 3,
        timeout: Duration::from_secs(240),
        backoff: Duration::from_secs(30),
        backoff_cap: Duration::from_secs(300),
    };

    fn lane(&self) -> Lane {
        Lane::Upkeep
    }

    fn key(&self) -> Option<String> {
        Some(format!("look_at_pulls:{}", self.slot))
    }

    fn priority(&self) -> i16 {
        -50
    }
}
