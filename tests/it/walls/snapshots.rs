//! Working trees recorded and brought back.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use codegraph::providers::git::{Author, FileStatus};

use super::repository::{Site, content, git};

#[tokio::test]
async fn a_checkout_has_what_the_commit_has_byte_by_byte() {
    let site = Site::new();
    site.write(".gitattributes", "*.md text eol=crlf\n*.txt ident\n");
    site.write("src/id.txt", "$Id$\n");
    git(&site.source, &["-c", "core.autocrlf=false", "add", "-A"]);
    site.commit("attributes");
    let workspace = site.workspace("w").await;
    let blob = git(&site.source, &["show", "HEAD:README.md"]);
    assert_eq!(
        fs::read_to_string(workspace.path().join("README.md")).unwrap(),
        blob
    );
    let id = fs::read_to_string(workspace.path().join("src/id.txt")).unwrap();
    assert_eq!(id, "$Id$\n");
    // An agent that looks sees a clean tree on its branch.
    assert_eq!(git(workspace.path(), &["status", "--porcelain"]), "");
    assert_eq!(
        git(workspace.path(), &["branch", "--show-current"]),
        "codegraph/work\n"
    );
    let recorded = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    let tree = git(&site.source, &["rev-parse", "HEAD^{tree}"]);
    assert_eq!(recorded.tree, tree.trim());
}

#[tokio::test]
async fn what_was_recorded_comes_back() {
    let site = Site::new();
    let workspace = site.workspace("w").await;
    let root = workspace.path();
    let base = workspace.snapshot("refs/codegraph/r/0").await.unwrap();
    let before = content(root);
    // Changed, new, deleted, renamed, another mode, another kind, binary, strange names.
    fs::write(root.join("src/a.txt"), "one\n2\nthree\n").unwrap();
    fs::create_dir_all(root.join("new/deep")).unwrap();
    fs::write(root.join("new/deep/file"), "x").unwrap();
    fs::remove_file(root.join("README.md")).unwrap();
    fs::rename(root.join("binary"), root.join("renamed")).unwrap();
    fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::remove_file(root.join("link")).unwrap();
    fs::write(root.join("link"), "a file now").unwrap();
    symlink("/nonexistent/x", root.join("dangling")).unwrap();
    fs::create_dir(root.join("empty")).unwrap();
    for name in [
        &b"line\nbreak"[..],
        b"quote\"'",
        b"-dash",
        b"\xff\xfe",
        b"sp ace",
        b"\\back",
        b":(top)x",
    ] {
        fs::write(root.join(OsStr::from_bytes(name)), name).unwrap();
    }
    fs::create_dir(root.join("ignored")).unwrap();
    fs::write(root.join("ignored/cache"), "kept").unwrap();
    let changed = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    assert_eq!(changed.left_out, [""; 0]);
    let after = content(root);
    workspace.restore(&base.tree).await.unwrap();
    let back: Vec<_> = content(root)
        .into_iter()
        .filter(|line| !line.starts_with("ignored"))
        .collect();
    assert_eq!(back, before);
    assert_eq!(
        fs::read_to_string(root.join("ignored/cache")).unwrap(),
        "kept"
    );
    workspace.restore(&changed.commit).await.unwrap();
    assert_eq!(content(root), after);
    // The same content has the same ids, whenever and wherever it is recorded.
    let again = workspace.snapshot("refs/codegraph/r/2").await.unwrap();
    assert_eq!((again.tree, again.commit), (changed.tree, changed.commit));
}

#[tokio::test]
async fn a_file_that_becomes_a_folder_and_back() {
    let site = Site::new();
    let workspace = site.workspace("w").await;
    let root = workspace.path();
    let base = workspace.snapshot("refs/codegraph/r/0").await.unwrap();
    fs::remove_file(root.join("binary")).unwrap();
    fs::create_dir(root.join("binary")).unwrap();
    fs::write(root.join("binary/inside"), "x").unwrap();
    fs::remove_dir_all(root.join("src")).unwrap();
    fs::write(root.join("src"), "a file").unwrap();
    let turned = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    let after = content(root);
    workspace.restore(&base.tree).await.unwrap();
    assert!(root.join("src/a.txt").is_file() && root.join("binary").is_file());
    // Something ignored lies where a file has to be.
    fs::remove_file(root.join("binary")).unwrap();
    fs::create_dir_all(root.join("binary/ignored")).unwrap();
    fs::write(root.join("binary/ignored/x"), "x").unwrap();
    workspace.restore(&base.tree).await.unwrap();
    assert!(root.join("binary").is_file());
    workspace.restore(&turned.tree).await.unwrap();
    assert_eq!(content(root), after);
}

#[tokio::test]
async fn tracked_files_that_are_ignored_stay_tracked() {
    let site = Site::new();
    fs::create_dir(site.source.join("ignored")).unwrap();
    site.write("ignored/tracked", "v1");
    git(&site.source, &["add", "-f", "ignored/tracked"]);
    site.commit("tracked all the same");
    let workspace = site.workspace("w").await;
    let base = workspace.snapshot("refs/codegraph/r/0").await.unwrap();
    assert_eq!(
        git(&site.source, &["rev-parse", "HEAD^{tree}"]).trim(),
        base.tree
    );
    fs::write(workspace.path().join("ignored/tracked"), "v2").unwrap();
    let second = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    assert_ne!(second.tree, base.tree);
    // Even when everything is ignored from now on.
    fs::write(workspace.path().join(".gitignore"), "*\n").unwrap();
    let third = workspace.snapshot("refs/codegraph/r/2").await.unwrap();
    let mirror = site.mirror().await;
    let files = git(
        mirror.path(),
        &["diff", "--name-only", &second.tree, &third.tree],
    );
    assert_eq!(files, ".gitignore\n");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_named_and_left_alone() {
    let site = Site::new();
    let workspace = site.workspace("w").await.recording_up_to(1000);
    let root = workspace.path().to_owned();
    let base = workspace.snapshot("refs/codegraph/r/0").await.unwrap();
    fs::write(root.join("big"), [0; 1001]).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let recorded = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    assert_eq!(recorded.left_out, ["big"]);
    assert_eq!(recorded.tree, base.tree);
    workspace.restore(&base.tree).await.unwrap();
    assert!(root.join("big").exists());
}

#[tokio::test]
async fn a_repository_inside_is_taken_as_files() {
    let site = Site::new();
    let workspace = site.workspace("w").await;
    let root = workspace.path();
    let base = workspace.snapshot("refs/codegraph/r/0").await.unwrap();
    fs::create_dir_all(root.join("app/deep/er")).unwrap();
    for (at, file) in [("app", "main.rs"), ("app/deep/er", "x")] {
        git(&root.join(at), &["init", "-q", "."]);
        fs::write(root.join(at).join(file), "content").unwrap();
        git(&root.join(at), &["add", "-A", file]);
        git(&root.join(at), &["commit", "-q", "-m", "inner"]);
    }
    let recorded = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    let mirror = site.mirror().await;
    let listed = git(mirror.path(), &["ls-tree", "-r", &recorded.tree, "app"]);
    assert!(
        listed.contains("app/main.rs") && listed.contains("app/deep/er/x"),
        "{listed}"
    );
    assert!(
        !listed.contains("160000") && !listed.contains(".git/"),
        "{listed}"
    );
    workspace.restore(&base.tree).await.unwrap();
    assert!(!root.join("app").exists());
    workspace.restore(&recorded.tree).await.unwrap();
    assert_eq!(
        fs::read_to_string(root.join("app/deep/er/x")).unwrap(),
        "content"
    );
}

#[tokio::test]
async fn snapshots_need_nothing_of_the_agents_repository() {
    let site = Site::new();
    let workspace = site.workspace("w").await;
    let root = workspace.path();
    fs::write(root.join("made"), "before").unwrap();
    let first = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    fs::remove_file(root.join(".git")).unwrap();
    let second = workspace.snapshot("refs/codegraph/r/2").await.unwrap();
    assert_eq!(first.tree, second.tree);
    fs::write(root.join(".git"), "gitdir: /nonexistent").unwrap();
    fs::write(root.join("made"), "after").unwrap();
    let third = workspace.snapshot("refs/codegraph/r/3").await.unwrap();
    assert_ne!(second.tree, third.tree);
    workspace.restore(&first.tree).await.unwrap();
    assert_eq!(fs::read_to_string(root.join("made")).unwrap(), "before");
    assert_eq!(
        fs::read_to_string(root.join(".git")).unwrap(),
        "gitdir: /nonexistent"
    );
}

#[tokio::test]
async fn a_lost_or_broken_index_is_made_anew() {
    let site = Site::new();
    let workspace = site.workspace("w").await;
    fs::write(workspace.path().join("made"), "x").unwrap();
    let first = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    let notes = workspace_notes(&site);
    for content in [None, Some(&b"garbage"[..]), Some(b"")] {
        fs::remove_file(notes.join("index")).unwrap();
        if let Some(content) = content {
            fs::write(notes.join("index"), content).unwrap();
        }
        // And whoever wrote it died on the way.
        fs::write(notes.join("index.lock"), "").unwrap();
        let again = workspace.snapshot("refs/codegraph/r/2").await.unwrap();
        assert_eq!(again, first, "{content:?}");
    }
}

/// Where the mirror keeps what it knows of the only workspace.
fn workspace_notes(site: &Site) -> std::path::PathBuf {
    let mirrors = fs::read_dir(site.path("mirrors")).unwrap().flatten();
    let mirror = mirrors.map(|e| e.path()).find(|p| p.is_dir()).unwrap();
    let notes = fs::read_dir(mirror.join("codegraph"))
        .unwrap()
        .flatten()
        .next();
    notes.unwrap().path()
}

#[tokio::test]
async fn ten_thousand_files_are_recorded() {
    let site = Site::new();
    let workspace = site.workspace("w").await;
    let root = workspace.path();
    for folder in 0..100 {
        fs::create_dir(root.join(format!("d{folder}"))).unwrap();
        for file in 0..100 {
            fs::write(
                root.join(format!("d{folder}/f{file}")),
                format!("{folder} {file}"),
            )
            .unwrap();
        }
    }
    let first = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    fs::remove_dir_all(root.join("d7")).unwrap();
    let began = std::time::Instant::now();
    let second = workspace.snapshot("refs/codegraph/r/2").await.unwrap();
    eprintln!(
        "a snapshot of 10,000 known files took {:?}",
        began.elapsed()
    );
    let diff = workspace.diff(&first.tree, &second.tree).await.unwrap();
    assert_eq!(diff.files.len(), 100);
    assert!(
        diff.files
            .iter()
            .all(|file| file.status == FileStatus::Deleted)
    );
    workspace.restore(&first.tree).await.unwrap();
    assert_eq!(fs::read_to_string(root.join("d7/f7")).unwrap(), "7 7");
}

#[tokio::test]
async fn differences_and_commits() {
    let site = Site::new();
    // Would hide every change, if it had a say.
    site.write(".gitattributes", "* -diff\n");
    site.commit("hide");
    let workspace = site.workspace("w").await;
    let root = workspace.path();
    let base = workspace.snapshot("refs/codegraph/r/0").await.unwrap();
    fs::write(root.join("src/a.txt"), "one\n2\nthree\nfour\n").unwrap();
    fs::rename(root.join("README.md"), root.join("-READ\nME")).unwrap();
    fs::write(root.join("binary"), "\0other").unwrap();
    let now = workspace.snapshot("refs/codegraph/r/1").await.unwrap();
    let diff = workspace.diff(&base.tree, &now.commit).await.unwrap();
    assert!(
        diff.text.contains("\n-two\n+2\n") && !diff.truncated,
        "{}",
        diff.text
    );
    let told: Vec<_> = diff
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.status, f.added, f.removed, f.binary))
        .collect();
    assert_eq!(
        told,
        [
            ("-READ\nME", FileStatus::Renamed, 0, 0, false),
            ("binary", FileStatus::Modified, 0, 0, true),
            ("src/a.txt", FileStatus::Modified, 2, 1, false),
        ]
    );
    let parent = workspace_head(&site).await;
    let author = Author {
        name: "CodeGraph".into(),
        email: "bot@example.com".into(),
        date: Some(chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap()),
    };
    let message = "Say two as a number\n\nCodegraph-Run: run_1\n";
    let commit = workspace
        .commit(&now.tree, &parent, message, &author)
        .await
        .unwrap();
    let again = workspace
        .commit(&now.tree, &parent, message, &author)
        .await
        .unwrap();
    assert_eq!(commit, again);
    let mirror = site.mirror().await;
    let shown = git(
        mirror.path(),
        &["show", "-s", "--format=%an <%ae> %at %P%n%B", &commit],
    );
    assert_eq!(
        shown.trim_end(),
        format!(
            "CodeGraph <bot@example.com> 1700000000 {parent}\n{}",
            message.trim_end()
        )
    );
    for (tree, parent) in [("--all", parent.as_str()), (now.tree.as_str(), "HEAD")] {
        assert!(workspace.commit(tree, parent, "x", &author).await.is_err());
    }
}

async fn workspace_head(site: &Site) -> String {
    site.mirror().await.resolve("main").await.unwrap()
}
