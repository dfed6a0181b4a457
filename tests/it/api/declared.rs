//! Holds every answer that a test of this room sees against the document: a status that is not declared there is a
//! surprise to every generated client, and so is a body of another shape.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use poem::http::Method;
use serde_json::{Value, json};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&codegraph::api::spec()).unwrap());

/// The schemas that answers were held against: each takes a while to be made ready.
static SCHEMAS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Fails when the document has this operation, but not this answer of it, or not with such a body. Other methods (405)
/// and paths are nobody's.
#[track_caller]
pub(super) fn check(method: &Method, path: &str, status: u16, kind: &str, body: &Value) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let name = format!("{} answers {status}", operation["operationId"]);
    let declared = &operation["responses"];
    let Some(answer) = declared.get(status.to_string()) else {
        panic!("{name}, which the document does not declare");
    };
    // Refusals stand once for all operations.
    let shared = answer["$ref"].as_str();
    let answer = shared.map_or(answer, |place| DOCUMENT.pointer(&place[1..]).unwrap());
    // `application/json; charset=utf-8` is declared under the same words.
    let contents = answer["content"].as_object().into_iter().flatten();
    let essence = |kind: &str| kind.split(';').next().unwrap_or_default().trim().to_owned();
    let mut fitting = contents.filter(|(known, _)| essence(known) == essence(kind));
    match fitting.next() {
        Some((_, content)) if essence(kind).ends_with("json") => {
            fits_schema(&name, &content["schema"], body);
        }
        Some(_) => {}
        None => assert!(
            body.as_str() == Some(""),
            "{name} as {kind:?}, which the document does not declare"
        ),
    }
}

/// Fails when this is none of the messages that the stream may hold.
#[track_caller]
pub(super) fn check_frame(frame: &Value) {
    let schema = json!({"$ref": "#/components/schemas/Frame"});
    fits_schema("the stream tells", &schema, frame);
}

#[track_caller]
fn fits_schema(name: &str, schema: &Value, body: &Value) {
    let known = SCHEMAS.lock().unwrap().get(name).cloned();
    let validator = known.unwrap_or_else(|| {
        let schema = json!({"allOf": [schema], "components": DOCUMENT["components"]});
        let made = Arc::new(
            jsonschema::options()
                .should_validate_formats(true)
                .build(&schema)
                .unwrap(),
        );
        SCHEMAS
            .lock()
            .unwrap()
            .insert(name.to_owned(), Arc::clone(&made));
        made
    });
    let wrong: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        wrong.is_empty(),
        "{name} with a body that does not match the document: {wrong:#?}\n{body}"
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
