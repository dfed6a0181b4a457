//! Secrets that can be told by their shape. Masking too much costs a word in a log; masking too
//! little costs a key: in doubt these err on the first side.

use super::redact::MASK;

/// Tokens that announce themselves, and how many characters must follow before we believe it.
const PREFIXES: &[(&str, usize)] = &[
    ("sk-ant-", 8),
    ("sk-", 20),
    ("github_pat_", 16),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghu_", 16),
    ("ghs_", 16),
    ("ghr_", 16),
    ("glpat-", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("cg_", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("eyJ", 24),
];

/// Names whose value is a secret wherever they stand before `=` or `:`.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "aws_secret_access_key",
    "secret_key",
    "client_secret",
    "api_key",
    "apikey",
    "api-key",
];

const PEM: &str = "-----BEGIN ";

/// The text without what looks like a secret; `None` when nothing does.
pub(super) fn mask(text: &str) -> Option<String> {
    let mut masked = String::new();
    let mut done = 0;
    let mut at = 0;
    while at < text.len() {
        match secret_at(text, at) {
            Some((start, end)) => {
                masked.push_str(&text[done..start]);
                masked.push_str(MASK);
                (done, at) = (end, end);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    (done > 0).then(|| {
        masked.push_str(&text[done..]);
        masked
    })
}

/// The range to mask of a shape that begins at `at`.
fn secret_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &text[at..];
    if rest.starts_with("://") {
        return url_password(rest).map(|(start, end)| (at + start, at + end));
    }
    if rest.starts_with(PEM) {
        return private_key(rest).map(|end| (at, at + end));
    }
    let inside_word = text[..at]
        .chars()
        .next_back()
        .is_some_and(|c| c.is_ascii_alphanumeric());
    if inside_word {
        return None;
    }
    token(rest)
        .map(|end| (0, end))
        .or_else(|| credential(rest))
        .or_else(|| named_value(rest))
        .map(|(start, end)| (at + start, at + end))
}

/// `ghp_…` and its like.
fn token(rest: &str) -> Option<usize> {
    let (prefix, least) = PREFIXES
        .iter()
        .find(|(prefix, _)| rest.starts_with(prefix))?;
    let body = &rest[prefix.len()..];
    let dotted = *prefix == "eyJ";
    let length = span(body, |c| {
        c.is_ascii_alphanumeric() || "_-".contains(c) || (dotted && c == '.')
    });
    // Names in programs look like `cg_run_finished`; random characters do not stay that tame.
    let random = body[..length]
        .chars()
        .any(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    (length >= *least && random).then_some(prefix.len() + length)
}

/// `Bearer …` and `Basic …`.
fn credential(rest: &str) -> Option<(usize, usize)> {
    let scheme = ["bearer ", "basic "]
        .into_iter()
        .find(|scheme| starts_with(rest, scheme))?;
    let length = span(&rest[scheme.len()..], |c| {
        c.is_ascii_alphanumeric() || "._~+/=-".contains(c)
    });
    (length >= 8).then_some((scheme.len(), scheme.len() + length))
}

/// `password=…`, `"api_key": "…"`.
fn named_value(rest: &str) -> Option<(usize, usize)> {
    let name = NAMES.iter().find(|name| starts_with(rest, name))?;
    let after = &rest[name.len()..];
    let gap = span(after, |c| "\"'\\ =:".contains(c));
    if !after[..gap].contains(['=', ':']) {
        return None;
    }
    let value = &after[gap..];
    let length = span(value, |c| !c.is_whitespace() && !"\"'\\,;&)}]".contains(c));
    let start = name.len() + gap;
    (length > 0 && !value.starts_with(MASK)).then_some((start, start + length))
}

/// `://user:PASSWORD@host`.
fn url_password(rest: &str) -> Option<(usize, usize)> {
    let authority = 3 + span(&rest[3..], |c| {
        !c.is_whitespace() && !"/?#\"'\\<>".contains(c)
    });
    let at_sign = rest[..authority].rfind('@')?;
    let colon = 3 + rest[3..at_sign].find(':')?;
    (colon + 1 < at_sign).then_some((colon + 1, at_sign))
}

/// A PEM block of a private key, up to its end or, if that was cut off, to the end of the text.
fn private_key(rest: &str) -> Option<usize> {
    let header = rest[PEM.len()..].find("-----")? + PEM.len();
    if !rest[..header].ends_with("PRIVATE KEY") {
        return None;
    }
    let Some(end) = rest.find("-----END ") else {
        return Some(rest.len());
    };
    let label = end + "-----END ".len();
    Some(
        rest[label..]
            .find("-----")
            .map_or(rest.len(), |n| label + n + 5),
    )
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// How many bytes of `text` the leading characters of this kind take.
fn span(text: &str, kind: impl Fn(char) -> bool) -> usize {
    text.find(|c| !kind(c)).unwrap_or(text.len())
}
