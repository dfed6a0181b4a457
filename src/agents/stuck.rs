//! Whether a conversation still gets anywhere.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// What to do about a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Advice {
    GoOn,
    /// Tell the model.
    Note(&'static str),
    /// End the conversation, for this reason.
    Stop(&'static str),
    /// Another model may do better; without one, end it.
    Replace(&'static str),
}

/// The turns of a conversation so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// A call and its result, as one hash.
    calls: Vec<[u8; 32]>,
    /// Turns in a row that changed nothing and read nothing new.
    idle: usize,
    /// Turns in a row whose calls made no sense.
    malformed: usize,
}

const IDLE: usize = 8;
const MALFORMED: usize = 3;

impl Watch {
    /// A call and what came of it.
    pub(super) fn called(&mut self, tool: &str, input: &Value, result: &str) -> Advice {
        let mut hash = Sha256::new();
        hash.update(tool);
        hash.update(input.to_string());
        hash.update([0]);
        hash.update(result);
        self.calls.push(hash.finalize().into());
        let same = |many: usize| {
            self.calls.len() >= many
                && self.calls[self.calls.len() - many..]
                    .windows(2)
                    .all(|pair| pair[0] == pair[1])
        };
        if same(4) {
            return Advice::Stop("it made the same call with the same result four times");
        }
        if same(3) {
            return Advice::Note(
                "You have made this call three times with the same result. Do something else.",
            );
        }
        if let [.., a, b, c, d, e, f] = self.calls.as_slice()
            && a != b
            && [a, b] == [c, d]
            && [c, d] == [e, f]
        {
            return Advice::Stop("it went back and forth between two calls");
        }
        Advice::GoOn
    }

    /// A turn is over: whether it changed the tree or read something new, and whether its calls made sense.
    pub(super) fn turned(&mut self, progress: bool, sense: bool) -> Advice {
        self.idle = if progress { 0 } else { self.idle + 1 };
        self.malformed = if sense { 0 } else { self.malformed + 1 };
        if self.malformed >= MALFORMED {
            return Advice::Replace("its calls made no sense three times in a row");
        }
        match self.idle {
            IDLE => Advice::Note(
                "Eight turns have changed nothing and read nothing new. Finish, ask, or try another way.",
            ),
            idle if idle >= 2 * IDLE => Advice::Stop("it got nowhere for sixteen turns"),
            _ => Advice::GoOn,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_call_is_noted_and_then_stopped() {
        let mut watch = Watch::default();
        let mut call = || watch.called("bash", &json!({"command": "make"}), "no rule");
        assert_eq!(call(), Advice::GoOn);
        assert_eq!(call(), Advice::GoOn);
        assert!(matches!(call(), Advice::Note(_)));
        assert!(matches!(call(), Advice::Stop(_)));
    }

    #[test]
    fn back_and_forth_is_stopped_and_another_result_is_progress() {
        let mut watch = Watch::default();
        let mut advice = Advice::GoOn;
        for n in 0..6 {
            advice = watch.called("bash", &json!(n % 2), "same");
        }
        assert!(matches!(advice, Advice::Stop(_)));
        let mut watch = Watch::default();
        for n in 0..9 {
            assert_eq!(
                watch.called("bash", &json!(1), &format!("line {n}")),
                Advice::GoOn
            );
        }
    }

    #[test]
    fn idle_turns_are_noted_once_and_end_in_the_end() {
        let mut watch = Watch::default();
        let advice: Vec<_> = (0..16).map(|_| watch.turned(false, true)).collect();
        let notes = advice.iter().filter(|a| matches!(a, Advice::Note(_)));
        assert_eq!(notes.count(), 1);
        assert!(matches!(advice[15], Advice::Stop(_)));
        let mut watch = Watch::default();
        for _ in 0..40 {
            assert_eq!(watch.turned(true, true), Advice::GoOn);
        }
        assert_eq!(watch.turned(true, false), Advice::GoOn);
        assert_eq!(watch.turned(true, false), Advice::GoOn);
        assert!(matches!(watch.turned(true, false), Advice::Replace(_)));
    }
}
