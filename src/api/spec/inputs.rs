//! What bodies may hold, as it is read: a field nobody knows is refused, and one that may be left out may be `null`,
//! which means the same. The framework says neither.

use std::collections::BTreeSet;

use serde_json::Value;

/// Where schemas are kept.
const SCHEMAS: &str = "#/components/schemas/";

/// Declares it for every schema that a body is made of. One that answers are made of too keeps its fields: there,
/// what is not there is left out.
pub(super) fn declare(document: &mut Value) {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    let paths = document["paths"].as_object().into_iter().flatten();
    for operation in paths.flat_map(|(_, item)| item.as_object().into_iter().flatten()) {
        reach(document, &operation.1["requestBody"], &mut asked);
        reach(document, &operation.1["responses"], &mut answered);
    }
    for name in &asked {
        let schemas = document["components"]["schemas"].clone();
        let schema = &mut document["components"]["schemas"][name];
        if schema["type"] != "object" {
            continue;
        }
        schema["additionalProperties"] = false.into();
        if !answered.contains(name) {
            optional_may_be_null(schema, &schemas);
        }
    }
}

fn optional_may_be_null(schema: &mut Value, schemas: &Value) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten();
    for (name, property) in properties {
        if !required.iter().any(|one| one == name) {
            property["nullable"] = true.into();
            // Beside a reference, `nullable` means nothing without the type.
            let there = property["allOf"][0]["$ref"].as_str();
            if let Some(name) = there.and_then(|there| there.strip_prefix(SCHEMAS)) {
                property["type"] = schemas[name]["type"].clone();
            }
        }
    }
}

/// The names of all schemas that this leads to.
fn reach(document: &Value, from: &Value, found: &mut BTreeSet<String>) {
    match from {
        Value::Object(map) => {
            let name = map.get("$ref").and_then(Value::as_str);
            if let Some(name) = name.and_then(|there| there.strip_prefix(SCHEMAS))
                && found.insert(name.to_owned())
            {
                reach(document, &document["components"]["schemas"][name], found);
            }
            map.values().for_each(|value| reach(document, value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| reach(document, value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
