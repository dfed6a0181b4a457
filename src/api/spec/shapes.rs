//! Schemas in the simplest form that says the same: what generators of clients read without stumbling.

use serde_json::{Map, Value, json};

/// What says something about a schema and does not narrow it.
const REMARKS: [&str; 4] = ["description", "default", "example", "title"];

/// Simplifies all of them.
pub(super) fn simplify(document: &mut Value) {
    fold(document);
    let schemas = &mut document["components"]["schemas"];
    let unions: Vec<String> = schemas
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema.get("discriminator").is_some())
        .map(|(name, _)| name.clone())
        .collect();
    for union in unions {
        join(schemas, &union);
    }
}

/// A remark beside a reference stands around it already: `allOf: [reference, remark]` is `allOf: [reference]`. And a
/// stream is described by what comes in it, one at a time; the framework calls it an array.
fn fold(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(Value::Array(all)) = map.get_mut("allOf")
                && all.len() > 1
                && all.iter().any(|one| one.get("$ref").is_some())
            {
                all.retain(|one| !is_remark(one));
            }
            if let Some(stream) = map.get_mut("text/event-stream") {
                let frame = stream["schema"]["items"].take();
                stream["schema"] = frame;
            }
            map.values_mut().for_each(fold);
        }
        Value::Array(items) => items.iter_mut().for_each(fold),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_remark(schema: &Value) -> bool {
    let keys = schema.as_object().map(Map::keys).into_iter().flatten();
    keys.into_iter().all(|key| REMARKS.contains(&key.as_str()))
}

/// The members of a union are `Union_Member`, made of a tag and `Member`; this gives `Member` the tag, in one schema.
fn join(schemas: &mut Value, union: &str) {
    let prefix = format!("{union}_");
    let Some(all) = schemas.as_object_mut() else {
        return;
    };
    let members: Vec<String> = all
        .keys()
        .filter(|name| name.starts_with(&prefix))
        .cloned()
        .collect();
    for name in members {
        let Some(tagged) = all.remove(&name) else {
            continue;
        };
        let tag = &tagged["allOf"][0]["properties"];
        let member = &mut all[name.trim_start_matches(&prefix)];
        for (property, schema) in tag.as_object().into_iter().flatten() {
            member["properties"][property] = schema.clone();
            match member.get_mut("required").and_then(Value::as_array_mut) {
                Some(required) => required.insert(0, property.as_str().into()),
                None => member["required"] = json!([property]),
            }
        }
    }
    let union = &mut all[union];
    if let Some(union) = union.as_object_mut() {
        // It says no more than its members, and some generators then see an empty object.
        union.remove("type");
    }
    drop_prefix(union, &format!("schemas/{prefix}"));
}

fn drop_prefix(value: &mut Value, prefix: &str) {
    match value {
        Value::String(there) => *there = there.replace(prefix, "schemas/"),
        Value::Array(items) => items.iter_mut().for_each(|item| drop_prefix(item, prefix)),
        Value::Object(map) => map.values_mut().for_each(|item| drop_prefix(item, prefix)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_stand_once_and_members_of_unions_carry_their_tag() {
        let there = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let mut document = json!({"components": {"schemas": {
            "Pair": {"properties": {"one": {"allOf": [there("One"), {"description": "It."}], "description": "It."}}},
            "Either": {
                "type": "object", "oneOf": [there("Either_One")],
                "discriminator": {"propertyName": "type", "mapping": {"one": "#/components/schemas/Either_One"}},
            },
            "Either_One": {"allOf": [
                {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["one"]}}}, there("One"),
            ]},
            "One": {"type": "object", "required": ["at"], "properties": {"at": {"type": "string"}}},
        }}});
        simplify(&mut document);
        let expected = json!({"components": {"schemas": {
            "Pair": {"properties": {"one": {"allOf": [there("One")], "description": "It."}}},
            "Either": {
                "oneOf": [there("One")],
                "discriminator": {"propertyName": "type", "mapping": {"one": "#/components/schemas/One"}},
            },
            "One": {
                "type": "object", "required": ["type", "at"],
                "properties": {"at": {"type": "string"}, "type": {"enum": ["one"]}},
            },
        }}});
        assert_eq!(document, expected);
    }
}
