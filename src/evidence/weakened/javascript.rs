//! Tests in JavaScript and TypeScript: calls of `it`, `test` and `describe`, with their modifiers.

use std::sync::LazyLock;

use regex::Regex;

use super::lex::Source;
use super::{Test, body_below, measure};

static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)(^|[^.\w$])((?:x|f)?(?:it|test|describe|context|suite|specify))((?:\.(?:only|skip|todo|failing|fails|concurrent|sequential|serial|each|skipIf|runIf))*)\s*\("#).ok()
});

static SELF: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:t|this|ctx|context|test)\.(?:skip|todo)\(").ok());

/// A call, and what is in its brackets.
struct Call {
    name: String,
    at: usize,
    end: usize,
    suite: bool,
    skipped: Option<String>,
    focused: Option<String>,
}

pub(super) fn tests(source: &Source<'_>) -> Vec<Test> {
    let calls = calls(source);
    let suites: Vec<&Call> = calls.iter().filter(|call| call.suite).collect();
    let found = calls.iter().filter(|call| !call.suite).map(|call| {
        let around: Vec<&&Call> = suites
            .iter()
            .filter(|suite| suite.at < call.at && call.at < suite.end)
            .collect();
        let code = &source.code[call.at..call.end];
        let own = SELF
            .as_ref()
            .and_then(|pattern| pattern.find(code))
            .map(|found| found.as_str().trim_end_matches('(').to_owned());
        let outer =
            |of: fn(&Call) -> &Option<String>| around.iter().find_map(|suite| of(suite).clone());
        let path = around
            .iter()
            .map(|suite| suite.name.as_str())
            .chain([call.name.as_str()]);
        Test {
            name: path.collect::<Vec<_>>().join(" > "),
            line: source.line(call.at),
            skipped: call
                .skipped
                .clone()
                .or(own)
                .or_else(|| outer(|suite| &suite.skipped)),
            focused: call
                .focused
                .clone()
                .or_else(|| outer(|suite| &suite.focused)),
            checks: measure::checks(source.language, code),
            body: body_below(&source.text[call.at..call.end]),
        }
    });
    found.collect()
}

fn calls(source: &Source<'_>) -> Vec<Call> {
    let Some(pattern) = CALL.as_ref() else {
        return vec![];
    };
    let found = pattern.captures_iter(&source.code).filter_map(|found| {
        let (word, modifiers) = (found.get(2)?, found.get(3)?.as_str());
        let mut open = found.get(0)?.end() - 1;
        let mut end = source.closing(open, b'(', b')')?;
        // `.each(table)(name, …)`: the second brackets hold the test.
        if (modifiers.contains("each") || modifiers.contains("If"))
            && source.code[end..].trim_start().starts_with('(')
        {
            open = end;
            end = source.closing(open, b'(', b')')?;
        }
        let name = title(&source.text[open + 1..end])?;
        let options = source.code[open..end]
            .split("=>")
            .next()
            .unwrap_or_default();
        let optional = |word: &str| {
            options.contains(&format!("{word}: true")) || options.contains(&format!("{word}: \""))
        };
        let skipped = modifier(
            word.as_str(),
            modifiers,
            'x',
            &[".skip", ".todo", ".failing", ".fails"],
        )
        .or_else(|| {
            ["skip", "todo"]
                .into_iter()
                .find(|word| optional(word))
                .map(|word| format!("{{ {word} }}"))
        });
        let focused = modifier(word.as_str(), modifiers, 'f', &[".only"])
            .or_else(|| optional("only").then(|| "{ only }".to_owned()));
        let base = word.as_str().trim_start_matches(['x', 'f']);
        Some(Call {
            name,
            at: word.start(),
            end,
            suite: ["describe", "context", "suite"].contains(&base),
            skipped,
            focused,
        })
    });
    found.collect()
}

fn modifier(word: &str, modifiers: &str, letter: char, known: &[&str]) -> Option<String> {
    if word.starts_with(letter) {
        return Some(word.to_owned());
    }
    let has = known.iter().any(|one| {
        modifiers
            .split_inclusive('.')
            .any(|_| modifiers.contains(one))
            && !modifiers.contains("skipIf")
    });
    has.then(|| format!("{word}{modifiers}"))
}

/// The text of a title: a test without one is none.
fn title(arguments: &str) -> Option<String> {
    let arguments = arguments.trim_start();
    let quote = arguments
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inside = &arguments[1..];
    let mut escaped = false;
    let end = inside.char_indices().find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    Some(inside[..end?.0].to_owned())
}
