//! Looking into a mirror for people: branches, folders, files.

use super::{Error, Mirror, Source, names};

/// More branches or entries than this are not listed.
const LISTED: usize = 5_000;
/// Larger files are not shown.
const MOST: u64 = 1 << 20;

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name within the folder; what is not UTF-8 is replaced.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Its size in bytes, if it is a file.
    pub size: Option<u64>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// Another repository.
    Submodule,
}

/// Whether this can be the name of a branch.
pub fn check_branch(name: &str) -> Result<(), Error> {
    names::branch(name).map(drop)
}

impl Source {
    /// Whether this can be the address of a repository, as far as that can be seen without asking.
    pub fn check(&self) -> Result<(), Error> {
        self.address().map(drop)
    }
}

impl Mirror {
    /// Its branches by name, each with its commit.
    pub async fn branches(&self) -> Result<Vec<(String, String)>, Error> {
        let said = self
            .git("for-each-ref")
            .args(["--format=%(refname:lstrip=2)%00%(objectname)", "refs/heads"])
            .run("list the branches")
            .await?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let pair = |line: &str| {
            let (name, commit) = line.split_once('\0')?;
            Some((name.to_owned(), commit.to_owned()))
        };
        Ok(said.lines().filter_map(pair).take(LISTED).collect())
    }

    /// What lies in a folder of a commit, folders first.
    pub async fn folder(&self, commit: &str, path: &str) -> Result<Vec<Entry>, Error> {
        let tree = place(commit, path)?;
        let said = self
            .git("ls-tree")
            .args(["-l", "-z", &tree])
            .ask("list a folder")
            .await?;
        if !said.status.success() {
            return Err(Error::NotFound(path.to_owned()));
        }
        let text = String::from_utf8_lossy(&said.out).into_owned();
        let mut entries: Vec<Entry> = text.split('\0').filter_map(entry).take(LISTED).collect();
        entries.sort_by(|a, b| {
            let folder = |entry: &Entry| entry.kind != EntryKind::Folder;
            (folder(a), &a.name).cmp(&(folder(b), &b.name))
        });
        Ok(entries)
    }

    /// A file of a commit as text; nothing when it is no text or too large.
    pub async fn file(&self, commit: &str, path: &str) -> Result<Option<String>, Error> {
        let blob = place(commit, path)?;
        let said = self
            .git("cat-file")
            .args(["blob", &blob])
            .most(MOST)
            .ask("read a file")
            .await?;
        if said.cut {
            return Ok(None);
        }
        if !said.status.success() {
            return Err(Error::NotFound(path.to_owned()));
        }
        Ok(String::from_utf8(said.out)
            .ok()
            .filter(|text| !text.contains('\0')))
    }
}

/// `commit:path`, when the path stays inside.
pub(super) fn place(commit: &str, path: &str) -> Result<String, Error> {
    let commit = names::object(commit)?;
    let path = path.trim_matches('/');
    let odd = |part: &str| part.is_empty() || part == "." || part == "..";
    if !path.is_empty() && (path.split('/').any(odd) || path.contains(['\0', '\n'])) {
        return Err(Error::refused(
            "this is not a path inside a repository",
            path,
        ));
    }
    Ok(format!("{commit}:{path}"))
}

/// `mode type object size<TAB>name`.
fn entry(line: &str) -> Option<Entry> {
    let (about, name) = line.split_once('\t')?;
    let mut words = about.split_whitespace();
    let (mode, kind) = (words.next()?, words.next()?);
    let kind = match (kind, mode) {
        ("tree", _) => EntryKind::Folder,
        ("commit", _) => EntryKind::Submodule,
        (_, "120000") => EntryKind::Link,
        _ => EntryKind::File,
    };
    Some(Entry {
        name: name.to_owned(),
        kind,
        size: words.nth(1).and_then(|size| size.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        let commit = "a".repeat(40);
        assert_eq!(
            place(&commit, "src/a b.rs").unwrap(),
            format!("{commit}:src/a b.rs")
        );
        assert_eq!(place(&commit, "/").unwrap(), format!("{commit}:"));
        for path in ["../x", "a/../b", "a//b", "a\0b", "./a"] {
            assert!(place(&commit, path).is_err(), "{path}");
        }
    }

    #[test]
    fn entries_are_read() {
        let object = "b".repeat(40);
        let file = entry(&format!("100644 blob {object}      12\ta b.txt")).unwrap();
        assert_eq!(
            (file.name.as_str(), file.kind, file.size),
            ("a b.txt", EntryKind::File, Some(12))
        );
        let folder = entry(&format!("040000 tree {object}       -\tsrc")).unwrap();
        assert_eq!((folder.kind, folder.size), (EntryKind::Folder, None));
    }
}
