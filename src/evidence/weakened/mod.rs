//! What a change did to the tests themselves: deleted, skipped, emptied, commented out, made to match by a new golden
//! file, or no longer run. Read from the text of the files alone, so these are findings to show to a person, each with
//! its reason, not proofs; what is not clear is not told.

mod config;
mod golang;
mod golden;
mod javascript;
mod lex;
mod measure;
mod pair;
mod python;
mod rust;

use serde::{Deserialize, Serialize};

use super::text;
use lex::{Language, Source};
use pair::Known;

/// A file that a change touches, before and after.
#[derive(Debug, Clone, Copy)]
pub struct ChangedFile<'t> {
    /// Relative to the repository.
    pub path: &'t str,
    /// Nothing when the change adds it.
    pub before: Option<&'t str>,
    /// Nothing when the change deletes it.
    pub after: Option<&'t str>,
}

/// One way in which tests became weaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weakened {
    /// The file.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// Whose line it is: what is gone has none in the new file.
    pub side: Side,
    /// What kind of weakening.
    pub kind: Weakening,
    /// For people.
    pub why: String,
    /// The test, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
}

/// Of which version of a file a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The old file.
    Before,
    /// The new file.
    After,
}

/// The kinds of weakening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weakening {
    /// A test is gone.
    Deleted,
    /// A test is text in a comment now.
    CommentedOut,
    /// A test is there and no longer found by its framework.
    Unmarked,
    /// A test is skipped, or expected to fail.
    Skipped,
    /// One test was singled out, so that the others do not run.
    Focused,
    /// A test checks less than before.
    FewerAssertions,
    /// A test compares less exactly than before.
    LooserAssertions,
    /// An assertion that always holds.
    Tautology,
    /// A golden file changed and nothing else explains why.
    Golden,
    /// The configuration of tests or CI leaves tests out.
    Configuration,
}

/// Larger files are generated.
const SIZE: usize = 1 << 20;

/// What a change did to the tests, file by file.
pub fn weakened(diff_files: &[ChangedFile<'_>]) -> Vec<Weakened> {
    let small = |text: &Option<&str>| text.is_none_or(|text| text.len() <= SIZE);
    let files = diff_files
        .iter()
        .filter(|file| small(&file.before) && small(&file.after));
    let mut found = Vec::new();
    let mut known = Known::default();
    for file in files {
        found.extend(config::weakened(file));
        if let Some(language) = Language::of(file.path) {
            known.add(file, language);
        }
    }
    found.extend(known.weakened());
    found.extend(golden::weakened(diff_files));
    for weak in &mut found {
        weak.why = text::head(&weak.why).unwrap_or_default();
    }
    found.sort_by(|a, b| (&a.path, a.line, a.kind).cmp(&(&b.path, b.line, b.kind)));
    found.dedup();
    found
}

/// A test as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    /// With the names of what it stands in.
    name: String,
    /// Where it begins, counted from 1.
    line: u32,
    /// The words that skip it.
    skipped: Option<String>,
    /// The word that singles it out.
    focused: Option<String>,
    /// What it checks.
    checks: measure::Checks,
    /// Its lines, without indent: to find it again under another name.
    body: Vec<String>,
}

/// The tests of a file.
fn tests(source: &Source<'_>) -> Vec<Test> {
    match source.language {
        Language::Rust => rust::tests(source),
        Language::Python => python::tests(source),
        Language::JavaScript => javascript::tests(source),
        Language::Go => golang::tests(source),
    }
}

/// The lines of a body that say something.
fn body(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| line.len() > 1);
    lines.map(str::to_owned).collect()
}

/// The same without the first line where there are more: it names the test.
fn body_below(text: &str) -> Vec<String> {
    let mut lines = body(text);
    if lines.len() > 1 {
        lines.remove(0);
    }
    lines
}
