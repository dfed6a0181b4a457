//! Streams and sockets last no longer than the right to open them.

use std::time::Duration;

use codegraph::services::access::Role;
use futures::{StreamExt as _, stream::BoxStream};
use poem::{Endpoint as _, Request, endpoint::BoxEndpoint, http::Method};
use serde_json::json;

use super::stage::{Call, Stage};

type Body = BoxStream<'static, Vec<u8>>;

async fn open(routes: &BoxEndpoint<'static>, token: &str) -> Result<Body, u16> {
    let request = Request::builder()
        .uri("/api/v1/stream".parse().unwrap())
        .header("authorization", format!("Bearer {token}"))
        .finish();
    let response = routes.get_response(request).await;
    if response.status() != 200 {
        return Err(response.status().as_u16());
    }
    let body = response.into_body().into_bytes_stream();
    let mut body = body.map(|part| part.unwrap().to_vec()).boxed();
    body.next().await.expect("a comment comes at once");
    Ok(body)
}

/// Reads on until there is no more.
async fn ends(mut body: Body) -> bool {
    let rest = async { while body.next().await.is_some() {} };
    let limit = Duration::from_secs(14);
    tokio::time::timeout(limit, rest).await.is_ok()
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_it() {
    let stage = Stage::new().await;
    let (_, routes) = stage.beside(&[]);
    let root = stage.person(Role::Admin).await;
    let (ada, bob, eve, zoe) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let made = stage.post("/api/v1/tokens", json!({"name": "ci", "scope": "read"}));
    let made = made.bearer(&bob.access).send().await.expect(201);
    let late = json!({"name": "ci", "scope": "read", "expires_in_days": 1});
    let late = stage.post("/api/v1/tokens", late).bearer(&zoe.access);
    let late = late.send().await.expect(201);
    let logged_out = open(&routes, &ada.access).await.unwrap();
    let revoked = open(&routes, made["secret"].as_str().unwrap())
        .await
        .unwrap();
    let shut_out = open(&routes, &eve.access).await.unwrap();
    let expired = open(&routes, late["secret"].as_str().unwrap())
        .await
        .unwrap();
    let stays = open(&routes, &root.access).await.unwrap();

    let logout = stage
        .post("/api/v1/auth/logout", json!({}))
        .bearer(&ada.access);
    logout.send().await.expect(204);
    let token = format!("/api/v1/tokens/{}", made["token"]["id"].as_str().unwrap());
    let revoke = stage.call(Method::DELETE, &token).bearer(&bob.access);
    revoke.send().await.expect(204);
    let user = format!("/api/v1/users/user_{}", eve.id.simple());
    let shut = stage
        .call(Method::PATCH, &user)
        .json(json!({"active": false}));
    shut.bearer(&root.access).send().await.expect(200);
    sqlx::query("update api_tokens set expires_at = now() where user_id = $1")
        .bind(zoe.id)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    let all = [logged_out, revoked, shut_out, expired];
    let ended = futures::future::join_all(all.map(ends)).await;
    assert_eq!(ended, [true; 4], "logout, revocation, deactivation, expiry");
    assert!(!ends(stays).await, "whoever still may goes on listening");
    drop(routes);
    stage.db.forget().await;
}

#[tokio::test]
async fn one_person_has_so_many_streams_and_gets_them_back() {
    let stage = Stage::new().await;
    let (_, routes) = stage.beside(&[]);
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let mut open_ones = Vec::new();
    for _ in 0..20 {
        open_ones.push(open(&routes, &ada.access).await.unwrap());
    }
    assert_eq!(open(&routes, &ada.access).await.err(), Some(429));
    let call = Call::new(&routes, Method::GET, "/api/v1/stream").bearer(&ada.access);
    assert!(call.send().await.headers.contains_key("retry-after"));
    drop(open(&routes, &bob.access).await.unwrap());
    open_ones.pop();
    drop(open(&routes, &ada.access).await.unwrap());
    drop((open_ones, routes));
    stage.finish().await;
}
