//! The cookies of the dashboard. Scripts of the page cannot read the two that open something; the third is there to be
//! read and opens nothing.

use poem::{Request, http::header::COOKIE};

use crate::services::sessions::{ACCESS_LIFE, Granted, REFRESH_LIFE};

/// The access token.
pub(in crate::api) const ACCESS: &str = "codegraph_access";
/// The refresh token; sent to the operations that need it and nowhere else.
pub(in crate::api) const REFRESH: &str = "codegraph_refresh";
/// What a page repeats in a header, to show that it is ours.
pub(in crate::api) const CSRF: &str = "codegraph_csrf";

const REFRESH_PATH: &str = "/api/v1/auth";

/// The cookie of this name, when the request has exactly one: two of a name mean that somebody else has set one.
pub(in crate::api) fn read(request: &Request, name: &str) -> Option<String> {
    let headers = request.headers().get_all(COOKIE).iter();
    let texts = headers.filter_map(|header| header.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';').filter_map(|pair| pair.split_once('=')));
    let mut found = pairs
        .filter(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().to_owned());
    match (found.next(), found.next()) {
        (Some(only), None) if !only.is_empty() => Some(only),
        _ => None,
    }
}

/// The headers that set the cookies of somebody who signed in.
pub(in crate::api) fn set(granted: &Granted, secure: bool) -> Vec<String> {
    let mut cookies = vec![
        cookie(
            ACCESS,
            &granted.access,
            "/",
            ACCESS_LIFE.as_secs(),
            true,
            secure,
        ),
        cookie(
            CSRF,
            &granted.csrf,
            "/",
            REFRESH_LIFE.as_secs(),
            false,
            secure,
        ),
    ];
    if let Some(token) = &granted.refresh {
        let life = REFRESH_LIFE.as_secs();
        cookies.push(cookie(REFRESH, token, REFRESH_PATH, life, true, secure));
    }
    cookies
}

/// The headers that take them away.
pub(in crate::api) fn clear(secure: bool) -> Vec<String> {
    vec![
        cookie(ACCESS, "", "/", 0, true, secure),
        cookie(CSRF, "", "/", 0, false, secure),
        cookie(REFRESH, "", REFRESH_PATH, 0, true, secure),
    ]
}

fn cookie(name: &str, value: &str, path: &str, life: u64, hidden: bool, secure: bool) -> String {
    let hidden = if hidden { "; HttpOnly" } else { "" };
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path={path}; Max-Age={life}; SameSite=Strict{hidden}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_when_there_is_one_of_its_name() {
        let request = |text: &str| Request::builder().header(COOKIE, text).finish();
        let found = |text: &str| read(&request(text), "a");
        assert_eq!(found("b=1; a=2"), Some("2".to_owned()));
        assert_eq!(found("a=x=y"), Some("x=y".to_owned()));
        assert_eq!(found("a=1; a=2"), None);
        assert_eq!(found("a="), None);
        assert_eq!(found("aa=1"), None);
    }

    #[test]
    fn what_opens_something_is_hidden_from_scripts() {
        let text = cookie(ACCESS, "x", "/", 5, true, true);
        assert_eq!(
            text,
            "codegraph_access=x; Path=/; Max-Age=5; SameSite=Strict; HttpOnly; Secure"
        );
        assert!(!cookie(CSRF, "x", "/", 5, false, false).contains("HttpOnly"));
    }
}
