//! A source file with its code, its comments and its strings told apart, at the same places as in the text.

/// A language whose tests are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    Python,
    /// And TypeScript.
    JavaScript,
    Go,
}

impl Language {
    /// The language of a file that may hold tests.
    pub(super) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, ending) = name.rsplit_once('.')?;
        let in_tests = path
            .split('/')
            .any(|part| ["tests", "test", "__tests__", "spec"].contains(&part));
        match ending {
            "rs" => Some(Self::Rust),
            "go" => stem.ends_with("_test").then_some(Self::Go),
            "py" => (stem.starts_with("test") || stem.ends_with("_test") || in_tests)
                .then_some(Self::Python),
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" => {
                let named = [".test", ".spec", "-test", "_test"]
                    .iter()
                    .any(|end| stem.ends_with(end));
                (named || in_tests || stem == "test").then_some(Self::JavaScript)
            }
            _ => None,
        }
    }
}

/// One version of one file.
#[derive(Debug)]
pub(super) struct Source<'t> {
    pub(super) language: Language,
    pub(super) text: &'t str,
    /// The text with comments and the insides of strings as blanks; every byte stands where it stood.
    pub(super) code: String,
    /// The text with everything but comments as blanks.
    pub(super) comments: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    Text,
}

impl<'t> Source<'t> {
    pub(super) fn new(language: Language, text: &'t str) -> Self {
        let mut code = Vec::with_capacity(text.len());
        let mut comments = Vec::with_capacity(text.len());
        let mut at = 0;
        let mut last = b'\n';
        while at < text.len() {
            let (kind, length) = next(language, &text[at..], last);
            for &byte in &text.as_bytes()[at..at + length] {
                let keep = |kept: bool| if kept || byte == b'\n' { byte } else { b' ' };
                code.push(keep(kind == Kind::Code));
                comments.push(keep(kind == Kind::Comment));
                if kind == Kind::Code && !byte.is_ascii_whitespace() {
                    last = byte;
                }
            }
            if kind == Kind::Text {
                // The quotes stay: where a string was, there is still an argument.
                mark(&mut code, at, length);
                last = b'"';
            }
            at += length;
        }
        // Whole characters were kept or blanked, so both are text.
        let string = |bytes| String::from_utf8(bytes).unwrap_or_default();
        Self {
            language,
            text,
            code: string(code),
            comments: string(comments),
        }
    }

    /// The line of a place, counted from 1.
    pub(super) fn line(&self, at: usize) -> u32 {
        let breaks = self.text.as_bytes()[..at.min(self.text.len())]
            .iter()
            .filter(|&&b| b == b'\n')
            .count();
        u32::try_from(breaks + 1).unwrap_or(u32::MAX)
    }

    /// Where what opens at or after `from` is closed again, behind the bracket.
    pub(super) fn closing(&self, from: usize, open: u8, close: u8) -> Option<usize> {
        let bytes = self.code.as_bytes();
        let start = from + bytes.get(from..)?.iter().position(|&b| b == open)?;
        let mut depth = 0_usize;
        for (at, &byte) in bytes.iter().enumerate().skip(start) {
            if byte == open {
                depth += 1;
            } else if byte == close {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
        }
        None
    }
}

fn mark(code: &mut [u8], at: usize, length: usize) {
    if length > 1 {
        code[at] = b'"';
        code[at + length - 1] = b'"';
    }
}

/// The kind of what comes next, and how long it is; never zero.
fn next(language: Language, rest: &str, last: u8) -> (Kind, usize) {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    if let Some(length) = comment(language, rest) {
        return (Kind::Comment, length.max(1));
    }
    if let Some(length) = string(language, rest, last) {
        return (Kind::Text, length.max(1));
    }
    (Kind::Code, first)
}

fn comment(language: Language, rest: &str) -> Option<usize> {
    let line = if language == Language::Python {
        "#"
    } else {
        "//"
    };
    if rest.starts_with(line) {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if language == Language::Python || !rest.starts_with("/*") {
        return None;
    }
    let end = if language == Language::Rust {
        nested(rest)
    } else {
        rest.find("*/").map(|at| at + 2)
    };
    Some(end.unwrap_or(rest.len()))
}

/// Rust's comments nest.
fn nested(rest: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = rest[at..].find(['/', '*']) {
        at += found;
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    None
}

fn string(language: Language, rest: &str, last: u8) -> Option<usize> {
    let word = last.is_ascii_alphanumeric() || last == b'_';
    match (language, rest.as_bytes()[0]) {
        (Language::Rust, b'r' | b'b' | b'c') if !word => raw(rest),
        (Language::Rust, b'\'') => character(rest),
        (Language::Python, b'"' | b'\'') => {
            let quote = &rest[..1];
            let triple = quote.repeat(3);
            if rest.starts_with(&triple) {
                return Some(rest[3..].find(&triple).map_or(rest.len(), |at| at + 6));
            }
            Some(quoted(rest, true))
        }
        (Language::Go, b'`') => Some(rest[1..].find('`').map_or(rest.len(), |at| at + 2)),
        (Language::JavaScript, b'`') => Some(quoted(rest, false)),
        (Language::JavaScript, b'/') => pattern(rest, last),
        (Language::JavaScript | Language::Go, b'\'') => Some(quoted(rest, true)),
        (Language::Rust, b'"') => Some(quoted(rest, false)),
        (Language::JavaScript | Language::Go, b'"') => Some(quoted(rest, true)),
        _ => None,
    }
}

/// To the closing quote, or to the end of the line where a string cannot go further.
fn quoted(rest: &str, one_line: bool) -> usize {
    let quote = rest.as_bytes()[0];
    let mut escaped = false;
    for (at, &byte) in rest.as_bytes().iter().enumerate().skip(1) {
        if byte == b'\n' && one_line && !escaped {
            return at;
        }
        if escaped {
            escaped = false;
        } else if byte == b'\\' {
            escaped = true;
        } else if byte == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// `r#"…"#`, `br"…"`; an identifier that begins like one is none.
fn raw(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"]
        .iter()
        .find(|prefix| rest.starts_with(**prefix))?;
    let after = &rest[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    if !after[hashes..].starts_with('"') {
        return None;
    }
    let start = prefix.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(
        rest[start..]
            .find(&end)
            .map_or(rest.len(), |at| start + at + end.len()),
    )
}

/// `'a'`, `'\n'`, but not `'static`.
fn character(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        return rest[2..]
            .find('\'')
            .map(|at| at + 3)
            .filter(|&end| end < 14)
            .or(Some(1));
    }
    let (at, second) = chars.next()?;
    (second == '\'').then_some(at + 1)
}

/// A regular expression, where a division cannot stand.
fn pattern(rest: &str, last: u8) -> Option<usize> {
    if !b"(,=:[!&|?{};\n+>".contains(&last) {
        return None;
    }
    let end = quoted(rest, true);
    rest[..end]
        .ends_with('/')
        .then_some(end)
        .filter(|&end| end > 1)
}

#[test]
fn code_is_told_from_comments_and_strings() {
    let code = |language, text| Source::new(language, text).code;
    let rust = "let a = \"x } // y\"; // b {\nlet c = '}'; let d: &'static str = r#\"\"}\"#; /* { /* */ } */ e";
    let seen = code(Language::Rust, rust);
    assert_eq!(seen.len(), rust.len());
    assert!(
        !seen.contains(['{', '}']) && seen.contains("'static") && seen.ends_with("e"),
        "{seen}"
    );
    assert_eq!(
        code(Language::Python, "x = '''a\nb''' # c").trim_end(),
        "x = \"   \n   \""
    );
    assert_eq!(
        code(Language::JavaScript, "a(/'}/, `{`)"),
        "a(\"  \", \" \")"
    );
    assert_eq!(code(Language::Go, "a := `{\"`"), "a := \"  \"");
}
