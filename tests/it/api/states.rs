//! Whoever changes something can say which state of it they saw, and changes no other.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::{
    stage::{Person, Stage},
    webhooks,
};

/// Reads it, changes it as it was read, and is refused with what was read before.
async fn changes_once(stage: &Stage, who: &Person, method: Method, path: &str, bodies: [Value; 2]) {
    let read = stage.get(path).bearer(&who.access).send().await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    read.expect(200);
    let [first, second] = bodies;
    let change = |body: &Value, seen: &str| {
        let call = stage.call(method.clone(), path).json(body.clone());
        call.bearer(&who.access).header("if-match", seen).send()
    };
    let changed = change(&first, &tag).await;
    let newer = changed.headers["etag"].to_str().unwrap().to_owned();
    let body = changed.expect(200);
    assert_ne!(newer, tag, "{path}");
    let refused = change(&second, &tag).await.expect(412);
    assert_eq!(refused["status"], 412, "{path}");
    change(&second, "\"none of ours\"").await.expect(412);
    let read = stage.get(path).bearer(&who.access).send().await;
    assert_eq!(read.headers["etag"], newer.as_str(), "{path}");
    assert_eq!(
        read.expect(200),
        body,
        "{path}: what was refused changed nothing"
    );
    change(&second, &newer).await.expect(200);
    // Who says nothing of what they saw changes whatever there is.
    let plain = stage.call(method.clone(), path).json(first);
    plain.bearer(&who.access).send().await.expect(200);
    let any = stage.call(method, path).json(second);
    let any = any.bearer(&who.access).header("if-match", "*");
    any.send().await.expect(200);
}

#[tokio::test]
async fn what_somebody_else_has_changed_since_is_not_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let home = std::fs::canonicalize(home.path()).unwrap();
    let stage = Stage::with(&[
        ("CODEGRAPH_HOME", home.to_str().unwrap()),
        ("CODEGRAPH_PRIVATE_WEBHOOK_HOSTS", "127.0.0.1"),
    ])
    .await;
    let admin = stage.person(Role::Admin).await;
    let made = stage.post("/api/v1/repositories/sample", json!({}));
    let made = made.bearer(&admin.access).send().await.expect(201);
    let repository = format!("/api/v1/repositories/{}", made["id"].as_str().unwrap());
    let bob = stage.person(Role::Member).await;
    let hook = webhooks::add(&stage, &admin, "http://127.0.0.1:9/hook").await;
    let hook = hook["webhook"]["id"].as_str().unwrap().to_owned();
    for (method, path, bodies) in [
        (
            Method::PUT,
            format!("{repository}/profile"),
            [json!({"minutes": 5}), json!({"minutes": 6})],
        ),
        (
            Method::PATCH,
            repository.clone(),
            [json!({"name": "one"}), json!({"name": "two"})],
        ),
        (
            Method::PATCH,
            format!("/api/v1/users/user_{}", bob.id.simple()),
            [json!({"role": "maintainer"}), json!({"active": false})],
        ),
        (
            Method::PATCH,
            "/api/v1/auth/me".to_owned(),
            [json!({"name": "Ada"}), json!({"name": "Ada L."})],
        ),
        (
            Method::PATCH,
            format!("/api/v1/webhooks/{hook}"),
            [json!({"active": false}), json!({"kinds": ["failed"]})],
        ),
        (
            Method::PUT,
            "/api/v1/notifications/preferences".to_owned(),
            [json!({"muted": ["plan"]}), json!({"muted": []})],
        ),
    ] {
        changes_once(&stage, &admin, method, &path, bodies).await;
    }
    stage.db.forget().await;
}

#[tokio::test]
async fn preferences_that_were_never_said_have_a_state_too() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let path = "/api/v1/notifications/preferences";
    let say = |muted: Value, seen: &'static str| {
        let call = stage.call(Method::PUT, path).json(json!({"muted": muted}));
        call.bearer(&ada.access).header("if-match", seen).send()
    };
    say(json!(["plan"]), "\"1767225600000000\"")
        .await
        .expect(412);
    say(json!(["plan"]), "\"0\"").await.expect(200);
    say(json!(["failed"]), "\"0\"").await.expect(412);
    let now = stage.get(path).bearer(&ada.access).send().await.expect(200);
    assert_eq!(now["muted"], json!(["plan"]));
    stage.db.forget().await;
}
