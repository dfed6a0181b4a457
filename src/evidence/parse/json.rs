//! Finding one JSON document in output that holds other things as well.

use serde_json::{Deserializer, Value};

/// How many beginnings are tried: output can hold many braces, and every try may read far.
const TRIES: usize = 64;

/// The first object that has this key: the whole text when it is one, otherwise one that begins on a line of its own.
pub(super) fn find(text: &str, key: &str) -> Option<Value> {
    let starts = std::iter::once(0).chain(text.match_indices("\n{").map(|(at, _)| at + 1));
    let objects = starts.filter(|&at| text[at..].trim_start().starts_with('{'));
    objects.take(TRIES).find_map(|at| {
        let mut values = Deserializer::from_str(&text[at..]).into_iter::<Value>();
        let value = values.next()?.ok()?;
        value.get(key).is_some().then_some(value)
    })
}

/// The text of a field.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The elements of a field.
pub(super) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[test]
fn a_document_is_found_among_other_lines() {
    let found = |text| find(text, "stats").map(|value| value["stats"].clone());
    assert_eq!(found("{\"stats\": 1}"), Some(1.into()));
    assert_eq!(
        found("> npm test\n{ broken\n{\"stats\":\n2}\nbye"),
        Some(2.into())
    );
    assert_eq!(found("{\"other\": 1}"), None);
    assert_eq!(found(&"{\n".repeat(10_000)), None);
}
