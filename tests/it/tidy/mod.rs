//! House rules that a compiler cannot know, enforced by reading the source tree.
//!
//! A rule names the file, the line, itself and its reason. Mend the code; when the rule is wrong,
//! change it here, in a commit of its own that says why.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

mod imports;
mod shape;
mod source;
mod words;

use source::Source;

/// A place where a rule is broken.
struct Breach {
    file: String,
    line: usize,
    rule: String,
    why: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}\n    {}",
            self.file, self.line, self.rule, self.why
        )
    }
}

/// The folders that hold Rust of ours.
const RUST: [&str; 6] = ["src", "workflows", "jobs", "tests", "examples", "benches"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below these folders with this ending, relative to the root, sorted.
fn files(folders: &[&str], ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn rust_sources() -> Vec<Source> {
    let sources = files(&RUST, "rs").into_iter().map(|path| {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        Source::new(path.to_str().unwrap(), &text)
    });
    sources.collect()
}

/// Fails with every breach at once.
fn report(breaches: &[Breach]) {
    let list: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(
        list.is_empty(),
        "{} house rules are broken:\n\n{}\n",
        list.len(),
        list.join("\n")
    );
}

fn check(rule: impl Fn(&Source) -> Vec<Breach>) {
    report(&rust_sources().iter().flat_map(rule).collect::<Vec<_>>());
}

#[test]
fn rooms_import_only_what_they_may() {
    check(imports::rooms);
}

#[test]
fn strangers_are_met_only_in_their_rooms() {
    check(imports::strangers);
}

#[test]
fn sql_lives_with_the_rows() {
    check(imports::sql);
}

#[test]
fn files_and_functions_stay_small() {
    check(shape::sizes);
}

#[test]
fn lints_are_expected_not_allowed() {
    check(shape::allowances);
}

#[test]
fn every_room_has_a_door_sign_and_every_file_a_name() {
    check(shape::doors);
}

#[test]
fn nothing_is_left_lying_about() {
    check(words::strays);
}

#[test]
fn every_migration_says_why() {
    let reasons = files(&["migrations"], "sql")
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(root().join(&path)).unwrap();
            words::reason(path.to_str().unwrap(), &text)
        });
    report(&reasons.collect::<Vec<_>>());
}
