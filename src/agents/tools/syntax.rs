//! Whether a file can still be parsed: what a change breaks is told when it is made, not when something is built.

use tree_sitter::{Language, Node, Parser};

/// Longer texts are not parsed.
const LARGEST: usize = 500_000;
/// Errors that are looked for and told.
const COUNTED: usize = 50;
const TOLD: usize = 5;
/// Characters of a line that are told.
const WIDTH: usize = 200;

/// The language of a file, by its name.
fn language(path: &str) -> Option<Language> {
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match ending {
        "rs" => tree_sitter_rust::LANGUAGE.into(),
        "py" | "pyi" => tree_sitter_python::LANGUAGE.into(),
        "js" | "mjs" | "cjs" | "jsx" => tree_sitter_javascript::LANGUAGE.into(),
        "ts" | "mts" | "cts" => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        "tsx" => tree_sitter_typescript::LANGUAGE_TSX.into(),
        "go" => tree_sitter_go::LANGUAGE.into(),
        _ => return None,
    })
}

/// Fails, in words for a model, when the new text has syntax errors that the old one has not. Of a file that could not be
/// parsed before, or whose language is not known, little is asked.
pub(super) fn check(path: &str, before: Option<&str>, after: &str) -> Result<(), String> {
    let Some(language) = language(path) else {
        return Ok(());
    };
    let now = errors(&language, after).unwrap_or_default();
    if now.is_empty() {
        return Ok(());
    }
    let then = before.and_then(|before| errors(&language, before));
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

/// The lines where a text cannot be parsed, in order; nothing when it is not tried.
fn errors(language: &Language, text: &str) -> Option<Vec<(usize, String)>> {
    if text.len() > LARGEST {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    let tree = parser.parse(text, None)?;
    let mut rows = Vec::new();
    let mut open = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        let mut cursor = node.walk();
        let below: Vec<_> = node.children(&mut cursor).collect();
        let wrong = |node: &&Node<'_>| node.is_missing() || node.has_error();
        let before = open.len();
        open.extend(below.iter().filter(wrong));
        // What is wrong within says more than what is wrong around it.
        let innermost = open.len() == before;
        if innermost && (node.is_error() || node.is_missing()) {
            // Of a text that makes no sense as a whole, the end is where sense was last looked for.
            let whole = node.parent().is_none();
            let at = below.last().filter(|_| whole).unwrap_or(&node);
            rows.push(at.start_position().row);
        }
        if rows.len() >= COUNTED {
            break;
        }
    }
    rows.sort_unstable();
    let lines: Vec<&str> = text.split('\n').collect();
    let told = |row: usize| {
        let line = lines.get(row).copied().unwrap_or_default();
        (row + 1, line.trim_end().chars().take(WIDTH).collect())
    };
    Some(rows.into_iter().map(told).collect())
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
