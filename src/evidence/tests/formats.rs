//! What real programs printed (`fixtures/make.sh` made it), and what we make of it, listed in `fixtures/told.txt`.

use crate::evidence::Framework::{self, *};
use crate::evidence::{Outcome, Status, parse};

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_str!(concat!("../fixtures/", $name)))
    };
}

/// A run: what it printed, what it left, how it ended.
pub(super) struct Run {
    pub(super) framework: Framework,
    pub(super) output: (&'static str, &'static str),
    pub(super) report: Option<(&'static str, &'static str)>,
    pub(super) exit: i32,
}

impl Run {
    pub(super) fn parse(&self) -> Outcome {
        parse(
            self.framework,
            self.output.1,
            self.report.map(|(_, text)| text),
            Some(self.exit),
        )
    }
}

/// All of them.
pub(super) fn runs() -> Vec<Run> {
    let run = |framework, output, report, exit| Run {
        framework,
        output,
        report,
        exit,
    };
    let node = fixture!("node_tap.txt");
    let retries = fixture!("nextest_retries.txt");
    let collection = fixture!("pytest_collection.txt");
    vec![
        run(CargoTest, fixture!("cargo_test.txt"), None, 101),
        run(CargoTest, fixture!("cargo_test_colour.txt"), None, 101),
        run(CargoTest, fixture!("cargo_test_aloud.txt"), None, 101),
        run(CargoTest, fixture!("cargo_test_short.txt"), None, 101),
        run(CargoTest, fixture!("cargo_test_abort.txt"), None, 101),
        run(CargoTest, fixture!("cargo_test_broken.txt"), None, 101),
        run(CargoNextest, fixture!("nextest.txt"), None, 100),
        run(CargoNextest, retries, None, 100),
        run(
            CargoNextest,
            retries,
            Some(fixture!("nextest_junit.xml")),
            100,
        ),
        run(CargoNextest, fixture!("nextest_abort.txt"), None, 100),
        run(CargoNextest, fixture!("nextest_broken.txt"), None, 101),
        run(Unittest, fixture!("unittest.txt"), None, 1),
        run(Unittest, fixture!("unittest_short.txt"), None, 1),
        run(Pytest, fixture!("pytest.txt"), None, 1),
        run(
            Pytest,
            fixture!("pytest.txt"),
            Some(fixture!("pytest.xml")),
            1,
        ),
        run(Pytest, fixture!("pytest_xdist.txt"), None, 1),
        run(Pytest, collection, None, 2),
        run(
            Pytest,
            collection,
            Some(fixture!("pytest_collection.xml")),
            2,
        ),
        run(Pytest, fixture!("pytest_quiet.txt"), None, 1),
        run(Pytest, fixture!("pytest_usage.txt"), None, 4),
        run(NodeTest, node, None, 1),
        run(NodeTest, fixture!("node_spec.txt"), None, 1),
        run(Other, node, Some(fixture!("node_junit.xml")), 1),
        run(Other, node, None, 1),
        run(Jest, fixture!("jest.txt"), Some(fixture!("jest.json")), 1),
        run(Jest, fixture!("jest_stdout.txt"), None, 1),
        run(
            Vitest,
            fixture!("vitest.txt"),
            Some(fixture!("vitest.json")),
            1,
        ),
        run(Mocha, fixture!("mocha.txt"), None, 2),
        run(Mocha, fixture!("mocha_broken.txt"), None, 1),
        run(GoTest, fixture!("go.txt"), None, 1),
        run(GoTest, fixture!("go_panic.txt"), None, 1),
        run(GoTest, fixture!("go_broken.txt"), None, 2),
    ]
}

/// One line a test, then the sums and the note.
fn told(outcome: &Outcome) -> String {
    let head = |text: &str, lines| text.lines().take(lines).collect::<Vec<_>>().join(" / ");
    let mut lines: Vec<String> = Vec::new();
    for case in &outcome.cases {
        let mark = match case.status {
            Status::Passed if case.flaky => "flaky",
            Status::Passed => "ok",
            Status::Failed => "FAIL",
            Status::Skipped => "skip",
            Status::Errored => "ERROR",
        };
        let file = case.file.as_deref().map(|file| format!(" @{file}"));
        let said = case
            .message
            .as_deref()
            .map(|said| format!(" | {}", head(said, 2)));
        lines.push(format!(
            "{mark} {}{}{}",
            case.id,
            file.unwrap_or_default(),
            said.unwrap_or_default()
        ));
    }
    let c = outcome.counts;
    let end = if outcome.complete {
        "complete"
    } else {
        "incomplete"
    };
    lines.push(format!(
        "{} passed, {} failed, {} skipped, {} errored, {end}",
        c.passed, c.failed, c.skipped, c.errored
    ));
    lines.extend(
        outcome
            .note
            .as_deref()
            .map(|note| format!("note: {}", head(note, 3))),
    );
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n")
}

/// The list was read line by line against the outputs when it was made; read it again when it changes.
#[test]
fn real_outputs_are_understood() {
    let mut list = String::new();
    for run in runs() {
        let folders = ["calc", "stock", "slug", "jest", "vitest", "mocha", "ring"];
        let outcome = folders.iter().fold(run.parse(), |outcome, folder| {
            outcome.relative_to(&format!("/repo/{folder}"))
        });
        let report = run
            .report
            .map(|(name, _)| format!(" and {name}"))
            .unwrap_or_default();
        list += &format!(
            "# {} of {}{report}\n{}\n\n",
            run.framework,
            run.output.0,
            told(&outcome)
        );
    }
    let (list, expected) = (
        list.trim_end(),
        include_str!("../fixtures/told.txt").trim_end(),
    );
    let same = list
        .lines()
        .zip(expected.lines())
        .take_while(|(is, was)| is == was)
        .count();
    assert!(
        list == expected,
        "told.txt is otherwise from line {}; now:\n{list}",
        same + 1
    );
}

/// Two ways of telling one run agree on it.
#[test]
fn a_report_and_the_output_tell_the_same() {
    let statuses = |outcome: &Outcome| {
        let mut list: Vec<(String, Status)> = outcome
            .cases
            .iter()
            .map(|case| (case.id.clone(), case.status))
            .collect();
        list.sort_by(|a, b| a.0.cmp(&b.0));
        list
    };
    for run in runs()
        .iter()
        .filter(|run| run.report.is_some() && matches!(run.framework, Pytest | CargoNextest))
    {
        let without = Run {
            report: None,
            ..*run
        };
        assert_eq!(
            statuses(&run.parse()),
            statuses(&without.parse()),
            "{}",
            run.output.0
        );
    }
}

/// A test cannot speak for another: what it prints looks like results and is none.
#[test]
fn what_tests_print_is_no_result() {
    let fake = |run: &Run| {
        run.parse()
            .cases
            .iter()
            .any(|case| case.id.contains("fake"))
    };
    let faked: Vec<&str> = runs()
        .iter()
        .filter(|run| fake(run))
        .map(|run| run.output.0)
        .collect();
    assert!(faked.is_empty(), "{faked:?}");
}
