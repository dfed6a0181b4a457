//! The refusals of every operation, one by one instead of the framework's single `default`: programs and people see
//! which can happen. They follow from what the operation takes and who may call it; the statuses themselves are given in
//! `problem`. `tests/it/api/support` holds every answer it sees against this.

use serde_json::{Map, Value, json};

use crate::services::access::permission_of;

/// All of them: status, name in the components, and why.
const REFUSALS: &[(&str, &str, &str)] = &[
    (
        "400",
        "BadRequest",
        "A parameter or the body cannot be read.",
    ),
    ("401", "Unauthorized", "Who asks is not known."),
    (
        "403",
        "Forbidden",
        "Who asks may not do this; a request with cookies may lack its `X-CSRF-Token`.",
    ),
    (
        "404",
        "NotFound",
        "What is named does not exist, or is not shown to who asks.",
    ),
    (
        "409",
        "Conflict",
        "It does not fit the state of what it is about.",
    ),
    (
        "412",
        "PreconditionFailed",
        "Somebody else has changed it since.",
    ),
    ("413", "ContentTooLarge", "The body is too large."),
    (
        "415",
        "UnsupportedMediaType",
        "The body is not of a type that is taken here.",
    ),
    (
        "422",
        "UnprocessableContent",
        "It can be read but makes no sense; `errors` says where.",
    ),
    (
        "429",
        "TooManyRequests",
        "Too often; `Retry-After` says when to come back.",
    ),
    ("500", "InternalServerError", "A fault of the server."),
    (
        "503",
        "ServiceUnavailable",
        "Not now; `Retry-After` says when to try again.",
    ),
];

/// Operations that change nothing, and of which one person may have so many at the same time.
const TAKES_LONG: [&str; 2] = ["stream", "getRepositoryMap"];

/// Declares the refusals of all operations, and which permission each needs (`x-permission`, nothing for one that is
/// open to everybody).
pub(super) fn declare(document: &mut Value) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if operation["responses"].get("default").is_some() {
                let statuses = statuses_of(path, method, operation);
                refuse(&mut operation["responses"], &statuses);
                // What only reads has turns, and those are not counted by the minute.
                if statuses.contains(&"429") && method != "get" {
                    count(&mut operation["responses"]);
                }
            }
            if operation.get("security").is_none() {
                operation["security"] = json!([]);
            }
            if let Some(permission) = operation["operationId"].as_str().and_then(permission_of) {
                operation["x-permission"] = json!({
                    "name": permission.as_str(),
                    "role": permission.role().as_str(),
                    "scope": permission.scope().as_str(),
                });
            }
        }
    }
    document["components"]["responses"] = components();
    document["components"]["headers"] = LIMITS
        .iter()
        .map(|(name, what)| {
            let schema = json!({ "type": "integer", "minimum": 0 });
            (
                (*name).to_owned(),
                json!({ "description": what, "schema": schema }),
            )
        })
        .collect();
}

fn statuses_of(path: &str, method: &str, operation: &Value) -> Vec<&'static str> {
    let parameter = |what: &dyn Fn(&Value) -> bool| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(what))
    };
    let body = operation.get("requestBody").is_some();
    let changes = method != "get";
    let signed_in = operation["operationId"]
        .as_str()
        .is_some_and(|id| permission_of(id).is_some());
    let takes = body || parameter(&|_| true);
    let mut statuses = vec!["500", "503"];
    if takes {
        statuses.extend(["400", "422"]);
    }
    if signed_in || changes {
        // Whoever is not signed in can have the wrong password, a spent token, a closed door.
        statuses.extend(["401", "403"]);
    }
    if path.contains('{') || (changes && takes) || parameter(&|p| p["in"] == "query") {
        statuses.push("404");
    }
    if changes {
        statuses.push("409");
    }
    if changes || TAKES_LONG.iter().any(|id| operation["operationId"] == *id) {
        statuses.push("429");
    }
    if parameter(&|p| p["name"] == "If-Match") {
        statuses.push("412");
    }
    if body {
        statuses.extend(["413", "415"]);
    }
    statuses
}

/// Puts them in the place of `default`.
fn refuse(responses: &mut Value, statuses: &[&str]) {
    let Some(responses) = responses.as_object_mut() else {
        return;
    };
    responses.remove("default");
    for (status, name, _) in REFUSALS {
        if statuses.contains(status) && !responses.contains_key(*status) {
            let there = format!("#/components/responses/{name}");
            responses.insert((*status).to_owned(), json!({ "$ref": there }));
        }
    }
}

/// Headers of what is counted: every answer says where its caller stands.
const LIMITS: [(&str, &str); 3] = [
    (
        "RateLimit-Limit",
        "How often in a window; absent where nothing is counted.",
    ),
    ("RateLimit-Remaining", "How often still."),
    ("RateLimit-Reset", "In so many seconds the window closes."),
];

fn limits() -> Map<String, Value> {
    let there = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    let all = LIMITS
        .iter()
        .map(|(name, _)| ((*name).to_owned(), there(name)));
    all.collect()
}

/// Adds them to the good answers.
fn count(responses: &mut Value) {
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        if !status.starts_with('2') {
            continue;
        }
        if response["headers"].is_null() {
            response["headers"] = json!({});
        }
        if let Some(headers) = response["headers"].as_object_mut() {
            headers.extend(limits());
        }
    }
}

fn components() -> Value {
    let mut all = Map::new();
    for (status, name, why) in REFUSALS {
        let mut response = json!({
            "description": why,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        if matches!(*status, "429" | "503") {
            response["headers"] = json!({
                "Retry-After": { "description": "In so many seconds.", "schema": { "type": "integer", "minimum": 0 } },
            });
            if let Some(headers) = response["headers"].as_object_mut()
                && *status == "429"
            {
                headers.extend(limits());
            }
        }
        all.insert((*name).to_owned(), response);
    }
    Value::Object(all)
}
