//! What a tool says to the model.

/// Characters that a model sees of one output.
const MOST: usize = 16_000;

/// The answer of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::agents) struct Said {
    pub(in crate::agents) text: String,
    pub(in crate::agents) is_error: bool,
    /// All of it, where the model sees only a part.
    pub(in crate::agents) whole: Option<String>,
}

impl Said {
    /// It did what was asked.
    pub(in crate::agents) fn well(text: impl Into<String>) -> Self {
        Self::new(text.into(), false)
    }

    /// It did not, and says why.
    pub(in crate::agents) fn wrong(text: impl Into<String>) -> Self {
        Self::new(text.into(), true)
    }

    fn new(text: String, is_error: bool) -> Self {
        let shown = cut(&text, MOST);
        let whole = (shown.len() != text.len()).then_some(text);
        Self {
            text: shown,
            is_error,
            whole,
        }
    }
}

/// The beginning and the end of a text that is too long, 60 to 40, with a word about what is missing.
pub(in crate::agents) fn cut(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let (head, tail) = (most * 6 / 10, most * 4 / 10);
    let at = |chars: usize| {
        text.char_indices()
            .nth(chars)
            .map_or(text.len(), |(at, _)| at)
    };
    let left_out = count - head - tail;
    format!(
        "{}\n[… {left_out} characters left out; narrow the call down to see them …]\n{}",
        &text[..at(head)],
        &text[at(count - tail)..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_loses_its_middle_and_says_so() {
        let text = "é".repeat(20_000) + "end";
        let said = Said::well(&text);
        assert!(said.text.ends_with("end"));
        assert!(said.text.contains("[… 4003 characters left out"));
        assert_eq!(said.whole.as_deref(), Some(text.as_str()));
        assert_eq!(Said::well("short").whole, None);
    }
}
