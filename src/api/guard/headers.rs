//! Headers that keep browsers careful. What an answer says itself is left alone.

use std::sync::Arc;

use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{HeaderValue, header::HeaderName},
};

/// On every answer that does not say otherwise.
const CAREFUL: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    // Data is never a page: nothing in it runs, however it is opened.
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

/// Two years; only where people come by https anyway.
const HTTPS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// Middleware: adds them. With `secure`, browsers are told to come by https from now on.
pub(in crate::api) async fn add<E: Endpoint>(
    next: Arc<E>,
    request: Request,
    secure: bool,
) -> poem::Result<Response> {
    let of_api = request.uri().path().starts_with("/api/");
    let mut response = next.call(request).await?.into_response();
    let mut add = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    };
    for (name, value) in CAREFUL {
        add(name, value);
    }
    if of_api {
        // What one person sees is not for the next who asks the same proxy.
        add("cache-control", "private, no-cache");
    }
    if secure {
        add("strict-transport-security", HTTPS_ONLY);
    }
    Ok(response)
}
