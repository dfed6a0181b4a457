//! Holds every answer that a test of this room sees against the document: a status that is not declared there is a
//! surprise to every generated client.

use std::sync::LazyLock;

use poem::http::Method;
use serde_json::Value;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&codegraph::api::spec()).unwrap());

/// Fails when the document has this operation, but not this answer of it. Other methods (405) and paths are nobody's.
#[track_caller]
pub(super) fn check(method: &Method, path: &str, status: u16) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let declared = &operation["responses"];
    assert!(
        declared.get(status.to_string()).is_some(),
        "{} answers {status}, which the document does not declare",
        operation["operationId"]
    );
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next()?;
    let paths = DOCUMENT["paths"].as_object()?;
    // One that is spelt out comes before one with a place for anything.
    let exact = paths.get(path);
    let item = exact.or_else(|| {
        let found = paths.iter().find(|(template, _)| fits(template, path));
        found.map(|(_, item)| item)
    })?;
    item.get(method.as_str().to_lowercase())
}

fn fits(template: &str, path: &str) -> bool {
    let (mut places, mut parts) = (template.split('/'), path.split('/'));
    loop {
        match (places.next(), parts.next()) {
            (None, None) => return true,
            (Some(place), Some(part)) if place == part || place.starts_with('{') => {}
            _ => return false,
        }
    }
}
