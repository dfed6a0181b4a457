//! Room for the database, its log, and the mirrors and working trees of runs.

use std::path::{Path, PathBuf};

use super::report::Finding;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

pub(super) async fn check(home: &Path) -> Vec<Finding> {
    let home = home.to_owned();
    // A network file system that is gone blocks the call; it must not block the runtime with it.
    let finding = tokio::task::spawn_blocking(move || look(&home)).await;
    vec![finding.unwrap_or_else(|cause| Finding::fail("disk", cause.to_string()))]
}

fn look(home: &Path) -> Finding {
    let Some(folder) = nearest(home) else {
        return Finding::fail("disk", format!("{} cannot be reached", home.display()))
            .remedy("set CODEGRAPH_HOME to a folder on a local disk");
    };
    match rustix::fs::statvfs(&folder) {
        Ok(space) => judge(home, space.f_bavail.saturating_mul(space.f_frsize)),
        Err(cause) => Finding::fail("disk", format!("{} cannot be measured", folder.display()))
            .detail(cause.to_string()),
    }
}

/// The home folder is made by the first start; until then its closest ancestor stands for it.
fn nearest(home: &Path) -> Option<PathBuf> {
    home.ancestors()
        .find(|folder| folder.is_dir())
        .map(Path::to_owned)
}

fn judge(home: &Path, free: u64) -> Finding {
    let size = if free >= 10 * GIB {
        format!("{} GB", free / GIB)
    } else if free >= GIB {
        format!("{}.{} GB", free / GIB, free % GIB * 10 / GIB)
    } else {
        format!("{} MB", free / MIB)
    };
    let summary = format!("{size} free for {}", home.display());
    let remedy = "free some space there, or set CODEGRAPH_HOME to a folder on a larger disk";
    match free {
        _ if free < 500 * MIB => Finding::fail("disk", summary).remedy(remedy),
        _ if free < 5 * GIB => Finding::warn("disk", summary).remedy(remedy),
        _ => Finding::ok("disk", summary),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn little_space_warns_and_less_fails() {
        for (free, status, says) in [
            (80 * GIB, Status::Ok, "80 GB free for /srv/home"),
            (5 * GIB, Status::Ok, "5.0 GB"),
            (5 * GIB - 1, Status::Warn, "4.9 GB"),
            (500 * MIB, Status::Warn, "500 MB"),
            (500 * MIB - 1, Status::Fail, "499 MB"),
        ] {
            let finding = judge(Path::new("/srv/home"), free);
            assert_eq!(finding.status, status);
            assert!(finding.summary.starts_with(says), "{}", finding.summary);
            assert_eq!(finding.remedy.is_some(), status != Status::Ok);
        }
    }

    #[test]
    fn a_home_that_is_not_there_yet_is_measured_above() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("not/yet");
        assert_eq!(nearest(&home).unwrap(), folder.path());
        assert!(look(&home).summary.contains("free for"));
    }
}
