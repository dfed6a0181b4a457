//! The part of a repository that is looked at.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How deep packages are looked for.
const DEPTH: usize = 8;

/// How many folders are opened; a large monorepo has packages enough among the first.
const FOLDERS: usize = 6000;

/// How many entries of one folder are looked at.
const ENTRIES: usize = 4000;

/// A manifest is smaller; of anything else the beginning will do.
const BYTES: u64 = 256 * 1024;

/// What tools make or fetch: nobody's own packages are in there.
const FOREIGN: [&str; 15] = [
    "node_modules",
    "target",
    "vendor",
    "third_party",
    "venv",
    "env",
    "dist",
    "build",
    "out",
    "__pycache__",
    "site-packages",
    "testdata",
    "fixtures",
    "bower_components",
    "coverage",
];

/// One folder's files, by name.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) files: Vec<String>,
    pub(super) folders: Vec<String>,
}

impl Folder {
    pub(super) fn has(&self, file: &str) -> bool {
        self.files.iter().any(|name| name == file)
    }
}

/// The folders, by path relative to the root; the root itself is the empty path.
#[derive(Debug)]
pub(super) struct Tree {
    root: PathBuf,
    pub(super) folders: BTreeMap<String, Folder>,
}

impl Tree {
    /// Breadth first, so that what is cut off lies deepest.
    pub(super) fn read(root: &Path) -> Self {
        let mut folders = BTreeMap::new();
        let mut open = VecDeque::from([(String::new(), 0)]);
        while let Some((path, depth)) = open.pop_front() {
            if folders.len() == FOLDERS {
                break;
            }
            let folder = list(&root.join(&path));
            if depth < DEPTH {
                let inner = folder.folders.iter().filter(|name| is_own(name));
                open.extend(inner.map(|name| (join(&path, name), depth + 1)));
            }
            folders.insert(path, folder);
        }
        Self {
            root: root.to_owned(),
            folders,
        }
    }

    pub(super) fn folder(&self, path: &str) -> Option<&Folder> {
        self.folders.get(path)
    }

    pub(super) fn has(&self, folder: &str, file: &str) -> bool {
        self.folder(folder).is_some_and(|folder| folder.has(file))
    }

    /// Whether something of this name is there, file, folder or link.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    /// The beginning of a regular file that is reached without following a link.
    pub(super) fn text(&self, folder: &str, file: &str) -> Option<String> {
        let mut path = self.root.clone();
        for part in join(folder, file).split('/') {
            path.push(part);
            if path.symlink_metadata().ok()?.is_symlink() {
                return None;
            }
        }
        if !path.symlink_metadata().ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(path)
            .ok()?
            .take(BYTES)
            .read_to_end(&mut bytes)
            .ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The files of a folder that the walk leaves out; nothing when a link leads there.
    pub(super) fn hidden(&self, folder: &str) -> Vec<String> {
        let mut path = self.root.clone();
        for part in folder.split('/') {
            path.push(part);
            if !path.symlink_metadata().is_ok_and(|what| what.is_dir()) {
                return vec![];
            }
        }
        list(&path).files
    }

    /// The folders that hold a file of this name.
    pub(super) fn with<'t>(&'t self, file: &'t str) -> impl Iterator<Item = &'t str> {
        self.folders
            .iter()
            .filter(move |(_, folder)| folder.has(file))
            .map(|(path, _)| path.as_str())
    }

    /// The folders at or below this one.
    pub(super) fn below<'t>(
        &'t self,
        path: &'t str,
    ) -> impl Iterator<Item = (&'t str, &'t Folder)> {
        let inside = move |other: &str| is_below(other, path);
        self.folders
            .iter()
            .map(|(path, folder)| (path.as_str(), folder))
            .filter(move |(path, _)| inside(path))
    }
}

/// Whether a folder is this one or lies in it.
pub(super) fn is_below(path: &str, ancestor: &str) -> bool {
    ancestor.is_empty()
        || path
            .strip_prefix(ancestor)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folders around this one, nearest first, without itself.
pub(super) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(up(path), |path| up(path))
}

fn up(path: &str) -> Option<&str> {
    if path.is_empty() {
        return None;
    }
    Some(path.rsplit_once('/').map_or("", |(parent, _)| parent))
}

pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// `.github` and its like are read by name.
fn is_own(name: &str) -> bool {
    !name.starts_with('.') && !FOREIGN.contains(&name)
}

fn list(path: &Path) -> Folder {
    let mut folder = Folder::default();
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    for entry in entries.take(ENTRIES) {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
            continue;
        };
        if kind.is_dir() {
            folder.folders.push(name);
        } else if kind.is_file() {
            folder.files.push(name);
        }
    }
    folder.files.sort();
    folder.folders.sort();
    folder
}
