//! Guessing: how often somebody may, and what it tells.

use std::time::{Duration, Instant};

use codegraph::services::access::Role;
use serde_json::{Value, json};

use super::stage::{Answer, Stage};

const PASSWORD: &str = "correct horse battery";
const PROXY: (&str, &str) = ("CODEGRAPH_BEHIND_PROXY", "yes");

/// With somebody who has a password.
async fn stage(settings: &[(&str, &str)]) -> Stage {
    let mut all = vec![("CODEGRAPH_REGISTRATION", "open"), PROXY];
    all.extend(settings);
    let stage = Stage::with(&all).await;
    stage.person(Role::Admin).await;
    let body = json!({"email": "bob@example.org", "name": "Bob", "password": PASSWORD});
    stage
        .post("/api/v1/auth/register", body)
        .header("x-forwarded-for", "192.0.2.200")
        .send()
        .await
        .expect(201);
    stage
}

async fn login(stage: &Stage, from: &str, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    let call = stage.post("/api/v1/auth/login", body);
    call.header("x-forwarded-for", from).send().await
}

#[tokio::test]
async fn nobody_tries_many_passwords_and_its_owner_still_comes_in() {
    let stage = stage(&[]).await;
    for (email, place) in [
        ("bob@example.org", "192.0.2.1"),
        ("nobody@example.org", "192.0.2.2"),
    ] {
        for left in (0..10).rev() {
            let answer = login(&stage, place, email, "a wrong password").await;
            assert_eq!(answer.headers["ratelimit-limit"], "10");
            assert_eq!(answer.headers["ratelimit-remaining"], left.to_string());
            answer.expect(401);
        }
        // Even the right one is not looked at any more, here.
        let answer = login(&stage, place, email, PASSWORD).await;
        let wait: u64 = answer.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((880..=900).contains(&wait), "{wait}");
        assert_eq!(answer.headers["ratelimit-reset"], wait.to_string());
        assert_eq!(answer.expect(429)["retry_after"], wait);
    }
    let elsewhere = login(&stage, "192.0.2.3", "bob@example.org", PASSWORD).await;
    elsewhere.expect(200);
    stage.finish().await;
}

#[tokio::test]
async fn a_right_password_is_no_guess() {
    let stage = stage(&[]).await;
    for _ in 0..15 {
        let answer = login(&stage, "192.0.2.1", "bob@example.org", PASSWORD).await;
        answer.expect(200);
    }
    stage.finish().await;
}

#[tokio::test]
async fn one_place_has_so_many_tries_a_minute_whatever_it_claims_to_be() {
    let stage = stage(&[("CODEGRAPH_SIGN_INS_PER_MINUTE", "5")]).await;
    let mut said = Vec::new();
    for n in 0..7 {
        // The proxy adds the last; what stands before it was made up.
        let from = format!("203.0.113.{n}, 192.0.2.1");
        let answer = login(&stage, &from, &format!("u{n}@example.org"), "x").await;
        said.push(answer.status.as_u16());
    }
    assert_eq!(said, [401, 401, 401, 401, 401, 429, 429]);
    let refresh = stage.post("/api/v1/auth/refresh", json!({"refresh_token": "x"}));
    let refresh = refresh.header("x-forwarded-for", "192.0.2.1").send().await;
    refresh.expect(429);
    login(&stage, "192.0.2.2", "u@example.org", "x")
        .await
        .expect(401);
    stage.finish().await;
}

#[tokio::test]
async fn one_person_changes_so_much_a_minute_and_reads_as_they_like() {
    let stage = stage(&[("CODEGRAPH_WRITES_PER_MINUTE", "3")]).await;
    let (ada, eve) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let rename = |token: &str| {
        let call = stage.call(http::Method::PATCH, "/api/v1/auth/me");
        call.json(json!({"name": "Ada"})).bearer(token).send()
    };
    for left in ["2", "1", "0"] {
        let answer = rename(&ada.access).await;
        assert_eq!(answer.headers["ratelimit-remaining"], left);
        answer.expect(200);
    }
    let over = rename(&ada.access).await;
    assert!(over.headers.contains_key("retry-after"));
    over.expect(429);
    rename(&eve.access).await.expect(200);
    for _ in 0..10 {
        stage
            .get("/api/v1/auth/me")
            .bearer(&ada.access)
            .send()
            .await
            .expect(200);
    }
    stage.finish().await;
}

/// The answer without what differs for every request.
fn plain(answer: Answer) -> (u16, Vec<String>, Value) {
    let names = answer.headers.keys().map(ToString::to_string).collect();
    let mut body = answer.body;
    body.as_object_mut().unwrap().remove("request_id");
    (answer.status.as_u16(), names, body)
}

#[tokio::test]
async fn an_answer_does_not_say_who_is_here() {
    let stage = stage(&[]).await;
    let shut = stage.post(
        "/api/v1/auth/register",
        json!({"email": "eve@example.org", "name": "Eve", "password": PASSWORD}),
    );
    let shut = shut
        .header("x-forwarded-for", "192.0.2.9")
        .send()
        .await
        .expect(201);
    assert!(shut["user"]["id"].is_string());
    sqlx::query("update users set deactivated_at = now() where email = 'eve@example.org'")
        .execute(&stage.db.pool)
        .await
        .unwrap();
    let wrong = plain(login(&stage, "192.0.2.1", "bob@example.org", "a wrong password").await);
    let nobody = plain(login(&stage, "192.0.2.1", "nobody@example.org", PASSWORD).await);
    let shut = plain(login(&stage, "192.0.2.1", "eve@example.org", PASSWORD).await);
    assert_eq!(wrong.0, 401);
    assert_eq!(wrong, nobody);
    assert_eq!(wrong, shut);

    // By invitation only, nothing at all is said about addresses.
    let (_, routes) = stage.beside(&[("CODEGRAPH_REGISTRATION", "invite")]);
    let mut said = Vec::new();
    for email in ["bob@example.org", "nobody@example.org"] {
        let body =
            json!({"email": email, "name": "X", "password": PASSWORD, "invitation": "cgi_x"});
        let call = super::stage::Call::new(&routes, http::Method::POST, "/api/v1/auth/register");
        said.push(plain(call.json(body).send().await));
    }
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0].0, 403);
    stage.finish().await;
}

#[tokio::test]
async fn the_time_an_answer_takes_does_not_say_who_is_here() {
    let stage = stage(&[("CODEGRAPH_SIGN_INS_PER_MINUTE", "0")]).await;
    let take = async |email: &str| {
        let begun = Instant::now();
        login(&stage, "192.0.2.1", email, "a wrong password")
            .await
            .expect(401);
        begun.elapsed()
    };
    // One after the other, so that whatever else this machine does falls on both.
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for turn in 0..60 {
        if turn % 2 == 0 {
            known.push(take("bob@example.org").await);
            unknown.push(take("nobody@example.org").await);
        } else {
            unknown.push(take("nobody@example.org").await);
            known.push(take("bob@example.org").await);
        }
    }
    let middle = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64()
    };
    let (known, unknown) = (middle(&mut known), middle(&mut unknown));
    // Without the same work for both, one takes less than a fifth of the other.
    let ratio = known / unknown;
    println!("known {known:.4} s, unknown {unknown:.4} s, ratio {ratio:.3}");
    assert!(
        (0.8..1.25).contains(&ratio),
        "known {known} s, unknown {unknown} s"
    );
    stage.finish().await;
}

#[tokio::test]
async fn whoever_has_a_login_does_not_guess_the_password_behind_it() {
    let stage = stage(&[]).await;
    let signed_in = login(&stage, "192.0.2.1", "bob@example.org", PASSWORD).await;
    let access = signed_in.expect(200)["access_token"].take();
    let change = |current: &str, from: &str| {
        let body = json!({"current_password": current, "new_password": "another horse battery"});
        let call = stage.post("/api/v1/auth/password", body);
        let call = call.header("x-forwarded-for", from);
        call.bearer(access.as_str().unwrap()).send()
    };
    for _ in 0..10 {
        change("a wrong password", "192.0.2.7").await.expect(422);
    }
    let over = change(PASSWORD, "192.0.2.7").await;
    assert!(over.headers.contains_key("retry-after"));
    over.expect(429);
    change(PASSWORD, "192.0.2.8").await.expect(204);
    stage.finish().await;
}
