//! What earlier runs on a repository left, for whoever plans the next.

use codegraph::services::runs::Start;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;
use workflows::{RunId, TaskId, definitions::coding};

use super::{
    bed::{Bed, alone},
    model::words,
    replay::{replay, said},
    words::{about, approve, conversation, edit, finish, plan, read},
};

/// Somebody, and a repository of theirs.
async fn owner(db: &PgPool) -> (Uuid, Uuid) {
    let (user, repository) = (Uuid::now_v7(), Uuid::now_v7());
    let sql = "insert into users (id, email, name, role) values ($1, $1 || '@example.org', 'Ada', 'member')";
    sqlx::query(sql).bind(user).execute(db).await.unwrap();
    let sql = "insert into repositories (id, owner_id, name, forge, url, default_branch, visibility)
               values ($1, $2, 'inventory', 'git', 'https://git.example.org/' || $1, 'main', 'private')";
    let insert = sqlx::query(sql).bind(repository).bind(user);
    insert.execute(db).await.unwrap();
    (user, repository)
}

async fn task(db: &PgPool, repository: Uuid, by: Uuid, title: &str) -> TaskId {
    let id = Uuid::now_v7();
    let sql = "insert into tasks (id, repository_id, created_by, title, description, base_branch, options, budget_usd_micros)
               values ($1, $2, $3, $4, '', 'main', '{}', 1000000)";
    let insert = sqlx::query(sql).bind(id).bind(repository).bind(by);
    insert.bind(title).execute(db).await.unwrap();
    TaskId(id)
}

async fn ended(bed: &Bed, task: TaskId, title: &str) -> RunId {
    let assignment = coding::Assignment {
        title: title.to_owned(),
        ..bed.assignment(alone())
    };
    let start = Start {
        input: json!(assignment),
        task: Some(task),
        ..Start::default()
    };
    let run = bed.db.start(&coding::V4, start).await;
    bed.db.succeeded(run).await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_is_told_what_was_tried_before_and_is_told_the_same_once_more() {
    let asked = |title: &str| {
        let title = format!("# Task\n\n{title}\n");
        vec![
            about(&title, "planner", &[plan()]),
            about(&title, "coder", &[read(), edit(), finish()]),
        ]
    };
    let mut models = asked("Promise nothing twice");
    models.extend(asked("Count the bolts"));
    models.extend(asked("Nothing is promised twice"));
    models.push(conversation("reviewer", &[approve()]));
    let Some(bed) = Bed::with(&models).await else {
        return;
    };
    let db = &bed.db.pool;
    let (ada, repository) = owner(db).await;
    let (bob, other) = owner(db).await;
    let mut runs = Vec::new();
    for title in ["Promise nothing twice", "Count the bolts"] {
        let task = task(db, repository, ada, title).await;
        runs.push(ended(&bed, task, title).await);
    }
    // What this person may not see, what was broken off, and what is about something else.
    for (by, on, title, outcome) in [
        (bob, repository, "Promise bob's twice", "succeeded"),
        (
            ada,
            repository,
            "Promise what was given up twice",
            "canceled",
        ),
        (bob, other, "Promise elsewhere twice", "succeeded"),
    ] {
        let task = task(db, on, by, title).await;
        let sql =
            "insert into runs (id, task_id, workflow, version, input, outcome, output, ended_at)
                   values ($1, $2, 'coding', 4, '{}', $3, '{}', now())";
        let insert = sqlx::query(sql).bind(Uuid::now_v7()).bind(task.0);
        insert.bind(outcome).execute(db).await.unwrap();
    }
    let title = "Nothing is promised twice";
    let run = ended(&bed, task(db, repository, bob, title).await, title).await;
    // Bob sees his own alone; Ada's planner saw nothing at first, and one run then.
    let openings: Vec<String> = bed.model.asked("planner").iter().map(words).collect();
    let heading = "# Earlier work on this repository";
    assert!(!openings[0].contains(heading), "{}", openings[0]);
    let told = "- Promise nothing twice (succeeded, ";
    assert!(
        openings[1].contains(heading) && openings[1].contains(told),
        "{}",
        openings[1]
    );
    let summary = "  It compares with what is available.\n  The reviewer: As asked.\n  Files: inventory/stock.py\n";
    assert!(openings[1].contains(summary), "{}", openings[1]);
    assert!(
        openings[2].contains("- Promise bob's twice"),
        "{}",
        openings[2]
    );
    for title in ["nothing twice", "bolts", "given up", "elsewhere"] {
        assert!(!openings[2].contains(title), "{}", openings[2]);
    }
    let coder = words(&bed.model.asked("coder")[1]);
    assert!(!coder.contains(heading), "{coder}");
    // More has come since; whoever does it once more is told what was told then.
    for run in [runs[1], run] {
        let output = replay(&bed, run, false);
        assert!(output.status.success(), "{}", said(&output));
    }
    bed.finish().await;
}
