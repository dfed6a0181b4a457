//! The authorisation walk: every operation of the document, as nobody, as each role and with each scope, compared with
//! the table of permissions. An operation that is added is walked too.

use std::collections::{BTreeMap, BTreeSet};

use codegraph::services::access::{OPERATIONS, Permission, Role, Scope, permission_of};
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::{Call, Stage};

/// Operations that need no login. Whoever adds one writes it down here.
const OPEN: [&str; 9] = [
    "getHealth",
    "getReadiness",
    "getVersion",
    "getEntrance",
    "setUp",
    "register",
    "login",
    "refresh",
    "logout",
];

/// An operation of the document, with values that fit in the place of its parameters.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: Method,
    pub(super) path: String,
    /// The path as the document has it, but for parameters that are no ids; with what the query needs.
    pub(super) template: String,
    pub(super) body: Option<Value>,
    open: bool,
}

pub(super) fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&codegraph::api::spec()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let mut url = path.clone();
            let mut template = path.clone();
            let mut query = Vec::new();
            let none = vec![];
            for parameter in operation["parameters"].as_array().unwrap_or(&none) {
                let value = fitting(&document, &parameter["schema"]);
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                let name = text(&parameter["name"]);
                match parameter["in"].as_str() {
                    Some("path") => {
                        url = url.replace(&format!("{{{name}}}"), &value);
                        if name != "id" && !name.ends_with("_id") {
                            template = template.replace(&format!("{{{name}}}"), &value);
                        }
                    }
                    Some("query") if parameter["required"] == true => {
                        query.push(format!("{name}={value}"));
                    }
                    _ => {}
                }
            }
            if !query.is_empty() {
                url = format!("{url}?{}", query.join("&"));
                template = format!("{template}?{}", query.join("&"));
            }
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            found.push(Operation {
                id: text(&operation["operationId"]),
                method: method.to_uppercase().parse().unwrap(),
                path: url,
                template,
                body: (!schema.is_null()).then(|| fitting(&document, schema)),
                open: operation["security"].as_array().is_none_or(Vec::is_empty),
            });
        }
    }
    found
}

/// The smallest value that fits a schema.
fn fitting(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return fitting(document, &document["components"]["schemas"][name]);
    }
    for known in ["example", "default"] {
        if !schema[known].is_null() {
            return schema[known].clone();
        }
    }
    if let Some(value) = schema["enum"].get(0) {
        return value.clone();
    }
    for several in ["allOf", "oneOf", "anyOf"] {
        if let Some(first) = schema[several].get(0) {
            return fitting(document, first);
        }
    }
    match schema["type"].as_str() {
        Some("object") => {
            let none = vec![];
            let names = schema["required"].as_array().unwrap_or(&none).iter();
            let value = |name: &Value| {
                let name = name.as_str().unwrap();
                (
                    name.to_owned(),
                    fitting(document, &schema["properties"][name]),
                )
            };
            Value::Object(names.map(value).collect())
        }
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(0);
            (0..least)
                .map(|_| fitting(document, &schema["items"]))
                .collect()
        }
        Some("integer") => json!(schema["minimum"].as_f64().unwrap_or(1.0) as i64),
        Some("number") => json!(schema["minimum"].as_f64().unwrap_or(1.0)),
        Some("boolean") => json!(true),
        _ => match schema["format"].as_str() {
            Some("date-time") => json!("2026-01-01T00:00:00Z"),
            Some("uuid") => json!("0192f0c1-a2b3-7c4d-8e9f-a0b1c2d3e4f5"),
            _ => {
                let hash = schema["pattern"].as_str() == Some("^[0-9a-f]{64}$");
                let least = if hash {
                    Some(64)
                } else {
                    schema["minLength"].as_u64()
                };
                json!("a".repeat(least.unwrap_or(1) as usize))
            }
        },
    }
}

fn call<'a>(stage: &'a Stage, operation: &Operation, token: Option<&str>) -> Call<'a> {
    let call = stage.call(operation.method.clone(), &operation.path);
    let call = match &operation.body {
        Some(body) => call.json(body.clone()),
        None => call,
    };
    match token {
        Some(token) => call.bearer(token),
        None => call,
    }
}

#[test]
fn every_operation_is_in_the_table_or_open_and_nothing_else_is() {
    let operations = operations();
    let known: BTreeSet<&str> = operations
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    for operation in &operations {
        let open = OPEN.contains(&operation.id.as_str());
        assert_eq!(
            permission_of(&operation.id).is_none(),
            open,
            "{}: a row in OPERATIONS, or a word in OPEN",
            operation.id
        );
        assert_eq!(
            operation.open, open,
            "{}: what the document says about security",
            operation.id
        );
    }
    let table: Vec<&str> = OPERATIONS.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        table.iter().collect::<BTreeSet<_>>().len(),
        table.len(),
        "a row twice"
    );
    let left: Vec<_> = table
        .iter()
        .chain(&OPEN)
        .filter(|id| !known.contains(*id))
        .collect();
    assert!(left.is_empty(), "no such operation: {left:?}");
}

#[tokio::test]
async fn nobody_gets_in_and_each_role_gets_what_the_table_says() {
    let stage = Stage::new().await;
    let mut people = BTreeMap::new();
    for role in Role::ALL {
        people.insert(role, stage.person(role).await.access);
    }
    for operation in operations().iter().filter(|operation| !operation.open) {
        let id = &operation.id;
        call(&stage, operation, None).send().await.expect(401);
        call(&stage, operation, Some("a.b.c"))
            .send()
            .await
            .expect(401);
        let needed = permission_of(id).unwrap().role();
        // The least first: what an admin may do may well change the world for the others.
        for (role, token) in &people {
            // Ending sessions is allowed, and would end this walk.
            if *role >= needed && ["revokeOtherSessions"].contains(&id.as_str()) {
                continue;
            }
            let answer = call(&stage, operation, Some(token)).send().await;
            let status = answer.status.as_u16();
            if *role < needed {
                assert_eq!(status, 403, "{id} as {role}: {}", answer.body);
            } else {
                assert!(
                    ![401, 403].contains(&status),
                    "{id} as {role}: {status} {}",
                    answer.body
                );
                assert!(status < 500, "{id} as {role}: {status} {}", answer.body);
            }
        }
    }
    stage.db.forget().await;
}

#[tokio::test]
async fn a_token_does_what_its_scope_says() {
    let stage = Stage::new().await;
    let admin = stage.person(Role::Admin).await;
    let mut tokens = Vec::new();
    for scope in Scope::ALL {
        let wanted = json!({"name": scope.as_str(), "scope": scope.as_str()});
        let made = stage
            .post("/api/v1/tokens", wanted)
            .bearer(&admin.access)
            .send()
            .await
            .expect(201);
        tokens.push((scope, made["secret"].as_str().unwrap().to_owned()));
    }
    for operation in operations().iter().filter(|operation| !operation.open) {
        let needed = permission_of(&operation.id).unwrap().scope();
        for (scope, token) in tokens.iter().filter(|(scope, _)| *scope < needed) {
            let answer = call(&stage, operation, Some(token)).send().await;
            assert_eq!(
                answer.status,
                403,
                "{} with {}: {}",
                operation.id,
                scope.as_str(),
                answer.body
            );
        }
    }
    stage.db.forget().await;
}

#[test]
fn a_higher_role_never_has_less() {
    for permission in Permission::ALL {
        assert!(Role::ALL.contains(&permission.role()) && Scope::ALL.contains(&permission.scope()));
    }
    assert!(Role::ALL.is_sorted() && Scope::ALL.is_sorted());
}
