//! Secrets of repositories: set by who may, seen by nobody.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::Stage;

const VALUE: &str = "hunter22-hunter22-hunter22";

/// Every row of every table that could hold it, as text.
async fn everything(stage: &Stage) -> String {
    let rows: Vec<String> = sqlx::query_scalar(
        "select to_jsonb(t)::text from repository_secrets t union all select to_jsonb(t)::text from audit_entries t
         union all select to_jsonb(t)::text from request_keys t",
    )
    .fetch_all(&stage.db.pool)
    .await
    .unwrap();
    rows.join("\n")
}

/// What is kept says that it was set, and not what it is.
async fn unseen(stage: &Stage) {
    let kept = everything(stage).await;
    assert!(kept.contains("repository.secret_set") && kept.contains("GITHUB_TOKEN"));
    assert!(!kept.contains("hunter22"), "{kept}");
    let sealed: Vec<u8> = sqlx::query_scalar("select sealed from repository_secrets")
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    assert!(!sealed.windows(8).any(|part| part == b"hunter22"));
}

#[tokio::test]
async fn a_secret_is_set_listed_and_forgotten_and_its_value_is_never_seen() {
    let home = tempfile::tempdir().unwrap();
    let stage = Stage::with(&[("CODEGRAPH_HOME", home.path().to_str().unwrap())]).await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let made = stage.post("/api/v1/repositories/sample", json!({}));
    let made = made.bearer(&ada.access).send().await.expect(201);
    let path = format!(
        "/api/v1/repositories/{}/secrets",
        made["id"].as_str().unwrap()
    );
    let put = |name: &str, value: Value, who: &str| {
        let call = stage.call(Method::PUT, &format!("{path}/{name}"));
        call.json(json!({"value": value})).bearer(who).send()
    };

    put("GITHUB_TOKEN", json!(VALUE), &ada.access)
        .await
        .expect(204);
    put("GITHUB_TOKEN", json!(format!("{VALUE}2")), &ada.access)
        .await
        .expect(204);
    for (name, value, status) in [
        ("github_token", json!(VALUE), 422),
        ("1X", json!(VALUE), 422),
        ("GITHUB_TOKEN", json!("two words"), 422),
        ("GITHUB_TOKEN", json!("line\nbreak"), 422),
        ("OTHER", json!(""), 400),
        ("OTHER", json!("nul\u{0}"), 422),
        ("OTHER", json!("x".repeat(10_001)), 400),
    ] {
        let refused = put(name, value, &ada.access).await.expect(status);
        assert!(!refused.to_string().contains("hunter22"), "{refused}");
    }
    let keyed = stage.call(Method::PUT, &format!("{path}/OTHER"));
    let keyed = keyed
        .json(json!({"value": VALUE}))
        .header("idempotency-key", "one");
    assert_ne!(
        keyed.bearer(&ada.access).send().await.status,
        204,
        "not even a hash of it is kept"
    );

    let list = stage
        .get(&path)
        .bearer(&ada.access)
        .send()
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["name"], "GITHUB_TOKEN");
    assert_eq!(list["items"][0]["updated_by"]["name"], "Somebody");
    assert!(!list.to_string().contains("hunter22"), "{list}");

    // Whoever does not see the repository does not find it.
    stage
        .get(&path)
        .bearer(&bob.access)
        .send()
        .await
        .expect(404);
    put("GITHUB_TOKEN", json!(VALUE), &bob.access)
        .await
        .expect(404);

    unseen(&stage).await;
    let delete = |who: &str| {
        let call = stage.call(Method::DELETE, &format!("{path}/GITHUB_TOKEN"));
        call.bearer(who).send()
    };
    delete(&bob.access).await.expect(404);
    delete(&ada.access).await.expect(204);
    delete(&ada.access).await.expect(404);
    stage.finish().await;
}

#[tokio::test]
async fn a_repository_that_is_disconnected_keeps_no_secrets() {
    let home = tempfile::tempdir().unwrap();
    let stage = Stage::with(&[("CODEGRAPH_HOME", home.path().to_str().unwrap())]).await;
    let ada = stage.person(Role::Member).await;
    let made = stage.post("/api/v1/repositories/sample", json!({}));
    let made = made.bearer(&ada.access).send().await.expect(201);
    let path = format!("/api/v1/repositories/{}", made["id"].as_str().unwrap());
    let put = stage.call(Method::PUT, &format!("{path}/secrets/GITHUB_TOKEN"));
    put.json(json!({"value": VALUE}))
        .bearer(&ada.access)
        .send()
        .await
        .expect(204);
    let delete = stage.call(Method::DELETE, &path);
    delete.bearer(&ada.access).send().await.expect(204);
    let left: i64 = sqlx::query_scalar("select count(*) from repository_secrets")
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    assert_eq!(left, 0);
    stage.finish().await;
}
