//! Tests in Go: `func TestX(t *testing.T)`, also fuzz tests and examples.

use std::sync::LazyLock;

use regex::Regex;

use super::lex::Source;
use super::{Test, body, measure};

static FUNCTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^func\s+((?:Test|Fuzz)[A-Z_0-9]\w*)\s*\(\s*\w+\s+\*testing\.[TF]\s*\)").ok()
});

static SKIP: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bt\.Skip(?:f|Now)?\(").ok());

pub(super) fn tests(source: &Source<'_>) -> Vec<Test> {
    let Some(function) = FUNCTION.as_ref() else {
        return vec![];
    };
    let excluded = source
        .text
        .lines()
        .take_while(|line| !line.starts_with("package "))
        .find(|line| line.starts_with("//go:build ignore"));
    let functions = function.captures_iter(&source.code).filter_map(|found| {
        let name = found.get(1)?;
        let end = source.closing(found.get(0)?.end(), b'{', b'}')?;
        let code = &source.code[name.end()..end];
        let skip = SKIP.as_ref().and_then(|skip| skip.find(code));
        Some(Test {
            name: name.as_str().to_owned(),
            line: source.line(name.start()),
            skipped: excluded
                .or(skip.map(|call| call.as_str().trim_end_matches('(')))
                .map(str::to_owned),
            focused: None,
            checks: measure::checks(source.language, code),
            body: body(&source.text[name.end()..end]),
        })
    });
    functions.collect()
}
