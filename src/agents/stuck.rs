//! Whether a conversation still gets anywhere.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{changing::settled, desk::Head};

/// What to do about a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Advice {
    GoOn,
    /// Tell the model.
    Note(&'static str),
    /// End the conversation, for this reason.
    Stop(&'static str),
    /// Another model may do better; without one, end it.
    Replace(&'static str),
    /// Begin anew at the state that was best, with another model if there is one.
    Back(&'static str),
}

/// The turns of a conversation so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Of its tools and instructions: what was decided in the first is decided in the same way when it is read again.
    edition: u16,
    /// A call and its result, as one hash.
    calls: Vec<[u8; 32]>,
    /// Turns in a row that changed nothing and read nothing new.
    idle: usize,
    /// Turns in a row whose calls made no sense.
    malformed: usize,
    tests: Tests,
}

/// What the tests said from one time to the next.
#[derive(Debug, Default)]
struct Tests {
    failing: BTreeSet<String>,
    /// The tree on which they failed last.
    tree: String,
    /// How often in a row they failed again after the tree was changed.
    cycles: usize,
    /// The state with the fewest failures, the first of them.
    best: Option<(usize, Head)>,
}

const IDLE: usize = 8;
/// Turns without progress in which it may still come to an end, once it has been told.
const GRACE: usize = 2;
const MALFORMED: usize = 3;
/// Changes that left the same tests failing.
const CYCLES: usize = 3;

impl Watch {
    pub(super) fn of(edition: u16) -> Self {
        Self {
            edition,
            ..Self::default()
        }
    }

    /// The tests were run on this state, and said this.
    pub(super) fn tested(&mut self, told: &str, head: &Head) -> Advice {
        let failing = failing(told);
        let tests = &mut self.tests;
        let many = failing.len();
        if tests.best.as_ref().is_none_or(|(fewest, _)| many < *fewest) {
            tests.best = Some((many, head.clone()));
        }
        if many == 0 || failing != tests.failing {
            tests.cycles = 0;
        } else if head.tree != tests.tree {
            tests.cycles += 1;
        }
        tests.failing = failing;
        tests.tree.clone_from(&head.tree);
        if self.edition > 0 && tests.cycles >= CYCLES {
            return Advice::Back("three changes left the same tests failing");
        }
        Advice::GoOn
    }

    /// The state in which the fewest tests failed.
    pub(super) fn best(&self) -> Option<&Head> {
        self.tests.best.as_ref().map(|(_, head)| head)
    }

    /// A call and what came of it.
    pub(super) fn called(&mut self, tool: &str, input: &Value, result: &str) -> Advice {
        let mut hash = Sha256::new();
        hash.update(tool);
        hash.update(input.to_string());
        hash.update([0]);
        // How long it took this time is no news.
        match self.edition {
            0 => hash.update(result),
            _ => hash.update(settled(result)),
        }
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
        let most = if self.edition == 0 {
            2 * IDLE
        } else {
            IDLE + GRACE
        };
        match self.idle {
            IDLE => Advice::Note(
                "Eight turns have changed nothing and read nothing new. Finish, ask, or try another way.",
            ),
            idle if idle >= most => Advice::Stop("it got nowhere for too many turns"),
            _ => Advice::GoOn,
        }
    }
}

/// The tests that fail, as the evidence in words names them; a suite that did not run counts as one.
fn failing(told: &str) -> BTreeSet<String> {
    let (mut failing, mut suite, mut listed) = (BTreeSet::new(), "", false);
    for line in told.lines() {
        match line.strip_prefix("    ") {
            Some(name) if listed => drop(failing.insert(format!("{suite}\0{name}"))),
            Some(_) => {}
            None => {
                listed = matches!(line, "  newly failing:" | "  still failing:");
                if !line.starts_with(' ') {
                    suite = line;
                } else if line.starts_with("  not run: ") {
                    failing.insert(format!("{suite}\0"));
                }
            }
        }
    }
    failing
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
    fn another_time_is_not_another_result() {
        let mut watch = Watch::of(1);
        let mut call = |took: &str| {
            let result = format!("no rule\n[exit code 2, {took} s]");
            watch.called("bash", &json!({"command": "make"}), &result)
        };
        assert_eq!(call("0.1"), Advice::GoOn);
        assert_eq!(call("0.2"), Advice::GoOn);
        assert!(matches!(call("1.3"), Advice::Note(_)));
        assert!(matches!(call("0.4"), Advice::Stop(_)));
    }

    fn state(tree: &str) -> Head {
        Head {
            tree: tree.to_owned(),
            commit: format!("commit of {tree}"),
            left_out: Vec::new(),
        }
    }

    #[test]
    fn the_same_failures_after_three_changes_lead_back_to_the_best_state() {
        let two = "pytest in .: pytest\n  before: 1 passed, 1 failed; now: 0 passed, 2 failed, 0 skipped\n  newly failing:\n    a\n  still failing:\n    b\n  a said:\n    0.1 s\n";
        let three = two.replace("    b\n", "    b\n    c\n");
        let mut watch = Watch::of(1);
        assert_eq!(watch.tested(&three, &state("0")), Advice::GoOn);
        assert_eq!(watch.tested(two, &state("1")), Advice::GoOn);
        // Looking twice is no change.
        for tree in ["1", "2", "2", "3"] {
            assert_eq!(
                watch.tested(&two.replace("0.1", tree), &state(tree)),
                Advice::GoOn
            );
        }
        assert!(matches!(watch.tested(two, &state("4")), Advice::Back(_)));
        assert_eq!(watch.best(), Some(&state("1")));
        let mut watch = Watch::of(1);
        for n in 0..9 {
            let told = two.replace("    b\n", &format!("    b{n}\n"));
            assert_eq!(watch.tested(&told, &state(&n.to_string())), Advice::GoOn);
        }
        let mut watch = Watch::of(1);
        let broken = "cargo_test in .: cargo test\n  not run: error\n";
        let all: Vec<Advice> = (0..4)
            .map(|n| watch.tested(broken, &state(&n.to_string())))
            .collect();
        assert!(matches!(all[3], Advice::Back(_)));
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
        let mut watch = Watch::of(1);
        let advice: Vec<_> = (0..10).map(|_| watch.turned(false, true)).collect();
        assert!(matches!(advice[7], Advice::Note(_)));
        assert_eq!(advice[8], Advice::GoOn);
        assert!(matches!(advice[9], Advice::Stop(_)));
        let mut watch = Watch::default();
        for _ in 0..40 {
            assert_eq!(watch.turned(true, true), Advice::GoOn);
        }
        assert_eq!(watch.turned(true, false), Advice::GoOn);
        assert_eq!(watch.turned(true, false), Advice::GoOn);
        assert!(matches!(watch.turned(true, false), Advice::Replace(_)));
    }
}
