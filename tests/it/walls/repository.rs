//! A source repository, and a store that mirrors it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use codegraph::providers::git::{Mirror, Source, Store, Workspace};

/// A repository as a person would have it, beside a store of ours.
pub(super) struct Site {
    home: tempfile::TempDir,
    pub(super) source: PathBuf,
    pub(super) store: Store,
}

impl Site {
    /// With a few files on `main`.
    pub(super) fn new() -> Self {
        let site = Self::bare();
        fs::create_dir_all(site.source.join("src")).unwrap();
        site.write("README.md", "hello\r\nworld\n");
        site.write("src/a.txt", "one\ntwo\nthree\n");
        site.write("run.sh", "#!/bin/sh\n");
        site.write("binary", "\0\u{1}\u{2}");
        site.write(".gitignore", "ignored/\n*.log\n");
        let script = site.source.join("run.sh");
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
        symlink("src/a.txt", site.source.join("link")).unwrap();
        site.commit("first");
        site
    }

    /// Without a commit.
    pub(super) fn bare() -> Self {
        let home = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(home.path()).unwrap();
        let source = root.join("source");
        fs::create_dir_all(&source).unwrap();
        git(&source, &["init", "-q", "-b", "main", "."]);
        let store = Store::new(root.join("mirrors"));
        Self {
            home,
            source,
            store,
        }
    }

    pub(super) fn write(&self, name: &str, content: &str) {
        fs::write(self.source.join(name), content).unwrap();
    }

    pub(super) fn commit(&self, message: &str) -> String {
        git(&self.source, &["add", "-A"]);
        git(
            &self.source,
            &["commit", "-q", "--allow-empty", "-m", message],
        );
        git(&self.source, &["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub(super) fn from(&self) -> Source {
        Source::Path(self.source.clone())
    }

    pub(super) async fn mirror(&self) -> Mirror {
        self.store.mirror(&self.from()).await.unwrap()
    }

    /// A fresh workspace of `main`.
    pub(super) async fn workspace(&self, name: &str) -> Workspace {
        let mirror = self.mirror().await;
        let commit = mirror.resolve("main").await.unwrap();
        let into = self.path(name);
        mirror
            .checkout(&commit, "codegraph/work", &into)
            .await
            .unwrap()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.home.path()).unwrap().join(name)
    }
}

/// Git as a person uses it, without the machine's settings.
pub(super) fn git(at: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(at).args(arguments);
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_AUTHOR_NAME", "Ada"),
        ("GIT_AUTHOR_EMAIL", "ada@example.com"),
        ("GIT_COMMITTER_NAME", "Ada"),
        ("GIT_COMMITTER_EMAIL", "ada@example.com"),
    ] {
        command.env(name, value);
    }
    let said = command.output().unwrap();
    let error = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "git {arguments:?}: {error}");
    String::from_utf8_lossy(&said.stdout).into_owned()
}

/// Everything in a folder but its `.git`: names with kind, mode and content.
pub(super) fn content(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            let meta = fs::symlink_metadata(&path).unwrap();
            if name == ".git" {
            } else if meta.is_symlink() {
                found.push(format!(
                    "{name} -> {}",
                    fs::read_link(&path).unwrap().display()
                ));
            } else if meta.is_dir() {
                open.push(path);
            } else {
                let run = meta.permissions().mode() & 0o100 != 0;
                found.push(format!("{name} {run} {:?}", fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
