//! Mocha's JSON reporter.

use serde_json::Value;

use super::super::id::join;
use super::super::outcome::{Case, Outcome, Status};
use super::json::{find, list, text};

pub(super) fn parse(output: &str, report: Option<&str>) -> Option<Outcome> {
    let document = report.and_then(|report| find(report, "stats"));
    let document = document.or_else(|| find(output, "stats"))?;
    let kinds = [
        ("passes", Status::Passed),
        ("failures", Status::Failed),
        ("pending", Status::Skipped),
    ];
    let mut cases = Vec::new();
    for (kind, status) in kinds {
        cases.extend(list(&document, kind).iter().map(|test| case(test, status)));
    }
    Some(Outcome::of(cases))
}

fn case(test: &Value, status: Status) -> Case {
    let file = text(test, "file");
    let title = text(test, "fullTitle");
    // A hook that fails is told in place of the test it was for.
    let hook = text(test, "title").contains(" hook for ") || text(test, "title").ends_with(" hook");
    let status = if hook && status == Status::Failed {
        Status::Errored
    } else {
        status
    };
    let err = test.get("err").unwrap_or(&Value::Null);
    let said = if text(err, "stack").is_empty() {
        text(err, "message")
    } else {
        text(err, "stack")
    };
    let took = test.get("duration").and_then(Value::as_f64);
    Case::new(join([file, title]), status)
        .in_file(file)
        .took_ms(took)
        .saying(said)
}
