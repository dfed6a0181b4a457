//! The kernel's limit of processes, which counts all of an account's.

use std::fs;
use std::os::unix::fs::MetadataExt;

/// As much as the account has now and half as much again as the job may have: the watch is what counts exactly, this
/// only slows down what grows faster than it looks. The kernel does not limit root, whom the watch limits all the
/// same.
pub(super) fn limit(processes: u64) -> u64 {
    let own = rustix::process::geteuid();
    let now = if own.is_root() {
        0
    } else {
        tasks_of(own.as_raw())
    };
    now + processes + processes / 2
}

/// Processes and threads of an account.
fn tasks_of(account: u32) -> u64 {
    let of_account = |entry: &fs::DirEntry| entry.metadata().is_ok_and(|m| m.uid() == account);
    let threads = |entry: fs::DirEntry| {
        let status = fs::read_to_string(entry.path().join("status")).ok()?;
        let line = status.lines().find_map(|l| l.strip_prefix("Threads:"))?;
        line.trim().parse::<u64>().ok()
    };
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(of_account)
        .filter_map(threads)
        .sum()
}
