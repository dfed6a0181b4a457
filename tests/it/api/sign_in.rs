//! Coming in and going out.

use codegraph::services::access::Role;
use serde_json::{Value, json};

use super::stage::Stage;

const PASSWORD: &str = "correct horse battery";

fn setup(code: &str) -> Value {
    json!({"code": code, "email": "Ada@Example.org", "name": "Ada", "password": PASSWORD})
}

#[tokio::test]
async fn the_first_account_needs_the_code_and_comes_once() {
    let stage = Stage::new().await;
    let entrance = stage.get("/api/v1/auth/setup").send().await.expect(200);
    assert_eq!(
        entrance,
        json!({"needs_setup": true, "registration": "invite"})
    );
    let code = stage.state.accounts.setup_code().await.unwrap().unwrap();
    let (other, _) = stage.beside(&[]);
    let elsewhere = other.accounts.setup_code().await.unwrap();
    assert_eq!(elsewhere.as_ref(), Some(&code), "each node prints the same");

    let wrong = stage.post("/api/v1/auth/setup", setup("0000-0000-0000-0000"));
    wrong.send().await.expect(403);
    let typed = code.to_lowercase().replace('-', " ");
    let made = stage.post("/api/v1/auth/setup", setup(&typed));
    let made = made.send().await.expect(201);
    assert_eq!(made["user"]["role"], "admin");

    let again = stage.post("/api/v1/auth/setup", setup(&code));
    again.send().await.expect(409);
    assert_eq!(stage.state.accounts.setup_code().await.unwrap(), None);
    let me = stage
        .get("/api/v1/auth/me")
        .bearer(made["access_token"].as_str().unwrap());
    let me = me.send().await.expect(200);
    assert_eq!(me, made["user"]);
    stage.finish().await;
}

#[tokio::test]
async fn of_many_who_have_the_code_one_is_first() {
    let stage = Stage::new().await;
    let code = stage.state.accounts.setup_code().await.unwrap().unwrap();
    let tries = (0..4).map(async |n: u8| {
        let mut body = setup(&code);
        body["email"] = format!("a{n}@example.org").into();
        let answer = stage.post("/api/v1/auth/setup", body).send().await;
        answer.status.as_u16()
    });
    let mut said = futures::future::join_all(tries).await;
    said.sort_unstable();
    assert_eq!(said, [201, 409, 409, 409]);
    stage.finish().await;
}

#[tokio::test]
async fn somebody_signs_in_refreshes_and_leaves() {
    let stage = Stage::with(&[("CODEGRAPH_REGISTRATION", "open")]).await;
    stage.person(Role::Admin).await;
    let body = json!({"email": "bob@example.org", "name": "Bob", "password": PASSWORD});
    let made = stage
        .post("/api/v1/auth/register", body.clone())
        .send()
        .await;
    assert_eq!(made.expect(201)["user"]["role"], "member");
    let taken = stage.post("/api/v1/auth/register", body).send().await;
    taken.expect(409);

    let login = json!({"email": "BOB@example.org", "password": PASSWORD});
    let login = stage.post("/api/v1/auth/login", login).send().await;
    let login = login.expect(200);
    let refresh = json!({"refresh_token": login["refresh_token"]});
    let next = stage.post("/api/v1/auth/refresh", refresh).send().await;
    let next = next.expect(200);
    assert_ne!(next["refresh_token"], login["refresh_token"]);

    let access = next["access_token"].as_str().unwrap();
    let leaving = json!({"refresh_token": next["refresh_token"]});
    stage
        .get("/api/v1/auth/me")
        .bearer(access)
        .send()
        .await
        .expect(200);
    stage
        .post("/api/v1/auth/logout", leaving)
        .send()
        .await
        .expect(204);
    stage
        .get("/api/v1/auth/me")
        .bearer(access)
        .send()
        .await
        .expect(401);
    stage.finish().await;
}

#[tokio::test]
async fn nobody_registers_where_registration_is_closed() {
    let stage = Stage::with(&[("CODEGRAPH_REGISTRATION", "closed")]).await;
    let admin = stage.person(Role::Admin).await;
    let entrance = stage.get("/api/v1/auth/setup").send().await.expect(200);
    assert_eq!(entrance["registration"], "closed");
    let bob = json!({"email": "bob@example.org", "name": "Bob", "password": PASSWORD});
    let call = stage.post("/api/v1/auth/register", bob);
    let refused = call.send().await.expect(403);
    assert_eq!(refused["detail"], "registration is closed");
    let people = stage.get("/api/v1/users").bearer(&admin.access);
    let people = people.send().await.expect(200);
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    stage.finish().await;
}
