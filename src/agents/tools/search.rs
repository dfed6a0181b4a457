//! Text in files.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use globset::GlobBuilder;
use regex::RegexBuilder;
use serde::Deserialize;
use workflows::StepError;

use super::{Said, aside, files, list};
use crate::agents::desk::Desk;

/// Searches for a regular expression.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct Grep {
    pattern: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    glob: Option<String>,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    context: usize,
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Files,
    Content,
    Count,
}

/// A search that takes longer is told as far as it came.
const LONGEST: Duration = Duration::from_secs(30);
/// Characters that are shown of a line.
const WIDTH: usize = 400;

impl Grep {
    pub(super) async fn perform(&self, desk: &Desk<'_>) -> Result<Said, StepError> {
        let workspace = desk.ready().await?;
        let this = self.clone();
        let found = aside(move || this.search(workspace.path())).await?;
        Ok(found.map_or_else(Said::wrong, Said::well))
    }

    fn search(&self, root: &Path) -> Result<String, String> {
        let pattern = RegexBuilder::new(&self.pattern)
            .size_limit(1 << 20)
            .build()
            .map_err(|error| error.to_string())?;
        let glob = match &self.glob {
            Some(glob) => Some(
                GlobBuilder::new(glob)
                    .literal_separator(true)
                    .build()
                    .map_err(|error| error.to_string())?
                    .compile_matcher(),
            ),
            None => None,
        };
        let below = files::below(root, self.path.as_deref())?;
        let limit = self.limit.unwrap_or(100).clamp(1, 1000);
        let mut shown: Vec<String> = Vec::new();
        let end = Instant::now() + LONGEST;
        for path in list::walk(root, &below) {
            if glob.as_ref().is_some_and(|glob| !glob.is_match(&path)) {
                continue;
            }
            // What is no text has no lines to show.
            let Ok(text) = files::read(root, &path) else {
                continue;
            };
            let lines: Vec<&str> = text.lines().collect();
            let hits = (0..lines.len()).filter(|at| pattern.is_match(lines[*at]));
            // No more is looked for than can be told.
            let most = match self.mode {
                Mode::Files => 1,
                Mode::Content => limit + 1 - shown.len(),
                Mode::Count => usize::MAX,
            };
            let hits: Vec<usize> = hits.take(most).collect();
            match self.mode {
                _ if hits.is_empty() => {}
                Mode::Files => shown.push(path),
                Mode::Count => shown.push(format!("{path}: {}", hits.len())),
                Mode::Content => shown.extend(self.show(&path, &lines, &hits, most)),
            }
            if Instant::now() > end {
                shown.truncate(limit);
                shown.push(format!(
                    "(stopped after {} s; narrow it down)",
                    LONGEST.as_secs()
                ));
                break;
            }
            if shown.len() > limit {
                shown.truncate(limit);
                shown.push("(there is more)".to_owned());
                break;
            }
        }
        if shown.is_empty() {
            return Ok("(nothing fits)".to_owned());
        }
        Ok(shown.join("\n"))
    }

    /// The lines that fit, in order, with those around them; no more than this.
    fn show(&self, path: &str, lines: &[&str], hits: &[usize], most: usize) -> Vec<String> {
        let around = self.context.min(5);
        let mut last = None;
        let mut shown = Vec::new();
        for hit in hits {
            if shown.len() >= most {
                break;
            }
            let from = hit.saturating_sub(around);
            let to = (hit + around).min(lines.len() - 1);
            for (at, line) in (from..).zip(&lines[from..=to]) {
                if last.is_some_and(|last| at <= last) {
                    continue;
                }
                let line: String = line.chars().take(WIDTH).collect();
                let mark = if hits.binary_search(&at).is_ok() {
                    ':'
                } else {
                    '-'
                };
                shown.push(format!("{path}{mark}{}{mark} {line}", at + 1));
                last = Some(at);
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            files::write(folder.path(), path, text).expect("written");
        };
        write("src/a.rs", "one\ntwo\nthree\n");
        write("src/b.rs", "two\n");
        write("build/c.rs", "two\n");
        write(".gitignore", "build/\n");
        folder
    }

    fn grep(json: serde_json::Value, root: &Path) -> String {
        let call: Grep = serde_json::from_value(json).expect("a call");
        call.search(root).expect("found")
    }

    #[test]
    fn ignored_files_are_left_out_and_lines_are_shown_with_what_is_around() {
        let tree = tree();
        let found = grep(serde_json::json!({"pattern": "two"}), tree.path());
        assert_eq!(found, "src/a.rs\nsrc/b.rs");
        let call = serde_json::json!({"pattern": "^two$", "mode": "content", "context": 1, "glob": "**/a.rs"});
        assert_eq!(
            grep(call, tree.path()),
            "src/a.rs-1- one\nsrc/a.rs:2: two\nsrc/a.rs-3- three"
        );
        let call = serde_json::json!({"pattern": "t", "mode": "count", "path": "src"});
        assert_eq!(grep(call, tree.path()), "src/a.rs: 2\nsrc/b.rs: 1");
        let call = serde_json::json!({"pattern": "four"});
        assert_eq!(grep(call, tree.path()), "(nothing fits)");
    }

    #[test]
    fn no_more_is_shown_than_was_asked_for() {
        let tree = tree();
        let many: String = (0..200_000).map(|n| format!("hit {n}\n")).collect();
        files::write(tree.path(), "many.txt", &many).expect("written");
        let call =
            serde_json::json!({"pattern": "hit", "mode": "content", "context": 2, "limit": 5});
        let found = grep(call, tree.path());
        assert_eq!(found.lines().count(), 6, "{found}");
        let call: Grep = serde_json::from_value(serde_json::json!({"pattern": "x", "context": 5}))
            .expect("a call");
        let lines = vec!["x"; 1000];
        let hits: Vec<usize> = (0..1000).collect();
        assert!(call.show("a", &lines, &hits, 10).len() <= 10 + 11);
    }
}
