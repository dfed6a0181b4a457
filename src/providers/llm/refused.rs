//! Why there is no reply, and whether it is worth asking again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A call is made at most this often.
const ATTEMPTS: u16 = 8;

/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// No pause of our own is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// A pause that is waited out where the call is made. A longer one is kept as well, by whoever can be away for so long.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// A pause is shortened by up to this share, so that callers who failed together do not return together.
const JITTER: f64 = 0.25;

/// Why there is no reply. `class` says what the caller can do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// What the caller can do.
    pub class: Class,
    /// What happened, for people. Holds no key.
    pub message: String,
    /// The pause the vendor asked for.
    pub retry_after: Option<Duration>,
    /// The vendor's id of the call, for their support.
    pub request_id: Option<String>,
    /// HTTP status of the answer, when there was one.
    pub status: Option<u16>,
    /// The answer had begun: the vendor may charge for it.
    pub begun: bool,
}

/// Kinds of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It will pass: the network, a broken stream, a rate limit, an overloaded or failing vendor.
    Passing,
    /// The account's own spending limit; only a person can raise it.
    SpendLimit,
    /// The request is at fault.
    Rejected,
    /// The key is not accepted or may not do this.
    Denied,
    /// There is no such model.
    Unknown,
    /// A scripted or recorded conversation does not go on like this.
    Script,
}

impl Refused {
    /// A refusal that is known only by its words.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            retry_after: None,
            request_id: None,
            status: None,
            begun: false,
        }
    }

    /// How long to wait before asking again; `None` when it is no use, or when the vendor wants to be left alone for longer
    /// ([`Self::comes_back_after`]). `attempt` counts the calls made so far, beginning with 1; `jitter` is a random number
    /// from 0 to 1.
    pub fn pause(&self, attempt: u16, jitter: f64) -> Option<Duration> {
        if self.class != Class::Passing || attempt >= ATTEMPTS {
            return None;
        }
        if let Some(asked) = self.retry_after {
            return (asked <= LONGEST_ASKED).then_some(asked);
        }
        let doublings = attempt.saturating_sub(1).min(ATTEMPTS);
        let pause = (FIRST_PAUSE * 2_u32.pow(u32::from(doublings))).min(LONGEST_PAUSE);
        let jitter = if (0.0..=1.0).contains(&jitter) {
            jitter
        } else {
            0.0
        };
        Some(pause.mul_f64(1.0 - JITTER * jitter))
    }

    /// When to come back, where that is too far away to stand and wait for it.
    pub fn comes_back_after(&self) -> Option<Duration> {
        let passes = self.class == Class::Passing;
        self.retry_after
            .filter(|asked| passes && *asked > LONGEST_ASKED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_eight_seconds_and_end_after_eight_calls() {
        let passing = Refused::new(Class::Passing, "busy");
        let pauses: Vec<f64> = (1..=8)
            .map_while(|attempt| passing.pause(attempt, 0.0))
            .map(|pause| pause.as_secs_f64())
            .collect();
        assert_eq!(pauses, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]);
        assert_eq!(passing.pause(u16::MAX, 0.0), None);
        assert_eq!(passing.pause(0, 0.0), passing.pause(1, 0.0));
    }

    #[test]
    fn jitter_takes_at_most_a_quarter_and_nonsense_nothing() {
        let passing = Refused::new(Class::Passing, "busy");
        let pause = |jitter| passing.pause(3, jitter).unwrap().as_millis();
        assert_eq!((pause(0.0), pause(0.5), pause(1.0)), (2000, 1750, 1500));
        assert_eq!(
            (pause(f64::NAN), pause(-1.0), pause(9.0)),
            (2000, 2000, 2000)
        );
    }

    #[test]
    fn the_vendors_pause_is_kept_and_a_long_one_elsewhere() {
        let asked = |seconds| Refused {
            retry_after: Some(Duration::from_secs(seconds)),
            ..Refused::new(Class::Passing, "busy")
        };
        let pause = |seconds| asked(seconds).pause(1, 1.0).map(|pause| pause.as_secs());
        assert_eq!(
            (pause(0), pause(17), pause(60)),
            (Some(0), Some(17), Some(60))
        );
        let hour = Duration::from_secs(3600);
        assert_eq!(
            (pause(3600), asked(3600).comes_back_after()),
            (None, Some(hour))
        );
        assert_eq!(asked(60).comes_back_after(), None);
        let denied = Refused {
            class: Class::Denied,
            ..asked(3600)
        };
        assert_eq!(denied.comes_back_after(), None);
        assert_eq!(asked(1).pause(8, 0.0), None);
    }

    #[test]
    fn nothing_else_is_tried_again() {
        use Class::{Denied, Rejected, Script, SpendLimit, Unknown};
        for class in [SpendLimit, Rejected, Denied, Unknown, Script] {
            let refused = Refused {
                retry_after: Some(Duration::from_secs(1)),
                ..Refused::new(class, "no")
            };
            assert_eq!(refused.pause(1, 0.0), None, "{class:?}");
        }
    }
}
