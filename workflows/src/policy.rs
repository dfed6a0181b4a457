//! How often a step may be tried, how long one try may take, and how long to pause between tries.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Attempts, timeout and backoff of a step or a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Tries in all, the first included; at least 1.
    pub attempts: u16,
    /// Longest time one try may take.
    pub timeout: Duration,
    /// Pause before the second try; doubles with each further one.
    pub backoff: Duration,
    /// No pause is longer than this.
    pub backoff_cap: Duration,
}

impl Policy {
    /// Three tries of up to an hour each, one second apart at first.
    pub const DEFAULT: Self = Self {
        attempts: 3,
        timeout: Duration::from_secs(3600),
        backoff: Duration::from_secs(1),
        backoff_cap: Duration::from_secs(300),
    };

    /// One try only.
    #[must_use]
    pub const fn once(timeout: Duration) -> Self {
        Self {
            attempts: 1,
            timeout,
            ..Self::DEFAULT
        }
    }

    /// The pause after try number `attempt` (from 1) failed: exponential, capped, and spread over its
    /// upper half by `jitter` (0.0 to 1.0), so that what failed together is not tried again together.
    #[must_use]
    pub fn pause(&self, attempt: u16, jitter: f64) -> Duration {
        let doublings = u32::from(attempt.saturating_sub(1)).min(30);
        let full = self
            .backoff
            .saturating_mul(1 << doublings)
            .min(self.backoff_cap);
        full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap() {
        let policy = Policy::DEFAULT;
        assert_eq!(policy.pause(1, 1.0), Duration::from_secs(1));
        assert_eq!(policy.pause(4, 1.0), Duration::from_secs(8));
        assert_eq!(policy.pause(60, 1.0), policy.backoff_cap);
    }

    #[test]
    fn jitter_takes_at_most_half() {
        assert_eq!(Policy::DEFAULT.pause(2, 0.0), Duration::from_secs(1));
        assert_eq!(Policy::DEFAULT.pause(2, 1.0), Duration::from_secs(2));
    }
}
