//! Files by name.

use std::{path::Path, time::SystemTime};

use globset::GlobBuilder;
use ignore::WalkBuilder;
use serde::Deserialize;
use workflows::StepError;

use super::{Said, aside, files};
use crate::agents::desk::Desk;

/// Lists files whose path fits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct Glob {
    pattern: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// What is looked at in a tree of any size.
const VISITED: usize = 200_000;

impl Glob {
    pub(super) async fn perform(&self, desk: &Desk<'_>) -> Result<Said, StepError> {
        let workspace = desk.ready().await?;
        let this = self.clone();
        let found = aside(move || this.list(workspace.path())).await?;
        Ok(found.map_or_else(Said::wrong, Said::well))
    }

    fn list(&self, root: &Path) -> Result<String, String> {
        let below = files::below(root, self.path.as_deref())?;
        let glob = GlobBuilder::new(&self.pattern)
            .literal_separator(true)
            .build()
            .map_err(|error| error.to_string())?
            .compile_matcher();
        let mut found: Vec<(SystemTime, String)> = walk(root, &below)
            .filter(|path| glob.is_match(path))
            .map(|path| {
                let changed = root
                    .join(&path)
                    .symlink_metadata()
                    .and_then(|m| m.modified());
                (changed.unwrap_or(SystemTime::UNIX_EPOCH), path)
            })
            .collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let limit = self.limit.unwrap_or(100).clamp(1, 1000);
        let count = found.len();
        if count == 0 {
            return Ok("(nothing fits)".to_owned());
        }
        let mut text: String = found
            .into_iter()
            .take(limit)
            .map(|(_, path)| path + "\n")
            .collect();
        if count > limit {
            text += &format!("({limit} of {count})\n");
        }
        Ok(text)
    }
}

/// The files below a folder that are not ignored, as paths from the root. Links are not followed.
pub(super) fn walk(root: &Path, below: &Path) -> impl Iterator<Item = String> {
    let root = root.to_owned();
    WalkBuilder::new(below)
        .hidden(false)
        .follow_links(false)
        // What stands in the tree decides, not what this machine's user ignores elsewhere.
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .parents(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .sort_by_file_path(Ord::cmp)
        .build()
        .take(VISITED)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(move |entry| {
            let path = entry.path().strip_prefix(&root).ok()?;
            Some(path.to_string_lossy().into_owned())
        })
}
