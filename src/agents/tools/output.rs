//! What a tool says to the model.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Characters that a model sees of one output.
const MOST: usize = 16_000;

/// How the name of a whole output begins, for `read_file`.
pub(super) const OUTPUT: &str = "output:";

/// The answer of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::agents) struct Said {
    pub(in crate::agents) text: String,
    pub(in crate::agents) is_error: bool,
}

impl Said {
    /// It did what was asked.
    pub(in crate::agents) fn well(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_error: false,
        }
    }

    /// It did not, and says why.
    pub(in crate::agents) fn wrong(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_error: true,
        }
    }

    /// What the model sees of it, and all of it where that is only a part. Both are masked as wholes: a secret that
    /// lies across the cut is one still.
    pub(in crate::agents) fn shown(
        &self,
        mask: impl Fn(&str) -> String,
    ) -> (String, Option<String>) {
        let whole = mask(&self.text);
        if whole.chars().count() <= MOST {
            return (whole, None);
        }
        let name = format!("{:x}", Sha256::digest(&whole));
        let notice = format!("read_file with the path {OUTPUT}{name} opens all of it");
        (halves(&whole, MOST, &notice), Some(whole))
    }
}

/// The beginning and the end of a text that is too long, 60 to 40, with a word about what is missing.
pub(in crate::agents) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    halves(text, most, "narrow the call down to see them")
}

fn halves(text: &str, most: usize, notice: &str) -> String {
    let count = text.chars().count();
    let (head, tail) = (most * 6 / 10, most * 4 / 10);
    let at = |chars: usize| {
        text.char_indices()
            .nth(chars)
            .map_or(text.len(), |(at, _)| at)
    };
    let left_out = count - head - tail;
    format!(
        "{}\n[… {left_out} characters left out; {notice} …]\n{}",
        &text[..at(head)],
        &text[at(count - tail)..]
    )
}

/// What a call is about, in one line.
pub(in crate::agents) fn gist(input: &Value) -> String {
    let keys = ["command", "path", "pattern", "filter", "question"];
    let about = keys.iter().find_map(|key| input[*key].as_str());
    let line: Vec<&str> = about.unwrap_or_default().split_whitespace().collect();
    line.join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_loses_its_middle_and_says_how_to_see_it() {
        let text = "é".repeat(20_000) + "end";
        let (shown, whole) = Said::well(&text).shown(str::to_owned);
        assert!(shown.ends_with("end"));
        let name = format!("{:x}", Sha256::digest(&text));
        let notice = format!(
            "[… 4003 characters left out; read_file with the path output:{name} opens all of it …]"
        );
        assert!(shown.contains(&notice), "{shown}");
        assert_eq!(whole.as_deref(), Some(text.as_str()));
        let (shown, whole) = Said::well("short").shown(str::to_owned);
        assert_eq!((shown.as_str(), whole), ("short", None));
    }

    #[test]
    fn a_secret_across_the_cut_is_masked() {
        let text = "x".repeat(9_598) + "SECRET" + &"y".repeat(10_000);
        let (shown, whole) = Said::well(text).shown(|text| text.replace("SECRET", "***"));
        assert!(!shown.contains("SE") && !whole.unwrap_or_default().contains("SECRET"));
    }
}
