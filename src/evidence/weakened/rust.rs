//! Tests in Rust: functions with an attribute that ends in `test`, wherever they stand.

use std::sync::LazyLock;

use regex::Regex;

use super::lex::Source;
use super::{Test, body, measure};

static FUNCTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:#\[[^\]]*(?:\[[^\]]*\][^\]]*)*\]\s*)+(?:pub(?:\([^)]*\))?\s+)?(?:const\s+)?(?:async\s+)?(?:unsafe\s+)?fn\s+(\w+)").ok()
});

static MODULE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bmod\s+(\w+)\s*\{").ok());

pub(super) fn tests(source: &Source<'_>) -> Vec<Test> {
    let (Some(function), Some(module)) = (FUNCTION.as_ref(), MODULE.as_ref()) else {
        return vec![];
    };
    let modules: Vec<(usize, usize, &str)> = module
        .captures_iter(&source.code)
        .filter_map(|found| {
            let (whole, name) = (found.get(0)?, found.get(1)?);
            Some((
                whole.start(),
                source.closing(whole.start(), b'{', b'}')?,
                name.as_str(),
            ))
        })
        .collect();
    let functions = function.captures_iter(&source.code).filter_map(|found| {
        let (whole, name) = (found.get(0)?, found.get(1)?);
        let attributes = &source.code[whole.start()..name.start()];
        if !attributes.split("#[").any(is_test) {
            return None;
        }
        let end = source.closing(name.end(), b'{', b'}')?;
        let around = modules
            .iter()
            .filter(|(start, end, _)| *start < name.start() && name.start() < *end);
        let mut path: Vec<&str> = around.map(|(_, _, name)| *name).collect();
        path.push(name.as_str());
        Some(Test {
            name: path.join("::"),
            line: source.line(name.start()),
            skipped: skipped(attributes),
            focused: None,
            checks: measure::checks(source.language, &source.code[whole.start()..end]),
            body: body(&source.text[name.end()..end]),
        })
    });
    functions.collect()
}

/// `test]`, `tokio::test(flavor = …)]`, `rstest]`, `test_case(1)]`.
fn is_test(attribute: &str) -> bool {
    let path = attribute
        .split(['(', ']', ' ', '='])
        .next()
        .unwrap_or_default()
        .trim();
    let last = path.rsplit("::").next().unwrap_or(path);
    [
        "test",
        "rstest",
        "test_case",
        "quickcheck",
        "wasm_bindgen_test",
        "test_log",
    ]
    .contains(&last)
}

fn skipped(attributes: &str) -> Option<String> {
    let never = attributes
        .contains("#[cfg(any())]")
        .then(|| "#[cfg(any())]".to_owned());
    let ignored = attributes.split("#[").any(|attribute| {
        let rest = attribute.strip_prefix("ignore");
        rest.is_some_and(|rest| rest.starts_with([']', ' ', '=']))
    });
    never.or_else(|| ignored.then(|| format!("#[{}]", "ignore")))
}
