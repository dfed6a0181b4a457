//! What a run has changed so far, kept so that people can read it wherever the API runs: the difference as an artifact,
//! its files with their counts.

use serde_json::{Value, json};
use workflows::StepError;

use super::{Environment, desk::Desk, environment::again};
use crate::providers::git::{FileChange, FileStatus};

/// Keeps the difference between the base and where the work is.
pub(super) async fn keep(env: &Environment, desk: &Desk<'_>) -> Result<Value, StepError> {
    let diff = desk.diff().await?;
    let text = env.masked(&diff.text);
    let kept = env.records.keep("text/x-diff", text.as_bytes()).await;
    Ok(json!({
        "artifact": kept.map_err(again)?,
        "truncated": diff.truncated,
        "files": diff.files.iter().map(file).collect::<Vec<_>>(),
    }))
}

fn file(change: &FileChange) -> Value {
    let status = match change.status {
        FileStatus::Added => "added",
        FileStatus::Modified => "modified",
        FileStatus::Deleted => "deleted",
        FileStatus::Renamed => "renamed",
        FileStatus::TypeChanged => "type_changed",
    };
    json!({
        "path": change.path,
        "old_path": change.old_path,
        "status": status,
        "added": change.added,
        "removed": change.removed,
        "binary": change.binary,
    })
}
