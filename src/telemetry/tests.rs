//! What must never reach the log, and what must.

use std::io::Write;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;

use super::*;

fn masked(text: &str) -> String {
    Redactor::default().mask(text).into_owned()
}

#[test]
fn well_known_shapes_are_masked() {
    for (text, expected) in [
        ("key sk-ant-api03-AbCd_ef-123 end", "key [redacted] end"),
        ("sk-proj-0123456789abcdefghij", "[redacted]"),
        ("push ghp_0123456789abcdefABCD.", "push [redacted]."),
        (
            "gho_0123456789abcdefABCD ghs_0123456789abcdefABCD",
            "[redacted] [redacted]",
        ),
        ("github_pat_11ABCDEFG0_abcdefghijkl", "[redacted]"),
        ("token=cg_4Vt0mQ9sLrXcB2yHnW8k", "token=[redacted]"),
        ("AKIAIOSFODNN7EXAMPLE", "[redacted]"),
        (
            "aws_secret_access_key = wJalrXUt/K7MDENG+bPx",
            "aws_secret_access_key = [redacted]",
        ),
        (
            "postgresql://me:s3cr:t@db:5432/x?a=b",
            "postgresql://me:[redacted]@db:5432/x?a=b",
        ),
        (
            "postgresql://me@db/x?password=abc&a=b",
            "postgresql://me@db/x?password=[redacted]&a=b",
        ),
        ("redis://:abc@cache:6379", "redis://:[redacted]@cache:6379"),
        (
            "Authorization: Bearer abc.def-123",
            "Authorization: Bearer [redacted]",
        ),
        (
            "authorization: bearer abcdefgh12",
            "authorization: bearer [redacted]",
        ),
        (
            r#"{"password":"abc","user":"me"}"#,
            r#"{"password":"[redacted]","user":"me"}"#,
        ),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln-_x", "[redacted]"),
    ] {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn a_private_key_is_masked_as_a_block_whole_or_cut_off() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\nabc=\n-----END RSA PRIVATE KEY-----";
    assert_eq!(masked(&format!("a {key} b")), "a [redacted] b");
    assert_eq!(
        masked(&format!("{:?}", format!("a {key} b"))),
        "\"a [redacted] b\""
    );
    assert_eq!(masked(&key[..40]), "[redacted]");
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    assert_eq!(masked(certificate), certificate);
}

#[test]
fn ordinary_text_stays_as_it_is() {
    for text in [
        "",
        "run_0198 finished: 12 steps, 3 tokens",
        "cg_workflow_definitions_of_the_run",
        "risk-averse, task-oriented: sk-8",
        "bearer of bad news",
        "the password is wrong",
        "http://127.0.0.1:8400/docs at 12:30",
        "git@github.com:owner/name.git",
        "größe: 3 µs · ✓ naïve",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn known_values_are_masked_plain_and_inside_json() {
    let redactor = Redactor::new([SecretString::from("correct \"horse\"")]);
    redactor.register(&"correct \"horse\" battery".into());
    redactor.register(&"short".into());
    assert_eq!(
        redactor.mask("x correct \"horse\" battery y"),
        "x [redacted] y"
    );
    assert_eq!(
        redactor.mask("x correct \"horse\" y short"),
        "x [redacted] y short"
    );
    let json = serde_json::json!({ "message": "correct \"horse\"" }).to_string();
    assert_eq!(redactor.mask(&json), r#"{"message":"[redacted]"}"#);
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is written when one event with a registered secret and a token is logged within a step.
fn written(format: LogFormat, terminal: bool) -> String {
    let page = Page::default();
    let copy = page.clone();
    let writer = Masked {
        redactor: Redactor::new([SecretString::from("hunter2hunter2")]),
        open: move || copy.clone(),
    };
    let config = LogConfig {
        format,
        ..LogConfig::default()
    };
    tracing::subscriber::with_default(subscriber(&config, terminal, writer), || {
        let _step = tracing::info_span!(target: "codegraph", "step", run = "run_1", step = "code")
            .entered();
        tracing::info!(target: "codegraph", key = "hunter2hunter2", "with ghp_0123456789abcdefABCD");
        tracing::debug!(target: "codegraph", "not at this level");
        tracing::info!(target: "sqlx", "nor this library");
    });
    let bytes = page.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_format_writes_masked_lines() {
    for (format, terminal, json) in [
        (LogFormat::Auto, false, true),
        (LogFormat::Auto, true, false),
        (LogFormat::Json, true, true),
        (LogFormat::Pretty, false, false),
    ] {
        let text = written(format, terminal);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("with [redacted]"), "{text}");
        assert!(text.contains("run_1"), "whose line this is: {text}");
        assert!(
            !text.contains("hunter2") && !text.contains("ghp_"),
            "{text}"
        );
        let parsed = serde_json::from_str::<serde_json::Value>(&text);
        assert_eq!(parsed.is_ok(), json, "{text}");
        if let Ok(event) = parsed {
            assert_eq!(event["key"], "[redacted]");
            assert_eq!(event["span"]["run"], "run_1");
        }
        assert_eq!(
            text.contains('\u{1b}'),
            terminal && !json,
            "colour only on a terminal"
        );
    }
}
