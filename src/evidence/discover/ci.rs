//! What the repository's CI runs: the best witness of how its tests are meant to be run.

use super::tree::Tree;

/// How many CI files are read.
const FILES: usize = 40;

/// A line of a CI file that runs tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The file, relative to the root.
    pub(super) file: String,
    /// The command as it stands there.
    pub(super) command: String,
}

/// All lines of CI files that look like commands of tests.
pub(super) fn read(tree: &Tree) -> Vec<Run> {
    let mut files = vec![
        (String::new(), ".gitlab-ci.yml".to_owned()),
        (String::new(), ".travis.yml".to_owned()),
        (".circleci".to_owned(), "config.yml".to_owned()),
        (String::new(), "azure-pipelines.yml".to_owned()),
    ];
    let workflows = tree.hidden(".github/workflows");
    let yaml = workflows
        .into_iter()
        .filter(|name| name.ends_with(".yml") || name.ends_with(".yaml"));
    files.extend(yaml.map(|name| (".github/workflows".to_owned(), name)));
    let mut runs = Vec::new();
    for (folder, name) in files.into_iter().take(FILES) {
        let text = tree.text(&folder, &name).unwrap_or_default();
        let file = super::tree::join(&folder, &name);
        runs.extend(commands(&text).map(|command| Run {
            file: file.clone(),
            command: command.to_owned(),
        }));
    }
    runs
}

/// Commands stand behind `run:` or as items of a list, or alone on a line of a block.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("- ").trim();
        let line = line
            .strip_prefix("run:")
            .or_else(|| line.strip_prefix("script:"))
            .unwrap_or(line);
        let line = line.trim().trim_matches(['"', '\'']);
        runs_tests(line).then_some(line)
    })
}

/// Commands that run tests, by how they begin once wrappers are taken off.
pub(in crate::evidence) fn runs_tests(line: &str) -> bool {
    const BEGINNINGS: [&str; 24] = [
        "cargo test",
        "cargo nextest run",
        "cargo llvm-cov",
        "pytest",
        "python -m pytest",
        "python3 -m pytest",
        "python -m unittest",
        "python3 -m unittest",
        "tox",
        "nox",
        "npm test",
        "npm run test",
        "npm t",
        "yarn test",
        "yarn run test",
        "pnpm test",
        "pnpm run test",
        "bun test",
        "node --test",
        "go test",
        "make test",
        "make check",
        "just test",
        "ctest",
    ];
    const RUNNERS: [&str; 5] = ["jest", "vitest", "mocha", "mvn ", "./gradlew "];
    const WRAPPERS: [&str; 10] = [
        "npx ",
        "uv run ",
        "poetry run ",
        "pipenv run ",
        "hatch run ",
        "xvfb-run ",
        "sudo ",
        "time ",
        "coverage run -m ",
        "pnpm exec ",
    ];
    if line.starts_with('#') {
        return false;
    }
    line.split("&&")
        .flat_map(|part| part.split(';'))
        .any(|part| {
            let mut part = part.trim();
            while let Some(rest) = WRAPPERS
                .iter()
                .find_map(|wrapper| part.strip_prefix(wrapper))
            {
                part = rest.trim_start();
            }
            let begins = |word: &str| {
                part.strip_prefix(word)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':', '\t']))
            };
            BEGINNINGS.iter().any(|word| begins(word))
                || RUNNERS.iter().any(|word| {
                    part.starts_with(word) && (!word.ends_with(' ') || part.contains("test"))
                })
        })
}

/// The first run whose command holds these words.
pub(super) fn first<'r>(runs: &'r [Run], words: &str) -> Option<&'r Run> {
    runs.iter().find(|run| run.command.contains(words))
}

#[test]
fn commands_of_tests_are_told_from_others() {
    for yes in [
        "cargo test --all",
        "npx vitest run",
        "uv run pytest -q",
        "cd a && npm test",
        "npm run test:unit",
        "pytest",
    ] {
        assert!(runs_tests(yes), "{yes}");
    }
    for no in [
        "cargo build",
        "npm run lint",
        "# cargo test",
        "pip install pytest",
        "name: cargo test",
        "go vet ./...",
        "pytest-cov",
    ] {
        assert!(!runs_tests(no), "{no}");
    }
    let yaml = "jobs:\n  a:\n    steps:\n      - run: cargo fmt\n      - run: |\n          make x\n          go test ./...\n";
    assert_eq!(commands(yaml).collect::<Vec<_>>(), ["go test ./..."]);
}
