//! Each guard around an endpoint of its own.

use std::{sync::Arc, time::Duration};

use poem::{
    Body, EndpointExt as _, Response,
    endpoint::make,
    http::StatusCode,
    test::{TestClient, TestResponse},
};

use super::*;

fn text(kind: &'static str, text: &'static str) -> impl poem::Endpoint<Output = Response> {
    make(
        move |_| async move { Ok::<_, poem::Error>(Response::builder().content_type(kind).body(text)) },
    )
}

fn header<'a>(response: &'a TestResponse, name: &str) -> Option<&'a str> {
    response
        .0
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_body_is_as_large_as_allowed_whatever_it_says() {
    let app = make(|mut request: poem::Request| async move {
        let body = request.take_body().into_bytes().await;
        body.map(|body| body.len().to_string())
            .map_err(poem::error::BadRequest)
    });
    let client = TestClient::new(app.around(|next, request| body::limit(next, request, 4096)));
    for (size, status) in [
        (4096, StatusCode::OK),
        (4097, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let told = client
            .post("/")
            .header("content-length", size)
            .body(vec![b'x'; size]);
        told.send().await.assert_status(status);
        let parts = futures::stream::iter((0..size).map(|_| Ok::<_, std::io::Error>(vec![b'x'])));
        let streamed = client.post("/").body(Body::from_bytes_stream(parts));
        streamed.send().await.assert_status(status);
    }
}

#[tokio::test]
async fn an_answer_begins_in_time() {
    let slow = make(|_| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<_, poem::Error>("late")
    });
    let limit = Duration::from_millis(20);
    let client =
        TestClient::new(slow.around(move |next, request| deadline::keep(next, request, limit)));
    client
        .get("/")
        .send()
        .await
        .assert_status(StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn text_shrinks_and_streams_and_secrets_do_not() {
    let long = "{\"a\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}";
    for (kind, accepted, coding) in [
        ("application/json; charset=utf-8", "gzip, br", Some("br")),
        ("application/json", "gzip;q=1, br;q=0", Some("gzip")),
        ("application/json", "", None),
        ("application/json", "identity", None),
        ("text/event-stream", "gzip", None),
        ("image/png", "gzip", None),
    ] {
        let client = TestClient::new(text(kind, long).around(compression::shrink));
        let response = client
            .get("/")
            .header("accept-encoding", accepted)
            .send()
            .await;
        assert_eq!(
            header(&response, "content-encoding"),
            coding,
            "{kind} {accepted}"
        );
    }
    let secret = make(move |_| async move {
        let response = Response::builder().content_type("application/json");
        Ok::<_, poem::Error>(response.header("cache-control", "no-store").body(long))
    });
    let client = TestClient::new(secret.around(compression::shrink));
    let response = client
        .get("/")
        .header("accept-encoding", "gzip")
        .send()
        .await;
    assert_eq!(header(&response, "content-encoding"), None);
}

#[tokio::test]
async fn other_sites_are_let_in_by_name_only_and_without_cookies() {
    let config = crate::config::Config::read(
        [(
            "CODEGRAPH_CORS_ORIGINS".to_owned(),
            "https://Tools.example.org".to_owned(),
        )],
        std::path::Path::new("/"),
    );
    let origins = Arc::new(config.unwrap().server.cors_origins);
    let app = text("application/json", "{}");
    let client = TestClient::new(
        app.around(move |next, request| cors::allow(next, request, origins.clone())),
    );
    for (origin, allowed) in [
        ("https://tools.example.org", true),
        ("http://tools.example.org", false),
        ("https://tools.example.org.evil.org", false),
        ("https://evil.org", false),
        ("null", false),
    ] {
        let response = client.get("/").header("origin", origin).send().await;
        let told = header(&response, "access-control-allow-origin");
        assert_eq!(told, allowed.then_some(origin));
        assert_eq!(header(&response, "access-control-allow-credentials"), None);
        assert_eq!(header(&response, "vary"), Some("origin"));
        let first = client.options("/").header("origin", origin);
        let first = first
            .header("access-control-request-method", "POST")
            .send()
            .await;
        assert_eq!(
            header(&first, "access-control-allow-methods").is_some(),
            allowed
        );
    }
}

#[tokio::test]
async fn careful_headers_are_there_and_take_nothing_back() {
    let own = text("text/html", "x")
        .with(poem::middleware::SetHeader::new().appending("content-security-policy", "own"));
    for secure in [false, true] {
        let app = own_response(secure);
        let response = TestClient::new(app).get("/api/v1/x").send().await;
        assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"));
        assert_eq!(
            header(&response, "cache-control"),
            Some("private, no-cache")
        );
        assert_eq!(
            header(&response, "strict-transport-security").is_some(),
            secure
        );
    }
    let app = own.around(|next, request| headers::add(next, request, false));
    let response = TestClient::new(app).get("/").send().await;
    assert_eq!(header(&response, "content-security-policy"), Some("own"));
    assert_eq!(header(&response, "cache-control"), None);
}

fn own_response(secure: bool) -> impl poem::Endpoint {
    text("application/json", "{}").around(move |next, request| headers::add(next, request, secure))
}
