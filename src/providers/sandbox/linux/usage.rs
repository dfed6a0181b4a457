//! What a tree of processes uses at this moment, read from `/proc`.

use std::fs;
use std::os::unix::fs::MetadataExt;

/// Counted below a process, without that process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Processes and threads.
    pub(super) tasks: u64,
    /// Memory that is in use: each process' own, and once what they share most of.
    pub(super) memory: u64,
    /// The process that was looked at last: of those that live, one of the innermost.
    pub(super) last: Option<u32>,
}

/// Counts what lives below `root`, until there are more than `enough` tasks: what grows fast must not be counted to its
/// end. Processes come and go meanwhile; the next look sees what this one missed.
pub(super) fn below(root: u32, enough: u64) -> Usage {
    let mut usage = Usage::default();
    let mut most_shared = 0;
    let mut open = children(root);
    while let Some(process) = open.pop() {
        let tasks = threads(process);
        usage.tasks += tasks.len() as u64;
        if usage.tasks > enough {
            break;
        }
        usage.last = Some(process);
        let (resident, shared) = memory(process).unwrap_or_default();
        usage.memory += resident.saturating_sub(shared);
        most_shared = most_shared.max(shared);
        open.extend(
            tasks
                .into_iter()
                .flat_map(|thread| children_of(process, thread)),
        );
    }
    usage.memory += most_shared;
    usage
}

/// Bytes in file systems in memory, at these places as the process sees them. They are no process' own memory, and live
/// on when it ends.
pub(super) fn in_memory(process: u32, places: &[&str]) -> u64 {
    let root = format!("/proc/{process}/root");
    let own = |path: &str| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    // Somebody who still sees what we see would tell of ours.
    let inside = match (own(&format!("{root}/")), own("/")) {
        (Ok(theirs), Ok(ours)) => theirs != ours,
        _ => false,
    };
    let used = |place: &&str| {
        let told = rustix::fs::statvfs(format!("{root}{place}")).ok()?;
        Some(told.f_blocks.saturating_sub(told.f_bfree) * told.f_frsize)
    };
    places.iter().filter(|_| inside).filter_map(used).sum()
}

fn children(process: u32) -> Vec<u32> {
    let threads = threads(process).into_iter();
    threads
        .flat_map(|thread| children_of(process, thread))
        .collect()
}

fn threads(process: u32) -> Vec<u32> {
    let entries = fs::read_dir(format!("/proc/{process}/task"));
    let entries = entries.into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

fn children_of(process: u32, thread: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{process}/task/{thread}/children"));
    let list = list.unwrap_or_default();
    list.split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// Resident bytes, and those of them that are of files or shared.
fn memory(process: u32) -> Option<(u64, u64)> {
    let pages = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let mut pages = pages
        .split_whitespace()
        .skip(1)
        .map_while(|number| number.parse::<u64>().ok());
    let page = rustix::param::page_size() as u64;
    Some((pages.next()? * page, pages.next()? * page))
}
