//! Reading a difference as `git diff` writes it: the part of a file, and its lines.

/// One line that a difference shows, and where it stands on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number before; nothing when it was added.
    pub old: Option<u32>,
    /// Its number afterwards; nothing when it was removed.
    pub new: Option<u32>,
    /// The line.
    pub text: &'a str,
}

/// The part of a difference that is about this file.
pub fn part<'a>(text: &'a str, old: &str, new: &str) -> Option<&'a str> {
    let plain = format!("diff --git a/{old} b/{new}\n");
    let quoted = format!("diff --git \"a/{old}\" \"b/{new}\"\n");
    let starts = |head: &str| match text.starts_with(head) {
        true => Some(0),
        false => text.find(&format!("\n{head}")).map(|at| at + 1),
    };
    let start = starts(&plain).or_else(|| starts(&quoted))?;
    let rest = &text[start..];
    let end = rest[1..]
        .find("\ndiff --git ")
        .map_or(rest.len(), |at| at + 2);
    Some(&rest[..end])
}

/// The lines that the part of a file shows.
pub fn lines(part: &str) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let (mut old, mut new) = (0_u32, 0_u32);
    let (mut olds, mut news) = (0_u32, 0_u32);
    for line in part.lines() {
        if olds == 0 && news == 0 {
            // Between hunks: heads and nothing else.
            if let Some(((from, many), (to, much))) = hunk(line) {
                (old, olds, new, news) = (from, many, to, much);
            }
            continue;
        }
        let (sign, text) = line.split_at_checked(1).unwrap_or((" ", ""));
        let line = match sign {
            "-" => Line {
                old: Some(old),
                new: None,
                text,
            },
            "+" => Line {
                old: None,
                new: Some(new),
                text,
            },
            // `\ No newline at end of file` is no line of the file.
            "\\" => continue,
            _ => Line {
                old: Some(old),
                new: Some(new),
                text,
            },
        };
        old += u32::from(line.old.is_some());
        olds = olds.saturating_sub(u32::from(line.old.is_some()));
        new += u32::from(line.new.is_some());
        news = news.saturating_sub(u32::from(line.new.is_some()));
        found.push(line);
    }
    found
}

/// First line and number of lines, on both sides, of `@@ -1,2 +3,4 @@`.
fn hunk(line: &str) -> Option<((u32, u32), (u32, u32))> {
    let mut words = line.strip_prefix("@@ ")?.split(' ');
    let mut side = |sign| {
        let place = words.next()?.strip_prefix(sign)?;
        let (from, many) = place.split_once(',').unwrap_or((place, "1"));
        Some((from.parse().ok()?, many.parse().ok()?))
    };
    Some((side('-')?, side('+')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_a_file_ends_where_the_next_begins() {
        let one = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+diff --git\n";
        let two = "diff --git a/b b/c\nrename from b\nrename to c\n";
        let text = format!("{one}{two}");
        assert_eq!(part(&text, "a", "a"), Some(one));
        assert_eq!(part(&text, "b", "c"), Some(two));
        assert_eq!(part(&text, "b", "b"), None);
    }

    #[test]
    fn lines_are_numbered_on_both_sides_and_a_removed_rule_is_no_head() {
        let text = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -2,3 +2,2 @@ fn\n keep\n--- gone\n-@@ -1 +1 @@\n+new\n\\ No newline\n@@ -9 +8,2 @@\n x\n+y\n";
        let place = |line: Line<'_>| (line.old, line.new, line.text.to_owned());
        let found: Vec<_> = lines(text).into_iter().map(place).collect();
        let line = |old, new, text: &str| (old, new, text.to_owned());
        assert_eq!(
            found,
            [
                line(Some(2), Some(2), "keep"),
                line(Some(3), None, "-- gone"),
                line(Some(4), None, "@@ -1 +1 @@"),
                line(None, Some(3), "new"),
                line(Some(9), Some(8), "x"),
                line(None, Some(9), "y"),
            ]
        );
        assert!(lines("diff --git a/a b/a\nBinary files differ\n").is_empty());
    }
}
