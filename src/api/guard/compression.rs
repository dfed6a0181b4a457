//! Answers are sent smaller where that is worth it: text, not streams (an event waits for no buffer), and nothing with a
//! secret in it (its length would tell about it).

use std::sync::Arc;

use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY},
    },
    web::{Compress, CompressionAlgo},
};

/// Types of text, by how they begin.
const TEXT: [&str; 9] = [
    "application/json",
    "application/problem+json",
    "application/x-ndjson",
    "application/yaml",
    "application/javascript",
    "text/html",
    "text/css",
    "text/javascript",
    "text/csv",
];

/// Middleware: sends text smaller to those who understand that.
pub(in crate::api) async fn shrink<E: Endpoint>(
    next: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let way = understood(request.headers());
    let response = next.call(request).await?.into_response();
    if !worth_it(response.headers()) {
        return Ok(response);
    }
    let mut response = match way {
        Some(way) => Compress::new(response, way).into_response(),
        None => response,
    };
    if way.is_some() {
        weaken(response.headers_mut());
    }
    let vary = HeaderValue::from_static("accept-encoding");
    response.headers_mut().append(VARY, vary);
    Ok(response)
}

/// The best of what the caller says it understands.
fn understood(headers: &HeaderMap) -> Option<CompressionAlgo> {
    let accepted = headers.get(ACCEPT_ENCODING)?.to_str().ok()?.to_lowercase();
    let takes = |name: &str| {
        accepted.split(',').any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| {
                weight
                    .trim()
                    .parse::<f32>()
                    .is_ok_and(|weight| weight == 0.0)
            });
            coding.trim() == name && !refused
        })
    };
    let ways = [("br", CompressionAlgo::BR), ("gzip", CompressionAlgo::GZIP)];
    ways.into_iter()
        .find(|(name, _)| takes(name))
        .map(|(_, way)| way)
}

fn worth_it(headers: &HeaderMap) -> bool {
    let text = |name| {
        let value = headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    !headers.contains_key(CONTENT_ENCODING)
        && !text(CACHE_CONTROL).contains("no-store")
        && TEXT.iter().any(|kind| text(CONTENT_TYPE).starts_with(kind))
}

/// The same answer in other bytes: a strong tag would say that they are the same.
fn weaken(headers: &mut HeaderMap) {
    let strong = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    let weak = strong
        .filter(|tag| tag.starts_with('"'))
        .map(|tag| format!("W/{tag}"));
    if let Some(weak) = weak.and_then(|weak| HeaderValue::try_from(weak).ok()) {
        headers.insert(ETAG, weak);
    }
}
