//! Golden files: snapshots that a test compares with. Making them match is right when the product changed, and a way
//! around the test when it did not.

use super::lex::Language;
use super::{ChangedFile, Side, Weakened, Weakening, text};

/// Golden files that changed although no product code did.
pub(super) fn weakened(files: &[ChangedFile<'_>]) -> Vec<Weakened> {
    if files.iter().any(|file| is_product(file.path)) {
        return vec![];
    }
    let changed = files.iter().filter(|file| is_golden(file.path));
    let weak = changed.filter_map(|file| {
        let before = file.before?;
        let (side, line, what) = match file.after {
            Some(after) if after != before => {
                (Side::After, first_difference(before, after), "changed")
            }
            Some(_) => return None,
            None => (Side::Before, 1, "was deleted"),
        };
        Some(Weakened {
            path: text::name(file.path),
            line,
            side,
            kind: Weakening::Golden,
            why: format!(
                "the expected output {what}, and no source file did that would explain it"
            ),
            test: None,
        })
    });
    weak.collect()
}

fn is_golden(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let (name, folders) = parts
        .split_last()
        .map_or(("", &[][..]), |(name, folders)| (*name, folders));
    let ending = [".snap", ".golden", ".ambr", ".approved.txt"]
        .iter()
        .any(|end| name.ends_with(end));
    ending
        || folders
            .iter()
            .any(|folder| ["__snapshots__", "golden", "goldens", "snapshots"].contains(folder))
}

/// Code that is not a test. Anything that is not known to be harmless may explain a snapshot.
fn is_product(path: &str) -> bool {
    const HARMLESS: [&str; 8] = [
        ".md",
        ".txt",
        ".snap",
        ".golden",
        ".ambr",
        ".yml",
        ".yaml",
        ".gitignore",
    ];
    if is_golden(path) || HARMLESS.iter().any(|end| path.ends_with(end)) {
        return false;
    }
    let in_tests = path
        .split('/')
        .any(|part| ["tests", "test", "__tests__", "spec"].contains(&part));
    let test_file = match Language::of(path) {
        Some(Language::Rust) => path.ends_with("/tests.rs"),
        Some(_) => true,
        None => false,
    };
    !in_tests && !test_file
}

fn first_difference(before: &str, after: &str) -> u32 {
    let same = before
        .lines()
        .zip(after.lines())
        .take_while(|(a, b)| a == b)
        .count();
    u32::try_from(same + 1).unwrap_or(u32::MAX)
}
