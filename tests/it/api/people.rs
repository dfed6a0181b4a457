//! People looked after by admins.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::{Answer, Person, Stage};

const PASSWORD: &str = "correct horse battery";

async fn change(stage: &Stage, admin: &Person, whom: &Person, change: Value) -> Answer {
    let path = format!("/api/v1/users/user_{}", whom.id.simple());
    let call = stage.call(Method::PATCH, &path).json(change);
    call.bearer(&admin.access).send().await
}

#[tokio::test]
async fn there_is_always_an_admin() {
    let stage = Stage::new().await;
    let (one, two) = (
        stage.person(Role::Admin).await,
        stage.person(Role::Admin).await,
    );
    for last in [json!({"role": "member"}), json!({"active": false})] {
        // Both want to stop at once.
        let both = futures::future::join(
            change(&stage, &one, &one, last.clone()),
            change(&stage, &two, &two, last.clone()),
        );
        let (first, second) = both.await;
        let mut said = [first.status.as_u16(), second.status.as_u16()];
        said.sort_unstable();
        assert_eq!(said, [200, 409], "{last}");
        sqlx::query("update users set role = 'admin', deactivated_at = null")
            .execute(&stage.db.pool)
            .await
            .unwrap();
        sqlx::query("update sessions set revoked_at = null")
            .execute(&stage.db.pool)
            .await
            .unwrap();
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_role_counts_at_once_and_whoever_is_out_is_out() {
    let stage = Stage::new().await;
    let (admin, bob) = (
        stage.person(Role::Admin).await,
        stage.person(Role::Viewer).await,
    );
    let users = |person: &Person| stage.get("/api/v1/audit").bearer(&person.access).send();
    users(&bob).await.expect(403);
    change(&stage, &admin, &bob, json!({"role": "maintainer"}))
        .await
        .expect(200);
    users(&bob).await.expect(200);

    let token = json!({"name": "ci", "scope": "admin"});
    let token = stage
        .post("/api/v1/tokens", token)
        .bearer(&bob.access)
        .send()
        .await;
    let token = token.expect(201)["secret"].as_str().unwrap().to_owned();
    let me = |token: &str| stage.get("/api/v1/auth/me").bearer(token).send();
    me(&token).await.expect(200);
    let out = change(&stage, &admin, &bob, json!({"active": false}))
        .await
        .expect(200);
    assert!(out["deactivated_at"].is_string());
    me(&bob.access).await.expect(401);
    me(&token).await.expect(401);

    let back = change(&stage, &admin, &bob, json!({"active": true}))
        .await
        .expect(200);
    assert_eq!(back["deactivated_at"], json!(null));
    me(&token).await.expect(200);
    // Logins that were ended stay ended.
    me(&bob.access).await.expect(401);
    stage.finish().await;
}

#[tokio::test]
async fn an_invitation_is_for_one_address_and_one_account() {
    let stage = Stage::new().await;
    let admin = stage.person(Role::Admin).await;
    let invite = async || {
        let body = json!({"email": "eve@example.org", "role": "maintainer"});
        let made = stage
            .post("/api/v1/invitations", body)
            .bearer(&admin.access)
            .send()
            .await;
        made.expect(201)
    };
    let register = async |email: &str, token: &Value| {
        let body =
            json!({"email": email, "name": "Eve", "password": PASSWORD, "invitation": token});
        let answer = stage.post("/api/v1/auth/register", body).send().await;
        (answer.status.as_u16(), answer.body)
    };
    let replaced = invite().await;
    let good = invite().await;
    let link = good["link"].as_str().unwrap();
    assert_eq!(
        link,
        format!("/register#invitation={}", good["token"].as_str().unwrap())
    );

    let without = json!({"email": "eve@example.org", "name": "Eve", "password": PASSWORD});
    stage
        .post("/api/v1/auth/register", without)
        .send()
        .await
        .expect(403);
    assert_eq!(register("eve@example.org", &replaced["token"]).await.0, 403);
    assert_eq!(register("mallory@example.org", &good["token"]).await.0, 403);
    let list = stage
        .get("/api/v1/invitations")
        .bearer(&admin.access)
        .send()
        .await
        .expect(200);
    assert_eq!(list["items"], json!([good["invitation"]]));
    let (status, made) = register("Eve@example.org", &good["token"]).await;
    assert_eq!((status, &made["user"]["role"]), (201, &json!("maintainer")));
    assert_eq!(register("eve@example.org", &good["token"]).await.0, 403);

    let taken = json!({"email": "eve@example.org", "role": "viewer"});
    stage
        .post("/api/v1/invitations", taken)
        .bearer(&admin.access)
        .send()
        .await
        .expect(409);
    let other = json!({"email": "fay@example.org", "role": "viewer"});
    let other = stage
        .post("/api/v1/invitations", other)
        .bearer(&admin.access)
        .send()
        .await
        .expect(201);
    let path = format!(
        "/api/v1/invitations/{}",
        other["invitation"]["id"].as_str().unwrap()
    );
    stage
        .call(Method::DELETE, &path)
        .bearer(&admin.access)
        .send()
        .await
        .expect(204);
    assert_eq!(register("fay@example.org", &other["token"]).await.0, 403);
    stage.finish().await;
}

#[tokio::test]
async fn addresses_are_for_admins_and_lists_go_on() {
    let stage = Stage::new().await;
    let (admin, bob) = (
        stage.person(Role::Admin).await,
        stage.person(Role::Viewer).await,
    );
    for _ in 0..3 {
        stage.person(Role::Member).await;
    }
    let page = |token: &str, query: &str| {
        let path = format!("/api/v1/users{query}");
        stage.get(&path).bearer(token).send()
    };
    let all = page(&admin.access, "").await.expect(200);
    let all = all["items"].as_array().unwrap();
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|user| user["email"].is_string()));
    let seen = page(&bob.access, "").await.expect(200);
    let shown: Vec<_> = seen["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|user| user["email"].is_string())
        .collect();
    assert_eq!(shown.len(), 1, "one's own");
    // And nobody finds out by searching.
    let search = format!("?q={}", admin.email.split('@').next().unwrap());
    assert_eq!(
        page(&bob.access, &search).await.expect(200)["items"],
        json!([])
    );
    assert_eq!(
        page(&admin.access, &search).await.expect(200)["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let mut found = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let part = page(&admin.access, &query).await.expect(200);
        found.extend(part["items"].as_array().unwrap().clone());
        let Some(next) = part["next_cursor"].as_str() else {
            break;
        };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(&found, all);
    let members = page(&admin.access, "?role=member&active=true")
        .await
        .expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 3);
    stage.finish().await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_logins() {
    let stage = Stage::with(&[("CODEGRAPH_REGISTRATION", "open")]).await;
    stage.person(Role::Admin).await;
    let body = json!({"email": "bob@example.org", "name": "Bob", "password": PASSWORD});
    let here = stage
        .post("/api/v1/auth/register", body)
        .send()
        .await
        .expect(201);
    let login = |password: &str| {
        let body = json!({"email": "bob@example.org", "password": password});
        stage.post("/api/v1/auth/login", body).send()
    };
    let there = login(PASSWORD).await.expect(200);
    let token = |login: &Value| login["access_token"].as_str().unwrap().to_owned();
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        stage
            .post("/api/v1/auth/password", body)
            .bearer(&token(&here))
            .send()
    };
    let wrong = change("not the password", "another horse battery")
        .await
        .expect(422);
    assert_eq!(wrong["errors"][0]["path"], "/current_password", "{wrong}");
    let weak = change(PASSWORD, "bob@example.org").await.expect(422);
    assert_eq!(weak["errors"][0]["path"], "/new_password");
    change(PASSWORD, "another horse battery").await.expect(204);

    let me = |token: String| stage.get("/api/v1/auth/me").bearer(&token).send();
    me(token(&here)).await.expect(200);
    me(token(&there)).await.expect(401);
    login(PASSWORD).await.expect(401);
    login("another horse battery").await.expect(200);
    let list = stage
        .get("/api/v1/auth/sessions")
        .bearer(&token(&here))
        .send()
        .await
        .expect(200);
    let current: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["current"].clone())
        .collect();
    assert_eq!(current, [json!(false), json!(true)]);
    stage.finish().await;
}
