//! Jest's `--json` and Vitest's JSON reporter, which follows it.

use serde_json::Value;

use super::super::id::join;
use super::super::outcome::{Case, Outcome, Status};
use super::json::{find, list, text};

pub(super) fn parse(output: &str, report: Option<&str>) -> Option<Outcome> {
    let document = report.and_then(|report| find(report, "testResults"));
    let document = document.or_else(|| find(output, "testResults"))?;
    let mut cases = Vec::new();
    for file in list(&document, "testResults") {
        read_file(file, &mut cases);
    }
    let outcome = Outcome::of(cases);
    let interrupted = document.get("wasInterrupted").and_then(Value::as_bool) == Some(true);
    Some(if interrupted {
        outcome.incomplete("it was interrupted")
    } else {
        outcome
    })
}

fn read_file(file: &Value, cases: &mut Vec<Case>) {
    let path = text(file, "name");
    let tests = list(file, "assertionResults");
    let begin = cases.len();
    cases.extend(tests.iter().filter_map(|test| case(path, test)));
    // A file that cannot be loaded has no tests, and says why itself.
    let broken =
        text(file, "status") == "failed" && !cases[begin..].iter().any(|case| case.status.is_bad());
    if broken {
        cases.push(
            Case::new(path, Status::Errored)
                .in_file(path)
                .saying(text(file, "message")),
        );
    }
}

fn case(path: &str, test: &Value) -> Option<Case> {
    let status = match text(test, "status") {
        "passed" => Status::Passed,
        "failed" => Status::Failed,
        "pending" | "skipped" | "todo" | "disabled" => Status::Skipped,
        // Left out by `.only` or a filter of names: nobody asked for it.
        _ => return None,
    };
    let above = list(test, "ancestorTitles")
        .iter()
        .filter_map(Value::as_str);
    let titles = std::iter::once(path)
        .chain(above)
        .chain([text(test, "title")]);
    let said: Vec<&str> = list(test, "failureMessages")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let took = test.get("duration").and_then(Value::as_f64);
    Some(
        Case::new(join(titles), status)
            .in_file(path)
            .took_ms(took)
            .saying(&said.join("\n")),
    )
}
