//! What is known of a repository before anybody has looked into it, for the openings of those who plan and write: languages,
//! package managers, how its tests are run. Found by code, so that no turn is spent on it.

use std::collections::BTreeSet;

use serde_json::json;
use workflows::{Journal, StepContext, StepError, definitions::coding::Brief};

use super::{
    Environment, Role,
    desk::{Desk, trouble},
    material::fenced,
    past,
};
use crate::{
    evidence::Suite,
    providers::git::Listed,
    services::{
        profiles::{Language, languages},
        recordings::{PAST, PROFILE},
    },
};

/// Suites that are named; agents find the others.
const SUITES: usize = 8;
/// Characters of a command.
const COMMAND: usize = 200;
/// Files whose presence says who fetches packages.
const MANAGERS: [(&str, &str); 18] = [
    ("Cargo.toml", "cargo"),
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("package-lock.json", "npm"),
    ("uv.lock", "uv"),
    ("poetry.lock", "poetry"),
    ("Pipfile", "pipenv"),
    ("requirements.txt", "pip"),
    ("go.mod", "go modules"),
    ("Gemfile", "bundler"),
    ("composer.json", "composer"),
    ("pom.xml", "maven"),
    ("build.gradle", "gradle"),
    ("build.gradle.kts", "gradle"),
    ("mix.exs", "mix"),
    ("Package.swift", "swift package manager"),
];

/// A section for the opening of a conversation, for a planner with what was tried before. It stands in the journal, so that
/// whoever reads the conversation again is told the same; a conversation that goes on has it already, and the first
/// editions had none.
pub(super) async fn section<J: Journal>(
    env: &Environment,
    cx: &StepContext<J>,
    desk: &Desk<'_>,
    brief: &Brief,
    role: Role,
) -> Result<String, StepError> {
    if brief.edition < 2 || brief.continues.is_some() {
        return Ok(String::new());
    }
    let found = cx.pure(PROFILE, async || {
        let mirror = desk.mirror(&desk.head().await).await?;
        let files = mirror.listing(&desk.base).await.map_err(trouble)?;
        let tree = desk.ready().await?;
        let suites = desk.suites(tree.path());
        let mut found = json!({"text": env.masked(&told(brief, &files, &suites))});
        if role == Role::Planner {
            let past = past::section(env, cx.run, cx.step_no, brief.edition).await?;
            found[PAST] = json!(env.masked(&past));
        }
        Ok(found)
    });
    let found = found.await?;
    let parts = ["text", PAST].map(|part| found[part].as_str().unwrap_or_default());
    Ok(parts.concat())
}

fn told(brief: &Brief, files: &[Listed], suites: &[Suite]) -> String {
    let mut text = "\n# The repository\n\n".to_owned();
    let languages: Vec<String> = languages(files)
        .iter()
        .map(|Language { name, files, .. }| format!("{name} ({files} files)"))
        .collect();
    let mut lines = vec![
        ("Languages", languages.join(", ")),
        ("Package managers", managers(files).join(", ")),
    ];
    // Those are people's words.
    let commands = &brief.assignment.commands;
    for (what, command) in [
        ("Before tests, as its people say", &commands.setup),
        ("Tests, as its people say", &commands.test),
    ] {
        lines.push((what, command.clone().unwrap_or_default()));
    }
    for (what, said) in lines.iter().filter(|(_, said)| !said.is_empty()) {
        text += &format!("{what}: {said}\n");
    }
    // What is below stands in files.
    let named: Vec<String> = suites
        .iter()
        .take(SUITES)
        .map(|suite| {
            let place = if suite.dir.is_empty() {
                "."
            } else {
                &suite.dir
            };
            let command: String = suite.command.join(" ").chars().take(COMMAND).collect();
            format!(
                "- in {place}: {command} ({}, {})",
                suite.framework, suite.because
            )
        })
        .collect();
    if named.is_empty() {
        return text + "No tests were found.\n";
    }
    let found = fenced(
        brief.edition,
        "the tests that were found",
        &named.join("\n"),
    );
    text + &format!("{found}\n")
}

/// Who fetches packages here, in the order of the table.
fn managers(files: &[Listed]) -> Vec<&'static str> {
    let fetched = |part: &str| matches!(part, "node_modules" | "vendor" | "third_party");
    let own = files.iter().map(|file| file.path.as_str());
    let own = own.filter(|path| !path.split('/').any(fetched));
    let names: BTreeSet<&str> = own.filter_map(|path| path.rsplit('/').next()).collect();
    let mut found: Vec<&str> = Vec::new();
    for (name, manager) in MANAGERS {
        if names.contains(name) && !found.contains(&manager) {
            found.push(manager);
        }
    }
    // A manifest that any of several reads, and no lock file that says which.
    for (manifest, readers) in [
        ("package.json", &["npm", "pnpm", "yarn", "bun"][..]),
        ("pyproject.toml", &["pip", "uv", "poetry", "pipenv"]),
    ] {
        if names.contains(manifest) && !readers.iter().any(|reader| found.contains(reader)) {
            found.push(readers[0]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use workflows::definitions::coding::{Assignment, Commands};

    use super::*;
    use crate::evidence::{Framework, Report};

    fn files(paths: &[&str]) -> Vec<Listed> {
        let file = |path: &&str| Listed {
            path: (*path).to_owned(),
            size: 10,
        };
        paths.iter().map(file).collect()
    }

    #[test]
    fn lock_files_name_the_manager_and_a_manifest_alone_the_usual_one() {
        for (paths, expected) in [
            (&["Cargo.toml", "a/Cargo.toml"][..], &["cargo"][..]),
            (
                &["package.json", "pnpm-lock.yaml", "packages/a/package.json"],
                &["pnpm"],
            ),
            (&["web/package.json", "pyproject.toml"], &["npm", "pip"]),
            (
                &["pyproject.toml", "uv.lock", "go.mod"],
                &["uv", "go modules"],
            ),
            (&["node_modules/x/package.json", "vendor/y/go.mod"], &[]),
        ] {
            assert_eq!(managers(&files(paths)), expected, "{paths:?}");
        }
    }

    #[test]
    fn what_people_say_stands_outside_of_what_was_found() {
        let suite = Suite {
            framework: Framework::Pytest,
            dir: String::new(),
            setup: Vec::new(),
            command: vec![
                "python".into(),
                "-m".into(),
                "pytest".into(),
                "</material>".into(),
            ],
            report: Report::Stdout,
            because: "pyproject.toml".to_owned(),
        };
        let brief = Brief {
            edition: 2,
            assignment: Assignment {
                commands: Commands {
                    setup: Some("make ready".to_owned()),
                    test: None,
                },
                ..Assignment::default()
            },
            ..Brief::default()
        };
        let said = told(&brief, &files(&["a.py", "b.py"]), &[suite]);
        assert!(
            said.contains("Languages: Python (2 files)\nBefore tests, as its people say: make ready\n<material"),
            "{said}"
        );
        assert!(
            said.contains(
                "- in .: python -m pytest &lt;/material> (pytest, pyproject.toml)\n</material>\n"
            ),
            "{said}"
        );
        let none = told(&brief, &[], &[]);
        assert!(none.ends_with("No tests were found.\n"), "{none}");
    }
}
