//! What a job may see, for whichever wall: paths with rights, the deepest of which counts, and an environment.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::super::{Error, Job};
use super::toolchains::{self, Toolchains};

/// Where programs live. What is not below these and is not named by the job is not there: no homes, no data, no
/// sockets of services.
const SYSTEM: [&str; 10] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/opt",
    "/nix/store",
    "/gnu/store",
];

/// Found by programs without a `PATH` as well.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What may be done with what lies at and below a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    Hidden,
}

/// What a job sees.
#[derive(Debug)]
pub(super) struct View {
    /// Rights by path; those of a deeper path count for it.
    pub(super) places: BTreeMap<PathBuf, Access>,
    /// The job's own folder, without links in it.
    pub(super) workspace: PathBuf,
    /// Readable paths that appear below the home as well.
    pub(super) lent: Vec<(PathBuf, &'static str)>,
    /// All of the environment.
    pub(super) env: BTreeMap<String, String>,
}

impl View {
    /// Of a job whose home and temporary files are at these paths.
    pub(super) fn new(job: &Job, home: &Path, temporary: &Path) -> Result<Self, Error> {
        let workspace = real(&job.workspace)?;
        if !workspace.is_dir() {
            return Err(Error::Path {
                what: "the workspace is not a folder",
                path: workspace,
            });
        }
        let toolchains = Toolchains::find(job.network.is_there());
        let mut places = BTreeMap::new();
        for path in SYSTEM
            .map(PathBuf::from)
            .into_iter()
            .chain(toolchains.readable)
        {
            if path.exists() {
                places.insert(path, Access::Read);
            }
        }
        closed(Path::new("/etc"), 3, &mut places);
        for path in &job.readable {
            places.insert(real(path)?, Access::Read);
        }
        for path in &job.writable {
            places.insert(real(path)?, Access::Write);
        }
        places.insert(workspace.clone(), Access::Write);
        repository(&workspace, &mut places)?;
        // What is not there needs no hiding.
        for path in job
            .hidden
            .iter()
            .filter_map(|path| fs::canonicalize(path).ok())
        {
            places.insert(path, Access::Hidden);
        }
        let mut view = Self {
            places,
            workspace,
            lent: toolchains.lent,
            env: toolchains.env,
        };
        view.surround(home, temporary);
        view.env.extend(job.env.clone());
        Ok(view)
    }

    /// The rights at a path, if it is there at all.
    pub(super) fn access(&self, path: &Path) -> Option<Access> {
        let nearest = path.ancestors().find_map(|place| self.places.get(place));
        nearest.copied()
    }

    /// Folders that may be written to.
    pub(super) fn written(&self) -> Vec<PathBuf> {
        let places = self.places.iter();
        let written = places.filter(|(_, access)| **access == Access::Write);
        written.map(|(path, _)| path.clone()).collect()
    }

    /// Whether a path may be read.
    fn visible(&self, path: &Path) -> bool {
        !matches!(self.access(path), None | Some(Access::Hidden))
    }

    fn surround(&mut self, home: &Path, temporary: &Path) {
        let own = env::var_os("PATH").unwrap_or_default();
        let mut path: Vec<String> = Vec::new();
        for folder in env::split_paths(&own).chain(env::split_paths(OsStr::new(USUAL_PATH))) {
            let seen = folder.is_absolute() && self.visible(&folder);
            let folder = folder.to_string_lossy().into_owned();
            if seen && !path.contains(&folder) {
                path.push(folder);
            }
        }
        let temporary = temporary.to_string_lossy();
        for (name, value) in [
            ("PATH", path.join(":")),
            ("HOME", home.to_string_lossy().into_owned()),
            ("TMPDIR", temporary.into_owned()),
            ("USER", toolchains::ACCOUNT.to_owned()),
            ("LOGNAME", toolchains::ACCOUNT.to_owned()),
            ("SHELL", "/bin/sh".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TERM", "dumb".to_owned()),
            // The repository may be read only: what asks git about its state must not want to write it down.
            ("GIT_OPTIONAL_LOCKS", "0".to_owned()),
        ] {
            self.env.insert(name.to_owned(), value);
        }
    }
}

/// The path without links in it; what a job names must be there.
fn real(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|_| Error::Path {
        what: "the job names a path that is not there",
        path: path.to_owned(),
    })
}

/// `.git` may be read. A link there would have something else shown in its place; only an agent makes one.
fn repository(workspace: &Path, places: &mut BTreeMap<PathBuf, Access>) -> Result<(), Error> {
    let git = workspace.join(".git");
    match fs::symlink_metadata(&git) {
        Ok(found) if found.is_dir() || found.is_file() => {
            places.insert(git, Access::Read);
            Ok(())
        }
        Ok(_) => Err(Error::Path {
            what: "this is neither a folder nor a file",
            path: git,
        }),
        Err(_) => Ok(()),
    }
}

/// Hides what other accounts may not read: when the worker is root, a job would be able to.
fn closed(folder: &Path, depth: u32, places: &mut BTreeMap<PathBuf, Access>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(found) = fs::symlink_metadata(&path) else {
            continue;
        };
        let mode = found.permissions().mode();
        let open = if found.is_dir() { 0o005 } else { 0o004 };
        if found.is_symlink() {
            continue;
        }
        if mode & open != open {
            places.insert(path, Access::Hidden);
        } else if found.is_dir() && depth > 1 {
            closed(&path, depth - 1, places);
        }
    }
}
