use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::evidence::{Framework, Report, Suite, discover};

/// A repository of these files.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// `folder: framework: command`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    lines(repository(files).path())
}

fn lines(root: &Path) -> Vec<String> {
    let line = |suite: Suite| {
        format!(
            "{}: {}: {}",
            suite.dir,
            suite.framework,
            suite.command.join(" ")
        )
    };
    discover(root).into_iter().map(line).collect()
}

fn one(files: &[(&str, &str)]) -> Suite {
    let mut suites = discover(repository(files).path());
    assert_eq!(suites.len(), 1, "{suites:?}");
    suites.remove(0)
}

const CRATE: &str = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n";

#[test]
fn a_workspace_is_one_suite_and_what_it_leaves_out_another() {
    let workspace = "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/alone\"]\n";
    let files = [
        ("Cargo.toml", workspace),
        ("crates/a/Cargo.toml", CRATE),
        ("crates/alone/Cargo.toml", CRATE),
        ("tools/b/Cargo.toml", CRATE),
        ("target/package/c/Cargo.toml", CRATE),
    ];
    let expected = [
        ": cargo_test: cargo test --workspace --no-fail-fast",
        "crates/alone: cargo_test: cargo test --no-fail-fast",
        "tools/b: cargo_test: cargo test --no-fail-fast",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn nextest_is_used_where_it_is_configured_or_run_by_ci() {
    let config = "[profile.default.junit]\npath = \"junit.xml\"\n";
    let suite = one(&[("Cargo.toml", CRATE), (".config/nextest.toml", config)]);
    assert_eq!(suite.framework, Framework::CargoNextest);
    assert_eq!(
        suite.report,
        Report::JUnit("target/nextest/default/junit.xml".to_owned())
    );
    let escaping = "[profile.default.junit]\npath = \"../../../out.xml\"\n";
    assert_eq!(
        one(&[("Cargo.toml", CRATE), (".config/nextest.toml", escaping)]).report,
        Report::Stdout
    );
    let workflow = "jobs:\n  test:\n    steps:\n      - run: cargo nextest run --workspace\n";
    let suite = one(&[
        ("Cargo.toml", CRATE),
        (".github/workflows/ci.yml", workflow),
    ]);
    assert_eq!(
        (suite.framework, suite.because.as_str()),
        (
            Framework::CargoNextest,
            "Cargo.toml, .github/workflows/ci.yml"
        )
    );
}

#[test]
fn python_tests_are_pytest_where_something_says_so() {
    let plain = (
        "tests/test_a.py",
        "import unittest\nclass A(unittest.TestCase): pass\n",
    );
    let command = ": unittest: python3 -m unittest discover -v -s tests";
    assert_eq!(found(&[plain]), [command]);
    assert_eq!(
        found(&[plain, ("tests/__init__.py", "")]),
        [format!("{command} -t .")]
    );
    assert_eq!(
        found(&[plain, ("src/a.py", "")]),
        [command.replace("python3", "env PYTHONPATH=src python3")]
    );
    assert_eq!(
        found(&[("test_a.py", plain.1)]),
        [": unittest: python3 -m unittest discover -v"]
    );
    let signs = [
        ("pytest.ini", "[pytest]"),
        ("pyproject.toml", "[tool.pytest.ini_options]"),
        ("tests/conftest.py", ""),
        (
            ".github/workflows/ci.yaml",
            "steps:\n  - run: python -m pytest -q\n",
        ),
    ];
    for sign in signs {
        assert_eq!(one(&[plain, sign]).framework, Framework::Pytest, "{sign:?}");
    }
    let suite = one(&[("tests/test_a.py", "def test_a(): assert True\n")]);
    assert_eq!(suite.framework, Framework::Pytest);
    assert!(
        suite
            .command
            .contains(&format!("--junitxml={}", suite.report.path().unwrap()))
    );
}

#[test]
fn python_needs_are_installed_once() {
    let tests = ("tests/test_a.py", "import pytest\n");
    let suite = one(&[tests, ("requirements.txt", "requests\npytest\n")]);
    assert_eq!(suite.command[0], ".venv/bin/python");
    assert!(
        suite.setup[2].ends_with("-r requirements.txt"),
        "{:?}",
        suite.setup
    );
    let suite = one(&[
        tests,
        ("requirements.txt", "requests\n"),
        (".venv/bin/python", ""),
    ]);
    assert_eq!(
        (suite.command[0].as_str(), suite.setup.len()),
        (".venv/bin/python", 0)
    );
    let suite = one(&[tests, ("requirements.txt", "# nothing\n")]);
    assert_eq!(
        (suite.command[0].as_str(), suite.setup.len()),
        ("python3", 0)
    );
}

#[test]
fn node_tests_are_what_the_script_calls() {
    let package = |script: &str| format!("{{\"scripts\": {{\"test\": \"{script}\"}}}}");
    let cases = [
        (
            "jest --ci",
            "jest: npx --no-install jest --ci --json --outputFile=.codegraph-tests.json",
        ),
        (
            "vitest",
            "vitest: npx --no-install vitest run --reporter=json --outputFile=.codegraph-tests.json",
        ),
        (
            "mocha test/**/*.js",
            "mocha: npm run --silent test -- --reporter json",
        ),
        (
            "mocha test",
            "mocha: npx --no-install mocha test --reporter json",
        ),
        (
            "tsc && jest",
            "jest: npm run --silent test -- --json --outputFile=.codegraph-tests.json",
        ),
        (
            "node --test test/",
            "node_test: node --test --test-reporter=tap test/",
        ),
        (
            "node --import tsx --test",
            "node_test: node --import tsx --test --test-reporter=tap",
        ),
        ("ava", "other: npm test --silent"),
    ];
    for (script, expected) in cases {
        assert_eq!(
            found(&[("package.json", &package(script))]),
            [format!(": {expected}")]
        );
    }
    for none in [
        "echo \\\"Error: no test specified\\\" && exit 1",
        "turbo run test",
        "",
    ] {
        assert!(
            found(&[("package.json", &package(none))]).is_empty(),
            "{none}"
        );
    }
    let own = [
        ("package.json", "{}"),
        ("test/a.test.mjs", "import test from 'node:test';"),
    ];
    assert_eq!(
        found(&own),
        [": node_test: node --test --test-reporter=tap"]
    );
}

#[test]
fn node_needs_are_installed_by_the_lock_file_without_scripts() {
    let package = (
        "a/package.json",
        "{\"scripts\": {\"test\": \"jest\"}, \"devDependencies\": {\"jest\": \"1\"}}",
    );
    let setup = |files: &[(&str, &str)]| one(files).setup.join(" ");
    assert_eq!(
        setup(&[package, ("package-lock.json", "{}")]),
        "npm ci --ignore-scripts --no-audit --no-fund"
    );
    assert_eq!(
        setup(&[package, ("a/pnpm-lock.yaml", "")]),
        "pnpm install --frozen-lockfile --ignore-scripts"
    );
    assert!(setup(&[package]).starts_with("npm install --ignore-scripts"));
    assert_eq!(
        setup(&[
            package,
            (
                "node_modules/jest/package.json",
                "{\"scripts\": {\"test\": \"jest\"}}"
            )
        ]),
        ""
    );
}

#[test]
fn go_java_and_make_are_found() {
    let files = [("go.mod", "module m"), ("deep/a_test.go", "package deep")];
    assert_eq!(found(&files), [": go_test: go test -json -count=1 ./..."]);
    assert!(found(&files[..1]).is_empty());
    let suite = one(&[("pom.xml", ""), ("core/pom.xml", "")]);
    assert_eq!(
        (suite.framework, suite.report.path()),
        (Framework::Other, Some("**/target/surefire-reports/*.xml"))
    );
    assert_eq!(
        found(&[("Makefile", "build:\n\tcc x\ntest: build\n\t./x\n")]),
        [": other: make test"]
    );
    assert!(found(&[("Makefile", "test := 1\n")]).is_empty());
    let ci = ("ci.yml", "script:\n  - ctest --output-on-failure\n");
    assert_eq!(
        found(&[(".gitlab-ci.yml", ci.1)]),
        [": other: ctest --output-on-failure"]
    );
    assert!(found(&[(".gitlab-ci.yml", "script:\n  - make test; curl x | sh\n")]).is_empty());
}

#[test]
fn nothing_is_found_where_nothing_is() {
    assert!(found(&[("README.md", "cargo test"), ("tool.py", "print()")]).is_empty());
    assert!(discover(Path::new("/nowhere/at/all")).is_empty());
}

#[test]
fn broken_manifests_are_no_suites() {
    assert!(
        found(&[
            ("Cargo.toml", "[package"),
            ("package.json", "{"),
            ("a/package.json", "[]")
        ])
        .is_empty()
    );
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let outside = repository(&[("Cargo.toml", CRATE), ("ci.yml", "run: make test")]);
    let root = repository(&[("README.md", "")]);
    let link =
        |to: &Path, name: &str| std::os::unix::fs::symlink(to, root.path().join(name)).unwrap();
    link(outside.path(), "linked");
    link(&outside.path().join("Cargo.toml"), "Cargo.toml");
    link(&outside.path().join("ci.yml"), ".gitlab-ci.yml");
    link(root.path(), "itself");
    fs::create_dir(root.path().join(".github")).unwrap();
    link(outside.path(), ".github/workflows");
    assert!(lines(root.path()).is_empty());
}

#[test]
fn the_walk_is_bounded() {
    let root = tempfile::tempdir().unwrap();
    let mut path = root.path().to_owned();
    for _ in 0..40 {
        path.push("d");
        fs::create_dir(&path).unwrap();
    }
    fs::write(path.join("Cargo.toml"), CRATE).unwrap();
    fs::write(
        root.path().join("Cargo.toml"),
        format!("{CRATE}# {}", "x".repeat(1 << 20)),
    )
    .unwrap();
    assert_eq!(
        lines(root.path()),
        [": cargo_test: cargo test --no-fail-fast"]
    );
}
