//! What an answer that is not a success means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use super::super::{Class, Refused};

/// Words by which vendors say that money, not pace, is the limit. The status is then 400 or 429.
const SPENT: [&str; 5] = [
    "enforced_spend_limit_reached",
    "insufficient_quota",
    "billing_hard_limit_reached",
    "reached your specified api usage limits",
    "credit balance is too low",
];

/// Longer messages are pages for a browser.
const MESSAGE: usize = 600;

/// Reads an answer with this status; what is late is measured from `now`.
pub(super) fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    body: &str,
    now: DateTime<Utc>,
) -> Refused {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut message = format!("{} {}", status.as_u16(), said(body));
    let mut class = status_class(status);
    if spent(body) {
        class = Class::SpendLimit;
    } else {
        match (text("x-should-retry"), class) {
            (Some("true"), _) => class = Class::Passing,
            (Some("false"), Class::Passing) => {
                class = Class::Rejected;
                message.push_str(" (and asks not to be asked again)");
            }
            _ => {}
        }
    }
    Refused {
        class,
        message,
        retry_after: retry_after(headers, now).or_else(|| replenished(headers, now)),
        request_id: text("request-id")
            .or_else(|| text("x-request-id"))
            .map(str::to_owned),
        status: Some(status.as_u16()),
        begun: false,
    }
}

fn status_class(status: StatusCode) -> Class {
    match status.as_u16() {
        408 | 409 | 425 | 429 | 500.. => Class::Passing,
        401..=403 => Class::Denied,
        404 => Class::Unknown,
        _ => Class::Rejected,
    }
}

/// What an error inside a stream means; its status was 200. `kind` is `error.type`.
pub(in super::super) fn kind_class(kind: &str, message: &str) -> Class {
    match kind {
        _ if spent(kind) || spent(message) => Class::SpendLimit,
        "invalid_request_error" | "request_too_large" => Class::Rejected,
        "authentication_error" | "permission_error" | "billing_error" => Class::Denied,
        "not_found_error" => Class::Unknown,
        _ => Class::Passing,
    }
}

fn spent(text: &str) -> bool {
    let text = text.to_lowercase();
    SPENT.iter().any(|word| text.contains(word))
}

/// The vendor's own words, in whichever of the usual shapes they come.
fn said(body: &str) -> String {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let error = json.get("error").unwrap_or(&json);
    let kind = error.get("type").and_then(Value::as_str);
    let message = error.get("message").or(Some(error)).and_then(Value::as_str);
    let text = match (kind, message) {
        (Some(kind), Some(message)) => format!("{kind}: {message}"),
        (None, Some(message)) => message.to_owned(),
        (Some(kind), None) => kind.to_owned(),
        (None, None) => body.trim().to_owned(),
    };
    text.chars().take(MESSAGE).collect()
}

/// Seconds, milliseconds or a date. A date in the past means now.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let number = |text: &str| text.trim().parse().ok().filter(|n: &f64| *n >= 0.0);
    if let Some(milliseconds) = text("retry-after-ms").and_then(number) {
        return Duration::try_from_secs_f64(milliseconds / 1000.0).ok();
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Some(seconds) = number(value) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    let wait = date.with_timezone(&Utc) - now;
    Some(wait.to_std().unwrap_or_default())
}

/// When the last of what is used up will be there again, for vendors that count it in headers and name no pause:
/// `…-remaining: 0` and `…-reset`, a date or a length of time.
fn replenished(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let used_up = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str();
        let of = |before: &str, after: &str| {
            let inside = name.strip_prefix(before)?.strip_suffix(after)?;
            (value == "0").then(|| inside.to_owned())
        };
        // Anthropic's way, and OpenAI's.
        of("anthropic-ratelimit-", "-remaining")
            .map(|what| format!("anthropic-ratelimit-{what}-reset"))
            .or_else(|| {
                let what = of("x-ratelimit-remaining-", "")?;
                Some(format!("x-ratelimit-reset-{what}"))
            })
    });
    let pauses = used_up.filter_map(|reset| {
        let value = headers.get(reset)?.to_str().ok()?;
        match DateTime::parse_from_rfc3339(value) {
            Ok(date) => Some(
                (date.with_timezone(&Utc) - now)
                    .to_std()
                    .unwrap_or_default(),
            ),
            Err(_) => length(value),
        }
    });
    pauses.max()
}

/// A length of time as Go writes it: `1s`, `6m0s`, `20ms`.
fn length(text: &str) -> Option<Duration> {
    let (mut seconds, mut rest) = (0.0, text.trim());
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit_end = rest[end..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |at| end + at);
        seconds += number
            * match &rest[end..unit_end] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn read(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Refused {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        refusal(StatusCode::from_u16(status).unwrap(), &map, body, now())
    }

    #[test]
    fn the_status_says_what_can_be_done() {
        use Class::{Denied, Passing, Rejected, Unknown};
        for (class, statuses) in [
            (Passing, &[408, 409, 429, 500, 502, 503, 504, 529][..]),
            (Denied, &[401, 402, 403]),
            (Unknown, &[404]),
            (Rejected, &[301, 400, 405, 413, 422]),
        ] {
            for status in statuses {
                let refused = read(*status, &[], "");
                assert_eq!(refused.class, class, "{status}");
                assert_eq!(refused.status, Some(*status));
            }
        }
    }

    #[test]
    fn the_vendor_may_overrule_its_status_but_not_an_empty_purse() {
        let says = |status, word, body: &str| read(status, &[("x-should-retry", word)], body).class;
        assert_eq!(says(400, "true", ""), Class::Passing);
        assert_eq!(says(529, "false", ""), Class::Rejected);
        assert_eq!(says(401, "false", ""), Class::Denied);
        let empty =
            r#"{"error":{"type":"rate_limit_error","error_code":"enforced_spend_limit_reached"}}"#;
        assert_eq!(says(429, "true", empty), Class::SpendLimit);
    }

    #[test]
    fn money_is_told_from_pace() {
        for body in [
            r#"{"error":{"message":"You have reached your specified API usage limits."}}"#,
            r#"{"error":{"message":"Your credit balance is too low to access the API."}}"#,
            r#"{"error":{"code":"insufficient_quota","message":"You exceeded your quota"}}"#,
        ] {
            assert_eq!(read(400, &[], body).class, Class::SpendLimit, "{body}");
        }
        assert_eq!(read(429, &[], "slow down").class, Class::Passing);
    }

    #[test]
    fn pauses_come_as_seconds_milliseconds_or_dates() {
        let pause = |name, value| {
            let refused = read(429, &[(name, value)], "");
            refused.retry_after.map(|pause| pause.as_millis())
        };
        assert_eq!(pause("retry-after", "7"), Some(7000));
        assert_eq!(pause("retry-after", "0.5"), Some(500));
        assert_eq!(pause("retry-after-ms", "250"), Some(250));
        let date = "Mon, 23 Nov 2026 12:00:30 GMT";
        assert_eq!(pause("retry-after", date), Some(30_000));
        let past = "Mon, 23 Nov 2026 11:00:00 GMT";
        assert_eq!(pause("retry-after", past), Some(0));
        assert_eq!(pause("retry-after", "-3"), None);
        assert_eq!(pause("retry-after", "soon"), None);
        assert_eq!(pause("retry-after", "1e300"), None);
    }

    #[test]
    fn what_is_used_up_is_waited_for_when_no_pause_is_named() {
        let pause = |headers: &[(&'static str, &'static str)]| {
            let refused = read(429, headers, "");
            refused.retry_after.map(|pause| pause.as_millis())
        };
        let requests = ("anthropic-ratelimit-requests-remaining", "0");
        let later = ("anthropic-ratelimit-requests-reset", "2026-11-23T12:00:05Z");
        let tokens = ("anthropic-ratelimit-input-tokens-remaining", "0");
        let latest = (
            "anthropic-ratelimit-input-tokens-reset",
            "2026-11-23T12:00:09Z",
        );
        assert_eq!(pause(&[requests, later]), Some(5_000));
        assert_eq!(pause(&[requests, later, tokens, latest]), Some(9_000));
        assert_eq!(pause(&[later, latest]), None, "there is some left of both");
        assert_eq!(
            pause(&[requests, later, ("retry-after", "2")]),
            Some(2_000),
            "the vendor's word counts first"
        );
        let theirs = ("x-ratelimit-remaining-tokens", "0");
        for (text, wait) in [("6m0s", 360_000), ("20ms", 20), ("1.5s", 1_500)] {
            let reset = ("x-ratelimit-reset-tokens", text);
            assert_eq!(pause(&[theirs, reset]), Some(wait), "{text}");
        }
        for text in ["", "s", "5", "5 apples"] {
            let reset = ("x-ratelimit-reset-tokens", text);
            assert!(
                pause(&[theirs, reset]).is_none_or(|wait| wait == 0),
                "{text}"
            );
        }
    }

    #[test]
    fn words_come_in_several_shapes() {
        let said = |body| read(400, &[("request-id", "req_1")], body).message;
        let both = r#"{"error":{"type":"invalid_request_error","message":"no"}}"#;
        assert_eq!(said(both), "400 invalid_request_error: no");
        assert_eq!(
            said(r#"{"error":"model not found"}"#),
            "400 model not found"
        );
        assert_eq!(said(r#"{"message":"nope"}"#), "400 nope");
        assert_eq!(said(" <html> "), "400 <html>");
        assert_eq!(said(&"x".repeat(5000)).len(), 604);
        assert_eq!(
            read(400, &[("request-id", "r")], "").request_id.as_deref(),
            Some("r")
        );
    }
}
