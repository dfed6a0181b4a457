//! Sizes, names and door signs.

use super::Breach;
use super::source::Source;

const FILE: usize = 500;
const FUNCTION: usize = 80;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "helper", "misc"];

pub(super) fn sizes(source: &Source) -> Vec<Breach> {
    let mut breaches = Vec::new();
    if source.lines.len() > FILE {
        breaches.push(Breach {
            file: source.path.clone(),
            line: FILE + 1,
            rule: format!("{} lines; a file has at most {FILE}", source.lines.len()),
            why: "a file that everybody edits is a file nobody reads; split it by what it is about",
        });
    }
    for (line, length) in functions(source)
        .into_iter()
        .filter(|(_, length)| *length > FUNCTION)
    {
        breaches.push(Breach {
            file: source.path.clone(),
            line,
            rule: format!("a function of {length} lines; it has at most {FUNCTION}"),
            why: "what does not fit on a screen does not fit in a head; name its parts",
        });
    }
    breaches
}

/// First line and length of every function with a body.
fn functions(source: &Source) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (line, code) in source.numbered() {
        if starts_function(code) {
            found.extend(body_length(&source.code[line - 1..]).map(|length| (line, length)));
        }
    }
    found
}

fn starts_function(code: &str) -> bool {
    let modifiers = [
        "pub",
        "pub(crate)",
        "pub(super)",
        "const",
        "async",
        "unsafe",
        "extern",
    ];
    let mut words = code
        .split_whitespace()
        .skip_while(|word| modifiers.contains(word));
    words.next() == Some("fn")
}

/// Lines until the braces that open here are closed; `None` when a `;` comes first.
fn body_length(lines: &[String]) -> Option<usize> {
    let mut braces = 0;
    let mut brackets = 0;
    for (index, line) in lines.iter().enumerate() {
        for c in line.chars() {
            match c {
                '{' => braces += 1,
                '}' => braces -= 1,
                // The `;` of an array type in the signature ends nothing.
                '[' | '(' => brackets += 1,
                ']' | ')' => brackets -= 1,
                ';' if braces == 0 && brackets == 0 => return None,
                _ => {}
            }
            if c == '}' && braces == 0 {
                return Some(index + 1);
            }
        }
    }
    None
}

pub(super) fn allowances(source: &Source) -> Vec<Breach> {
    let allows = |code: &str| code.contains("#[allow(") || code.contains("#![allow(");
    let lines = source.numbered().filter(|(_, code)| allows(code));
    let breach = |(line, _)| Breach {
        file: source.path.clone(),
        line,
        rule: "`allow`; write #[expect(…, reason = \"…\")]".to_owned(),
        why: "an expectation goes away when it is no longer needed, and says why it is there",
    };
    lines.map(breach).collect()
}

pub(super) fn doors(source: &Source) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut breach = |rule: String, why| {
        breaches.push(Breach {
            file: source.path.clone(),
            line: 1,
            rule,
            why,
        });
    };
    let sign = source
        .lines
        .first()
        .is_some_and(|line| line.starts_with("//!") || line.starts_with("#![doc = include_str!("));
    let (folder, file) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
    if ["mod.rs", "lib.rs", "main.rs"].contains(&file) && !sign {
        breach(
            format!("{file} does not begin with //!"),
            "a room has a door sign: what lives here, and what may not",
        );
    }
    let names = folder.split('/').chain(file.strip_suffix(".rs"));
    for name in names.filter(|name| EMPTY_NAMES.contains(name)) {
        breach(
            format!("the name `{name}`"),
            "name the thing it is about, or put it where it is used",
        );
    }
    breaches
}

#[test]
fn long_functions_are_measured_past_strings_and_comments() {
    let long = |lines: usize| format!("    x();\n{}", "    y(\"{\"); // {\n".repeat(lines - 3));
    let text = |lines: usize| {
        format!(
            "pub(crate) async fn f(a: [u8; 2]) -> u8\n{{\n{}}}\n",
            long(lines - 1)
        )
    };
    let lengths = |text: &str| {
        functions(&Source::new("src/x.rs", text))
            .into_iter()
            .map(|(_, n)| n)
            .collect::<Vec<_>>()
    };
    assert_eq!(lengths(&text(80)), [80]);
    assert!(sizes(&Source::new("src/x.rs", &text(80))).is_empty());
    assert_eq!(sizes(&Source::new("src/x.rs", &text(81))).len(), 1);
    assert_eq!(
        lengths("trait T {\n    fn f(&self);\n    fn g() {}\n}"),
        [1]
    );
}

#[test]
fn doors_and_names_are_checked() {
    assert_eq!(doors(&Source::new("src/x/mod.rs", "use a;")).len(), 1);
    assert!(doors(&Source::new("src/x/mod.rs", "//! A room.")).is_empty());
    assert_eq!(doors(&Source::new("src/utils/x.rs", "")).len(), 1);
    assert_eq!(doors(&Source::new("src/x/helpers.rs", "")).len(), 1);
    assert_eq!(
        allowances(&Source::new("src/x.rs", "#[allow(dead_code)]")).len(),
        1
    );
}
