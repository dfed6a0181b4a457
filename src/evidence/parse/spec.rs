//! What `node --test` prints for people: `✔ name (0.5ms)`, suites as `▶ name`, indented by two.

use super::super::id::join;
use super::super::outcome::{Case, Outcome, Status};
use super::super::text;

pub(super) fn parse(output: &str) -> Option<Outcome> {
    let mut reader = Reader::default();
    for line in output.lines() {
        if line.starts_with("✖ failing tests:") {
            break;
        }
        reader.line(line);
    }
    if reader.cases.is_empty() && !reader.summed {
        return None;
    }
    let cases = reader
        .cases
        .into_iter()
        .map(|(case, said)| case.saying(&said))
        .collect();
    let outcome = Outcome::of(cases);
    Some(if reader.summed {
        outcome
    } else {
        outcome.incomplete("it ended before its last test")
    })
}

#[derive(Default)]
struct Reader {
    cases: Vec<(Case, String)>,
    above: Vec<String>,
    /// Whether what follows belongs to the failed test above.
    failing: bool,
    summed: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let body = line.trim_start_matches(' ');
        let depth = (line.len() - body.len()) / 2;
        let marks = [
            ("✔ ", Status::Passed),
            ("✖ ", Status::Failed),
            ("﹣ ", Status::Skipped),
        ];
        let mark = marks
            .iter()
            .find_map(|(mark, status)| Some((body.strip_prefix(mark)?, *status)));
        if let Some(suite) = body.strip_prefix("▶ ") {
            self.failing = false;
            self.above.truncate(depth);
            self.above.resize(depth, String::new());
            // Node 18 closes a suite with the mark that opened it, and a duration.
            if duration(suite).1.is_none() {
                self.above.push(suite.trim_end().to_owned());
            }
        } else if body.starts_with("ℹ tests ") {
            self.failing = false;
            self.summed = true;
        } else if let Some((test, status)) = mark {
            self.test(depth, test, status);
        } else if let Some((_, said)) = self
            .cases
            .last_mut()
            .filter(|(_, said)| self.failing && said.len() < 8000)
        {
            said.push_str(line);
            said.push('\n');
        }
    }

    fn test(&mut self, depth: usize, test: &str, status: Status) {
        let (test, directive) = match test.rsplit_once(") # ") {
            Some((test, directive)) => (format!("{test})"), Some(directive)),
            None => (test.to_owned(), None),
        };
        let (name, took) = duration(&test);
        let suite = self.above.get(depth).is_some_and(|open| open == name);
        self.above.truncate(depth);
        if suite {
            self.failing = false;
            return;
        }
        let status = if directive.is_some() {
            Status::Skipped
        } else {
            status
        };
        self.failing = status == Status::Failed;
        // A file that cannot be loaded is told as a test that bears its path.
        let status = if self.failing && name.starts_with('/') {
            Status::Errored
        } else {
            status
        };
        let path = self.above.iter().map(String::as_str).chain([name]);
        let case = Case::new(join(path), status).took_ms(took);
        self.cases
            .push((case, directive.unwrap_or_default().to_owned()));
    }
}

/// `name (0.5ms)`.
fn duration(test: &str) -> (&str, Option<f64>) {
    let split = test
        .trim_end()
        .strip_suffix(')')
        .and_then(|test| test.rsplit_once(" ("));
    match split.and_then(|(name, took)| Some((name, text::duration(took)?))) {
        Some((name, took)) => (name, Some(took)),
        None => (test, None),
    }
}
