//! The server as the network sees it: headers, sizes, other sites, the dashboard, metrics.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::Stage;

#[tokio::test]
async fn every_answer_is_careful_and_errors_are_too() {
    let stage = Stage::new().await;
    for (path, status) in [
        ("/healthz", 200),
        ("/api/v1/version", 200),
        ("/api/v1/auth/me", 401),
        ("/api/v1/nowhere", 404),
        ("/", 200),
    ] {
        let answer = stage.get(path).send().await;
        assert_eq!(answer.status, status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("script-src 'unsafe"),
            "{path}: {policy}"
        );
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
    stage.finish().await;
}

#[tokio::test]
async fn what_is_too_large_is_told_so_before_it_is_read() {
    let stage = Stage::with(&[("CODEGRAPH_BODY_LIMIT", "16")]).await;
    let body = |size: usize| json!({"email": "a@b.c", "password": "x".repeat(size)});
    let large = stage
        .post("/api/v1/auth/login", body(17 << 10))
        .send()
        .await;
    assert_eq!(large.headers["content-type"], "application/problem+json");
    large.expect(413);
    // Below the limit of size, that of the field counts.
    stage
        .post("/api/v1/auth/login", body(1000))
        .send()
        .await
        .expect(400);
    stage.finish().await;
}

#[tokio::test]
async fn other_sites_may_ask_with_a_token_where_that_is_configured() {
    let site = "https://tools.example.org";
    let stage = Stage::with(&[("CODEGRAPH_CORS_ORIGINS", site)]).await;
    let person = stage.person(Role::Member).await;
    let first = stage
        .call(Method::OPTIONS, "/api/v1/auth/me")
        .header("origin", site)
        .header("access-control-request-method", "PATCH");
    let first = first.send().await;
    assert_eq!(first.headers["access-control-allow-origin"], site);
    first.expect(204);
    let read = stage
        .get("/api/v1/auth/me")
        .header("origin", site)
        .bearer(&person.access)
        .send()
        .await;
    assert_eq!(read.headers["access-control-allow-origin"], site);
    read.expect(200);
    // Cookies are never for another site, even one that is let in.
    let jar = format!(
        "codegraph_access={}; codegraph_csrf={}",
        person.access, person.csrf
    );
    let change = stage
        .call(Method::PATCH, "/api/v1/auth/me")
        .json(json!({"name": "X"}));
    let change = change
        .header("origin", site)
        .header("cookie", &jar)
        .header("x-csrf-token", &person.csrf);
    change.send().await.expect(403);
    stage.finish().await;
}

#[tokio::test]
async fn bad_input_is_never_our_fault() {
    let stage = Stage::new().await;
    let person = stage.person(Role::Admin).await;
    for path in [
        "/api/v1/users/x",
        "/api/v1/users?limit=0",
        "/api/v1/users?cursor=c00",
        "/api/v1/users?cursor=x",
        "/api/v1/users?role=king",
        "/api/v1/users?q=%00",
        "/api/v1/audit?since=yesterday",
        "/api/v1/audit?cursor=c78",
        "/api/v1/audit/verify?seq=1",
        "/api/v1/audit/verify?seq=1&hash=x",
        "/api/v1/audit/verify?seq=99999999999999999999",
        "/api/v1/audit/export",
    ] {
        let answer = stage.get(path).bearer(&person.access).send().await;
        assert!(
            answer.status.is_client_error() || path.ends_with("%00"),
            "{path}: {} {}",
            answer.status,
            answer.body
        );
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.body);
    }
    for body in [
        json!(null),
        json!([]),
        json!({"name": 1}),
        json!({"name": "x", "more": 1}),
        json!({"name": ""}),
        json!({"name": "\u{0}"}),
        json!({"name": " "}),
        json!({"name": "x".repeat(101)}),
    ] {
        let call = stage
            .call(Method::PATCH, "/api/v1/auth/me")
            .json(body.clone());
        let answer = call.bearer(&person.access).send().await;
        assert!(
            answer.status.is_client_error(),
            "{body}: {} {}",
            answer.status,
            answer.body
        );
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    stage.finish().await;
}

#[tokio::test]
async fn metrics_are_for_those_who_show_the_token() {
    let stage = Stage::with(&[("CODEGRAPH_METRICS_TOKEN", "scrape-me-please")]).await;
    stage.get("/api/v1/version").send().await.expect(200);
    stage.get("/api/v1/auth/me").send().await.expect(401);
    stage.get("/api/v1/made-up/12345").send().await.expect(404);
    stage.get("/metrics").send().await.expect(403);
    stage
        .get("/metrics")
        .bearer("wrong")
        .send()
        .await
        .expect(403);
    let page = stage
        .get("/metrics")
        .bearer("scrape-me-please")
        .send()
        .await;
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    let Value::String(text) = page.expect(200) else {
        panic!("text")
    };
    for line in [
        "codegraph_http_requests_total{operation=\"getVersion\",status=\"200\"} 1",
        "codegraph_http_requests_total{operation=\"getMe\",status=\"401\"} 1",
        "codegraph_http_requests_total{operation=\"none\",status=\"404\"} 1",
        "codegraph_workers 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("12345"));
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    stage.finish().await;

    // Without a token only this machine may; a test comes from nowhere.
    let stage = Stage::new().await;
    stage.get("/metrics").send().await.expect(403);
    stage.finish().await;
}
