//! Paths as git tells them: bytes that end with a zero, whatever else is in them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

/// The names of a list that was asked for with `-z`.
pub(super) fn split(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
}

/// As text for people; what is not UTF-8 is replaced.
pub(super) fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

pub(super) fn path(name: &[u8]) -> PathBuf {
    OsString::from_vec(name.to_vec()).into()
}

/// What lies at a name below `root`, without following any link on the way.
pub(super) fn look(root: &Path, name: &[u8]) -> Option<fs::Metadata> {
    let name = path(name);
    let mut at = root.to_owned();
    let mut parts = name.components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(part) = part else {
            return None;
        };
        at.push(part);
        let found = fs::symlink_metadata(&at).ok()?;
        if parts.peek().is_none() {
            return Some(found);
        }
        if !found.is_dir() {
            return None;
        }
    }
    None
}
