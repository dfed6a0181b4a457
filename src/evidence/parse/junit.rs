//! JUnit XML, as many tools write it. A file with a document type is not read: it could define entities.

use roxmltree::{Document, Node, ParsingOptions};

use super::super::id::join;
use super::super::outcome::{Case, Outcome, Status};

/// How a test is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `class > name`.
    Plain,
    /// As pytest writes it on its command line: `tests/test_x.py::Class::name`.
    Pytest,
}

/// Elements and attributes; a suite of a hundred thousand tests has fewer.
const NODES: u32 = 4_000_000;

/// More is not a report of tests.
const SIZE: usize = 128 << 20;

/// Reads one file, or several one after the other.
pub(super) fn parse(report: &str, naming: Naming) -> Option<Outcome> {
    if report.len() > SIZE {
        return None;
    }
    let clean = legal(report);
    let whole = read(&clean, naming);
    // A declaration begins a file; inside one it can only stand in what a test printed.
    let outcome = whole.or_else(|| {
        let mut cases = Vec::new();
        for part in clean.split("<?xml").filter(|part| !part.trim().is_empty()) {
            cases.extend(read(&format!("<?xml{part}"), naming)?);
        }
        (!cases.is_empty()).then_some(cases)
    })?;
    Some(Outcome::of(outcome))
}

/// XML knows no control characters, tests that print them do not know that.
fn legal(report: &str) -> String {
    let legal = |c: char| !c.is_control() || matches!(c, '\n' | '\t' | '\r');
    let clean = report.trim_start_matches('\u{feff}').trim_start().chars();
    clean
        .map(|c| {
            if legal(c) && c != '\u{fffe}' && c != '\u{ffff}' {
                c
            } else {
                '\u{fffd}'
            }
        })
        .collect()
}

fn read(document: &str, naming: Naming) -> Option<Vec<Case>> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(document, options).ok()?;
    let root = document.root_element();
    if !["testsuites", "testsuite"].contains(&root.tag_name().name()) {
        return None;
    }
    let tests = root
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    Some(tests.map(|test| case(test, naming)).collect())
}

fn case(test: Node<'_, '_>, naming: Naming) -> Case {
    let attribute = |name: &str| test.attribute(name).unwrap_or_default();
    let file = attribute("file");
    let id = match naming {
        Naming::Plain => plain_id(test),
        Naming::Pytest => pytest_id(file, attribute("classname"), attribute("name")),
    };
    let (mut status, said) = status(test);
    if said.is_none() && attribute("status") == "notrun" {
        status = Status::Skipped;
    }
    let time = attribute("time").replace(',', "").parse::<f64>().ok();
    let mut case = Case::new(id, status)
        .in_file(file)
        .took_ms(time.map(|s| s * 1000.0));
    case.flaky = test
        .children()
        .any(|child| child.has_tag_name("flakyFailure") || child.has_tag_name("flakyError"));
    case.saying(&said.unwrap_or_default())
}

fn status(test: Node<'_, '_>) -> (Status, Option<String>) {
    let kinds = [
        ("error", Status::Errored),
        ("failure", Status::Failed),
        ("skipped", Status::Skipped),
    ];
    for (kind, status) in kinds {
        if let Some(node) = test.children().find(|child| child.has_tag_name(kind)) {
            let said: String = node
                .descendants()
                .filter_map(|n| n.text().filter(|_| n.is_text()))
                .take(64)
                .collect();
            let message = node.attribute("message").unwrap_or_default();
            // Most tools repeat the message at the beginning of the text.
            let repeated = said.trim_start().starts_with(message.trim());
            return (
                status,
                Some(if repeated {
                    said
                } else {
                    format!("{message}\n{said}")
                }),
            );
        }
    }
    (Status::Passed, None)
}

/// `class > name`; where the class says nothing, the names of the suites around it.
fn plain_id(test: Node<'_, '_>) -> String {
    let name = test.attribute("name").unwrap_or("(no name)");
    let class = test.attribute("classname").unwrap_or_default();
    if !class.is_empty() && class != "test" {
        return join([class, name]);
    }
    let suites = test
        .ancestors()
        .filter(|node| node.has_tag_name("testsuite"));
    let mut path: Vec<&str> = suites.filter_map(|suite| suite.attribute("name")).collect();
    path.reverse();
    path.push(name);
    join(path)
}

/// `tests.test_x.Class` in `tests/test_x.py`.
fn pytest_id(file: &str, class: &str, name: &str) -> String {
    // A file that could not be collected is named like a module and has no class.
    if class.is_empty() {
        let module = name
            .chars()
            .all(|c| c.is_alphanumeric() || "._".contains(c));
        return if module {
            format!("{}.py", name.replace('.', "/"))
        } else {
            name.to_owned()
        };
    }
    let module = file
        .strip_suffix(".py")
        .unwrap_or(file)
        .replace(['/', '\\'], ".");
    let below = class.strip_prefix(&module).filter(|_| !file.is_empty());
    let (file, below) = match below {
        Some(below) => (file.to_owned(), below.trim_start_matches('.')),
        // Without the file's name: classes begin with a capital.
        None => {
            let parts: Vec<&str> = class.split('.').collect();
            let at = parts
                .iter()
                .position(|part| part.starts_with(|c: char| c.is_uppercase()))
                .unwrap_or(parts.len());
            let below = parts[at..]
                .iter()
                .map(|part| part.len() + 1)
                .sum::<usize>()
                .saturating_sub(1);
            (
                format!("{}.py", parts[..at].join("/")),
                &class[class.len() - below..],
            )
        }
    };
    let parts = std::iter::once(file.as_str())
        .chain(below.split('.'))
        .chain([name]);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("::")
}
