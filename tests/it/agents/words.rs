//! What models say in these tests.

use serde_json::{Value, json};

/// The text that the task's mistake consists of, and what it ought to be.
pub(super) const WRONG: &str = "        if quantity > item.on_hand:\n            raise OutOfStock(sku, quantity, item.available)\n        item.reserved += quantity";
pub(super) const RIGHT: &str = "        if quantity > item.available:\n            raise OutOfStock(sku, quantity, item.available)\n        item.reserved += quantity";

pub(super) fn scenario(conversations: &[Value]) -> Value {
    json!({"conversations": conversations})
}

pub(super) fn conversation(role: &str, replies: &[Value]) -> Value {
    json!({"role": role, "replies": replies})
}

/// A conversation that begins with a text that holds this.
pub(super) fn about(when: &str, role: &str, replies: &[Value]) -> Value {
    json!({"role": role, "when": when, "replies": replies})
}

pub(super) fn text(text: &str) -> Value {
    json!({"text": text, "usage": usage()})
}

pub(super) fn calls(calls: &[(&str, Value)]) -> Value {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(tool, input)| json!({"tool": tool, "input": input}))
        .collect();
    json!({"calls": calls, "usage": usage()})
}

fn usage() -> Value {
    json!({"input": 1000, "output": 100})
}

pub(super) fn bash(command: &str) -> Value {
    calls(&[("bash", json!({"command": command}))])
}

pub(super) fn plan() -> Value {
    text(&plan_text("Compare with what is available"))
}

pub(super) fn plan_text(title: &str) -> String {
    json!({
        "summary": "It compares with the wrong number.",
        "items": [{"id": "1", "title": title, "files": ["inventory/stock.py"], "acceptance": ["it raises"],
                   "tests": ["tests.test_stock.Reserving.test_nothing_is_promised_twice"]}],
        "risks": [], "questions": [], "feasibility": "feasible",
    })
    .to_string()
}

pub(super) fn read() -> Value {
    calls(&[("read_file", json!({"path": "inventory/stock.py"}))])
}

pub(super) fn edit() -> Value {
    let input = json!({"path": "inventory/stock.py", "old_string": WRONG, "new_string": RIGHT});
    calls(&[("edit_file", input)])
}

pub(super) fn finish() -> Value {
    let input = json!({
        "status": "done", "summary": "It compares with what is available.",
        "pr_title": "Refuse what is promised already", "pr_body": "One comparison.",
    });
    calls(&[("finish", input)])
}

pub(super) fn approve() -> Value {
    text(&verdict("approve", &[]))
}

pub(super) fn verdict(word: &str, findings: &[Value]) -> String {
    json!({"verdict": word, "confidence": 0.9, "criteria": [{"id": "1", "status": "met"}], "findings": findings,
           "summary": "As asked."})
    .to_string()
}

/// Everybody does what is asked for, at once.
pub(super) fn good() -> Vec<Value> {
    vec![
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[approve()]),
    ]
}
