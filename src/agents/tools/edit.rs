//! Changing files: by replacing text that must be found exactly once, or as a whole.

use serde::Deserialize;
use similar::TextDiff;
use workflows::StepError;

use super::{Said, files};
use crate::agents::desk::Desk;

/// Replaces text in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct EditFile {
    pub(super) path: String,
    old_string: String,
    new_string: String,
    #[serde(default)]
    replace_all: bool,
}

/// Writes a whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct WriteFile {
    pub(super) path: String,
    content: String,
    #[serde(default)]
    overwrite: bool,
}

impl EditFile {
    pub(super) async fn perform(&self, desk: &Desk<'_>, known: bool) -> Result<Said, StepError> {
        if !known {
            return Ok(Said::wrong("read the file before you change it"));
        }
        let workspace = desk.ready().await?;
        let root = workspace.path();
        let done = files::read(root, &self.path).and_then(|text| {
            let (new, many) = replace(&text, &self.old_string, &self.new_string, self.replace_all)?;
            files::write(root, &self.path, &new)?;
            Ok(many)
        });
        Ok(match done {
            Ok(1) => Said::well(format!("{}: replaced", self.path)),
            Ok(many) => Said::well(format!("{}: replaced {many} times", self.path)),
            Err(wrong) => Said::wrong(format!("{}: {wrong}", self.path)),
        })
    }
}

impl WriteFile {
    pub(super) async fn perform(&self, desk: &Desk<'_>, known: bool) -> Result<Said, StepError> {
        let workspace = desk.ready().await?;
        let root = workspace.path();
        if files::exists(root, &self.path) && !(self.overwrite && known) {
            return Ok(Said::wrong(
                "the file is there; read it and edit it, or read it and set overwrite",
            ));
        }
        Ok(match files::write(root, &self.path, &self.content) {
            Ok(()) => {
                let lines = self.content.lines().count();
                Said::well(format!("{}: {lines} lines written", self.path))
            }
            Err(wrong) => Said::wrong(format!("{}: {wrong}", self.path)),
        })
    }
}

/// How much a line of the file may differ from a line that is looked for.
type Alike = fn(&str, &str) -> bool;

/// From strict to lenient; the first that finds anything counts.
const TIERS: [Alike; 4] = [
    |a, b| a == b,
    |a, b| a.trim_end() == b.trim_end(),
    |a, b| a.trim() == b.trim(),
    |a, b| plain(a.trim()) == plain(b.trim()),
];

/// Punctuation that models like to make prettier than it is.
fn plain(line: &str) -> String {
    line.chars()
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '\u{a0}' => ' ',
            other => other,
        })
        .collect()
}

/// The text with `old` replaced by `new`, and how often; or what is wrong, with the lines that come nearest.
pub(in crate::agents) fn replace(
    text: &str,
    old: &str,
    new: &str,
    all: bool,
) -> Result<(String, usize), String> {
    if old.is_empty() {
        return Err("there is nothing to look for".to_owned());
    }
    if old == new {
        return Err("the new text is the old one".to_owned());
    }
    // The file keeps its line ends.
    let crlf = text.contains("\r\n");
    let lf = |s: &str| s.replace("\r\n", "\n");
    let (plain_text, old, new) = (lf(text), lf(old), lf(new));
    let back = |s: String| if crlf { s.replace('\n', "\r\n") } else { s };
    match plain_text.matches(old.as_str()).count() {
        0 => {}
        1 => return Ok((back(plain_text.replacen(&old, &new, 1)), 1)),
        many if all => return Ok((back(plain_text.replace(&old, &new)), many)),
        many => {
            return Err(format!(
                "the old text is there {many} times; show more around it, or set replace_all"
            ));
        }
    }
    by_lines(&plain_text, &old, &new).map(|done| (back(done), 1))
}

/// The same on whole lines, more and more lenient about space and punctuation.
fn by_lines(text: &str, old: &str, new: &str) -> Result<String, String> {
    let lines: Vec<&str> = text.lines().collect();
    let wanted: Vec<&str> = old.lines().collect();
    for (tier, alike) in TIERS.iter().enumerate() {
        let fits = |at: &usize| lines[*at..].iter().zip(&wanted).all(|(a, b)| alike(a, b));
        let starts = 0..(lines.len() + 1).saturating_sub(wanted.len());
        let found: Vec<usize> = starts.filter(fits).collect();
        match found.as_slice() {
            [] => {}
            [at] => {
                let shift = if tier >= 2 {
                    indent(lines[*at], wanted[0])
                } else {
                    Shift::default()
                };
                let middle: Vec<String> = new.lines().map(|line| shift.apply(line)).collect();
                let mut out: Vec<String> = lines[..*at].iter().map(|s| (*s).to_owned()).collect();
                out.extend(middle);
                out.extend(lines[at + wanted.len()..].iter().map(|s| (*s).to_owned()));
                let end = if text.ends_with('\n') { "\n" } else { "" };
                return Ok(out.join("\n") + end);
            }
            many => {
                return Err(format!(
                    "the old text fits in {} places; show more around it",
                    many.len()
                ));
            }
        }
    }
    Err(nearest(text, &lines, &wanted, new))
}

/// The difference between the indentation in the file and the one that was looked for.
#[derive(Debug, Default)]
struct Shift {
    add: String,
    drop: usize,
}

fn indent(real: &str, wanted: &str) -> Shift {
    let leading = |line: &str| line[..line.len() - line.trim_start().len()].to_owned();
    let (real, wanted) = (leading(real), leading(wanted));
    match real.strip_suffix(wanted.as_str()) {
        Some(more) => Shift {
            add: more.to_owned(),
            drop: 0,
        },
        None => Shift {
            add: String::new(),
            drop: wanted.len().saturating_sub(real.len()),
        },
    }
}

impl Shift {
    fn apply(&self, line: &str) -> String {
        if line.trim().is_empty() {
            return line.to_owned();
        }
        let leading = line.len() - line.trim_start().len();
        format!("{}{}", self.add, &line[self.drop.min(leading)..])
    }
}

/// What to tell a model whose text was not found.
fn nearest(text: &str, lines: &[&str], wanted: &[&str], new: &str) -> String {
    if !new.trim().is_empty() && text.contains(new.trim_end()) {
        return "the old text is not there, but the new one is: it may have been replaced already"
            .to_owned();
    }
    let size = wanted.len().max(1);
    let old = wanted.join("\n");
    let best = lines
        .windows(size.min(lines.len().max(1)))
        .enumerate()
        .take(5_000)
        .map(|(at, window)| (TextDiff::from_chars(&window.join("\n"), &old).ratio(), at))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((ratio, at)) if ratio >= 0.6 => {
            let near: Vec<String> = (at + 1..)
                .zip(&lines[at..(at + size).min(lines.len())])
                .map(|(number, line)| format!("{number:>6}\t{line}"))
                .collect();
            format!(
                "the old text is not there; what comes nearest is\n{}",
                near.join("\n")
            )
        }
        _ => "the old text is not there, nor anything like it; read the file again".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, old: &str, new: &str) -> Result<String, String> {
        replace(text, old, new, false).map(|(text, _)| text)
    }

    #[test]
    fn what_is_there_once_is_replaced() {
        assert_eq!(one("a b c\n", "b", "x").unwrap(), "a x c\n");
        assert!(one("a b b\n", "b", "x").unwrap_err().contains("2 times"));
        assert_eq!(
            replace("a b b\n", "b", "x", true).unwrap(),
            ("a x x\n".into(), 2)
        );
    }

    #[test]
    fn line_ends_and_missing_last_newline_stay() {
        assert_eq!(one("a\r\nb\r\n", "a\nb", "a\nc").unwrap(), "a\r\nc\r\n");
        assert_eq!(one("a  \nb", "a\nb", "c\nd").unwrap(), "c\nd");
    }

    #[test]
    fn indentation_follows_the_file() {
        let text = "fn a() {\n        one();\n        two();\n}\n";
        let done = one(
            text,
            "    one();\n    two();",
            "    one();\n    if x {\n        three();\n    }",
        )
        .unwrap();
        assert_eq!(
            done,
            "fn a() {\n        one();\n        if x {\n            three();\n        }\n}\n"
        );
    }

    #[test]
    fn pretty_quotes_find_plain_ones() {
        assert_eq!(
            one("say(\"hi\")\n", "say(\u{201c}hi\u{201d})", "say(\"ho\")").unwrap(),
            "say(\"ho\")\n"
        );
    }

    #[test]
    fn a_miss_shows_what_comes_nearest_or_that_it_is_done() {
        let wrong = one(
            "let total = 1;\nlet other = 2;\n",
            "let totals = 1;",
            "let total = 3;",
        )
        .unwrap_err();
        assert!(wrong.contains("     1\tlet total = 1;"), "{wrong}");
        let wrong = one("let total = 3;\n", "let total = 1;", "let total = 3;").unwrap_err();
        assert!(wrong.contains("already"), "{wrong}");
        assert!(
            one("x\n", "something else entirely", "y")
                .unwrap_err()
                .contains("nor anything like it")
        );
    }
}
