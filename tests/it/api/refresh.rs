//! Refresh tokens are good for one use.

use codegraph::services::access::Role;
use serde_json::{Value, json};

use super::stage::Stage;

async fn refresh(stage: &Stage, token: &str) -> (u16, Value) {
    let body = json!({"refresh_token": token});
    let answer = stage.post("/api/v1/auth/refresh", body).send().await;
    (answer.status.as_u16(), answer.body)
}

/// Lets this much time pass for all that was used.
async fn age(stage: &Stage, seconds: f64) {
    sqlx::query("update sessions set used_at = used_at - make_interval(secs => $1)")
        .bind(seconds)
        .execute(&stage.db.pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_token_used_twice_ends_its_login_and_no_other() {
    let stage = Stage::new().await;
    let person = stage.person(Role::Member).await;
    let elsewhere = stage.login(&stage.state, person.id).await;

    let (status, first) = refresh(&stage, &person.refresh).await;
    assert_eq!(status, 200);
    age(&stage, 11.0).await;
    assert_eq!(refresh(&stage, &person.refresh).await.0, 401);
    // Whoever of the two was honest has to sign in again.
    assert_eq!(
        refresh(&stage, first["refresh_token"].as_str().unwrap())
            .await
            .0,
        401
    );
    let me = |token: &str| stage.get("/api/v1/auth/me").bearer(token).send();
    me(first["access_token"].as_str().unwrap())
        .await
        .expect(401);
    me(&elsewhere.access).await.expect(200);

    let noted: i64 = sqlx::query_scalar(
        "select count(*) from audit_entries where action = 'session.revoked' and subject = $1",
    )
    .bind(format!("session_{}", person.session.simple()))
    .fetch_one(&stage.db.pool)
    .await
    .unwrap();
    assert_eq!(noted, 1);
    stage.finish().await;
}

#[tokio::test]
async fn of_two_tabs_that_refresh_at_once_one_gets_the_next_token() {
    let stage = Stage::new().await;
    let person = stage.person(Role::Member).await;
    let tabs = (0..4).map(|_| refresh(&stage, &person.refresh));
    let tabs = futures::future::join_all(tabs).await;
    assert!(
        tabs.iter()
            .all(|(status, body)| *status == 200 && body["access_token"].is_string())
    );
    let next: Vec<_> = tabs
        .iter()
        .filter_map(|(_, body)| body["refresh_token"].as_str())
        .collect();
    assert_eq!(next.len(), 1);
    assert_eq!(refresh(&stage, next[0]).await.0, 200);
    stage.finish().await;
}

#[tokio::test]
async fn an_old_token_and_one_of_somebody_who_may_not_come_in_are_refused() {
    let stage = Stage::new().await;
    let (old, out) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    sqlx::query("update sessions set expires_at = now() where user_id = $1")
        .bind(old.id)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    sqlx::query("update users set deactivated_at = now() where id = $1")
        .bind(out.id)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    for person in [old, out] {
        assert_eq!(refresh(&stage, &person.refresh).await.0, 401);
    }
    assert_eq!(refresh(&stage, "cgr_made-up").await.0, 401);
    stage.finish().await;
}
