//! The OpenAPI document, with the framework's quirks taken out.

use poem::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};

use super::yaml;

mod answers;
mod inputs;
mod keys;
mod shapes;

/// What poem-openapi calls JSON. Client generators take the parameter for part of the name.
const FRAMEWORK_JSON: &str = "application/json; charset=utf-8";

/// The document in the order people read it; below this level keys are sorted.
#[derive(Serialize)]
struct Document {
    openapi: Value,
    info: Value,
    servers: Value,
    tags: Value,
    paths: Value,
    components: Value,
}

/// The document as JSON: the bytes of `openapi/codegraph.json`.
pub fn json() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// The same as YAML.
pub(super) fn yaml() -> String {
    let document = serde_json::to_value(document()).unwrap_or_default();
    yaml::of(&document)
}

fn document() -> Document {
    let mut raw: Value = serde_json::from_str(&super::service().spec()).unwrap_or_default();
    mend(&mut raw);
    shapes::simplify(&mut raw);
    keys::declare(&mut raw);
    answers::declare(&mut raw);
    inputs::declare(&mut raw);
    let mut part = |name: &str| raw.get_mut(name).map(Value::take).unwrap_or_default();
    Document {
        openapi: part("openapi"),
        info: part("info"),
        servers: part("servers"),
        tags: part("tags"),
        paths: part("paths"),
        components: part("components"),
    }
}

/// Renames the media type wherever a body is described, and says something about each response:
/// the framework leaves the description of a plain one empty.
fn mend(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(Value::Object(responses)) = map.get_mut("responses") {
                responses
                    .iter_mut()
                    .for_each(|(status, response)| describe(status, response));
            }
            if let Some(Value::Object(content)) = map.get_mut("content") {
                rename(content, FRAMEWORK_JSON, "application/json");
            }
            if let Some(example) = map.get_mut("example") {
                leave_out_nulls(example);
            }
            map.values_mut().for_each(mend);
        }
        Value::Array(items) => items.iter_mut().for_each(mend),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is not there is left out on the wire; the framework writes it into examples as `null`.
fn leave_out_nulls(example: &mut Value) {
    match example {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn describe(status: &str, response: &mut Value) {
    if response["description"] == "" {
        let reason = StatusCode::from_bytes(status.as_bytes()).ok();
        let reason = reason.and_then(|status| status.canonical_reason());
        response["description"] = reason.unwrap_or("Done").into();
    }
}

fn rename(map: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = map.remove(from) {
        map.insert(to.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn the_quirks_are_mended_and_nothing_else_changes() {
        let mut value = json!({
            "description": FRAMEWORK_JSON,
            "example": { "there": 1, "absent": null },
            "responses": {
                "200": { "description": "", "content": { FRAMEWORK_JSON: { "schema": {} } } },
                "503": { "description": "Not now." },
            },
        });
        mend(&mut value);
        let expected = json!({
            "description": FRAMEWORK_JSON,
            "example": { "there": 1 },
            "responses": {
                "200": { "description": "OK", "content": { "application/json": { "schema": {} } } },
                "503": { "description": "Not now." },
            },
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn every_operation_is_named_once_in_camel_case_and_described() {
        let document: Value = serde_json::from_str(&json()).unwrap();
        let mut seen = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap_or_default();
                assert!(
                    id.starts_with(|c: char| c.is_ascii_lowercase()),
                    "{path}: `{id}`"
                );
                assert!(
                    id.chars().all(|c| c.is_ascii_alphanumeric()),
                    "{path}: `{id}`"
                );
                assert!(seen.insert(id.to_owned()), "{path}: `{id}` is taken");
                assert!(operation["summary"].is_string(), "{path}: no summary");
                assert!(
                    operation["description"].is_string(),
                    "{path}: no description"
                );
                assert!(operation["tags"].is_array(), "{path}: no tag");
            }
        }
        assert!(seen.contains("getHealth") && seen.contains("getVersion"));
    }
}
