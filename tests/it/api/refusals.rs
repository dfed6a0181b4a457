//! Bad input is told where it is bad, all of it, and nothing of it is said again.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::Stage;

/// Paths and messages.
fn errors(problem: &Value) -> Vec<(&str, &str)> {
    let all = problem["errors"].as_array().into_iter().flatten();
    all.map(|error| {
        (
            error["path"].as_str().unwrap(),
            error["message"].as_str().unwrap(),
        )
    })
    .collect()
}

#[tokio::test]
async fn every_place_of_a_body_that_does_not_fit_is_named() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let task = |body: Value| stage.post("/api/v1/tasks", body).bearer(&ada.access).send();

    let wrong = task(
        json!({"repository_id": 7, "titel": "x", "options": {"mode": "hasty", "budget_usd_micros": "much"}}),
    );
    let wrong = wrong.await.expect(400);
    let mut told = errors(&wrong);
    told.sort_unstable();
    let paths: Vec<&str> = told.iter().map(|(path, _)| *path).collect();
    assert_eq!(
        paths,
        [
            "/options/budget_usd_micros",
            "/options/mode",
            "/repository_id",
            "/titel",
            "/title"
        ],
        "{wrong}"
    );
    assert!(told.contains(&("/title", "is missing")), "{told:?}");
    assert!(told.contains(&("/titel", "is not known here")), "{told:?}");
    assert!(
        wrong["detail"].as_str().unwrap().ends_with("and 4 more"),
        "{wrong}"
    );
    assert!(wrong["request_id"].is_string());

    let whole = task(json!("nothing")).await.expect(400);
    assert_eq!(
        errors(&whole),
        [("", "is not of type \"object\"")],
        "{whole}"
    );
    stage.finish().await;
}

#[tokio::test]
async fn what_was_sent_is_not_said_again() {
    let stage = Stage::new().await;
    let body =
        json!({"email": "ada@example.org", "password": ["hunter22"], "remember": "hunter22"});
    let wrong = stage
        .post("/api/v1/auth/login", body)
        .send()
        .await
        .expect(400);
    assert!(!wrong.to_string().contains("hunter22"), "{wrong}");
    assert!(
        errors(&wrong).iter().any(|(path, _)| *path == "/password"),
        "{wrong}"
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_parameter_is_named() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    for (path, expected) in [
        ("/api/v1/tasks?limit=many", "limit"),
        ("/api/v1/tasks?limit=0", "limit"),
        ("/api/v1/tasks/nonsense", "id"),
        ("/api/v1/search", "q"),
    ] {
        let wrong = stage
            .call(Method::GET, path)
            .bearer(&ada.access)
            .send()
            .await;
        let status = wrong.status.as_u16();
        assert!((400..500).contains(&status), "{path}: {status}");
        let wrong = wrong.expect(status);
        assert_eq!(
            errors(&wrong).first().map(|(path, _)| *path),
            Some(expected),
            "{wrong}"
        );
        assert!(
            !wrong["detail"].as_str().unwrap().contains("parse"),
            "{wrong}"
        );
    }
    stage.finish().await;
}
