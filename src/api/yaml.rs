//! JSON written as YAML: block style, every text quoted as in JSON, which YAML reads the same.

use std::fmt::Write;

use serde_json::Value;

/// The document as YAML.
pub(super) fn of(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text.trim_start().to_owned() + "\n"
}

/// Writes what follows a `key:` or a `-`.
fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                line(text, depth, &format!("{}:", plain(key)));
                write(text, value, depth + 1);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                line(text, depth, "-");
                write(text, item, depth + 1);
            }
        }
        scalar => {
            // A `String` takes everything that is written to it.
            let _ = write!(text, " {scalar}");
        }
    }
}

fn line(text: &mut String, depth: usize, rest: &str) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push_str(rest);
}

/// Keys are quoted where YAML would read them as something else: `200`, `yes`, `/a/{b}`.
fn plain(key: &str) -> String {
    let word = key.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
    let taken = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    if word && !key.is_empty() && !taken.contains(&key.to_lowercase().as_str()) {
        return key.to_owned();
    }
    Value::from(key).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_shapes_of_json_survive() {
        let value = json!({
            "a": { "200": "x: \"y\"", "on": [], "z": {} },
            "b": [1, true, null, { "c": "two\nlines" }, ["d"]],
        });
        let expected = r#"a:
  "200": "x: \"y\""
  "on": []
  z: {}
b:
  - 1
  - true
  - null
  -
    c: "two\nlines"
  -
    - "d"
"#;
        assert_eq!(super::of(&value), expected);
    }
}
