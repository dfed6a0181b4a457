//! Tests in Python: functions whose name begins with `test`, also in classes.

use super::lex::Source;
use super::{Test, body_below, measure};

/// Marks that keep a test from counting.
const MARKS: [&str; 7] = [
    "pytest.mark.skip",
    "pytest.mark.xfail",
    "unittest.skip",
    "unittest.expectedFailure",
    "skipIf",
    "skipUnless",
    "@skip",
];

/// Calls with which a test skips itself.
const CALLS: [&str; 4] = [
    "pytest.skip(",
    "pytest.xfail(",
    "self.skipTest(",
    "SkipTest(",
];

/// A class or a function that the current line stands in.
struct Around {
    indent: usize,
    name: String,
    skipped: Option<String>,
}

pub(super) fn tests(source: &Source<'_>) -> Vec<Test> {
    let whole_file = whole_file(&source.code);
    let mut tests = Vec::new();
    let mut around: Vec<Around> = Vec::new();
    let mut marks: Option<String> = None;
    let mut at = 0;
    for line in source.code.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = line.trim();
        if code.is_empty() {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        around.retain(|outer| outer.indent < indent);
        if code.starts_with('@') {
            marks = marks.or_else(|| mark(code));
        } else if let Some(class) = code.strip_prefix("class ") {
            let skipped = marks.take();
            around.push(Around {
                indent,
                name: word(class),
                skipped,
            });
        } else if let Some(function) = function(code) {
            let end = end(&source.code, start, indent);
            let name = word(function);
            let outer = around.iter().find_map(|outer| outer.skipped.clone());
            if name.starts_with("test") {
                let inside = &source.code[start..end];
                let called = CALLS
                    .iter()
                    .find(|call| inside.contains(**call))
                    .map(|call| call.trim_end_matches('(').to_owned());
                let path = around
                    .iter()
                    .map(|outer| outer.name.as_str())
                    .chain([name.as_str()]);
                tests.push(Test {
                    name: path.collect::<Vec<_>>().join("."),
                    line: source.line(start),
                    skipped: marks
                        .take()
                        .or(called)
                        .or(outer)
                        .or_else(|| whole_file.clone()),
                    focused: None,
                    checks: measure::checks(source.language, inside),
                    body: body_below(&source.text[start..end]),
                });
            }
            marks = None;
            around.push(Around {
                indent,
                name,
                skipped: None,
            });
        } else {
            marks = None;
        }
    }
    tests
}

fn function(code: &str) -> Option<&str> {
    let code = code.strip_prefix("async ").map_or(code, str::trim_start);
    code.strip_prefix("def ")
}

fn word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn mark(code: &str) -> Option<String> {
    let known = MARKS.iter().find(|mark| code.contains(**mark))?;
    let shown = code.split('(').next().unwrap_or(known);
    Some(shown.trim().to_owned())
}

/// A mark for all tests of the file.
fn whole_file(code: &str) -> Option<String> {
    let line = code
        .lines()
        .find(|line| line.starts_with("pytestmark") || line.contains("allow_module_level"))?;
    MARKS
        .iter()
        .chain(&["pytest.skip("])
        .find(|mark| line.contains(**mark))
        .map(|mark| mark.trim_end_matches('(').to_owned())
}

/// Where a block that begins on this line ends: before the next line that is not deeper. A signature may go on over
/// several lines, and its closing bracket stands where the block began.
fn end(code: &str, start: usize, indent: usize) -> usize {
    let mut at = start;
    let mut first = true;
    for line in code[start..].split_inclusive('\n') {
        let text = line.trim();
        let depth = line.len() - line.trim_start().len();
        if !first && !text.is_empty() && depth <= indent && !text.starts_with(')') {
            break;
        }
        first = false;
        at += line.len();
    }
    at
}
