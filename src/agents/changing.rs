//! What is another every time in what tools and tests say: not a word of it tells whether something has changed.

use std::sync::LazyLock;

use regex::Regex;

/// What is another every time, and what stands in its place: ids, places, times. Made once: there are thousands of lines,
/// and whoever takes long over them is taken for dead.
pub(super) struct Changing(Vec<(Regex, &'static str)>);

impl Changing {
    pub(super) fn new() -> Self {
        const CHANGING: [(&str, &str); 7] = [
            (r"run_[0-9a-f]{32}", "run_…"),
            (r"/\S*/workspaces/", "…/workspaces/"),
            (r"\b[0-9]+(\.[0-9]+)? ?m?s\b", "… s"),
            (r"\[step [0-9.]+\]", "[step …]"),
            (r"0x[0-9a-f]{4,}", "0x…"),
            (r"output:[0-9a-f]{64}", "output:…"),
            (r"\[… [0-9]+ characters", "[… characters"),
        ];
        let made = CHANGING
            .into_iter()
            .filter_map(|(pattern, instead)| Some((Regex::new(pattern).ok()?, instead)));
        Self(made.collect())
    }

    /// The line with a sign in the place of each.
    pub(super) fn settled(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (pattern, instead) in &self.0 {
            if pattern.is_match(&line) {
                line = pattern.replace_all(&line, *instead).into_owned();
            }
        }
        line
    }
}

/// A text of several lines without what is another every time.
pub(super) fn settled(text: &str) -> String {
    static CHANGING: LazyLock<Changing> = LazyLock::new(Changing::new);
    let lines: Vec<String> = text.lines().map(|line| CHANGING.settled(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_every_time_is_no_difference() {
        let changing = Changing::new();
        assert_eq!(changing.0.len(), 7, "every pattern is one");
        for (was, is) in [
            ("[exit code 0, 0.1 s]", "[exit code 0, 12.7 s]"),
            (
                "/a/b/workspaces/run_0123456789abcdef0123456789abcdef/x",
                "/c/workspaces/run_1123456789abcdef0123456789abcdef/x",
            ),
            ("<object at 0x7f001122>", "<object at 0x7f334455>"),
            ("Ran 10 tests in 0.003s", "Ran 10 tests in 0.014s"),
        ] {
            assert_eq!(changing.settled(was), changing.settled(is));
        }
        assert_ne!(changing.settled("3 passed"), changing.settled("4 passed"));
    }
}
