//! Writes with a key of the caller's: performed once, answered again.

use codegraph::services::{
    access::{OPERATIONS, Role},
    request_keys::{Rule, rule_of},
};
use poem::http::Method;
use serde_json::{Value, json};

use super::{
    seed::{repository, run, shown, task},
    stage::{Call, Person, Stage},
};

fn with_key<'a>(call: Call<'a>, person: &Person, key: &str) -> Call<'a> {
    call.bearer(&person.access).header("Idempotency-Key", key)
}

async fn kept(stage: &Stage) -> i64 {
    sqlx::query_scalar("select count(*) from request_keys")
        .fetch_one(&stage.db.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_is_performed_once() {
    let stage = Stage::new().await;
    let (ann, ben) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let shared = repository(&stage, &ann, "shop", true).await;
    let path = format!(
        "/api/v1/tasks/{}",
        shown("task", task(&stage, shared, &ann, "One").await)
    );
    let change = |title: &str| {
        stage
            .call(Method::PATCH, &path)
            .json(json!({"title": title}))
    };

    let first = with_key(change("Two"), &ann, "k1").send().await;
    let (tag, first) = (first.headers["etag"].clone(), first.expect(200));
    assert_eq!(first["title"], "Two");
    // In between somebody else changes it: the answer is still the one that was given.
    change("Three").bearer(&ann.access).send().await.expect(200);
    let again = with_key(change("Two"), &ann, "k1").send().await;
    assert_eq!(again.headers["etag"], tag);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(
        again.headers["content-type"],
        "application/json; charset=utf-8"
    );
    assert_eq!(again.expect(200), first);
    let now = stage
        .get(&path)
        .bearer(&ann.access)
        .send()
        .await
        .expect(200);
    assert_eq!(now["title"], "Three");

    // Another body under the same key is a mistake; the key of another operation or person is another key.
    let other = with_key(change("Four"), &ann, "k1")
        .send()
        .await
        .expect(422);
    assert_eq!(other["errors"][0]["path"], "Idempotency-Key");
    with_key(stage.call(Method::DELETE, &path), &ann, "k1")
        .send()
        .await
        .expect(204);
    let gone = with_key(stage.call(Method::DELETE, &path), &ann, "k1")
        .send()
        .await;
    assert_eq!(gone.headers["idempotency-replayed"], "true");
    gone.expect(204);
    with_key(change("Two"), &ben, "k1").send().await.expect(404);
    stage.finish().await;
}

#[tokio::test]
async fn of_two_at_once_one_is_performed() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let shared = repository(&stage, &ann, "shop", true).await;
    let asked = task(&stage, shared, &ann, "One").await;
    let path = format!("/api/v1/tasks/{}/runs", shown("task", asked));
    let calls = (0..8).map(|_| with_key(stage.call(Method::POST, &path), &ann, "again").send());
    let answers = futures::future::join_all(calls).await;
    let (mut made, mut refused) = (Vec::new(), 0);
    for answer in answers {
        match answer.status.as_u16() {
            201 => made.push(answer.body["id"].as_str().unwrap().to_owned()),
            409 => refused += 1,
            other => panic!("{other}: {}", answer.body),
        }
    }
    made.dedup();
    assert_eq!(
        made.len(),
        1,
        "one run, whoever is told of it; {refused} came too early"
    );
    let runs: i64 = sqlx::query_scalar("select count(*) from runs where task_id = $1")
        .bind(asked)
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    assert_eq!(runs, 1);
    let later = with_key(stage.call(Method::POST, &path), &ann, "again")
        .send()
        .await;
    assert_eq!(later.expect(201)["id"], made[0].as_str());
    stage.db.forget().await;
}

#[tokio::test]
async fn a_refusal_gives_the_key_back_and_a_lost_server_does_not() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let shared = repository(&stage, &ann, "shop", true).await;
    let asked = task(&stage, shared, &ann, "One").await;
    let path = format!("/api/v1/tasks/{}", shown("task", asked));
    let attempt = run(&stage, asked, None).await;
    let delete = || with_key(stage.call(Method::DELETE, &path), &ann, "k");
    delete().send().await.expect(409);
    assert_eq!(kept(&stage).await, 0);
    sqlx::query("delete from runs where id = $1")
        .bind(attempt)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    delete().send().await.expect(204);

    // As a server leaves it that dies between the commit and the answer.
    let unanswered = "update request_keys set status = null, body = null";
    sqlx::query(unanswered)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    delete().send().await.expect(409);
    // A day later the key is free.
    let aged = "update request_keys set created_at = now() - interval '25 hours'";
    sqlx::query(aged).execute(&stage.db.pool).await.unwrap();
    delete().send().await.expect(404);
    assert_eq!(kept(&stage).await, 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_key_is_no_way_around_signing_in_or_permission() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let shared = repository(&stage, &ann, "shop", true).await;
    let path = format!(
        "/api/v1/tasks/{}",
        shown("task", task(&stage, shared, &ann, "One").await)
    );
    let change = || {
        stage
            .call(Method::PATCH, &path)
            .json(json!({"title": "Two"}))
    };
    with_key(change(), &ann, "k").send().await.expect(200);
    change()
        .header("Idempotency-Key", "k")
        .send()
        .await
        .expect(401);
    let token = json!({"name": "reads", "scope": "read"});
    let token = stage
        .post("/api/v1/tokens", token)
        .bearer(&ann.access)
        .send()
        .await
        .expect(201);
    let reads = token["secret"].as_str().unwrap();
    change()
        .bearer(reads)
        .header("Idempotency-Key", "k")
        .send()
        .await
        .expect(403);
    with_key(change(), &ann, &"k".repeat(201))
        .send()
        .await
        .expect(422);
    with_key(change(), &ann, "").send().await.expect(422);
    stage.finish().await;
}

#[tokio::test]
async fn what_holds_a_secret_is_never_kept() {
    let stage = Stage::new().await;
    let admin = stage.person(Role::Admin).await;
    for (path, body) in [
        ("/api/v1/tokens", json!({"name": "ci", "scope": "read"})),
        (
            "/api/v1/invitations",
            json!({"email": "new@example.org", "role": "member"}),
        ),
        (
            "/api/v1/webhooks",
            json!({"url": "https://hooks.example.org/", "kinds": ["failed"]}),
        ),
        ("/api/v1/auth/password", json!({"current": "a", "new": "b"})),
    ] {
        let answer = with_key(stage.post(path, body), &admin, "k").send().await;
        assert_eq!(
            answer.expect(422)["errors"][0]["path"],
            "Idempotency-Key",
            "{path}"
        );
    }
    // Nobody is signed in, so there is nobody to whom a key could belong.
    let login = json!({"email": "nobody@example.org", "password": "whatever it may be"});
    stage
        .post("/api/v1/auth/login", login)
        .header("Idempotency-Key", "k")
        .send()
        .await
        .expect(401);
    assert_eq!(kept(&stage).await, 0);
    stage.finish().await;
}

/// Whoever adds an operation that answers with a secret finds it here.
#[test]
fn every_answer_with_a_secret_refuses_keys() {
    let document: Value = serde_json::from_str(&codegraph::api::spec()).unwrap();
    let mut checked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            if method == "get" || !OPERATIONS.iter().any(|(known, _)| *known == id) {
                continue;
            }
            let answers = operation["responses"].as_object().unwrap().iter();
            let secret = answers
                .filter(|(status, _)| status.starts_with('2'))
                .any(|(_, answer)| holds_secret(&document, answer, 0));
            if secret {
                checked += 1;
                assert_eq!(rule_of(id), Rule::Refused, "{method} {path}: {id}");
            }
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let takes = parameters.iter().any(|p| p["name"] == "Idempotency-Key");
            assert_eq!(takes, matches!(rule_of(id), Rule::Kept | Rule::Own), "{id}");
        }
    }
    assert!(checked >= 3, "tokens, invitations, webhooks: {checked}");
}

fn holds_secret(document: &Value, part: &Value, depth: usize) -> bool {
    const SECRETS: [&str; 6] = [
        "secret",
        "token",
        "password",
        "access_token",
        "refresh_token",
        "csrf_token",
    ];
    match part {
        Value::Object(map) => map.iter().any(|(name, value)| {
            if name == "$ref" {
                let there = value.as_str().unwrap().rsplit('/').next().unwrap();
                return depth < 12
                    && holds_secret(
                        document,
                        &document["components"]["schemas"][there],
                        depth + 1,
                    );
            }
            let properties = name == "properties" && value.is_object();
            let named = |secret: &&str| value.get(*secret).is_some_and(|s| s["type"] == "string");
            properties && SECRETS.iter().any(named) || holds_secret(document, value, depth + 1)
        }),
        Value::Array(items) => items
            .iter()
            .any(|item| holds_secret(document, item, depth + 1)),
        _ => false,
    }
}

#[tokio::test]
async fn after_a_fault_nobody_knows_whether_it_was_performed_so_it_is_not_performed_again() {
    let stage = Stage::new().await;
    let ann = stage.person(Role::Member).await;
    let shared = repository(&stage, &ann, "shop", true).await;
    let asked = task(&stage, shared, &ann, "One").await;
    let path = format!("/api/v1/tasks/{}", shown("task", asked));
    let rename = |title: &str| {
        let call = stage
            .call(Method::PATCH, &path)
            .json(json!({"title": title}));
        with_key(call, &ann, "k").send()
    };
    let away = async |from: &str, to: &str| {
        let sql = format!("alter table {from} rename to {to}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&stage.db.pool)
            .await
            .unwrap();
    };
    away("audit_entries", "audit_elsewhere").await;
    let fault = rename("Two").await;
    assert!(fault.status.is_server_error(), "{}", fault.status);
    away("audit_elsewhere", "audit_entries").await;
    let again = rename("Two").await.expect(409);
    let said = again["detail"].as_str().unwrap();
    assert!(said.contains("look whether it was performed"), "{said}");
    let title: String = sqlx::query_scalar("select title from tasks where id = $1")
        .bind(asked)
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    assert_eq!(title, "One");
    stage.finish().await;
}
