//! `cargo test`: one block a binary, from `running N tests` to `test result:`, and the doc tests.

use std::collections::HashMap;

use super::super::outcome::{Case, Counts, Outcome, Status};
use super::super::text;
use super::{compile_error, count_of};

pub(super) fn parse(output: &str) -> Option<Outcome> {
    let mut reader = Reader::default();
    for line in output.lines() {
        reader.line(line);
    }
    reader.finish(output)
}

#[derive(Default)]
struct Reader {
    /// Name of the binary, to go before its tests' names.
    label: String,
    file: String,
    part: Part,
    cases: Vec<Case>,
    /// Where the cases of the current block begin.
    block: usize,
    sums: Counts,
    /// A test whose result comes on a later line, after what it printed.
    pending: Option<String>,
    /// The test whose output is being read, and what it said so far.
    told: Option<(String, String)>,
    crashed: bool,
    blocks: u32,
}

#[derive(Default, PartialEq)]
enum Part {
    /// Between two binaries.
    #[default]
    Outside,
    Tests,
    /// What failed tests printed: nothing in there is a result, whatever it looks like.
    Failures,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        if let Some(what) = trimmed
            .strip_prefix("Running ")
            .filter(|_| self.part != Part::Failures)
        {
            self.binary(what);
        } else if let Some(package) = trimmed
            .strip_prefix("Doc-tests ")
            .filter(|_| line.starts_with("   Doc"))
        {
            self.end_block(true);
            self.label = format!("{package} (doc)");
            self.file.clear();
        } else if is_start(line) && self.part != Part::Failures {
            self.end_block(true);
            self.part = Part::Tests;
            self.blocks += 1;
            self.block = self.cases.len();
        } else if let Some(sums) = line.strip_prefix("test result: ") {
            self.sum(sums);
            self.end_block(false);
        } else if self.part == Part::Tests {
            self.test(line);
        } else if self.part == Part::Failures {
            self.failure(line);
        }
    }

    /// `unittests src/lib.rs (target/debug/deps/calc-0123456789abcdef)`, `tests/it.rs (…)`, or of old only the path.
    fn binary(&mut self, what: &str) {
        let (source, path) = match what.rsplit_once(" (") {
            Some((source, path)) => (source, path.trim_end_matches(')')),
            None => ("", what.trim_matches('`')),
        };
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
        let source = source.strip_prefix("unittests ").unwrap_or(source);
        if source.is_empty() && !path.contains("deps") {
            return;
        }
        self.end_block(true);
        // The crate's name tells libraries of one workspace apart; other targets are told by their file.
        let library = source.is_empty() || source.ends_with("lib.rs");
        self.label = if library { name } else { source }.to_owned();
        self.file = source.to_owned();
    }

    fn test(&mut self, line: &str) {
        if line == "failures:" || line == "successes:" {
            self.part = Part::Failures;
        } else if let Some((name, result)) = line.strip_prefix("test ").and_then(split_result) {
            match status(result) {
                Some(status) => self.push(name, status, result),
                None => self.pending = Some(name.to_owned()),
            }
        } else if let (Some(status), Some(_)) = (status(line), &self.pending) {
            let name = self.pending.take().unwrap_or_default();
            self.push(&name, status, line);
        } else if line.starts_with("error: test failed")
            || line.starts_with("error: doctest failed")
        {
            self.end_block(true);
        }
    }

    fn push(&mut self, name: &str, status: Status, result: &str) {
        let name = name.strip_suffix(" - should panic").unwrap_or(name);
        let id = self.id(name);
        let mut case = Case::new(id, status).in_file(self.file.clone());
        if let Some(reason) = result.strip_prefix("ignored, ") {
            case = case.saying(reason);
        }
        let took = result
            .rsplit_once('<')
            .map(|(_, took)| took.trim_end_matches('>'));
        self.cases.push(case.took_ms(took.and_then(text::duration)));
    }

    /// Lines move when a file is edited, so a doc test is known by its item alone.
    fn id(&self, name: &str) -> String {
        let name = match name.split_once(" (line ") {
            Some((item, _)) if self.label.ends_with("(doc)") => item.trim_end(),
            _ => name,
        };
        if self.label.is_empty() {
            return name.to_owned();
        }
        format!("{} > {name}", self.label)
    }

    fn failure(&mut self, line: &str) {
        let heading = line
            .strip_prefix("---- ")
            .and_then(|rest| rest.strip_suffix(" ----"));
        if let Some(heading) = heading {
            self.end_message();
            let name = heading.strip_suffix(" stdout").unwrap_or(heading);
            self.told = Some((self.id(name), String::new()));
        } else if line == "failures:" {
            self.end_message();
        } else if let Some((_, said)) = &mut self.told
            && said.len() < 8000
        {
            said.push_str(line);
            said.push('\n');
        }
    }

    fn end_message(&mut self) {
        if let Some((id, said)) = self.told.take() {
            let said = without_frames(&said);
            match self.cases[self.block..]
                .iter_mut()
                .find(|case| case.id == id)
            {
                Some(case) if case.message.is_none() => *case = case.clone().saying(said),
                Some(_) => {}
                // With -q only those that failed are named, and only here.
                None => self.cases.push(
                    Case::new(id, Status::Failed)
                        .in_file(self.file.clone())
                        .saying(said),
                ),
            }
        }
    }

    fn sum(&mut self, sums: &str) {
        let listed = Counts::of(&self.cases[self.block..]);
        let told = Counts {
            passed: count_of(sums, &["passed"]),
            failed: count_of(sums, &["failed"]),
            skipped: count_of(sums, &["ignored"]),
            errored: 0,
        };
        let block = listed.at_least(told);
        self.sums.passed += block.passed;
        self.sums.failed += block.failed;
        self.sums.skipped += block.skipped;
    }

    fn end_block(&mut self, early: bool) {
        self.end_message();
        // The test whose result never came is the one that took its process down.
        if let Some(name) = self.pending.take().filter(|_| early) {
            self.push(&name, Status::Errored, "");
        }
        if early && self.part != Part::Outside {
            self.crashed = true;
            self.sums = add(self.sums, Counts::of(&self.cases[self.block..]));
        }
        self.block = self.cases.len();
        self.part = Part::Outside;
    }

    fn finish(mut self, output: &str) -> Option<Outcome> {
        self.end_block(true);
        let broken = output.contains("error: could not compile")
            || output.contains("error: no matching package");
        if self.blocks == 0 && !broken {
            return None;
        }
        let mut outcome = Outcome::of(self.cases);
        outcome.counts = outcome.counts.at_least(self.sums);
        if broken {
            return Some(outcome.incomplete(&compile_error(output).unwrap_or_default()));
        }
        if self.crashed {
            return Some(outcome.incomplete(&crash(output)));
        }
        Some(outcome)
    }
}

fn add(a: Counts, b: Counts) -> Counts {
    Counts {
        passed: a.passed + b.passed,
        failed: a.failed + b.failed,
        skipped: a.skipped + b.skipped,
        errored: a.errored + b.errored,
    }
}

/// `running 3 tests`.
fn is_start(line: &str) -> bool {
    let number = line.strip_prefix("running ").and_then(|rest| {
        rest.strip_suffix(" tests")
            .or_else(|| rest.strip_suffix(" test"))
    });
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// The name and what follows the dots; names of tests hold no ` ... `, what they print may.
fn split_result(rest: &str) -> Option<(&str, &str)> {
    rest.split_once(" ... ")
        .or_else(|| rest.strip_suffix(" ...").map(|name| (name, "")))
}

fn status(result: &str) -> Option<Status> {
    let word = result.split([' ', ',']).next().unwrap_or_default();
    let rest = result[word.len()..].trim_start();
    match word {
        "ok" if rest.is_empty() || rest.starts_with('<') => Some(Status::Passed),
        "FAILED" if rest.is_empty() || rest.starts_with(['<', '(']) => Some(Status::Failed),
        "ignored" if rest.is_empty() || rest.starts_with(',') => Some(Status::Skipped),
        "bench:" => Some(Status::Passed),
        _ => None,
    }
}

/// A panic's message without the way there.
pub(super) fn without_frames(said: &str) -> &str {
    let frames = ["\nstack backtrace:", "\nnote: run with `RUST_BACKTRACE"];
    let end = frames.iter().filter_map(|begin| said.find(begin)).min();
    &said[..end.unwrap_or(said.len())]
}

fn crash(output: &str) -> String {
    let cause = output
        .lines()
        .find(|line| line.contains("process didn't exit successfully"));
    let cause = cause.map(str::trim).unwrap_or_default();
    format!("a test binary ended before its last test\n{cause}")
}

/// Ids of the tests of one block, by name; for parsers that meet one test twice.
pub(super) type Places = HashMap<String, usize>;
