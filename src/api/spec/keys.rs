//! `Idempotency-Key`, at every operation that takes one.

use serde_json::{Value, json};

use crate::{
    api::once::KEY,
    services::request_keys::{Rule, rule_of},
};

/// Declares the header wherever the answer is kept under it.
pub(super) fn declare(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (method, operation) in
        paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten())
    {
        let id = operation["operationId"].as_str().unwrap_or_default();
        if method == "get" || rule_of(id) != Rule::Kept {
            continue;
        }
        if operation.get("parameters").is_none() {
            operation["parameters"] = json!([]);
        }
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.push(json!({
                "name": KEY,
                "in": "header",
                "required": false,
                "description": "A key of the caller's choice, good for 24 hours: the same request again gets the same \
                                answer and is not performed again. With another body it is refused (422), and while \
                                the first is being served as well (409).",
                "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
            }));
        }
    }
}
