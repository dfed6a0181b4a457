//! What nobody prints on purpose: outputs cut anywhere, spoiled, huge, or made to deceive.

use super::formats::runs;
use crate::evidence::{Framework, Outcome, Status, Verdict, compare, parse};

const ALL: [Framework; 10] = [
    Framework::CargoTest,
    Framework::CargoNextest,
    Framework::Pytest,
    Framework::Unittest,
    Framework::Jest,
    Framework::Vitest,
    Framework::NodeTest,
    Framework::Mocha,
    Framework::GoTest,
    Framework::Other,
];

fn check(outcome: &Outcome) {
    let mut ids = std::collections::HashSet::new();
    for case in &outcome.cases {
        assert!(ids.insert(&case.id), "twice: {}", case.id);
        assert!(!case.id.contains(|c: char| c.is_control()), "{:?}", case.id);
        assert!(
            case.message
                .as_ref()
                .is_none_or(|said| said.chars().count() <= 1000)
        );
    }
    assert!(outcome.complete || outcome.note.is_some());
    assert!(outcome.counts.total() as usize >= outcome.cases.len());
    assert_consistent(outcome, outcome);
}

/// Every test of the head is in at most one list, and green means that nothing newly fails.
fn assert_consistent(base: &Outcome, head: &Outcome) {
    let difference = compare(base, head, &[]);
    let lists = [
        &difference.newly_failing,
        &difference.fixed,
        &difference.still_failing,
        &difference.flaky,
        &difference.new_passing,
        &difference.vanished,
        &difference.newly_skipped,
    ];
    let all: Vec<&String> = lists.into_iter().flatten().collect();
    let unique: std::collections::HashSet<&&String> = all.iter().collect();
    assert_eq!(all.len(), unique.len());
    let bad = difference.newly_failing.len() + difference.still_failing.len();
    assert_eq!(bad, head.failing().len());
    if difference.verdict == Verdict::Green {
        assert!(head.complete && difference.newly_failing.is_empty());
    }
    assert!(head.complete || difference.verdict != Verdict::Green);
}

/// At every character at first and then here and there, also inside an escape or a character of several bytes.
fn cuts(text: &str, step: usize) -> impl Iterator<Item = &str> {
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    ends.enumerate()
        .filter(move |(nth, _)| *nth < 24 || nth % step == 0)
        .map(|(_, end)| &text[..end])
}

#[test]
fn no_cut_and_no_format_makes_a_parser_panic() {
    for run in runs() {
        for cut in cuts(run.output.1, 83) {
            check(&parse(run.framework, cut, None, Some(1)));
        }
        for framework in ALL {
            for cut in cuts(run.output.1, 1913) {
                check(&parse(framework, cut, None, Some(0)));
            }
            let report = run.report.map_or(run.output.1, |(_, text)| text);
            for cut in cuts(report, 1913) {
                check(&parse(framework, run.output.1, Some(cut), Some(1)));
            }
        }
    }
}

#[test]
fn a_failed_test_does_not_pass_in_a_shorter_output() {
    let strict = [
        "cargo_test.txt",
        "nextest.txt",
        "pytest.txt",
        "pytest_xdist.txt",
        "node_tap.txt",
        "go.txt",
        "unittest.txt",
    ];
    for run in runs()
        .iter()
        .filter(|run| strict.contains(&run.output.0) && run.framework != Framework::Other)
    {
        let whole = parse(run.framework, run.output.1, None, Some(run.exit));
        for cut in cuts(run.output.1, 97) {
            let part = parse(run.framework, cut, None, Some(run.exit));
            for case in part
                .cases
                .iter()
                .filter(|case| case.status == Status::Passed)
            {
                let status = whole.case(&case.id).map(|case| case.status);
                let ends_here = part.cases.last().is_some_and(|last| last.id == case.id);
                assert!(
                    ends_here || status == Some(Status::Passed),
                    "{}: {}",
                    run.output.0,
                    case.id
                );
            }
        }
    }
}

#[test]
fn whatever_was_killed_is_incomplete() {
    for run in runs() {
        let outcome = parse(
            run.framework,
            run.output.1,
            run.report.map(|(_, text)| text),
            None,
        );
        assert!(!outcome.complete && outcome.note.is_some_and(|note| note.starts_with("killed")));
    }
}

#[test]
fn lines_mixed_up_and_bytes_spoiled_are_survived() {
    let mut seed = 7_u32;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed as usize % below.max(1)
    };
    let runs = runs();
    for round in 0..200 {
        let run = &runs[random(runs.len())];
        let mut lines: Vec<String> = run.output.1.lines().map(str::to_owned).collect();
        for _ in 0..=round % 7 {
            let (a, b) = (random(lines.len()), random(lines.len()));
            lines.swap(a, b);
            let line = &mut lines[b];
            let at = line
                .char_indices()
                .map(|(at, _)| at)
                .nth(random(line.len()))
                .unwrap_or(0);
            line.insert_str(
                at,
                [
                    "\u{1b}[", "\u{0}", " ... ", "]", "::", "\r", "\u{202e}", " > ",
                ][random(8)],
            );
        }
        let text = lines.join(if round % 2 == 0 { "\n" } else { "\r\n" });
        check(&parse(run.framework, &text, None, Some(1)));
        check(&parse(run.framework, "", Some(&text), Some(1)));
    }
}

#[test]
fn line_endings_and_colours_change_nothing() {
    for run in runs().iter().filter(|run| {
        run.report.is_none() && !matches!(run.framework, Framework::Jest | Framework::Mocha)
    }) {
        let windows = run.output.1.replace('\n', "\r\n");
        let other = parse(run.framework, &windows, None, Some(run.exit));
        let (one, other) = (run.parse(), other);
        assert_eq!(one.counts, other.counts, "{}", run.output.0);
        let ids = |outcome: &Outcome| {
            outcome
                .cases
                .iter()
                .map(|case| case.id.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(&one), ids(&other), "{}", run.output.0);
    }
}

#[test]
fn huge_outputs_take_one_pass() {
    let line = "test a::b ... ok\n";
    let many = format!(
        "running 200000 tests\n{}",
        (0..200_000)
            .map(|n| format!("test t{n} ... ok\n"))
            .collect::<String>()
    );
    assert_eq!(
        parse(Framework::CargoTest, &many, None, Some(0))
            .cases
            .len(),
        200_000
    );
    let nested = "{\n".repeat(300_000);
    let deep = format!("<testsuites>{}", "<testsuite>".repeat(100_000));
    for framework in ALL {
        check(&parse(framework, &nested, Some(&nested), Some(1)));
        check(&parse(framework, &line.repeat(1000), Some(&deep), Some(1)));
    }
    let wide = format!("x{}", "[".repeat(1_000_000));
    assert!(!parse(Framework::Pytest, &wide, None, Some(1)).complete);
}

#[test]
fn entities_are_not_expanded() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]>\
                <testsuite><testcase name=\"&a;&b;\"/></testsuite>";
    let outcome = parse(Framework::Other, "", Some(bomb), Some(0));
    assert!(
        outcome.cases.iter().all(|case| case.id == "the command"),
        "{outcome:?}"
    );
}

#[test]
fn several_junit_files_are_read_one_after_the_other() {
    let file = |name: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<testsuite><testcase classname=\"T\" name=\"{name}\"><system-out>\u{1b}[0m</system-out></testcase></testsuite>\n"
        )
    };
    let outcome = parse(
        Framework::Other,
        "",
        Some(&(file("a") + &file("b"))),
        Some(0),
    );
    let ids: Vec<&str> = outcome.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!((ids, outcome.complete), (vec!["T > a", "T > b"], true));
}
