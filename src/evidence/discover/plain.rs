//! Builds whose tests are known by their exit code or their JUnit files: Maven, Gradle, make.

use super::super::suite::{Framework, Report, Suite, argv};
use super::ci::Run;
use super::tree::{Tree, join};

/// Java builds; the outermost one builds those below it.
pub(super) fn suites(tree: &Tree) -> Vec<Suite> {
    let builds: [(&str, &str, &[&str], &str); 3] = [
        (
            "pom.xml",
            "pom.xml",
            &["mvn", "-B", "--fail-at-end", "test"],
            "**/target/surefire-reports/*.xml",
        ),
        (
            "gradlew",
            "build.gradle",
            &["./gradlew", "test", "--continue"],
            "**/build/test-results/test/*.xml",
        ),
        (
            "gradlew",
            "build.gradle.kts",
            &["./gradlew", "test", "--continue"],
            "**/build/test-results/test/*.xml",
        ),
    ];
    let mut suites: Vec<Suite> = Vec::new();
    for (tool, manifest, command, report) in builds {
        let dirs = tree.with(tool).filter(|dir| tree.has(dir, manifest));
        for dir in dirs {
            let because = join(dir, manifest);
            let inside = suites.iter().any(|suite| {
                suite.command == argv(command) && super::tree::is_below(dir, &suite.dir)
            });
            if !inside {
                suites.push(other(
                    dir,
                    argv(command),
                    Report::JUnit(report.to_owned()),
                    because,
                ));
            }
        }
    }
    suites
}

/// When no package has tests of a known kind: what the repository itself calls its tests.
pub(super) fn last_resort(tree: &Tree, ci: &[Run]) -> Option<Suite> {
    let makefile = ["Makefile", "makefile", "GNUmakefile"]
        .into_iter()
        .find_map(|name| Some((name, tree.text("", name)?)));
    if let Some((name, text)) = &makefile {
        let target = ["test", "check"]
            .into_iter()
            .find(|target| text.lines().any(|line| is_target(line, target)));
        if let Some(target) = target {
            return Some(other(
                "",
                argv(&["make", target]),
                Report::Stdout,
                (*name).to_owned(),
            ));
        }
    }
    let run = ci.iter().find_map(|run| Some((run, simple(&run.command)?)));
    run.map(|(run, command)| other("", command, Report::Stdout, run.file.clone()))
}

fn other(dir: &str, command: Vec<String>, report: Report, because: String) -> Suite {
    Suite {
        framework: Framework::Other,
        dir: dir.to_owned(),
        setup: vec![],
        command,
        report,
        because,
    }
}

/// `test: build`, but not `test := x`.
fn is_target(line: &str, target: &str) -> bool {
    let rest = line
        .strip_prefix(target)
        .and_then(|rest| rest.trim_start().strip_prefix(':'));
    rest.is_some_and(|rest| !rest.starts_with('='))
}

/// The words of a command that needs no shell.
pub(super) fn simple(command: &str) -> Option<Vec<String>> {
    let plain = |c: char| c.is_alphanumeric() || " _-./=:,@+".contains(c);
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    let program = words.first().is_some_and(|word| !word.contains('='));
    (command.chars().all(plain) && program).then_some(words)
}
