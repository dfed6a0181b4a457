//! A scripted task on each of the sample repositories: different languages, no tests at all, several packages.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use super::bed::{Bed, alone, git};
use crate::support::left_out;

/// The scenario of this sample.
fn scenario(sample: &str) -> Value {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let file = samples.join(format!("scenarios/{sample}.yaml"));
    serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Does the task of this sample, and answers with what its tests said and with the difference that was delivered.
/// Nothing when this machine lacks the program that its tests run with.
async fn done(sample: &str, program: &str) -> Option<(Value, String)> {
    if Command::new(program).arg("version").output().is_err() {
        left_out(format_args!("there is no {program} here"));
        return None;
    }
    let bed = Bed::of(sample, &scenario(sample)).await?;
    let (run, output) = bed.run(alone()).await;
    assert_eq!(output["result"], "published", "{output}");
    let branch = output["evidence"]["branch"].as_str().unwrap();
    let diff = git(&bed.repository, &["diff", "main", branch]);
    let steps = bed.db.steps(run).await;
    let test = steps.iter().find(|step| step.name == "test").unwrap();
    let evidence = test.output["evidence"].clone();
    bed.finish().await;
    Some((evidence, diff))
}

/// The names that are fixed in all suites together.
fn fixed(evidence: &Value) -> Vec<String> {
    let suites = evidence.as_array().unwrap();
    assert!(
        suites
            .iter()
            .all(|suite| suite["newly_failing"] == json!([])),
        "{evidence}"
    );
    let fixed = suites.iter().filter_map(|suite| suite["fixed"].as_array());
    let mut names: Vec<String> = fixed
        .flatten()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn rust() {
    let Some((evidence, diff)) = done("rust-calc", "cargo").await else {
        return;
    };
    assert_eq!(fixed(&evidence).len(), 1, "{evidence}");
    assert!(fixed(&evidence)[0].ends_with("subtraction_goes_from_left_to_right"));
    assert!(diff.contains("+                    value -= self.product()?;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn typescript() {
    let Some((evidence, diff)) = done("ts-slug", "node").await else {
        return;
    };
    assert_eq!(fixed(&evidence), ["slug > is cut between words"]);
    assert!(diff.contains("+  const end = whole.lastIndexOf(separator, maxLength);"));
}

#[tokio::test(flavor = "multi_thread")]
async fn go() {
    let Some((evidence, diff)) = done("go-ring", "go").await else {
        return;
    };
    let fixed = fixed(&evidence);
    for name in ["TestValues/past_full", "TestValues/twice_around"] {
        assert!(fixed.iter().any(|fixed| fixed.ends_with(name)), "{fixed:?}");
    }
    assert!(diff.contains("+\t\tb.start = (b.start + 1) % len(b.values)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tests_the_first_ones_come_with_the_change() {
    let Some((evidence, diff)) = done("no-tests", "python3").await else {
        return;
    };
    assert_eq!(evidence[0]["base"]["passed"].as_u64().unwrap_or(0), 0);
    assert_eq!(evidence[0]["head"]["passed"], 3, "{evidence}");
    assert!(diff.contains("+++ b/test_wordcount.py"));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_packages() {
    let Some((evidence, diff)) = done("monorepo", "python3").await else {
        return;
    };
    assert_eq!(
        fixed(&evidence),
        [
            "tests.test_billing.Quarters.test_no_time_costs_nothing",
            "tests.test_billing.Quarters.test_whole_quarters_are_paid_as_they_are",
        ]
    );
    // One change, in the package it is about.
    assert_eq!(diff.matches("diff --git").count(), 1, "{diff}");
}
