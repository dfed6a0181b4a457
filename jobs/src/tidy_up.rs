//! The daily chore that removes what is over for longer than people want to keep it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use workflows::{Lane, Policy};

use crate::job::Job;

/// Remove what is over, and see to it that it is done again tomorrow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TidyUp {
    /// The day it is for, in days since 1970 by the database's clock. Each day has one.
    pub day: i64,
}

impl Job for TidyUp {
    const NAME: &'static str = "tidy_up";
    const POLICY: Policy = Policy {
        attempts: 10,
        timeout: Duration::from_secs(1800),
        backoff: Duration::from_secs(30),
        backoff_cap: Duration::from_secs(3600),
    };

    fn lane(&self) -> Lane {
        Lane::Upkeep
    }

    fn key(&self) -> Option<String> {
        Some(format!("tidy_up:{}", self.day))
    }

    /// Everything else goes first.
    fn priority(&self) -> i16 {
        -100
    }
}
