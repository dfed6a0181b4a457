//! Words that mean something was left lying about, and migrations without a reason.

use super::Breach;
use super::source::Source;

/// The word (written apart, so that this file does not break its own rule), and what it means.
const STRAYS: [(&str, &str, &str); 5] = [
    (
        "TO",
        "DO",
        "finish it, or open an issue and leave the code whole",
    ),
    (
        "FIX",
        "ME",
        "mend it, or open an issue and leave the code whole",
    ),
    ("XX", "X", "say what it is"),
    (
        "/wo",
        "rk/",
        "a path of one machine; take it from the configuration",
    ),
    (
        "#[ig",
        "nore]",
        "a skipped test is a forgotten one; say why in the attribute",
    ),
];

pub(super) fn strays(source: &Source) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (index, line) in source.lines.iter().enumerate() {
        for (start, end, why) in STRAYS {
            let word = format!("{start}{end}");
            if line.contains(&word) {
                breaches.push(Breach {
                    file: source.path.clone(),
                    line: index + 1,
                    rule: format!("`{word}`"),
                    why,
                });
            }
        }
    }
    breaches
}

/// A migration begins with a comment: it is read long after, by someone who cannot ask.
pub(super) fn reason(path: &str, text: &str) -> Option<Breach> {
    let first = text.lines().next().unwrap_or_default();
    let said = first
        .strip_prefix("--")
        .is_some_and(|reason| !reason.trim().is_empty());
    (!said).then(|| Breach {
        file: path.to_owned(),
        line: 1,
        rule: "the migration does not begin with `-- why`".to_owned(),
        why: "tables outlive the people who made them",
    })
}

#[test]
fn strays_and_missing_reasons_are_found() {
    let text = format!("fn f() {{}} // {}{}: later", "TO", "DO");
    assert_eq!(strays(&Source::new("src/x.rs", &text)).len(), 1);
    assert!(strays(&Source::new("src/x.rs", "// nothing to do")).is_empty());
    assert!(reason("1.sql", "create table x ();").is_some());
    assert!(reason("1.sql", "-- People.\ncreate table x ();").is_none());
}
