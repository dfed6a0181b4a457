//! Requests that come with cookies and change something must come from our own page: the browser says where they come
//! from, and the page repeats what only it can read.

use poem::{
    Request,
    http::header::{HOST, ORIGIN},
};

use super::cookies;
use crate::{Error, api::Web, services::secret};

const HEADER: &str = "x-csrf-token";

/// Refuses a request that a browser says comes from another page.
pub(in crate::api) fn check_page(request: &Request, web: &Web) -> Result<(), Error> {
    let text = |name: &str| {
        let value = request.headers().get(name)?;
        Some(value.to_str().unwrap_or("unreadable").to_owned())
    };
    if let Some(site) = text("sec-fetch-site")
        && !["same-origin", "none"].contains(&site.as_str())
    {
        return Err(foreign());
    }
    let Some(origin) = text(ORIGIN.as_str()) else {
        return Ok(());
    };
    // Behind a proxy that changes `Host`, the configured address is the one the browser knows.
    let ours = text(HOST.as_str()).is_some_and(|host| {
        let host = host.to_lowercase();
        [format!("http://{host}"), format!("https://{host}")].contains(&origin.to_lowercase())
    });
    if ours || web.public_origin.as_deref() == Some(origin.as_str()) {
        Ok(())
    } else {
        Err(foreign())
    }
}

/// Refuses a request whose header does not repeat the cookie, or whose cookie does not belong to the access token.
pub(super) fn check_token(request: &Request, fingerprint: &str) -> Result<(), Error> {
    let token = repeated(request).ok_or_else(missing)?;
    if secret::same(&secret::fingerprint(&token), fingerprint) {
        Ok(())
    } else {
        Err(missing())
    }
}

/// What the header repeats of the cookie.
pub(in crate::api) fn repeated(request: &Request) -> Option<String> {
    let header = request.headers().get(HEADER)?.to_str().ok()?.to_owned();
    let cookie = cookies::read(request, cookies::CSRF)?;
    secret::same(&header, &cookie).then_some(header)
}

/// Why a request without that is refused.
pub(in crate::api) fn missing() -> Error {
    Error::Forbidden(format!(
        "a request with cookies repeats the cookie `{}` in the header `X-CSRF-Token`",
        cookies::CSRF
    ))
}

fn foreign() -> Error {
    Error::Forbidden("this request comes from another site".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_may_ask() {
        let web = Web {
            public_origin: Some("https://codegraph.example.org".to_owned()),
            ..Web::default()
        };
        for (headers, fits) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", "http://here:80"), ("host", "here:80")], true),
            (&[("origin", "http://here:81"), ("host", "here:80")], false),
            (&[("origin", "null"), ("host", "here:80")], false),
            (
                &[("origin", "https://codegraph.example.org"), ("host", "in")],
                true,
            ),
            (
                &[("origin", "https://codegraph.example.org.evil.org")],
                false,
            ),
        ] {
            let mut request = Request::builder();
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            assert_eq!(
                check_page(&request.finish(), &web).is_ok(),
                fits,
                "{headers:?}"
            );
        }
    }
}
