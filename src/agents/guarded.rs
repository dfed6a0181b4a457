//! Files that decide what happens by itself, or who has to be asked: a change to one of them is not delivered before a
//! person has seen it.

use crate::providers::git::Diff;

/// Folders whose files are guarded.
const FOLDERS: [&str; 6] = [
    ".github/workflows/",
    ".github/actions/",
    ".husky/",
    ".githooks/",
    ".git-hooks/",
    ".lefthook/",
];

/// Files that are guarded where they lie.
const FILES: [&str; 10] = [
    "codeowners",
    ".github/codeowners",
    ".gitlab/codeowners",
    "docs/codeowners",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
];

/// The guarded files that a change touches.
pub(super) fn of(diff: &Diff) -> Vec<String> {
    let names = diff
        .files
        .iter()
        .flat_map(|change| change.old_path.iter().chain([&change.path]));
    let mut found: Vec<String> = names.filter(|name| is(name)).cloned().collect();
    found.sort();
    found.dedup();
    found
}

fn is(path: &str) -> bool {
    // Some disks do not tell large letters from small ones.
    let path = path.to_lowercase();
    FOLDERS.iter().any(|folder| path.starts_with(folder)) || FILES.contains(&path.as_str())
}

#[cfg(test)]
mod tests {
    use super::is;

    #[test]
    fn what_runs_by_itself_is_guarded() {
        for path in [
            ".github/workflows/ci.yml",
            ".GitHub/Workflows/ci.yml",
            ".github/CODEOWNERS",
            "CODEOWNERS",
            ".husky/pre-commit",
            ".githooks/pre-push",
            ".pre-commit-config.yaml",
        ] {
            assert!(is(path), "{path}");
        }
        for path in [
            "src/hooks/use.ts",
            ".github/ISSUE_TEMPLATE.md",
            "docs/a.md",
            "x/.github/workflows/a",
        ] {
            assert!(!is(path), "{path}");
        }
    }
}
