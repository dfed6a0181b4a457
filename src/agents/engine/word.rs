//! The last word of an engine. It was asked for an object of JSON; programs and models being what they are, any text will do.

use serde_json::{Value, json};

use crate::agents::voice::tail;

/// As much of a text is read: the object is at its end.
const MOST: usize = 60_000;
/// Characters of a summary that nobody wrote as one.
const SUMMARY: usize = 4_000;
/// Characters of a title.
const TITLE: usize = 72;

/// What it comes to.
pub(super) struct Last {
    /// The step's result.
    pub(super) status: &'static str,
    pub(super) finish: Value,
}

/// Reads it; `task` is the title of what was asked for.
pub(super) fn read(said: &str, task: &str) -> Last {
    let object = object(tail(said, MOST)).unwrap_or_default();
    let text = |name: &str| {
        object[name]
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let status = match text("status") {
        Some("blocked") => "needs_answer",
        Some("infeasible") => "infeasible",
        _ => "done",
    };
    let summary = text("summary").unwrap_or_else(|| tail(said.trim(), SUMMARY));
    let risks: Vec<&str> = object["risks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let title: String = text("pr_title")
        .unwrap_or(task)
        .chars()
        .take(TITLE)
        .collect();
    Last {
        status,
        finish: json!({
            "summary": summary,
            "risks": risks,
            "pr_title": title.lines().next().unwrap_or_default(),
            "pr_body": text("pr_body").unwrap_or(summary),
            "question": summary,
        }),
    }
}

/// The last object with a summary in a text.
fn object(text: &str) -> Option<Value> {
    let (mut found, mut from) = (None, 0);
    while let Some(at) = text[from..].find('{').map(|at| from + at) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        from = match values.next() {
            Some(Ok(value)) => {
                if value["summary"].is_string() {
                    found = Some(value);
                }
                at + values.byte_offset()
            }
            _ => at + 1,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_at_the_end_is_what_it_says() {
        let said = "I changed {x}.\n```json\n{\"status\": \"done\", \"summary\": \"Compares {right}.\", \"risks\": [\"none\"],\n\
                    \"pr_title\": \"Refuse\\nmore\", \"pr_body\": \"B\"}\n```\n";
        let last = read(said, "The task");
        assert_eq!(last.status, "done");
        assert_eq!(last.finish["summary"], "Compares {right}.");
        assert_eq!(last.finish["pr_title"], "Refuse");
        assert_eq!(last.finish["risks"], json!(["none"]));
        let asks = read(
            "{\"status\": \"blocked\", \"summary\": \"Which?\"}",
            "The task",
        );
        assert_eq!(
            (asks.status, &asks.finish["question"]),
            ("needs_answer", &json!("Which?"))
        );
    }

    #[test]
    fn any_other_text_is_a_summary() {
        for said in [
            "Done, see above.",
            "It is { not JSON",
            "{\"a\": {\"b\": 1}}",
            "",
        ] {
            let last = read(said, "The task");
            assert_eq!(
                (last.status, last.finish["pr_title"].as_str()),
                ("done", Some("The task"))
            );
            assert_eq!(last.finish["summary"], said);
        }
    }
}
