//! Changing files: by replacing text that must be found exactly once, or as a whole.

use std::path::Path;

use serde::Deserialize;
use workflows::StepError;

use super::{Said, aside, files, near::nearest, syntax};
use crate::agents::desk::Desk;

/// Replaces text in a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct EditFile {
    pub(super) path: String,
    old_string: String,
    new_string: String,
    #[serde(default)]
    replace_all: bool,
    #[serde(default)]
    allow_syntax_errors: bool,
}

/// Writes a whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct WriteFile {
    pub(super) path: String,
    content: String,
    #[serde(default)]
    overwrite: bool,
    #[serde(default)]
    allow_syntax_errors: bool,
}

impl EditFile {
    pub(super) async fn perform(&self, desk: &Desk<'_>, known: bool) -> Result<Said, StepError> {
        if !known {
            return Ok(Said::wrong("read the file before you change it"));
        }
        let workspace = desk.ready().await?;
        let this = self.clone();
        // Who has the first edition of the tools has no word to insist with.
        let checked = desk.edition > 0 && !self.allow_syntax_errors;
        let done = aside(move || this.edit(workspace.path(), checked)).await?;
        Ok(match done {
            Ok(1) => Said::well(format!("{}: replaced", self.path)),
            Ok(many) => Said::well(format!("{}: replaced {many} times", self.path)),
            Err(wrong) => Said::wrong(format!("{}: {wrong}", self.path)),
        })
    }

    fn edit(&self, root: &Path, checked: bool) -> Result<usize, String> {
        let text = files::read(root, &self.path)?;
        let (new, many) = replace(&text, &self.old_string, &self.new_string, self.replace_all)?;
        if checked {
            syntax::check(&self.path, Some(&text), &new)?;
        }
        files::write(root, &self.path, &new)?;
        Ok(many)
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
        let this = self.clone();
        let checked = desk.edition > 0 && !self.allow_syntax_errors;
        let root = root.to_owned();
        Ok(match aside(move || this.write(&root, checked)).await? {
            Ok(()) => {
                let lines = self.content.lines().count();
                Said::well(format!("{}: {lines} lines written", self.path))
            }
            Err(wrong) => Said::wrong(format!("{}: {wrong}", self.path)),
        })
    }
}

impl WriteFile {
    fn write(&self, root: &Path, checked: bool) -> Result<(), String> {
        if checked {
            let before = files::read(root, &self.path).ok();
            syntax::check(&self.path, before.as_deref(), &self.content)?;
        }
        files::write(root, &self.path, &self.content)
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
    // Line ends are no part of what is looked for; each line of the file keeps its own.
    let lf = |s: &str| s.replace("\r\n", "\n");
    let (plain, old, new) = (lf(text), lf(old), lf(new));
    let spans: Vec<Span> = match plain.match_indices(old.as_str()).count() {
        0 => vec![by_lines(&plain, &old, &new)?],
        many if many > 1 && !all => {
            return Err(format!(
                "the old text is there {many} times; show more around it, or set replace_all"
            ));
        }
        _ => {
            let found = plain.match_indices(old.as_str());
            let span = |(from, _)| Span {
                from,
                to: from + old.len(),
                text: new.clone(),
            };
            found.map(span).collect()
        }
    };
    Ok((put(text, &plain, &spans), spans.len()))
}

/// A part of a text, and what takes its place. Line ends are plain.
#[derive(Debug)]
struct Span {
    from: usize,
    to: usize,
    text: String,
}

/// The text with these parts replaced. `plain` is the same text with plain line ends, which is what the parts are of.
fn put(text: &str, plain: &str, spans: &[Span]) -> String {
    // Where, in `plain`, a line ends with two characters in the file.
    let mut double = Vec::new();
    for (taken, (at, _)) in text.match_indices("\r\n").enumerate() {
        double.push(at - taken);
    }
    let before = |at: usize| double.partition_point(|end| *end < at);
    let real = |at: usize| at + before(at);
    let is_double = |at: usize| double.binary_search(&at).is_ok();
    let end_of = |at: usize| if is_double(at) { "\r\n" } else { "\n" };
    let (mut done, mut rest) = (String::with_capacity(text.len()), 0);
    for span in spans {
        done += &text[real(rest)..real(span.from)];
        let inside = plain[span.from..span.to].match_indices('\n');
        let mut ends = inside.map(|(at, _)| end_of(span.from + at));
        // More lines than before end as the line does in which they stand, or as the one before it.
        let after = plain[span.to..].find('\n').map(|at| span.to + at);
        let around = after.or_else(|| plain[..span.from].rfind('\n'));
        let mut end = around.map_or("\n", end_of);
        for (nth, line) in span.text.split('\n').enumerate() {
            if nth > 0 {
                end = ends.next().unwrap_or(end);
                done += end;
            }
            done += line;
        }
        rest = span.to;
    }
    done + &text[real(rest)..]
}

/// The same on whole lines, more and more lenient about space and punctuation.
fn by_lines(text: &str, old: &str, new: &str) -> Result<Span, String> {
    let lines: Vec<&str> = text.split_terminator('\n').collect();
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
                let length =
                    |lines: &[&str]| lines.iter().map(|line| line.len() + 1).sum::<usize>();
                let from = length(&lines[..*at]);
                let whole = from + length(&lines[*at..at + wanted.len()]);
                // With nothing in their place, the lines go with their ends.
                let to = if middle.is_empty() { whole } else { whole - 1 };
                return Ok(Span {
                    from,
                    to: to.min(text.len()),
                    text: middle.join("\n"),
                });
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
    fn each_line_keeps_its_own_end() {
        let mixed = "a\r\nb\nc\r\nd\n";
        assert_eq!(one(mixed, "b", "x").unwrap(), "a\r\nx\nc\r\nd\n");
        assert_eq!(one(mixed, "a\nb\n", "a\ny\n").unwrap(), "a\r\ny\nc\r\nd\n");
        assert_eq!(
            one(mixed, "c", "c\nmore").unwrap(),
            "a\r\nb\nc\r\nmore\r\nd\n"
        );
        assert_eq!(one(mixed, "d\n", "d\ne\n").unwrap(), "a\r\nb\nc\r\nd\ne\n");
        assert_eq!(one(mixed, "  c", "z").unwrap(), "a\r\nb\nz\r\nd\n");
        assert_eq!(
            replace("b\r\nb\n", "b\n", "x\n", true).unwrap(),
            ("x\r\nx\n".into(), 2)
        );
        assert_eq!(one("a  \nb  \nc", "a\nb", "").unwrap(), "c");
    }

    #[test]
    fn a_miss_in_a_long_file_is_told_soon() {
        let line = |n: usize| format!("    let value_{n} = compute(input_{n}, {n}); // {n}\n");
        let text: String = (0..20_000).map(line).collect();
        let old: String = (12_000..12_100).map(line).collect();
        let old = old.replace("value_12050", "other");
        let begun = std::time::Instant::now();
        let wrong = one(&text, &old, "x").unwrap_err();
        assert!(wrong.contains(" 12001\t    let value_12000"), "{wrong}");
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
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
