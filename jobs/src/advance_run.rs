//! The job that takes a run up: a pointer and a fence, nothing else. What the run does next is decided from
//! its journal, so a stale or doubled delivery finds nothing to do.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use workflows::{Fence, Lane, Policy, RunId};

use crate::job::Job;

/// Take up this run, if it has not changed hands since.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AdvanceRun {
    /// The run.
    pub run: RunId,
    /// Its epoch when the job was written.
    pub epoch: i32,
    /// Lane of the coming step.
    pub lane: Lane,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i16,
    /// Workers that died on it since it last moved: whoever takes it up must know with whom it may share a process.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub crashes: i16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks this way")]
fn is_zero(number: &i16) -> bool {
    *number == 0
}

impl AdvanceRun {
    /// The run and epoch it is about.
    #[must_use]
    pub fn fence(&self) -> Fence {
        Fence {
            run: self.run,
            epoch: self.epoch,
        }
    }
}

impl Job for AdvanceRun {
    const NAME: &'static str = "advance_run";
    /// It must never die: the run counts its own attempts, and a run without a job would stand still.
    const POLICY: Policy = Policy {
        attempts: u16::MAX,
        timeout: Duration::from_secs(365 * 24 * 3600),
        backoff: Duration::from_millis(250),
        backoff_cap: Duration::from_secs(30),
    };

    fn lane(&self) -> Lane {
        self.lane
    }

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", self.run, self.epoch))
    }

    fn priority(&self) -> i16 {
        self.priority
    }
}
