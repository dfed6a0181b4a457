//! Whether a file can still be parsed: what a change breaks is told when it is made, not when something is built.

use crate::syntax::Grammar;

/// Errors that are told.
const TOLD: usize = 5;

/// Fails, in words for a model, when the new text has syntax errors that the old one has not. Of a file that could not be
/// parsed before, or whose language is not known, little is asked.
pub(super) fn check(path: &str, before: Option<&str>, after: &str) -> Result<(), String> {
    let Some(grammar) = Grammar::of(path) else {
        return Ok(());
    };
    let now = grammar.errors(after).unwrap_or_default();
    if now.is_empty() {
        return Ok(());
    }
    let then = before.and_then(|before| grammar.errors(before));
    let then = then.unwrap_or_default();
    if now.len() <= then.len() {
        return Ok(());
    }
    let old: Vec<&str> = then.iter().map(|(_, text)| text.as_str()).collect();
    let mut new: Vec<&(usize, String)> = now
        .iter()
        .filter(|(_, text)| !old.contains(&text.as_str()))
        .collect();
    if new.is_empty() {
        new = now.iter().collect();
    }
    let told: Vec<String> = new
        .iter()
        .take(TOLD)
        .map(|(line, text)| format!("{line:>6}\t{text}"))
        .collect();
    Err(format!(
        "nothing was changed, for the file would have new syntax errors at\n{}\nMend the text, or set \
         allow_syntax_errors if it has to be so",
        told.join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_breaks_a_file_is_told_in_every_language() {
        for (path, good, bad) in [
            (
                "a.rs",
                "fn a() -> u8 {\n    1\n}\n",
                "fn a() -> u8 {\n    1\n",
            ),
            (
                "a.py",
                "def a():\n    return 1\n",
                "def a(:\n    return 1\n",
            ),
            ("a.js", "const a = [1];\n", "const a = [1;\n"),
            ("a.jsx", "const a = <b>c</b>;\n", "const a = <b>c</d;\n"),
            ("a.ts", "const a: number = 1;\n", "const a: = 1;\n"),
            (
                "a.tsx",
                "const a = <b>{c as d}</b>;\n",
                "const a = <b>{c as d</b>;\n",
            ),
            (
                "a.go",
                "package a\n\nfunc b() {}\n",
                "package a\n\nfunc b( {}\n",
            ),
        ] {
            assert_eq!(check(path, Some(good), good), Ok(()), "{path}");
            assert_eq!(check(path, None, good), Ok(()), "{path}");
            let wrong = check(path, Some(good), bad).expect_err(path);
            assert!(wrong.contains("new syntax errors"), "{path}: {wrong}");
            check(path, None, bad).expect_err(path);
            // What was broken before may stay so, and may be mended.
            assert_eq!(check(path, Some(bad), bad), Ok(()), "{path}");
            assert_eq!(check(path, Some(bad), good), Ok(()), "{path}");
        }
    }

    #[test]
    fn the_line_is_told() {
        let wrong = check(
            "x/a.py",
            Some("a = 1\n"),
            "a = 1\nb = 2\ndef c(:\n    pass\n",
        );
        assert!(wrong.expect_err("broken").contains("     3\tdef c(:"));
    }

    #[test]
    fn what_is_no_program_or_too_long_is_let_pass() {
        assert_eq!(check("README.md", None, "fn ("), Ok(()));
        assert_eq!(check("Makefile", None, "fn ("), Ok(()));
        let long = "x = (\n".repeat(200_000);
        assert_eq!(check("a.py", Some("x = 1\n"), &long), Ok(()));
    }
}
