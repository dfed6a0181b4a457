//! The demonstration, as a person runs it: one task on a real repository, a worker killed in the middle.

use crate::support::left_out;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// `nobody`, on every system.
const ACCOUNT: u32 = 65534;

#[test]
fn a_task_becomes_a_tested_branch_although_its_worker_is_killed() {
    let home = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_codegraph"));
    let repository = home.path().join("inventory");
    let out = demonstrated(program, home.path(), &repository, None);
    by_hand(&out, &repository, home.path(), None);
}

/// Whoever tries it out is seldom root, and much is otherwise then: Postgres, the walls, the limits.
#[test]
fn a_plain_account_sees_the_same() {
    if !rustix::process::geteuid().is_root() {
        left_out("the other test is run by a plain account already");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    // Where the program lies, that account may have no access.
    let program = home.path().join("codegraph");
    fs::copy(env!("CARGO_BIN_EXE_codegraph"), &program).unwrap();
    let own = home.path().join("own");
    fs::create_dir(&own).unwrap();
    for (path, mode) in [(home.path(), 0o755), (&program, 0o755)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    std::os::unix::fs::chown(&own, Some(ACCOUNT), Some(ACCOUNT)).unwrap();
    let repository = own.join("inventory");
    let out = demonstrated(&program, &own, &repository, Some(ACCOUNT));
    by_hand(&out, &repository, &own, Some(ACCOUNT));
}

/// As this account, or as our own.
fn command(program: impl AsRef<std::ffi::OsStr>, home: &Path, account: Option<u32>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(home)
        .env("HOME", home)
        .env("CODEGRAPH_HOME", home.join("home"))
        .env("CODEGRAPH_PG_BUNDLE", crate::postgres::bundle())
        .env_remove("CODEGRAPH_DATABASE_URL")
        .env_remove("DATABASE_URL");
    if let Some(account) = account {
        command.uid(account).gid(account).env("TMPDIR", home);
    }
    command
}

fn demonstrated(program: &Path, home: &Path, repository: &Path, account: Option<u32>) -> String {
    let said = command(program, home, account)
        .args(["demo", "--keep"])
        .arg(repository)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&said.stdout).into_owned();
    let err = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{out}\n{err}");
    for line in [
        "⚡ kill -9 worker",
        "⚡ the other worker goes on",
        "-        if quantity > item.on_hand:\n+        if quantity > item.available:",
        "before 9 passed, 1 failed; after 10 passed, 0 failed",
        "fixed: tests.test_stock.Reserving.test_nothing_is_promised_twice",
        "Review: approve",
        " inventory/stock.py | 2 +-\n 1 file changed",
        "Nothing lost, nothing twice.",
    ] {
        assert!(out.contains(line), "`{line}` is missing in\n{out}\n{err}");
    }
    // Every step once, however often it was begun.
    for step in [
        "plan: planned",
        "code: done",
        "test: green",
        "review: approve",
        "publish: published",
    ] {
        assert_eq!(
            out.matches(&format!("✓ {step}")).count(),
            1,
            "{step} in\n{out}"
        );
    }
    out
}

/// What the evidence says of both trees is what a person finds who runs the tests there.
fn by_hand(out: &str, repository: &Path, home: &Path, account: Option<u32>) {
    let branch = out
        .lines()
        .find_map(|line| line.strip_prefix("$ git log "))
        .expect("the demonstration shows its branch");
    for (revision, tests, failures) in [("main", 10, 1), (branch, 10, 0)] {
        let clone = home.join(format!("clone-{failures}"));
        let cloned = command("git", home, account)
            .args(["clone", "--quiet", "--branch", revision])
            .arg(repository)
            .arg(&clone)
            .output()
            .unwrap();
        assert!(cloned.status.success(), "{cloned:?}");
        let ran = command("python3", &clone, account)
            .args(["-m", "unittest"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(told.contains(&format!("Ran {tests} tests")), "{told}");
        let ended = match failures {
            0 => "\nOK".to_owned(),
            some => format!("FAILED (failures={some})"),
        };
        assert!(told.contains(&ended), "{revision}: {told}");
    }
}
