//! What ended runs leave on disk goes; what lives, is young or is built on stays.

use codegraph::worker::sweep;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;
use workflows::RunId;

use super::{
    bed::{Bed, alone, git},
    words::{approve, calls, conversation, edit, finish, plan, read},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_is_given_back_when_nobody_needs_it() {
    let conversations = [
        conversation("planner", &[plan()]),
        conversation(
            "coder",
            &[
                read(),
                edit(),
                calls(&[("bash", json!({"command": "true"}))]),
                finish(),
            ],
        ),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&conversations).await else {
        return;
    };
    let (run, _) = bed.run(alone()).await;
    let (db, store) = (&bed.db.pool, &bed.environment.store);
    let workspaces = bed.home.join("workspaces");
    let folder = workspaces.join(run.to_string());
    // Of somebody we do not know: not ours to remove.
    let stranger = workspaces.join(RunId::new().to_string());
    std::fs::create_dir_all(&stranger).unwrap();
    let mirror = std::fs::read_dir(bed.home.join("mirrors"))
        .unwrap()
        .flatten();
    let mirror = mirror
        .map(|entry| entry.path())
        .find(|path| path.is_dir())
        .unwrap();
    let names = || {
        git(
            &mirror,
            &["for-each-ref", "--format=%(refname)", "refs/codegraph/"],
        )
    };
    let swept = async || sweep(db, &bed.home, store, 3).await.unwrap();
    assert!(folder.is_dir() && names().contains(&run.to_string()));

    assert_eq!(swept().await, 0, "it is young");
    assert!(folder.is_dir());
    ended_before(db, run.0, 10).await;
    // A fork of it, ended yesterday, is built on it.
    let fork = forked(db, run).await;
    assert_eq!(swept().await, 0, "a younger one builds on it");
    assert!(folder.is_dir() && names().contains(&run.to_string()));

    ended_before(db, fork, 10).await;
    assert_eq!(swept().await, 1);
    let left: Vec<_> = std::fs::read_dir(&workspaces)
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .collect();
    assert_eq!(left, [stranger]);
    assert!(!names().contains(&run.to_string()), "{}", names());
    // The source's own branches are still there, and so is what it takes to make it all anew.
    assert!(git(&mirror, &["branch"]).contains("main"));
    let snapshots = bed.environment.records.snapshots(run).await.unwrap();
    assert!(!snapshots.is_empty() && snapshots.iter().all(|(_, pack)| !pack.is_empty()));
    assert_eq!(swept().await, 0);
    sqlx::query("delete from runs where id = $1")
        .bind(fork)
        .execute(db)
        .await
        .unwrap();
    bed.finish().await;
}

async fn ended_before(db: &PgPool, run: Uuid, days: i32) {
    sqlx::query("update runs set ended_at = now() - make_interval(days => $2) where id = $1")
        .bind(run)
        .bind(days)
        .execute(db)
        .await
        .unwrap();
}

/// A fork that ended yesterday.
async fn forked(db: &PgPool, run: RunId) -> Uuid {
    let fork = Uuid::now_v7();
    sqlx::query(
        "insert into runs (id, workflow, version, input, fork_of, fork_seq, outcome, output, ended_at, created_at)
         select $1, workflow, version, input, id, 0, outcome, output, now() - interval '1 day', created_at from runs where id = $2",
    )
    .bind(fork)
    .bind(run.0)
    .execute(db)
    .await
    .unwrap();
    fork
}
