//! The sample repositories, from discovery to evidence: their tests are found, run on both trees by the real programs,
//! understood and compared.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use codegraph::evidence::{
    Execution, Framework, Outcome, Suite, TestEvidence, Verdict, discover, parse,
};
use tempfile::TempDir;

use crate::support::{copy_sample, left_out, samples};

/// A copy, so that no build writes into the tree.
fn copy(name: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    copy_sample(name, root.path());
    root
}

/// Whether this machine has the program; says so when not.
fn has(program: &str, version: &str) -> bool {
    let mut command = Command::new(program);
    let found = command.arg(version).stdout(Stdio::null()).status().is_ok();
    if !found {
        left_out(format_args!("there is no {program} here"));
    }
    found
}

fn run(root: &Path, suite: &Suite) -> Outcome {
    assert!(suite.setup.is_empty(), "a sample needs nothing: {suite:?}");
    let folder = root.join(&suite.dir);
    // Both streams into one file, in order, as the report says.
    let log = tempfile::NamedTempFile::new().unwrap();
    let file = log.reopen().unwrap();
    let status = Command::new(&suite.command[0])
        .args(&suite.command[1..])
        .current_dir(&folder)
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUST_TEST_THREADS")
        // A test of Node that runs below another one would report to it.
        .env_remove("NODE_TEST_CONTEXT")
        .env("CARGO_NET_OFFLINE", "true")
        // As the desk has it: what Python compiled is taken for the new source when both are of one second and one size.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .status()
        .unwrap();
    let output = fs::read_to_string(log.path()).unwrap();
    let report = suite.report.path().map(|path| folder.join(path));
    let report = report.and_then(|path| fs::read_to_string(path).ok());
    let outcome = parse(suite.framework, &output, report.as_deref(), status.code());
    outcome.relative_to(folder.to_str().unwrap())
}

/// Runs the suite in a folder on the sample as it is and with its patch.
fn prove(name: &str, dir: &str, framework: Framework, fixed: &[&str]) {
    let root = copy(name);
    let suites = discover(root.path());
    let suite = suites.iter().find(|suite| suite.dir == dir).unwrap();
    assert_eq!(suite.framework, framework);

    let base = run(root.path(), suite);
    assert!(base.complete, "{base:?}");
    assert_eq!(base.failing(), fixed);
    // Not by chance: the same tests fail again when only they are run.
    let again = run(root.path(), &suite.again(&base.failing()).unwrap());
    assert_eq!(again.failing(), fixed, "{again:?}");

    apply(root.path(), name);
    let head = run(root.path(), suite);
    let evidence = TestEvidence::of(suite, &base, &head, &[], Execution::default());
    assert_eq!(evidence.verdict, Verdict::Green, "{head:?}");
    assert_eq!(evidence.fixed, fixed);
    assert!(evidence.still_failing.is_empty() && evidence.vanished.is_empty());

    // The other way round the same change breaks them.
    let back = TestEvidence::of(suite, &head, &base, &[], Execution::default());
    assert_eq!(
        (back.verdict, back.newly_failing),
        (Verdict::Failing, evidence.fixed)
    );
}

fn apply(root: &Path, name: &str) {
    let patch = samples().join(format!("patches/{name}.patch"));
    let applied = Command::new("git")
        .args(["apply", "--whitespace=error"])
        .arg(patch)
        .current_dir(root)
        // The folder of temporary files may lie in a repository.
        .env("GIT_CEILING_DIRECTORIES", root.parent().unwrap())
        .status()
        .unwrap();
    assert!(applied.success(), "the patch of {name} does not apply");
}

#[test]
fn rust_calc() {
    let broken = "tests/calc.rs > subtraction_goes_from_left_to_right";
    prove("rust-calc", "", Framework::CargoTest, &[broken]);
}

#[test]
fn python_inventory() {
    if has("python3", "--version") {
        let broken = "tests.test_stock.Reserving.test_nothing_is_promised_twice";
        prove("python-inventory", "", Framework::Unittest, &[broken]);
    }
}

#[test]
fn ts_slug() {
    if has("node", "--version") {
        prove(
            "ts-slug",
            "",
            Framework::NodeTest,
            &["slug > is cut between words"],
        );
    }
}

#[test]
fn go_ring() {
    if has("go", "version") {
        let broken = [
            "example.com/ring > TestValues/past_full",
            "example.com/ring > TestValues/twice_around",
            "example.com/ring > TestValues",
        ];
        prove("go-ring", "", Framework::GoTest, &broken);
    }
}

#[test]
fn monorepo() {
    let suites = discover(&samples().join("monorepo"));
    let list: Vec<(&str, Framework)> = suites
        .iter()
        .map(|suite| (suite.dir.as_str(), suite.framework))
        .collect();
    let expected = [
        ("crates/duration", Framework::CargoTest),
        ("services/billing", Framework::Unittest),
        ("web/format", Framework::NodeTest),
    ];
    assert_eq!(list, expected);
    let root = copy("monorepo");
    let duration = run(root.path(), &suites[0]);
    assert!(duration.complete && duration.counts.bad() == 0 && duration.counts.passed == 3);
    if has("node", "--version") {
        let format = run(root.path(), &suites[2]);
        assert!(format.complete && format.counts.bad() == 0 && format.counts.passed == 2);
    }
    if has("python3", "--version") {
        let broken = [
            "tests.test_billing.Quarters.test_no_time_costs_nothing",
            "tests.test_billing.Quarters.test_whole_quarters_are_paid_as_they_are",
        ];
        prove("monorepo", "services/billing", Framework::Unittest, &broken);
    }
}

#[test]
fn no_tests() {
    let root = copy("no-tests");
    assert!(discover(root.path()).is_empty());
    apply(root.path(), "no-tests");
    let suites = discover(root.path());
    assert_eq!(suites.len(), 1);
    if has("python3", "--version") {
        let outcome = run(root.path(), &suites[0]);
        assert!(
            outcome.complete && outcome.counts.passed == 3,
            "{outcome:?}"
        );
    }
}
