use crate::evidence::outcome::Case;
use crate::evidence::{
    Counts, Execution, Framework, Outcome, Report, Status, Suite, TestEvidence, Verdict, compare,
    parse,
};

const NAMES: [Status; 4] = [
    Status::Passed,
    Status::Failed,
    Status::Skipped,
    Status::Errored,
];

/// `p` passed, `f` failed, `s` skipped, `e` errored, anything else: not there; the nth letter is test n.
fn outcome(letters: &str) -> Outcome {
    let case = |(nth, letter): (usize, char)| {
        Some(Case::new(format!("t{nth}"), NAMES["pfse".find(letter)?]))
    };
    Outcome::of(letters.chars().enumerate().filter_map(case).collect())
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn every_change_has_its_list() {
    //                                             0123456789
    let difference = compare(&outcome("ppppff.s.e"), &outcome("pfs.pefppp"), &[]);
    assert_eq!(difference.newly_failing, list(&["t1", "t6"]));
    assert_eq!(difference.newly_skipped, list(&["t2"]));
    assert_eq!(difference.vanished, list(&["t3"]));
    assert_eq!(difference.fixed, list(&["t4", "t9"]));
    assert_eq!(difference.still_failing, list(&["t5"]));
    assert_eq!(difference.new_passing, list(&["t8"]));
    assert_eq!(difference.verdict, Verdict::Failing);
}

#[test]
fn a_failure_that_holds_when_run_again_is_flaky() {
    let again = [outcome("ff"), outcome(".p")];
    let difference = compare(&outcome("pp"), &outcome("ff"), &again);
    assert_eq!(
        (difference.newly_failing, difference.flaky),
        (list(&["t0"]), list(&["t1"]))
    );
    let difference = compare(&outcome("pp"), &outcome("pf"), &again);
    assert_eq!(
        (difference.verdict, difference.flaky),
        (Verdict::Green, list(&["t1"]))
    );
}

#[test]
fn old_failures_do_not_make_it_red_and_nothing_run_does_not_make_it_green() {
    assert_eq!(
        compare(&outcome("pf"), &outcome("pf"), &[]).verdict,
        Verdict::Green
    );
    assert_eq!(
        compare(&outcome("p"), &outcome("s"), &[]).verdict,
        Verdict::NotRun("no test was run".to_owned())
    );
    let broken = parse(
        Framework::CargoTest,
        "error: could not compile `x`",
        None,
        Some(101),
    );
    let difference = compare(&outcome("pp"), &broken, &[]);
    assert!(
        matches!(difference.verdict, Verdict::NotRun(why) if why.contains("could not compile"))
    );
    assert!(difference.vanished.is_empty());
    // Failures that are only counted could be new ones.
    let counted = Outcome {
        counts: Counts {
            failed: 2,
            passed: 5,
            ..Counts::default()
        },
        ..outcome("pf")
    };
    assert_eq!(
        compare(&outcome("pf"), &counted, &[]).verdict,
        Verdict::Failing
    );
    // Without a base every failure counts against the change.
    assert_eq!(
        compare(&broken, &outcome("pf"), &[]).verdict,
        Verdict::Failing
    );
}

#[test]
fn an_exit_code_that_says_otherwise_is_believed() {
    let fine = "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
    assert!(parse(Framework::CargoTest, fine, None, Some(0)).complete);
    let odd = parse(Framework::CargoTest, fine, None, Some(3));
    assert!(!odd.complete && odd.note.is_some_and(|note| note.starts_with("exit code 3")));
    assert!(!parse(Framework::Pytest, "", None, Some(0)).complete);
    let other = parse(Framework::Other, "cannot link", None, Some(2));
    assert_eq!(
        (other.failing(), other.complete),
        (list(&["the command"]), true)
    );
}

#[test]
fn evidence_keeps_what_counts_and_goes_through_json() {
    let suite = Suite {
        framework: Framework::CargoTest,
        dir: "crates/a".to_owned(),
        setup: vec![],
        command: list(&["cargo", "test"]),
        report: Report::JUnit("out/*.xml".to_owned()),
        because: "crates/a/Cargo.toml".to_owned(),
    };
    let execution = Execution {
        exit_code: Some(101),
        duration_ms: 12,
        log_artifact: Some("log".to_owned()),
    };
    let head = outcome(&"f".repeat(600));
    let evidence = TestEvidence::of(&suite, &outcome("p"), &head, &[], execution);
    assert_eq!(
        (
            evidence.newly_failing.len(),
            evidence.head.failed,
            evidence.cut
        ),
        (500, 600, true)
    );
    assert!(!evidence.is_green());
    let json = serde_json::to_value(&evidence).unwrap();
    assert_eq!(json["framework"], "cargo_test");
    assert_eq!(json["verdict"], serde_json::json!({"is": "failing"}));
    assert_eq!(
        serde_json::from_value::<TestEvidence>(json).unwrap(),
        evidence
    );
    let json = serde_json::to_value(&suite).unwrap();
    assert_eq!(
        json["report"],
        serde_json::json!({"in": "junit", "path": "out/*.xml"})
    );
    assert_eq!(serde_json::from_value::<Suite>(json).unwrap(), suite);
    assert_eq!(
        serde_json::to_value(Verdict::NotRun("x".to_owned())).unwrap(),
        serde_json::json!({"is": "not_run", "reason": "x"})
    );
}

#[test]
fn framework_names_are_the_stored_ones() {
    for framework in [
        Framework::CargoTest,
        Framework::CargoNextest,
        Framework::NodeTest,
        Framework::GoTest,
        Framework::Other,
    ] {
        assert_eq!(serde_json::to_value(framework).unwrap(), framework.as_str());
    }
}
