//! The demonstration, as a person runs it: one task on a real repository, a worker killed in the middle.

use std::process::Command;

#[test]
fn a_task_becomes_a_tested_branch_although_its_worker_is_killed() {
    let home = tempfile::tempdir().unwrap();
    let said = Command::new(env!("CARGO_BIN_EXE_codegraph"))
        .arg("demo")
        .current_dir(home.path())
        .env("CODEGRAPH_HOME", home.path())
        .env("CODEGRAPH_PG_BUNDLE", crate::postgres::bundle())
        .env_remove("CODEGRAPH_DATABASE_URL")
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&said.stdout);
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
}
