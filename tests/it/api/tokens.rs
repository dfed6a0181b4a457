//! Tokens of programs: what each may do, and until when.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::{Person, Stage};

async fn make(stage: &Stage, person: &Person, wanted: Value) -> Value {
    let call = stage.post("/api/v1/tokens", wanted).bearer(&person.access);
    call.send().await.expect(201)
}

#[tokio::test]
async fn a_token_does_what_it_was_made_for_and_no_more_than_its_owner() {
    let stage = Stage::new().await;
    let (admin, viewer) = (
        stage.person(Role::Admin).await,
        stage.person(Role::Viewer).await,
    );
    for (person, scope, people, own) in [
        (&admin, "read", 403, 403),
        (&admin, "write", 403, 403),
        (&admin, "admin", 200, 200),
        (&viewer, "admin", 403, 200),
    ] {
        let made = make(&stage, person, json!({"name": scope, "scope": scope})).await;
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with(made["token"]["hint"].as_str().unwrap()));
        let status = async |path: &str| {
            let answer = stage.get(path).bearer(secret).send().await;
            answer.status.as_u16()
        };
        assert_eq!(status("/api/v1/auth/me").await, 200, "{scope}");
        assert_eq!(status("/api/v1/invitations").await, people, "{scope}");
        assert_eq!(status("/api/v1/tokens").await, own, "{scope}");
    }
    let kept: Vec<(Vec<u8>, String)> = sqlx::query_as("select token_sha256, hint from api_tokens")
        .fetch_all(&stage.db.pool)
        .await
        .unwrap();
    assert!(
        kept.iter()
            .all(|(hash, hint)| hash.len() == 32 && hint.len() == 9)
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_token_ends_when_it_is_revoked_or_its_time_is_over() {
    let stage = Stage::new().await;
    let (bob, eve) = (
        stage.person(Role::Member).await,
        stage.person(Role::Admin).await,
    );
    let ci = make(
        &stage,
        &bob,
        json!({"name": "ci", "scope": "read", "expires_in_days": 1}),
    )
    .await;
    let cd = make(&stage, &bob, json!({"name": "cd", "scope": "read"})).await;
    let again = json!({"name": "ci", "scope": "read"});
    stage
        .post("/api/v1/tokens", again.clone())
        .bearer(&bob.access)
        .send()
        .await
        .expect(409);
    let status = async |token: &Value| {
        let call = stage
            .get("/api/v1/auth/me")
            .bearer(token["secret"].as_str().unwrap());
        call.send().await.status.as_u16()
    };
    assert_eq!((status(&ci).await, status(&cd).await), (200, 200));
    let list = stage
        .get("/api/v1/tokens")
        .bearer(&bob.access)
        .send()
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert!(list["items"][0]["last_used_at"].is_string());
    assert!(!list.to_string().contains(cd["secret"].as_str().unwrap()));

    sqlx::query("update api_tokens set expires_at = now() where name = 'ci'")
        .execute(&stage.db.pool)
        .await
        .unwrap();
    assert_eq!(status(&ci).await, 401);
    let path = format!("/api/v1/tokens/{}", cd["token"]["id"].as_str().unwrap());
    let revoke = |person: &Person| {
        stage
            .call(Method::DELETE, &path)
            .bearer(&person.access)
            .send()
    };
    revoke(&eve).await.expect(404);
    revoke(&bob).await.expect(204);
    revoke(&bob).await.expect(404);
    assert_eq!(status(&cd).await, 401);
    stage.finish().await;
}
