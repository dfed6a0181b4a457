//! The document and its pages, made once at start. Everything a page needs is in it: no stranger's
//! server is asked for a script.

use poem::endpoint::make_sync;
use poem::{Endpoint, Response};

use super::{service, spec};

/// Swagger UI inlines its script and style; nothing else may run or be sent anywhere else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; \
    style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Swagger UI of the document as we serve it.
pub(super) fn page() -> impl Endpoint {
    let service = service();
    let html = service
        .swagger_ui_html()
        .replacen(&service.spec(), &spec::json(), 1);
    fixed("text/html; charset=utf-8", html)
}

/// The document as JSON.
pub(super) fn json() -> impl Endpoint {
    fixed("application/json", spec::json())
}

/// The document as YAML (RFC 9512).
pub(super) fn yaml() -> impl Endpoint {
    fixed("application/yaml", spec::yaml())
}

fn fixed(media_type: &'static str, text: String) -> impl Endpoint {
    make_sync(move |_| {
        Response::builder()
            .content_type(media_type)
            .header("content-security-policy", PAGE_POLICY)
            .header("x-content-type-options", "nosniff")
            .body(text.clone())
    })
}
