//! Repositories that want to run something here, or write elsewhere. Whatever they try would touch a canary.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codegraph::providers::git::Workspace;

use super::repository::{Site, git};

struct Canary(PathBuf);

impl Canary {
    fn new(site: &Site) -> Self {
        Self(site.path("canary"))
    }

    fn touch(&self) -> String {
        format!("touch {}", self.0.display())
    }

    fn script(&self, at: &Path) {
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, format!("#!/bin/sh\n{}\n", self.touch())).unwrap();
        fs::set_permissions(at, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Every hook, and every setting that names a program.
    fn poison(&self, git_folder: &Path) {
        for hook in [
            "post-checkout",
            "post-index-change",
            "pre-commit",
            "post-commit",
            "pre-push",
            "reference-transaction",
            "pre-receive",
            "update",
            "post-receive",
            "post-update",
            "proc-receive",
            "push-to-checkout",
            "pre-auto-gc",
            "fsmonitor-watchman",
            "query-watchman",
        ] {
            self.script(&git_folder.join("hooks").join(hook));
        }
        let program = git_folder.join("program");
        self.script(&program);
        let program = program.display();
        let mut config = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(git_folder.join("config"))
            .unwrap();
        writeln!(
            config,
            "[core]\n\tfsmonitor = {program}\n\thooksPath = {0}/hooks\n\talternateRefsCommand = {program}\n\
             \tsshCommand = {program}\n\tpager = {program}\n\teditor = {program}\n\tgitProxy = {program}\n\
             [filter \"evil\"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n\trequired = true\n\
             [diff]\n\texternal = {program}\n[diff \"evil\"]\n\tcommand = {program}\n\ttextconv = {program}\n\
             [uploadpack]\n\tpackObjectsHook = {program}\n[gpg]\n\tprogram = {program}\n[commit]\n\tgpgSign = true\n\
             [credential]\n\thelper = {program}\n[receive]\n\tdenyCurrentBranch = updateInstead\n\
             [merge \"evil\"]\n\tdriver = {program}\n[include]\n\tpath = /nonexistent",
            git_folder.display()
        )
        .unwrap();
    }

    fn sings(&self) -> bool {
        self.0.exists()
    }
}

/// Everything that is done to a workspace.
async fn everything(workspace: &Workspace) {
    let first = workspace.snapshot("refs/codegraph/h/1").await.unwrap();
    fs::write(workspace.path().join("made"), "x").unwrap();
    let second = workspace.snapshot("refs/codegraph/h/2").await.unwrap();
    workspace.diff(&first.tree, &second.tree).await.unwrap();
    workspace.restore(&first.tree).await.unwrap();
    workspace.restore(&second.tree).await.unwrap();
}

#[tokio::test]
async fn a_source_with_hooks_filters_and_programs_runs_none() {
    let site = Site::new();
    site.write(
        ".gitattributes",
        "* filter=evil diff=evil merge=evil\n*.bin filter=lfs\n",
    );
    site.write("x.bin", "version https://git-lfs.github.com/spec/v1\n");
    site.commit("attributes");
    let canary = Canary::new(&site);
    canary.poison(&site.source.join(".git"));
    // The poison works: git as it is runs it.
    let _ = Command::new("git")
        .current_dir(&site.source)
        .arg("status")
        .output()
        .unwrap();
    assert!(canary.sings());
    fs::remove_file(&canary.0).unwrap();
    let workspace = site.workspace("w").await;
    everything(&workspace).await;
    let mirror = site.mirror().await;
    let commit = mirror.resolve("refs/codegraph/h/2").await.unwrap();
    mirror
        .publish(&commit, "codegraph/x", &site.from())
        .await
        .unwrap();
    assert!(!canary.sings());
}

#[tokio::test]
async fn what_an_agent_makes_of_its_repository_is_never_used() {
    let site = Site::new();
    let canary = Canary::new(&site);
    let workspace = site.workspace("w").await;
    let root = workspace.path();
    fs::write(root.join(".gitattributes"), "* filter=evil diff=evil\n").unwrap();
    // It cannot write to the repository that it is shown, but put another in its place.
    fs::remove_file(root.join(".git")).unwrap();
    git(root, &["init", "-q", "."]);
    canary.poison(&root.join(".git"));
    // And repositories inside, at a place of their own and instead of a folder of the source.
    for inner in ["inner", "src"] {
        let inner = root.join(inner);
        fs::create_dir_all(&inner).unwrap();
        git(&inner, &["init", "-q", "."]);
        fs::write(inner.join("file"), "x").unwrap();
        git(&inner, &["add", "file"]);
        git(&inner, &["commit", "-q", "-m", "x"]);
        canary.poison(&inner.join(".git"));
    }
    everything(&workspace).await;
    assert!(!canary.sings());
}

/// Adds a submodule with a line of its own in `.gitmodules`.
fn submodule(site: &Site, canary: &Canary, line: &str) {
    let url = format!("ext::sh -c {}", canary.touch().replace(' ', "% "));
    site.write(
        ".gitmodules",
        &format!("[submodule \"s\"]\n\tpath = sub\n\turl = {url}\n{line}"),
    );
    let head = git(&site.source, &["rev-parse", "HEAD"]);
    let entry = format!("160000,{},sub", head.trim());
    git(
        &site.source,
        &["update-index", "--add", "--cacheinfo", &entry],
    );
    git(&site.source, &["add", ".gitmodules"]);
    git(&site.source, &["commit", "-q", "-m", "submodule"]);
}

#[tokio::test]
async fn a_submodule_with_a_command_is_refused() {
    let site = Site::new();
    let canary = Canary::new(&site);
    submodule(&site, &canary, "\tupdate = !touch canary\n");
    let refused = site.store.mirror(&site.from()).await.unwrap_err();
    assert!(refused.to_string().contains("submodule"), "{refused}");
    assert!(!canary.sings());
}

#[tokio::test]
async fn submodules_stay_what_they_are() {
    let site = Site::new();
    let canary = Canary::new(&site);
    submodule(&site, &canary, "");
    let tree = git(&site.source, &["rev-parse", "HEAD^{tree}"]);
    let workspace = site.workspace("w").await;
    let first = workspace.snapshot("refs/codegraph/h/0").await.unwrap();
    assert_eq!(first.tree, tree.trim());
    everything(&workspace).await;
    // An agent fills it with a repository that bites.
    let sub = workspace.path().join("sub");
    fs::create_dir_all(&sub).unwrap();
    git(&sub, &["init", "-q", "."]);
    git(&sub, &["commit", "-q", "--allow-empty", "-m", "x"]);
    canary.poison(&sub.join(".git"));
    everything(&workspace).await;
    assert!(!canary.sings());
}

#[tokio::test]
async fn links_out_of_the_tree_are_not_followed() {
    let site = Site::new();
    let outside = site.path("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("a.txt"), "theirs").unwrap();
    fs::write(outside.join("b.txt"), "theirs").unwrap();
    symlink(&outside, site.source.join("way")).unwrap();
    site.commit("a link");
    let workspace = site.workspace("w").await;
    let root = workspace.path();
    let base = workspace.snapshot("refs/codegraph/h/0").await.unwrap();
    // A folder of the source becomes a link; restoring its files must not write where it leads.
    fs::remove_dir_all(root.join("src")).unwrap();
    symlink(&outside, root.join("src")).unwrap();
    let linked = workspace.snapshot("refs/codegraph/h/1").await.unwrap();
    let mirror = site.mirror().await;
    let listed = git(mirror.path(), &["ls-tree", "-r", &linked.tree]);
    assert!(
        listed.contains("120000") && !listed.contains("src/"),
        "{listed}"
    );
    workspace.restore(&base.tree).await.unwrap();
    assert!(!root.join("src").is_symlink());
    assert_eq!(
        fs::read_to_string(root.join("src/a.txt")).unwrap(),
        "one\ntwo\nthree\n"
    );
    // And back: where a link has to be there is a folder with content now.
    fs::remove_file(root.join("way")).unwrap();
    fs::create_dir(root.join("way")).unwrap();
    fs::write(root.join("way/b.txt"), "mine").unwrap();
    workspace.restore(&base.tree).await.unwrap();
    assert!(root.join("way").is_symlink());
    for (name, content) in [("a.txt", "theirs"), ("b.txt", "theirs")] {
        assert_eq!(fs::read_to_string(outside.join(name)).unwrap(), content);
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 2);
}

/// A tree as no git would write it.
fn forged(site: &Site, names: &[(&str, &str)]) {
    let object = |kind: &str, content: &[u8]| -> String {
        let mut hash = Command::new("git")
            .current_dir(&site.source)
            .args(["hash-object", "-w", "--literally", "--stdin", "-t", kind])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        hash.stdin.take().unwrap().write_all(content).unwrap();
        let said = hash.wait_with_output().unwrap();
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    };
    let raw = |id: &str| -> Vec<u8> {
        (0..id.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap())
            .collect()
    };
    let blob = object("blob", b"#!/bin/sh\ntouch canary\n");
    let mut tree = Vec::new();
    for (mode, name) in names {
        let inner = [b"100755 config\0".as_slice(), &raw(&blob)].concat();
        let id = if *mode == "40000" {
            object("tree", &inner)
        } else {
            blob.clone()
        };
        tree.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        tree.extend_from_slice(&raw(&id));
    }
    let tree = object("tree", &tree);
    let commit = git(&site.source, &["commit-tree", "-m", "forged", &tree]);
    git(
        &site.source,
        &["update-ref", "refs/heads/main", commit.trim()],
    );
}

#[tokio::test]
async fn trees_that_reach_into_a_repository_are_refused() {
    for names in [
        &[("40000", ".git")][..],
        &[("40000", ".GIT")],
        &[("40000", "git~1")],
        &[("40000", ".g\u{200c}it")],
        &[("40000", "..")],
        &[("40000", ".")],
        &[("100644", "a/../../../canary")],
        &[("120000", "a"), ("40000", "a")],
        &[("100644", "")],
    ] {
        let site = Site::new();
        forged(&site, names);
        let outcome = async {
            let mirror = site.store.mirror(&site.from()).await?;
            let commit = mirror.resolve("main").await?;
            mirror.checkout(&commit, "work", &site.path("w")).await
        };
        let outcome = outcome.await;
        assert!(outcome.is_err(), "{names:?}");
        assert!(
            !site.path("w").exists() && !site.path("canary").exists(),
            "{names:?}"
        );
    }
}

#[tokio::test]
async fn odd_names_are_names() {
    let site = Site::new();
    for name in [
        "-rf",
        "a b",
        "ä",
        "new\nline",
        "q\"uote",
        "tab\t",
        "CASE",
        "case",
        "*",
        "[x]",
        "back\\slash",
    ] {
        site.write(name, name);
    }
    site.commit("odd");
    let workspace = site.workspace("w").await;
    assert_eq!(
        super::repository::content(workspace.path()),
        super::repository::content(&site.source)
    );
    everything(&workspace).await;
    for name in ["-rf", "new\nline", "CASE", "case", "*"] {
        assert_eq!(
            fs::read_to_string(workspace.path().join(name)).unwrap(),
            name
        );
    }
}
