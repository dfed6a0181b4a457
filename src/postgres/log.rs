//! The server's log file, and what its end says when a start fails.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::Error;

/// A log larger than this is put aside before the next start; one former log is kept.
const LARGE: u64 = 16 << 20;

/// How much of the end is searched and quoted.
const TAIL: u64 = 16 << 10;

pub(super) fn path(home: &Path) -> PathBuf {
    home.join("postgres.log")
}

/// Opens the log for a server that starts now.
pub(super) fn open(home: &Path) -> Result<File, Error> {
    let path = path(home);
    if length(home) > LARGE {
        fs::rename(&path, home.join("postgres.log.1")).map_err(Error::io("rename", &path))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        // Root may be logging into a directory that belongs to somebody else.
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(&path)
        .map_err(Error::io("open", path))
}

/// Where the next line will be written.
pub(super) fn length(home: &Path) -> u64 {
    fs::metadata(path(home)).map_or(0, |found| found.len())
}

/// What was written since the log had the given length, or the end of it.
pub(super) fn since(home: &Path, start: u64) -> String {
    let read = || {
        let mut file = File::open(path(home))?;
        let end = file.metadata()?.len();
        // A shorter file is a new one.
        let start = if start > end { 0 } else { start };
        file.seek(SeekFrom::Start(start.max(end.saturating_sub(TAIL))))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    };
    read().map_or_else(
        |error| error.to_string(),
        |bytes| String::from_utf8_lossy(&bytes).into_owned(),
    )
}

/// The last lines of a text, on one line.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(4)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn only_the_news_are_read() -> Result<(), Box<dyn std::error::Error>> {
        let home = tempfile::tempdir()?;
        writeln!(open(home.path())?, "old")?;
        let start = length(home.path());
        writeln!(open(home.path())?, "a\nb\n\nc\nd\ne")?;
        assert_eq!(last_lines(&since(home.path(), start)), "b | c | d | e");
        Ok(())
    }
}
