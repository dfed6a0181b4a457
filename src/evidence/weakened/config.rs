//! Settings that decide which tests run: CI files, and the options of the frameworks.

use serde_json::Value;

use super::super::discover::runs_tests;
use super::{ChangedFile, Side, Weakened, Weakening, text};

pub(super) fn weakened(file: &ChangedFile<'_>) -> Vec<Weakened> {
    let name = file.path.rsplit('/').next().unwrap_or(file.path);
    let mut found = if is_ci(file.path, name) {
        ci(file)
    } else if name == "package.json" {
        script(file).into_iter().collect()
    } else {
        vec![]
    };
    found.extend(options(file, name));
    found
}

fn weak(file: &ChangedFile<'_>, line: usize, side: Side, why: String) -> Weakened {
    Weakened {
        path: text::name(file.path),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        side,
        kind: Weakening::Configuration,
        why,
        test: None,
    }
}

fn is_ci(path: &str, name: &str) -> bool {
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let known = [
        ".gitlab-ci.yml",
        ".travis.yml",
        "azure-pipelines.yml",
        "Jenkinsfile",
    ];
    let folders = [".github/workflows/", ".circleci/", ".buildkite/"];
    let inside = folders.iter().any(|folder| path.starts_with(folder));
    inside && yaml || known.contains(&name)
}

/// The lines that run tests, with their numbers.
fn test_lines(text: &str) -> Vec<(usize, &str)> {
    let command = |line: &str| {
        let line = line.trim().trim_start_matches("- ").trim();
        line.strip_prefix("run:").unwrap_or(line).trim().to_owned()
    };
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| runs_tests(&command(line)))
        .map(|(at, line)| (at + 1, line.trim()))
        .collect()
}

fn ci(file: &ChangedFile<'_>) -> Vec<Weakened> {
    let Some(before) = file.before else {
        return vec![];
    };
    let old = test_lines(before);
    if old.is_empty() {
        return vec![];
    }
    let Some(after) = file.after else {
        return vec![weak(
            file,
            old[0].0,
            Side::Before,
            "the CI file that ran the tests was deleted".to_owned(),
        )];
    };
    let new = test_lines(after);
    let mut found = Vec::new();
    if new.is_empty() {
        let why = format!(
            "CI no longer runs `{}`, nor any other tests",
            text::name(old[0].1)
        );
        found.push(weak(file, old[0].0, Side::Before, why));
    }
    let fresh = |words: &str| {
        let more = after.matches(words).count() > before.matches(words).count();
        more.then(|| {
            after
                .lines()
                .position(|line| line.contains(words) && !before.contains(line.trim()))
        })
        .flatten()
    };
    for (words, why) in [
        ("continue-on-error: true", "CI goes on when this step fails"),
        ("if: false", "CI never runs this step"),
        ("allow_failure: true", "CI goes on when this job fails"),
    ] {
        if let Some(at) = fresh(words).or_else(|| added_line(before, after, words)) {
            found.push(weak(
                file,
                at + 1,
                Side::After,
                format!("{why} (`{words}`)"),
            ));
        }
    }
    let excused = |line: &str| {
        line.contains("|| true")
            || line.contains("|| :")
            || line.contains("|| exit 0")
            || line.contains("|| echo")
    };
    let already = old.iter().filter(|(_, line)| excused(line)).count();
    for (line, _) in new.iter().filter(|(_, line)| excused(line)).skip(already) {
        found.push(weak(
            file,
            *line,
            Side::After,
            "CI runs the tests and ignores whether they fail".to_owned(),
        ));
    }
    found
}

/// The first line with these words that the old text has fewer of.
fn added_line(before: &str, after: &str, words: &str) -> Option<usize> {
    let had = before.lines().filter(|line| line.contains(words)).count();
    let mut lines = after
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains(words));
    lines.nth(had).map(|(at, _)| at)
}

/// The script that `npm test` runs.
fn script(file: &ChangedFile<'_>) -> Option<Weakened> {
    let of = |text: Option<&str>| {
        let package: Value = serde_json::from_str(text?).ok()?;
        package["scripts"]["test"].as_str().map(str::to_owned)
    };
    let before = of(file.before)?;
    let empty = |script: &str| {
        let script = script.trim();
        script.is_empty()
            || script == "true"
            || script == ":"
            || script.starts_with("exit 0")
            || script.starts_with("echo ") && !script.contains("&&")
    };
    if empty(&before) {
        return None;
    }
    let line = |text: &str| {
        text.lines()
            .position(|line| line.contains("\"test\""))
            .map_or(1, |at| at + 1)
    };
    let Some(after) = of(file.after) else {
        let at = line(file.before.unwrap_or_default());
        return Some(weak(
            file,
            at,
            Side::Before,
            format!(
                "the script `test` is gone; it was `{}`",
                text::name(&before)
            ),
        ));
    };
    let at = line(file.after.unwrap_or_default());
    if empty(&after) {
        return Some(weak(
            file,
            at,
            Side::After,
            format!(
                "`npm test` runs no tests any more; it was `{}`",
                text::name(&before)
            ),
        ));
    }
    let excused = |script: &str| {
        ["|| true", "|| exit 0", "--passWithNoTests", "--if-present"]
            .iter()
            .any(|word| script.contains(word))
    };
    (excused(&after) && !excused(&before)).then(|| {
        weak(
            file,
            at,
            Side::After,
            format!(
                "`npm test` succeeds whatever the tests say: `{}`",
                text::name(&after)
            ),
        )
    })
}

/// Options that leave tests out, in the files where frameworks are configured.
fn options(file: &ChangedFile<'_>, name: &str) -> Vec<Weakened> {
    const WORDS: [(&str, &[&str]); 9] = [
        (
            "pytest.ini",
            &[
                "--ignore",
                "--deselect",
                "-k ",
                "norecursedirs",
                "-m \"not",
                "-m 'not",
            ],
        ),
        ("tox.ini", &["--ignore", "--deselect", "-k "]),
        ("setup.cfg", &["--ignore", "--deselect", "norecursedirs"]),
        (
            "pyproject.toml",
            &["--ignore", "--deselect", "norecursedirs"],
        ),
        (
            "conftest.py",
            &[
                "collect_ignore",
                "pytest.skip(",
                "pytest.mark.skip",
                "pytest_ignore_collect",
            ],
        ),
        ("Cargo.toml", &["test = false", "autotests = false"]),
        ("nextest.toml", &["default-filter"]),
        ("package.json", &["testPathIgnorePatterns"]),
        ("go.mod", &[]),
    ];
    let framework = ["jest.config.", "vitest.config.", ".mocharc"]
        .iter()
        .any(|start| name.starts_with(start));
    let words: &[&str] = match WORDS.iter().find(|(known, _)| *known == name) {
        Some((_, words)) => words,
        None if framework => &[
            "testPathIgnorePatterns",
            "exclude:",
            "\"exclude\"",
            "passWithNoTests",
            "testNamePattern",
            "ignore",
        ],
        None => return vec![],
    };
    let (Some(before), Some(after)) = (file.before.or(Some("")), file.after) else {
        return vec![];
    };
    // A new package may configure itself as it likes.
    if file.before.is_none() && name != "conftest.py" {
        return vec![];
    }
    let added = words
        .iter()
        .filter_map(|word| Some((word, added_line(before, after, word)?)));
    added
        .map(|(word, at)| {
            weak(
                file,
                at + 1,
                Side::After,
                format!("a new setting leaves tests out (`{}`)", word.trim()),
            )
        })
        .collect()
}
