//! Signing in, staying signed in, going out.

use futures::future::join_all;

use super::port::{EMAIL, PASSWORD, Port, Seat, http, is_private};

const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// Lets this much time pass for all refresh tokens that were used.
async fn age(port: &Port) {
    sqlx::query("update sessions set used_at = used_at - interval '11 seconds'")
        .execute(&port.stage.db.pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn commands_that_refresh_at_once_take_turns_and_keep_the_login() {
    let port = Port::open(&[]).await;
    let seat = Seat::new();
    seat.log_in(&port.url).await;
    assert!(is_private(&seat.credentials()));
    for round in 0..2 {
        let before = seat.kept(&port.url);
        seat.change(&port.url, "expires_at", LONG_AGO);
        let together = (0..4).map(|_| seat.run(&["task", "list", "--json"]));
        for said in join_all(together).await {
            assert!(said.json()["items"].is_array(), "round {round}");
        }
        let after = seat.kept(&port.url);
        assert_ne!(before["refresh_token"], after["refresh_token"]);
        assert!(is_private(&seat.credentials()));
        // A token that was used twice would end the login now.
        age(&port).await;
    }
    let used: i64 =
        sqlx::query_scalar("select count(*) from audit_entries where action = 'session.revoked'")
            .fetch_one(&port.stage.db.pool)
            .await
            .unwrap();
    assert_eq!(used, 0);
    // The server may have other keys before the clock says so.
    seat.change(&port.url, "access_token", "forged");
    seat.run(&["task", "list", "--json"]).await.json();
    assert_ne!(seat.kept(&port.url)["access_token"], "forged");

    let spent = seat.kept(&port.url)["refresh_token"].clone();
    let out = seat.run(&["logout"]).await.expect(0);
    assert!(out.contains("Signed out"), "{out}");
    assert!(seat.kept(&port.url).is_null());
    let refused = http().post(format!("{}/api/v1/auth/refresh", port.url));
    let refused = refused
        .json(&serde_json::json!({"refresh_token": spent}))
        .send();
    assert_eq!(refused.await.unwrap().status(), 401);
    port.finish().await;
}

#[tokio::test]
async fn a_login_that_is_over_says_how_to_get_another() {
    let port = Port::open(&[]).await;
    let seat = Seat::new();
    let none = seat.run(&["task", "list", "--url", &port.url]).await;
    assert_eq!(none.code, 4, "{}", none.err);
    seat.log_in(&port.url).await;
    sqlx::query("update sessions set expires_at = now()")
        .execute(&port.stage.db.pool)
        .await
        .unwrap();
    seat.change(&port.url, "expires_at", LONG_AGO);
    let over = seat.run(&["task", "list"]).await;
    assert_eq!(over.code, 4);
    let advice = format!("codegraph login --url {}", port.url);
    assert!(over.err.contains(&advice), "{}", over.err);
    assert!(seat.kept(&port.url).is_null());
    port.finish().await;
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_token_let_nobody_in() {
    let port = Port::open(&[]).await;
    let seat = Seat::new();
    let login = ["login", "--url", &port.url, "--email", EMAIL];
    let wrong = seat.type_in(&login, "wrong horse battery staple\n").await;
    assert_eq!(wrong.code, 4, "{}", wrong.err);
    assert!(wrong.err.contains("\n  request "), "{}", wrong.err);
    assert!(!wrong.err.contains("wrong horse"));
    let nothing = seat.type_in(&login, "").await;
    assert_eq!(nothing.code, 2, "{}", nothing.err);
    let by_token = ["login", "--url", &port.url, "--token", "-"];
    assert_eq!(seat.type_in(&by_token, "cg_made-up\n").await.code, 4);
    // Not where everybody can see it.
    let shown = ["login", "--url", &port.url, "--token", "cg_made-up"];
    assert_eq!(seat.run(&shown).await.code, 2);
    assert!(!seat.credentials().exists());
    port.finish().await;
}

#[tokio::test]
async fn a_token_is_made_shown_once_used_and_revoked() {
    let port = Port::open(&[]).await;
    let seat = Seat::new();
    seat.log_in(&port.url).await;
    let made = seat
        .run(&["tokens", "create", "nightly", "--days", "7"])
        .await;
    let secret = made.expect(0);
    let secret = secret.trim();
    assert!(secret.starts_with("cg_"));
    // In the environment it needs no home; on standard input it becomes a login.
    let program = Seat::with_token(&port.url, secret);
    program.run(&["task", "list"]).await.expect(0);
    assert!(!program.credentials().exists());
    let other = Seat::new();
    let by_token = ["login", "--url", &port.url, "--token", "-"];
    other.type_in(&by_token, secret).await.expect(0);
    other.run(&["repo", "list", "--json"]).await.json();

    let listed = seat.run(&["tokens", "list"]).await.expect(0);
    assert!(listed.contains("nightly") && !listed.contains(secret));
    seat.run(&["tokens", "revoke", "nightly"]).await.expect(0);
    for seat in [&program, &other] {
        assert_eq!(seat.run(&["task", "list"]).await.code, 4);
    }
    assert_eq!(seat.run(&["tokens", "revoke", "nightly"]).await.code, 5);
    // The password went nowhere but to the server.
    let kept = std::fs::read_to_string(seat.credentials()).unwrap();
    assert!(!kept.contains(PASSWORD));
    port.finish().await;
}
