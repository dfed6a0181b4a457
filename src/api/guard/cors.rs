//! Pages of other sites: none, unless they are configured, and then with a token, never with cookies.

use std::sync::Arc;

use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY},
    },
};

use crate::config::Origins;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str =
    "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id";
const EXPOSED: &str = "etag, location, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, \
    x-request-id, idempotency-replayed";

/// Middleware: lets the pages of these sites read answers.
pub(in crate::api) async fn allow<E: Endpoint>(
    next: Arc<E>,
    request: Request,
    origins: Arc<Origins>,
) -> poem::Result<Response> {
    if origins.is_empty() {
        return next.call(request).await.map(IntoResponse::into_response);
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let known = origin.filter(|origin| origin.to_str().is_ok_and(|text| origins.contain(text)));
    let asks_first = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &known {
        Some(_) if asks_first => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            let headers = response.headers_mut();
            set(headers, "access-control-allow-methods", METHODS);
            set(headers, "access-control-allow-headers", HEADERS);
            set(headers, "access-control-max-age", "600");
            response
        }
        _ => next.call(request).await?.into_response(),
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = known {
        headers.insert("access-control-allow-origin", origin);
        set(headers, "access-control-expose-headers", EXPOSED);
        set(headers, "cross-origin-resource-policy", "cross-origin");
    }
    Ok(response)
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
