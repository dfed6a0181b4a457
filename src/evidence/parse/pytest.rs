//! pytest: its JUnit file, or what `pytest -v -rA` prints.

use std::collections::HashMap;

use super::super::outcome::{Case, Counts, Outcome, Status};
use super::{count_of, junit};

pub(super) fn parse(output: &str, report: Option<&str>) -> Option<Outcome> {
    let told = read(output);
    let filed = report.and_then(|report| junit::parse(report, junit::Naming::Pytest));
    match (filed, told) {
        // The file tells nothing of a run that was cut short after it was written, the output does.
        (Some(filed), Some(told)) if !told.complete && told.note.is_some() => {
            Some(filed.incomplete(told.note.as_deref().unwrap_or_default()))
        }
        (Some(filed), _) => Some(filed),
        (None, told) => told,
    }
}

#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    places: HashMap<String, usize>,
    sums: Option<Counts>,
    stopped: Option<String>,
    summary: bool,
    sections: bool,
}

fn read(output: &str) -> Option<Outcome> {
    let mut reader = Reader::default();
    for line in output.lines() {
        reader.line(line);
    }
    if let Some(error) = usage_error(output) {
        return Some(Outcome::of(reader.cases).incomplete(&error));
    }
    if reader.cases.is_empty() && reader.sums.is_none() {
        return None;
    }
    let outcome = Outcome::of(reader.cases);
    let Some(sums) = reader.sums else {
        return Some(outcome.incomplete("it ended before its last test"));
    };
    let outcome = Outcome {
        counts: outcome.counts.at_least(sums),
        ..outcome
    };
    Some(match reader.stopped {
        Some(why) => outcome.incomplete(&why),
        None => outcome,
    })
}

impl Reader {
    fn line(&mut self, line: &str) {
        if line.starts_with("====") {
            self.rule(line.trim_matches(['=', ' ']));
        } else if line.starts_with("!!!!") {
            self.stopped = Some(line.trim_matches(['!', ' ']).to_owned());
        } else if self.summary && self.sum(line) {
            self.summary = false;
        } else if self.summary {
            self.summarised(line);
        } else if !self.sections
            && let Some((id, status)) = verbose(line)
        {
            self.push(id, status, "");
        }
    }

    /// `=== short test summary info ===`, `=== 1 failed, 3 passed in 0.10s ===`.
    fn rule(&mut self, words: &str) {
        self.summary = words == "short test summary info";
        // What follows was printed by tests.
        self.sections |= !words.starts_with("test session starts");
        self.sum(words);
    }

    /// With -q it stands without a rule.
    fn sum(&mut self, words: &str) -> bool {
        let (parts, took) = words.rsplit_once(" in ").unwrap_or((words, ""));
        let counted = |part: &str| {
            part.split_once(' ').is_some_and(|(n, word)| {
                n.parse::<u32>().is_ok() && word.chars().all(char::is_alphabetic)
            })
        };
        let known = parts == "no tests ran" || parts.split(", ").all(counted);
        let ends = known && took.starts_with(|c: char| c.is_ascii_digit());
        if ends {
            self.sums = Some(Counts {
                passed: count_of(words, &["passed", "xpassed"]),
                failed: count_of(words, &["failed"]),
                skipped: count_of(words, &["skipped", "xfailed"]),
                errored: count_of(words, &["error", "errors"]),
            });
        }
        ends
    }

    fn summarised(&mut self, line: &str) {
        let Some((word, rest)) = line.split_once(' ') else {
            return;
        };
        let Some(status) = status(word) else { return };
        // `SKIPPED [1] tests/test_x.py:10: reason` names no test; -v did.
        if rest.starts_with('[') {
            return;
        }
        let (id, said) = self.split(rest);
        self.push(id, status, said);
    }

    /// The id and the message. Parameters may hold ` - ` as well, so the ids already seen are asked first.
    fn split<'l>(&self, rest: &'l str) -> (&'l str, &'l str) {
        let cuts = rest
            .match_indices(" - ")
            .map(|(at, _)| at)
            .chain([rest.len()]);
        let mut guess = None;
        for at in cuts {
            let id = &rest[..at];
            if self.places.contains_key(id) {
                return (id, rest[at..].trim_start_matches(" - "));
            }
            let closed = !id.contains('[') || id.ends_with(']');
            if guess.is_none() && closed {
                guess = Some(at);
            }
        }
        let at = guess.unwrap_or(rest.len());
        (&rest[..at], rest[at..].trim_start_matches(" - "))
    }

    fn push(&mut self, id: &str, status: Status, said: &str) {
        if let Some(&at) = self.places.get(id) {
            let case = &mut self.cases[at];
            case.status = case.status.worse(status);
            if case.message.is_none() {
                *case = case.clone().saying(said);
            }
            return;
        }
        self.places.insert(id.to_owned(), self.cases.len());
        let file = id.split("::").next().unwrap_or_default();
        self.cases
            .push(Case::new(id, status).in_file(file).saying(said));
    }
}

fn status(word: &str) -> Option<Status> {
    match word {
        "PASSED" | "XPASS" => Some(Status::Passed),
        "FAILED" => Some(Status::Failed),
        "SKIPPED" | "XFAIL" => Some(Status::Skipped),
        "ERROR" => Some(Status::Errored),
        _ => None,
    }
}

/// `tests/test_x.py::test_a[1 2] PASSED [ 33%]`, or with xdist `[gw0] [ 33%] PASSED tests/test_x.py::test_a`.
fn verbose(line: &str) -> Option<(&str, Status)> {
    if line.starts_with("[gw") {
        let rest = line.split_once("%] ")?.1;
        let (word, id) = rest.split_once(' ')?;
        return Some((id.trim(), status(word)?));
    }
    let line = match line.rsplit_once(" [") {
        Some((before, percent)) if percent.trim_end().ends_with("%]") => before.trim_end(),
        _ => line.trim_end(),
    };
    if !line.contains("::") || line.starts_with(' ') {
        return None;
    }
    // The reason of a skipped test may follow in brackets.
    let words = [
        " PASSED", " FAILED", " SKIPPED", " XFAIL", " XPASS", " ERROR",
    ];
    let found = words
        .iter()
        .filter_map(|word| line.rfind(word).map(|at| (at, word)));
    let (at, word) = found.max_by_key(|(at, _)| *at)?;
    let rest = &line[at + word.len()..];
    let ends = rest.is_empty() || rest.starts_with(" (");
    let file = line
        .split("::")
        .next()
        .is_some_and(|file| file.ends_with(".py"));
    (ends && file).then(|| Some((&line[..at], status(word.trim())?)))?
}

/// A wrong option, a conftest that cannot be imported: said before anything is run.
fn usage_error(output: &str) -> Option<String> {
    let begins = |line: &str| {
        line.starts_with("ERROR: usage:")
            || line.starts_with("ImportError while loading conftest")
            || line.contains("No module named pytest")
            || line.starts_with("INTERNALERROR>")
    };
    let from = output.lines().position(begins)?;
    let lines: Vec<&str> = output.lines().skip(from).take(20).collect();
    Some(lines.join("\n"))
}
