//! Files of the working tree, opened so that no link leads out of it: the tree may have been made to lure us.

use std::{
    fs::{self, File},
    io::{Read, Write},
    os::fd::{AsFd, OwnedFd},
    path::{Component, Path},
};

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use serde::Deserialize;
use workflows::StepError;

use super::{Said, output::OUTPUT};
use crate::agents::desk::Desk;

/// Lines that are shown at once, and characters of each.
const LINES: usize = 2_000;
const WIDTH: usize = 2_000;
/// Larger files are not read into memory.
const LARGEST: u64 = 20_000_000;

/// Reads a part of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct ReadFile {
    pub(super) path: String,
    #[serde(default)]
    start_line: Option<usize>,
    #[serde(default)]
    end_line: Option<usize>,
}

impl ReadFile {
    pub(super) async fn perform(&self, desk: &Desk<'_>) -> Result<Said, StepError> {
        if let Some(name) = self.path.strip_prefix(OUTPUT) {
            return Ok(match desk.output(name).await? {
                Some(text) => self.show(&text),
                None => Said::wrong("there is no output of this name"),
            });
        }
        let workspace = desk.ready().await?;
        Ok(match read(workspace.path(), &self.path) {
            Ok(text) => self.show(&text),
            Err(wrong) => Said::wrong(wrong),
        })
    }

    fn show(&self, text: &str) -> Said {
        let lines: Vec<&str> = text.lines().collect();
        if lines.is_empty() {
            return Said::well("(the file is empty)");
        }
        let start = self.start_line.unwrap_or(1).max(1);
        let end = self.end_line.unwrap_or(usize::MAX).min(lines.len());
        if start > end {
            return Said::wrong(format!("the file has {} lines", lines.len()));
        }
        let shown = end.min(start + LINES - 1);
        let mut page = String::new();
        for (number, line) in (start..=shown).zip(&lines[start - 1..shown]) {
            let cut: String = line.chars().take(WIDTH).collect();
            page += &format!("{number:>6}\t{cut}\n");
        }
        if shown < lines.len() {
            page += &format!("(line {shown} of {}; go on with start_line)\n", lines.len());
        }
        Said::well(page)
    }
}

/// The path from the root of the tree, or why it is none.
pub(super) fn inside(path: &str) -> Result<&Path, String> {
    let path = Path::new(path);
    for part in path.components() {
        match part {
            Component::Normal(name) if name.eq_ignore_ascii_case(".git") => {
                return Err("`.git` is not for tools".to_owned());
            }
            Component::Normal(_) | Component::CurDir => {}
            _ => {
                return Err(
                    "a path begins at the root of the repository and has no `..`".to_owned(),
                );
            }
        }
    }
    Ok(path)
}

fn open(root: &Path, path: &Path, flags: OFlags) -> Result<OwnedFd, String> {
    let folder = File::open(root).map_err(|error| error.to_string())?;
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let mode = if flags.contains(OFlags::CREATE) {
        Mode::from_raw_mode(0o644)
    } else {
        Mode::empty()
    };
    openat2(folder.as_fd(), path, flags | OFlags::CLOEXEC, mode, beneath).map_err(|error| {
        match error {
            rustix::io::Errno::NOENT => "there is no such file".to_owned(),
            rustix::io::Errno::XDEV => "this leads out of the repository".to_owned(),
            other => other.to_string(),
        }
    })
}

/// A file as text; what is not text is said to be none.
pub(in crate::agents) fn read(root: &Path, path: &str) -> Result<String, String> {
    let mut file = File::from(open(
        root,
        inside(path)?,
        OFlags::RDONLY | OFlags::NONBLOCK,
    )?);
    let about = file.metadata().map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err("this is no file".to_owned());
    }
    if about.len() > LARGEST {
        return Err(format!("the file has {} bytes; use bash", about.len()));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "this is no text; use bash".to_owned())
}

/// Writes a whole file, keeping the mode of one that is there.
pub(in crate::agents) fn write(root: &Path, path: &str, text: &str) -> Result<(), String> {
    let path = inside(path)?;
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        make_folders(root, folder)?;
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NONBLOCK;
    let mut file = File::from(open(root, path, flags)?);
    file.write_all(text.as_bytes())
        .map_err(|error| error.to_string())
}

/// Makes the folders on the way, one by one, so that each is known to lie inside.
fn make_folders(root: &Path, folder: &Path) -> Result<(), String> {
    let mut made = std::path::PathBuf::new();
    for part in folder.components() {
        let parent = if made.as_os_str().is_empty() {
            Path::new(".").to_owned()
        } else {
            made.clone()
        };
        let parent = open(root, &parent, OFlags::PATH | OFlags::DIRECTORY)?;
        match rustix::fs::mkdirat(&parent, part.as_os_str(), Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.to_string()),
        }
        made.push(part);
    }
    Ok(())
}

/// Whether there is something at this path.
pub(super) fn exists(root: &Path, path: &str) -> bool {
    inside(path).is_ok_and(|path| open(root, path, OFlags::PATH).is_ok())
}

/// Whether a folder can be used at all, for a clear word instead of an empty list.
pub(super) fn below(root: &Path, path: Option<&str>) -> Result<std::path::PathBuf, String> {
    let Some(path) = path else {
        return Ok(root.to_owned());
    };
    let path = inside(path)?;
    drop(open(root, path, OFlags::PATH)?);
    let whole = root.join(path);
    let real = fs::canonicalize(&whole).map_err(|error| error.to_string())?;
    let home = fs::canonicalize(root).map_err(|error| error.to_string())?;
    if real.starts_with(&home) {
        Ok(real)
    } else {
        Err("this leads out of the repository".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_tree() {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, outside) = (folder.path().join("tree"), folder.path().join("secret"));
        fs::create_dir(&root).expect("made");
        fs::write(&outside, "secret").expect("written");
        std::os::unix::fs::symlink(&outside, root.join("link")).expect("linked");
        std::os::unix::fs::symlink(folder.path(), root.join("up")).expect("linked");
        for path in [
            "../secret",
            "/etc/passwd",
            "link",
            "up/secret",
            ".git/config",
            ".GIT/hooks/x",
        ] {
            assert!(read(&root, path).is_err(), "{path}");
            assert!(write(&root, path, "x").is_err(), "{path}");
        }
        assert!(write(&root, "up/new/file", "x").is_err());
        assert_eq!(fs::read_to_string(outside).expect("there"), "secret");
        assert!(!folder.path().join("new").exists());
    }

    #[test]
    fn folders_are_made_on_the_way() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "a/b/c.txt", "deep").expect("written");
        assert_eq!(read(folder.path(), "a/b/c.txt").expect("read"), "deep");
        write(folder.path(), "a/b/c.txt", "new").expect("written");
        assert_eq!(read(folder.path(), "a/b/c.txt").expect("read"), "new");
    }

    #[test]
    fn a_page_of_a_file_has_numbers_and_says_how_it_goes_on() {
        let call = |start_line, end_line| ReadFile {
            path: "x".into(),
            start_line,
            end_line,
        };
        let text = "a\nb\nc\n";
        let page = call(Some(2), Some(2)).show(text);
        assert_eq!(
            page.text,
            "     2\tb\n(line 2 of 3; go on with start_line)\n"
        );
        assert!(call(Some(4), None).show(text).is_error);
        assert!(!call(None, None).show("").is_error);
    }
}
