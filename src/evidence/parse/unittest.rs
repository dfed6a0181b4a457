//! Python's `unittest -v`: one line a test, `test_adds (tests.test_calc.Adding.test_adds) ... ok`, and the tracebacks.

use std::collections::HashMap;

use super::super::outcome::{Case, Counts, Outcome, Status};
use super::super::text;

/// Stands for a module that could not be imported.
const UNLOADED: &str = "unittest.loader._FailedTest.";

pub(super) fn parse(output: &str) -> Option<Outcome> {
    let mut reader = Reader::default();
    for line in output.lines() {
        reader.line(line);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    places: HashMap<String, usize>,
    /// A test that was named and whose result has not come yet.
    pending: Option<String>,
    /// The test whose traceback is being read.
    told: Option<(String, Status, String)>,
    tracebacks: bool,
    ran: Option<u32>,
    sums: Option<Counts>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if line.starts_with("======") {
            self.tracebacks = true;
            self.end_message();
        } else if let Some(ran) = ran(line) {
            self.end_message();
            self.ran = Some(ran);
        } else if self.ran.is_some() {
            self.last(line);
        } else if self.tracebacks {
            self.traceback(line);
        } else {
            self.result(line);
        }
    }

    fn result(&mut self, line: &str) {
        let (head, tail) = match line.rsplit_once(" ... ") {
            Some((head, tail)) => (head, tail),
            None => (line.strip_suffix(" ...").unwrap_or(line), ""),
        };
        if let Some(name) = heading(head) {
            // A failing subtest has a line of its own below its test's.
            let subtest = line.starts_with("  ");
            let status = status(tail);
            self.pending = (status.is_none() || subtest).then(|| name.clone());
            if let Some(status) = status {
                self.push(&name, status, tail);
            }
        } else if let Some(name) = self.pending.clone()
            && let Some(status) = status(tail).or_else(|| status(line.trim()))
        {
            self.pending = None;
            self.push(&name, status, tail);
        }
    }

    fn push(&mut self, name: &str, status: Status, tail: &str) {
        if let Some(&at) = self.places.get(name) {
            self.cases[at].status = self.cases[at].status.worse(status);
            return;
        }
        self.places.insert(name.to_owned(), self.cases.len());
        let mut case = Case::new(name, status);
        if let Some(reason) = tail.strip_prefix("skipped ") {
            case = case.saying(reason.trim_matches(['\'', '"']));
        }
        self.cases.push(case);
    }

    fn traceback(&mut self, line: &str) {
        let heading = [
            ("FAIL: ", Status::Failed),
            ("ERROR: ", Status::Errored),
            ("UNEXPECTED SUCCESS: ", Status::Failed),
        ]
        .into_iter()
        .find_map(|(word, status)| Some((heading(line.strip_prefix(word)?)?, status)));
        if let Some((name, status)) = heading.filter(|_| self.told.is_none()) {
            self.told = Some((name, status, String::new()));
        } else if let Some((_, _, said)) = &mut self.told
            && !line.starts_with("------")
            && said.len() < 64_000
        {
            said.push_str(line);
            said.push('\n');
        }
    }

    fn end_message(&mut self) {
        let Some((name, status, said)) = self.told.take() else {
            return;
        };
        // Without -v, and for a subtest, the traceback is the first to name the test.
        self.push(&name, status, "");
        let method = name.rsplit('.').next().unwrap_or_default();
        let case = &mut self.cases[self.places[&name]];
        if case.message.is_none() {
            case.message = text::head(&reason(&said));
            case.file = file(&said, method).map(|file| text::name(&file));
        }
    }

    /// `OK (skipped=1)`, `FAILED (failures=1, errors=2)`.
    fn last(&mut self, line: &str) {
        if !(line.starts_with("OK")
            || line.starts_with("FAILED (")
            || line.starts_with("NO TESTS RAN"))
        {
            return;
        }
        let sum = |word: &str| {
            let parts = line
                .split_once('(')
                .map_or("", |(_, parts)| parts)
                .trim_end_matches(')');
            let part = parts
                .split(", ")
                .find_map(|part| part.strip_prefix(word)?.strip_prefix('='));
            part.and_then(|n| n.parse::<u32>().ok()).unwrap_or(0)
        };
        let failed = sum("failures").saturating_add(sum("unexpected successes"));
        let skipped = sum("skipped").saturating_add(sum("expected failures"));
        let errored = sum("errors");
        let others = failed.saturating_add(skipped).saturating_add(errored);
        let passed = self.ran.unwrap_or(0).saturating_sub(others);
        self.sums.get_or_insert(Counts {
            passed,
            failed,
            skipped,
            errored,
        });
    }

    fn finish(mut self) -> Option<Outcome> {
        self.end_message();
        if self.cases.is_empty() && self.sums.is_none() {
            return None;
        }
        let outcome = Outcome::of(self.cases);
        let Some(sums) = self.sums else {
            return Some(outcome.incomplete("it ended before its last test"));
        };
        // Subtests are counted one by one there; without -v nothing else knows how many passed.
        let counts = if outcome.counts.passed == 0 {
            outcome.counts.at_least(sums)
        } else {
            outcome.counts
        };
        Some(Outcome { counts, ..outcome })
    }
}

/// `test_adds (tests.test_calc.Adding.test_adds) (i=1)`: the full name of the test; before Python 3.11 the brackets
/// held only its class.
fn heading(text: &str) -> Option<String> {
    let (method, rest) = text.trim_start().split_once(" (")?;
    let (place, _) = rest.split_once(')')?;
    let word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || "_.<>".contains(c))
    };
    if !word(method) || !word(place) || !place.contains('.') {
        return None;
    }
    if let Some(module) = place.strip_prefix(UNLOADED) {
        return Some(module.to_owned());
    }
    // Only a module that could not be loaded has dots in its own name.
    if method.contains('.') && place != UNLOADED.trim_end_matches('.') {
        return None;
    }
    let last = method.rsplit('.').next().unwrap_or(method);
    let whole = place.rsplit('.').next() == Some(last);
    Some(match whole {
        true => place.to_owned(),
        false if place == UNLOADED.trim_end_matches('.') => method.to_owned(),
        false => format!("{place}.{method}"),
    })
}

fn status(tail: &str) -> Option<Status> {
    match tail {
        "ok" => Some(Status::Passed),
        "FAIL" | "unexpected success" => Some(Status::Failed),
        "ERROR" => Some(Status::Errored),
        "expected failure" => Some(Status::Skipped),
        tail if tail.starts_with("skipped") => Some(Status::Skipped),
        _ => None,
    }
}

/// `Ran 11 tests in 0.001s`.
fn ran(line: &str) -> Option<u32> {
    let (number, _) = line.strip_prefix("Ran ")?.split_once(" test")?;
    line.ends_with('s').then(|| number.parse().ok())?
}

/// What is raised says more than the way there.
fn reason(said: &str) -> String {
    let lines: Vec<&str> = said.trim_end().lines().collect();
    let frame = lines.iter().rposition(|line| line.starts_with("  File \""));
    let after = &lines[frame.map_or(0, |at| at + 1)..];
    let raised = after.iter().position(|line| !line.starts_with("    "));
    after[raised.unwrap_or(0)..].join("\n")
}

/// The file whose frame is the test itself.
fn file(said: &str, method: &str) -> Option<String> {
    let frame = said
        .lines()
        .find(|line| line.ends_with(&format!(", in {method}")))?;
    let (path, _) = frame
        .trim_start()
        .strip_prefix("File \"")?
        .split_once('"')?;
    Some(path.to_owned())
}

#[test]
fn sums_are_read_without_names() {
    let outcome =
        parse("..F.s\n---\nRan 5 tests in 0.001s\n\nFAILED (failures=1, skipped=1)\n").unwrap();
    assert_eq!(
        (
            outcome.counts.passed,
            outcome.counts.failed,
            outcome.counts.skipped
        ),
        (3, 1, 1)
    );
}
