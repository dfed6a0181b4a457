//! The committed document is the one the code makes.

use std::fmt::Write;

/// Enough of a difference to see what it is about.
const SHOWN: usize = 40;

#[test]
fn the_committed_document_is_current() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/codegraph.json");
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    let made = codegraph::api::spec();
    assert!(
        committed == made,
        "openapi/codegraph.json is not what the code makes; mend it with `make openapi`\n\n{}",
        difference(&committed, &made)
    );
}

/// The lines between the common beginning and the common end, as a diff.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let shorter = old.len().min(new.len());
    let start = (0..shorter).take_while(|&i| old[i] == new[i]).count();
    let same_end = |i: &usize| old[old.len() - 1 - i] == new[new.len() - 1 - i];
    let end = (0..shorter - start).take_while(same_end).count();
    let mut text = format!("@@ line {} @@\n", start + 1);
    for (sign, lines) in [
        ('-', &old[start..old.len() - end]),
        ('+', &new[start..new.len() - end]),
    ] {
        for line in lines.iter().take(SHOWN) {
            let _ = writeln!(text, "{sign}{line}");
        }
        if lines.len() > SHOWN {
            let _ = writeln!(text, "{sign} … {} more lines", lines.len() - SHOWN);
        }
    }
    text
}

#[test]
fn a_difference_is_shown_where_it_is() {
    assert_eq!(
        difference("a\nb\nc", "a\nx\ny\nc"),
        "@@ line 2 @@\n-b\n+x\n+y\n"
    );
    assert_eq!(difference("", "a"), "@@ line 1 @@\n+a\n");
    assert_eq!(difference("a\na", "a"), "@@ line 2 @@\n-a\n");
}
