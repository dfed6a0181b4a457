//! Node: one suite for each `package.json` whose tests are known.

use serde_json::Value;

use super::super::suite::{Framework, Report, Suite, argv};
use super::plain::simple;
use super::tree::{Tree, ancestors, join};

/// Left in the suite's folder by a run.
const REPORT: &str = ".codegraph-tests.json";

pub(super) fn suites(tree: &Tree) -> Vec<Suite> {
    let suites = tree.with("package.json").filter_map(|dir| {
        let package: Value = serde_json::from_str(&tree.text(dir, "package.json")?).ok()?;
        suite(tree, dir, &package)
    });
    suites.collect()
}

fn suite(tree: &Tree, dir: &str, package: &Value) -> Option<Suite> {
    let script = package["scripts"]["test"]
        .as_str()
        .map(str::trim)
        .filter(|script| !is_placeholder(script));
    // A root that only passes the word on to its packages has no tests of its own.
    if script.is_some_and(passes_on) {
        return None;
    }
    let framework = match script {
        Some(script) => named(script).unwrap_or(Framework::Other),
        None => undeclared(tree, dir, package)?,
    };
    let hooks = ["pretest", "posttest"]
        .iter()
        .any(|hook| package["scripts"][*hook].is_string());
    let direct = script
        .filter(|_| !hooks)
        .and_then(|script| direct(framework, script));
    let command = match (direct, script) {
        (Some(command), _) => command,
        (None, Some(_)) if framework == Framework::Other => argv(&["npm", "test", "--silent"]),
        (None, Some(_)) => {
            let run = if tree.has(dir, ".pnp.cjs") {
                argv(&["yarn", "run", "test"])
            } else {
                argv(&["npm", "run", "--silent", "test", "--"])
            };
            [run, options(framework)].concat()
        }
        (None, None) => [program(framework), options(framework)].concat(),
    };
    let json = matches!(framework, Framework::Jest | Framework::Vitest);
    Some(Suite {
        framework,
        dir: dir.to_owned(),
        setup: setup(tree, dir, package),
        command,
        report: if json {
            Report::Json(REPORT.to_owned())
        } else {
            Report::Stdout
        },
        because: join(dir, "package.json"),
    })
}

fn is_placeholder(script: &str) -> bool {
    script.is_empty()
        || script.contains("no test specified")
        || script.starts_with("echo ") && !script.contains("&&")
}

fn passes_on(script: &str) -> bool {
    const WORDS: [&str; 9] = [
        "--workspaces",
        "-ws ",
        "turbo ",
        "nx ",
        "lerna ",
        "pnpm -r",
        "pnpm --recursive",
        "yarn workspaces",
        "--filter",
    ];
    WORDS.iter().any(|word| format!("{script} ").contains(word))
}

/// The framework whose program the script's last command calls.
fn named(script: &str) -> Option<Framework> {
    let last = script.rsplit("&&").next().unwrap_or(script);
    let words: Vec<&str> = last
        .split_whitespace()
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .collect();
    let has = |word: &str| {
        words.contains(&word) || words.iter().any(|w| w.strip_suffix(".js") == Some(word))
    };
    if has("vitest") {
        Some(Framework::Vitest)
    } else if has("jest") {
        Some(Framework::Jest)
    } else if has("mocha") {
        Some(Framework::Mocha)
    } else if has("node") && has("--test") {
        Some(Framework::NodeTest)
    } else {
        None
    }
}

/// Without a script: a configuration, or test files that import Node's own runner.
fn undeclared(tree: &Tree, dir: &str, package: &Value) -> Option<Framework> {
    let configured = |name: &str| {
        let files = &tree
            .folder(dir)
            .map(|folder| folder.files.as_slice())
            .unwrap_or_default();
        files.iter().any(|file| {
            file.starts_with(&format!("{name}.config.")) || file.starts_with(&format!(".{name}rc"))
        })
    };
    if configured("vitest") {
        return Some(Framework::Vitest);
    }
    if configured("jest") || package["jest"].is_object() {
        return Some(Framework::Jest);
    }
    if configured("mocha") {
        return Some(Framework::Mocha);
    }
    let is_test = |name: &str| {
        [".test.js", ".test.mjs", ".test.cjs"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let inner = |path: &str| {
        path != dir
            && ancestors(path)
                .take_while(|above| *above != dir)
                .any(|above| tree.has(above, "package.json"))
    };
    let own = tree
        .below(dir)
        .filter(|(path, _)| !inner(path) && (*path == dir || !tree.has(path, "package.json")));
    let tests = own.flat_map(|(path, folder)| {
        folder
            .files
            .iter()
            .filter(|name| is_test(name))
            .map(move |name| (path, name))
    });
    let mut texts = tests
        .take(20)
        .filter_map(|(path, name)| tree.text(path, name));
    texts
        .any(|text| text.contains("node:test"))
        .then_some(Framework::NodeTest)
}

/// The script's own command with our options, when it needs no shell.
fn direct(framework: Framework, script: &str) -> Option<Vec<String>> {
    let words = simple(script)?;
    let name = words.first()?.rsplit('/').next()?.to_owned();
    if framework == Framework::NodeTest && name == "node" {
        let mut words = words;
        let at = words.iter().position(|word| word == "--test")? + 1;
        words.retain(|word| !word.starts_with("--test-reporter") && word != "--watch");
        words.splice(
            at.min(words.len())..at.min(words.len()),
            argv(&["--test-reporter=tap"]),
        );
        return Some(words);
    }
    let own = [
        (Framework::Jest, "jest"),
        (Framework::Vitest, "vitest"),
        (Framework::Mocha, "mocha"),
    ];
    own.contains(&(framework, name.as_str())).then_some(())?;
    let watching =
        |word: &&String| !["--watch", "--watchAll", "watch", "dev", "run"].contains(&word.as_str());
    let rest: Vec<String> = words[1..].iter().filter(watching).cloned().collect();
    Some([program(framework), rest, options(framework)].concat())
}

fn program(framework: Framework) -> Vec<String> {
    match framework {
        Framework::Vitest => argv(&["npx", "--no-install", "vitest", "run"]),
        Framework::Jest => argv(&["npx", "--no-install", "jest"]),
        Framework::Mocha => argv(&["npx", "--no-install", "mocha"]),
        _ => argv(&["node", "--test"]),
    }
}

fn options(framework: Framework) -> Vec<String> {
    let file = format!("--outputFile={REPORT}");
    match framework {
        Framework::Vitest => argv(&["--reporter=json", &file]),
        Framework::Jest => argv(&["--json", &file]),
        Framework::Mocha => argv(&["--reporter", "json"]),
        _ => argv(&["--test-reporter=tap"]),
    }
}

/// Installs what the package needs, without running its scripts, when nothing is installed yet.
fn setup(tree: &Tree, dir: &str, package: &Value) -> Vec<String> {
    let needs = ["dependencies", "devDependencies"].iter().any(|kind| {
        package[*kind]
            .as_object()
            .is_some_and(|needs| !needs.is_empty())
    });
    let around = || std::iter::once(dir).chain(ancestors(dir));
    if !needs || around().any(|dir| tree.exists(&join(dir, "node_modules"))) {
        return vec![];
    }
    let locks: [(&str, &[&str]); 6] = [
        (
            "package-lock.json",
            &["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        ),
        (
            "npm-shrinkwrap.json",
            &["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        ),
        (
            "pnpm-lock.yaml",
            &["pnpm", "install", "--frozen-lockfile", "--ignore-scripts"],
        ),
        (
            ".yarnrc.yml",
            &["yarn", "install", "--immutable", "--mode=skip-build"],
        ),
        (
            "yarn.lock",
            &["yarn", "install", "--frozen-lockfile", "--ignore-scripts"],
        ),
        (
            "bun.lock",
            &["bun", "install", "--frozen-lockfile", "--ignore-scripts"],
        ),
    ];
    let found = around().find_map(|dir| locks.iter().find(|(lock, _)| tree.has(dir, lock)));
    let without: &[&str] = &[
        "npm",
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
    ];
    argv(found.map_or(without, |(_, command)| command))
}
