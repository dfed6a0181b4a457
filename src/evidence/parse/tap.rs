//! TAP, as `node --test --test-reporter=tap` writes it: subtests are indented by four, details stand in a block below
//! their test.

use super::super::id::join;
use super::super::outcome::{Case, Outcome, Status};

pub(super) fn parse(output: &str) -> Option<Outcome> {
    if !output.contains("TAP version ") {
        return None;
    }
    let mut reader = Reader::default();
    for line in output.lines() {
        reader.line(line);
    }
    // A suite that was cut short has lost its name and kept its place.
    reader.cases.retain(|case| !case.id.is_empty());
    let outcome = Outcome::of(reader.cases);
    // The plan of the outermost level comes last.
    Some(if reader.planned {
        outcome
    } else {
        outcome.incomplete("it ended before its last test")
    })
}

#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    /// The names of the tests around the current line, by depth.
    above: Vec<String>,
    /// The block of details being read: its indent, and the key whose text goes on over several lines.
    details: Option<(usize, Field)>,
    planned: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    None,
    Error,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        if let Some((at, field)) = self.details {
            if indent == at && body == "..." {
                self.end_details();
            } else {
                self.details = Some((at, self.detail(at, field, line, body, indent)));
            }
            return;
        }
        let depth = indent / 4;
        if let Some(name) = body.strip_prefix("# Subtest: ") {
            self.above.truncate(depth);
            self.above.resize(depth, String::new());
            self.above.push(unescape(name));
        } else if let Some(test) = body.strip_prefix("ok ") {
            self.test(depth, test, Status::Passed);
        } else if let Some(test) = body.strip_prefix("not ok ") {
            self.test(depth, test, Status::Failed);
        } else if body == "---" && indent % 4 == 2 && !self.cases.is_empty() {
            self.details = Some((indent, Field::None));
        } else if body.starts_with("1..") && depth == 0 {
            self.planned = true;
        }
    }

    fn test(&mut self, depth: usize, test: &str, status: Status) {
        let (number, rest) = test.split_once(' ').unwrap_or((test, ""));
        if number.parse::<u32>().is_err() {
            return;
        }
        let name = rest.strip_prefix("- ").unwrap_or(rest);
        let (name, reason) = directive(name);
        let status = if reason.is_some() {
            Status::Skipped
        } else {
            status
        };
        self.above.truncate(depth);
        let name = unescape(name);
        let path = self.above.iter().map(String::as_str).chain([name.as_str()]);
        let mut case = Case::new(join(path), status);
        if let Some(reason) = reason {
            case = case.saying(reason);
        }
        self.cases.push(case);
    }

    /// Reads one line of a block and says which text goes on.
    fn detail(&mut self, at: usize, field: Field, line: &str, body: &str, indent: usize) -> Field {
        let Some(case) = self.cases.last_mut() else {
            return Field::None;
        };
        if indent > at {
            if field == Field::Error {
                let text = case.message.get_or_insert_default();
                if text.len() < 8000 {
                    text.push_str(line.get(at + 2..).unwrap_or(body));
                    text.push('\n');
                }
            }
            return field;
        }
        let Some((key, value)) = body.split_once(':') else {
            // An empty line inside a text is not indented.
            return if body.is_empty() { field } else { Field::None };
        };
        let value = value.trim().trim_matches('\'');
        match key {
            "duration_ms" => *case = case.clone().took_ms(value.parse().ok()),
            "location" => case.file = location(value),
            "failureType"
                if value != "testCodeFailure"
                    && value != "subtestsFailed"
                    && case.status == Status::Failed =>
            {
                case.status = Status::Errored;
            }
            "type" if value == "suite" => case.id.clear(),
            "error" if value == "|-" => return Field::Error,
            "error" if case.status.is_bad() => case.message = Some(value.to_owned()),
            _ => {}
        }
        Field::None
    }

    /// A suite is not a test: it fails when one of its tests does. One that fails without any has broken itself.
    fn end_details(&mut self) {
        self.details = None;
        let Some(mut case) = self.cases.pop() else {
            return;
        };
        let said = case.message.take().unwrap_or_default();
        if case.id.is_empty() {
            return;
        }
        // A file that cannot be loaded is told as a test that bears its path.
        let file = case.file.as_deref().is_some_and(|file| file == case.id);
        if file && case.status == Status::Failed {
            case.status = Status::Errored;
        }
        self.cases.push(case.saying(&said));
    }
}

/// `name # SKIP reason`; a `#` of the name itself is escaped.
fn directive(name: &str) -> (&str, Option<&str>) {
    // TAP's two directives; the second is written apart, since here the word means that something was left undone.
    for word in [" # SKIP", concat!(" # TO", "DO")] {
        if let Some((name, reason)) = name.rsplit_once(word) {
            return (name, Some(reason.trim()));
        }
    }
    (name, None)
}

fn unescape(name: &str) -> String {
    name.replace("\\#", "#").replace("\\\\", "\\")
}

/// `/repo/test/a.test.js:4:1` without line and column.
fn location(value: &str) -> Option<String> {
    let mut parts = value.rsplitn(3, ':');
    let (column, line) = (parts.next()?, parts.next()?);
    let numbers = column.parse::<u32>().is_ok() && line.parse::<u32>().is_ok();
    numbers.then(|| parts.next().map(str::to_owned))?
}
