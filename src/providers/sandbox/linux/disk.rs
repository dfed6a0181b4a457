//! What a command writes to disk. A file system is asked for its free space, which costs nothing; only when much of it
//! has gone since the command began are its files counted.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::super::Limits;

/// With less than this the whole machine is in trouble, whoever wrote it.
const LEAST_FREE: u64 = 128 << 20;

/// Counting takes one part of the time in so many.
const PAUSE: u32 = 10;

/// Folders that are written to, and how full their file systems were.
#[derive(Debug)]
pub(super) struct Disk {
    folders: Vec<(PathBuf, Room)>,
    /// Seconds and nanoseconds, as file systems tell time.
    began: (u64, i64),
    next_count: Instant,
}

/// What is left of a file system.
#[derive(Debug, Clone, Copy, Default)]
struct Room {
    bytes: u64,
    /// Nothing where there is no number of files that it can hold.
    files: Option<u64>,
}

impl Disk {
    /// From now on, at and below these folders.
    pub(super) fn new(folders: Vec<PathBuf>) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let folders = folders.into_iter().filter_map(|folder| {
            let room = room(&folder)?;
            Some((folder, room))
        });
        Self {
            folders: folders.collect(),
            began: (now.as_secs(), now.subsec_nanos().into()),
            next_count: Instant::now(),
        }
    }

    /// What there is too much of, for people.
    pub(super) fn beyond(&mut self, limits: &Limits) -> Option<String> {
        let mut much = false;
        for (folder, before) in &self.folders {
            let Some(now) = room(folder) else { continue };
            let gone = before.bytes.saturating_sub(now.bytes);
            if now.bytes < LEAST_FREE && gone > LEAST_FREE / 8 {
                return Some(format!(
                    "less than {} MiB are free on the disk",
                    LEAST_FREE >> 20
                ));
            }
            let files = before.files.zip(now.files);
            let files = files.map_or(0, |(before, now)| before.saturating_sub(now));
            if files > limits.files {
                return Some(format!("more than {} files were made", limits.files));
            }
            much |= gone > limits.disk_bytes / 2;
        }
        if !much || Instant::now() < self.next_count {
            return None;
        }
        let counting = Instant::now();
        let folders = self.folders.iter().map(|(folder, _)| folder);
        let written: u64 = folders
            .map(|folder| written(folder, self.began, limits.disk_bytes))
            .sum();
        let pause = (counting.elapsed() * PAUSE).max(Duration::from_millis(100));
        self.next_count = Instant::now() + pause;
        (written > limits.disk_bytes).then(|| {
            format!(
                "more than {} MiB were written to disk",
                limits.disk_bytes >> 20
            )
        })
    }
}

fn room(folder: &Path) -> Option<Room> {
    let told = rustix::fs::statvfs(folder).ok()?;
    Some(Room {
        bytes: told.f_bavail * told.f_frsize,
        files: (told.f_files > 0).then_some(told.f_favail),
    })
}

/// Bytes in files that were changed since then; counted no further than `enough`.
fn written(folder: &Path, since: (u64, i64), enough: u64) -> u64 {
    let mut bytes = 0;
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else {
                continue;
            };
            if found.is_dir() {
                open.push(entry.path());
            } else if (found.ctime().cast_unsigned(), found.ctime_nsec()) >= since {
                bytes += found.blocks() * 512;
            }
        }
        if bytes > enough {
            break;
        }
    }
    bytes
}
