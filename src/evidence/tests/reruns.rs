use crate::evidence::Framework::{self, *};
use crate::evidence::{Report, Suite};

fn suite(framework: Framework, command: &str) -> Suite {
    Suite {
        framework,
        dir: "pkg".to_owned(),
        setup: vec![],
        command: command.split(' ').map(str::to_owned).collect(),
        report: Report::Stdout,
        because: String::new(),
    }
}

fn words(suite: Option<Suite>) -> Option<String> {
    suite.map(|suite| suite.command.join(" "))
}

fn only(framework: Framework, command: &str, wanted: &[&str]) -> Option<String> {
    let wanted: Vec<String> = wanted.iter().map(|&word| word.to_owned()).collect();
    words(suite(framework, command).only(&wanted))
}

fn again(framework: Framework, command: &str, ids: &[&str]) -> Option<String> {
    let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
    words(suite(framework, command).again(&ids))
}

/// A framework, its command, the words it is narrowed by, and what then is run.
type Row = (
    Framework,
    &'static str,
    &'static [&'static str],
    Option<&'static str>,
);

const NARROWED: [Row; 16] = [
    (
        CargoTest,
        "cargo test",
        &["pkg/tests/it/main.rs", "pkg/tests/b.rs"],
        Some("cargo test --test it --test b"),
    ),
    (
        CargoTest,
        "cargo test",
        &["pkg/src/a/b.rs"],
        Some("cargo test -- a::b::"),
    ),
    (
        CargoTest,
        "cargo test",
        &["adds", "halves"],
        Some("cargo test -- adds halves"),
    ),
    (
        CargoTest,
        "cargo test",
        &["pkg/src/a.rs", "pkg/tests/b.rs"],
        None,
    ),
    (
        CargoNextest,
        "cargo nextest run",
        &["adds"],
        Some("cargo nextest run adds"),
    ),
    (
        Pytest,
        "python3 -m pytest",
        &["pkg/tests/test_a.py"],
        Some("python3 -m pytest tests/test_a.py"),
    ),
    (
        Pytest,
        "python3 -m pytest",
        &["adds"],
        Some("python3 -m pytest -k adds"),
    ),
    (
        Unittest,
        "python3 -m unittest discover -v",
        &["pkg/tests/test_a.py"],
        Some("python3 -m unittest discover -v -k test_a."),
    ),
    (
        Jest,
        "npx jest",
        &["pkg/a.test.js"],
        Some("npx jest --runTestsByPath a.test.js"),
    ),
    (
        Vitest,
        "npx vitest run",
        &["a (b)"],
        Some("npx vitest run -t a \\(b\\)"),
    ),
    (
        NodeTest,
        "node --test --test-reporter=tap test/",
        &["pkg/test/a.test.js"],
        Some("node --test --test-reporter=tap test/a.test.js"),
    ),
    (
        GoTest,
        "go test -json ./...",
        &["pkg/deep/a_test.go"],
        Some("go test -json ./deep"),
    ),
    (
        GoTest,
        "go test -json ./...",
        &["TestA"],
        Some("go test -run TestA -json ./..."),
    ),
    (Other, "make test", &["pkg/a.py"], None),
    (Pytest, "python3 -m pytest", &["elsewhere/test_a.py"], None),
    (
        Pytest,
        "python3 -m pytest",
        &["pkg/test_a.py", "name"],
        None,
    ),
];

#[test]
fn files_and_names_narrow_a_command() {
    for (framework, command, wanted, expected) in NARROWED {
        assert_eq!(
            only(framework, command, wanted).as_deref(),
            expected,
            "{framework} {wanted:?}"
        );
    }
}

#[test]
fn failing_tests_are_run_again_by_name() {
    let cases: [(Framework, &str, &[&str], Option<&str>); 9] = [
        (
            CargoTest,
            "cargo test",
            &["calc > tests::adds", "tests/it.rs > b #2"],
            Some("cargo test -- --exact tests::adds b"),
        ),
        (
            CargoTest,
            "cargo test",
            &["calc (doc) > src/lib.rs - add"],
            Some("cargo test -- src/lib.rs - add"),
        ),
        (
            CargoNextest,
            "cargo nextest run",
            &["a::it > b::c"],
            Some("cargo nextest run -E (binary_id(=a::it) & test(=b::c))"),
        ),
        (
            Pytest,
            "pytest",
            &["tests/test_a.py::test_x[a - b]"],
            Some("pytest tests/test_a.py::test_x[a - b]"),
        ),
        (
            Unittest,
            "python3 -m unittest",
            &["test_a.T.test_b"],
            Some("python3 -m unittest -k test_a.T.test_b"),
        ),
        (
            Jest,
            "jest",
            &["a.test.js > slug > joins (all)"],
            Some("jest --runTestsByPath a.test.js -t ^(slug(?: > | )joins \\(all\\))$"),
        ),
        (
            NodeTest,
            "node --test test/",
            &["a suite > fails"],
            Some("node --test --test-name-pattern ^(fails)$ test/"),
        ),
        (
            GoTest,
            "go test -json ./...",
            &["m > TestA/x", "m > TestA/y"],
            Some("go test -run ^(TestA)$ -json ./..."),
        ),
        (Other, "make test", &["the command"], None),
    ];
    for (framework, command, ids, expected) in cases {
        assert_eq!(
            again(framework, command, ids).as_deref(),
            expected,
            "{framework} {ids:?}"
        );
    }
    assert_eq!(again(Pytest, "pytest", &["x"; 41]), None);
}

#[test]
fn a_name_is_never_an_option_or_a_way_out() {
    for word in [
        "--collect-only",
        "-x",
        "../secret/test_a.py",
        "/etc/test_a.py",
        "a\nb",
        "",
        "@args",
    ] {
        assert_eq!(only(Pytest, "pytest", &[word]), None, "{word:?}");
        assert_eq!(again(Pytest, "pytest", &[word]), None, "{word:?}");
    }
    assert_eq!(again(Pytest, "pytest", &["a\u{fffd}b"]), None);
}
