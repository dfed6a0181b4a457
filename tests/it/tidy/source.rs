//! A Rust file with what is code told apart from what is text.

/// One file.
pub(super) struct Source {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    /// As written.
    pub(super) lines: Vec<String>,
    /// The same lines with comments, strings and characters blanked out.
    pub(super) code: Vec<String>,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        Self {
            path: path.replace('\\', "/"),
            lines: lines(text),
            code: lines(&blank(text)),
        }
    }

    /// The lines of code with their numbers, up to where the tests of the file begin.
    pub(super) fn product(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.path.ends_with("/tests.rs") || self.path.contains("/tests/");
        let begins = |pair: &[String]| pair[0].trim() == "#[cfg(test)]" && pair[1].contains("mod ");
        let end = self.lines.windows(2).position(begins);
        let end = if tests {
            0
        } else {
            end.unwrap_or(self.code.len())
        };
        self.numbered().take(end)
    }

    /// All lines of code with their numbers.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .iter()
            .enumerate()
            .map(|(index, line)| (index + 1, line.as_str()))
    }
}

/// Replaces everything that is not code by spaces, keeping line breaks.
fn blank(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let end = at + not_code(&characters[at..], at.checked_sub(1).map(|i| characters[i]));
        if end == at {
            out.push(characters[at]);
            at += 1;
        } else {
            out.extend(
                characters[at..end]
                    .iter()
                    .map(|&c| if c == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        }
    }
    out
}

/// How many characters of what begins here are a comment, a string or a character.
fn not_code(rest: &[char], before: Option<char>) -> usize {
    let word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    match rest {
        ['/', '/', ..] => rest.iter().position(|&c| c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => block_comment(rest),
        ['"', ..] => quoted(rest, '"'),
        ['r', '"' | '#', ..] if !word => raw_string(&rest[1..]).map_or(0, |n| n + 1),
        ['b' | 'c', 'r', '"' | '#', ..] if !word => raw_string(&rest[2..]).map_or(0, |n| n + 2),
        // A character, not a lifetime: it is escaped, or it ends right after one.
        ['\'', '\\', ..] | ['\'', _, '\'', ..] => quoted(rest, '\''),
        _ => 0,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[char], mark: char) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            c if c == mark => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `#"…"#` with any number of marks; `None` for a raw identifier.
fn raw_string(rest: &[char]) -> Option<usize> {
    let marks = rest.iter().take_while(|&&c| c == '#').count();
    if rest.get(marks) != Some(&'"') {
        return None;
    }
    let end = (marks + 1..rest.len()).find(|&at| {
        let close = &rest[at..rest.len().min(at + 1 + marks)];
        close.len() == marks + 1 && close[0] == '"' && close[1..].iter().all(|&c| c == '#')
    });
    Some(end.map_or(rest.len(), |at| at + 1 + marks))
}

#[test]
fn only_code_is_left() {
    for (text, code) in [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        (
            r#"f("x\"{", '{', '\'', b"{")"#,
            r"f(      ,    ,     , b   )",
        ),
        ("r#\"a\"{\"# b", "         b"),
        ("fn r#type<'a>(x: &'a u8) {}", "fn r#type<'a>(x: &'a u8) {}"),
    ] {
        let blanked = blank(text);
        assert_eq!(blanked, code);
        assert_eq!(blanked.chars().count(), text.chars().count());
    }
}
