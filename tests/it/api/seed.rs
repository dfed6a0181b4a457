//! Work that is simply there: rows as runs leave them, for tests of what is shown of them.

use codegraph::services::agent_records::AgentRecords;
use serde_json::{Value, json};
use uuid::Uuid;
use workflows::definitions::coding::Assignment;

use super::stage::{Person, Stage};

/// A repository of somebody.
pub(crate) async fn repository(stage: &Stage, owner: &Person, name: &str, shared: bool) -> Uuid {
    let id = Uuid::now_v7();
    let sql =
        "insert into repositories (id, owner_id, name, forge, url, default_branch, visibility)
               values ($1, $2, $3, 'git', $4, 'main', $5)";
    sqlx::query(sql)
        .bind(id)
        .bind(owner.id)
        .bind(name)
        .bind(format!("https://git.example.org/{id}"))
        .bind(if shared { "team" } else { "private" })
        .execute(&stage.db.pool)
        .await
        .unwrap();
    id
}

/// A task on it.
pub(crate) async fn task(stage: &Stage, repository: Uuid, by: &Person, title: &str) -> Uuid {
    let id = Uuid::now_v7();
    let sql =
        "insert into tasks (id, repository_id, created_by, title, base_branch, budget_usd_micros)
               values ($1, $2, $3, $4, 'main', 10000000)";
    sqlx::query(sql)
        .bind(id)
        .bind(repository)
        .bind(by.id)
        .bind(title)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    id
}

/// A run of it that has ended like this, after so many minutes; one that has not when nothing is said.
pub(crate) async fn run(stage: &Stage, task: Uuid, ended: Option<(&str, Value, i32)>) -> Uuid {
    let id = Uuid::now_v7();
    let (outcome, output, minutes) = match ended {
        Some((outcome, output, minutes)) => (Some(outcome), Some(output), minutes),
        None => (None, None, 0),
    };
    let failure = (outcome == Some("failed")).then(|| json!({"reason": "it broke"}));
    let sql = "insert into runs (id, task_id, workflow, version, input, created_at, ended_at, outcome, output, failure)
               values ($1, $2, 'coding', 1, $3, now() - make_interval(mins => $4),
                       case when $5::text is not null then now() end, $5, $6, $7)";
    sqlx::query(sql)
        .bind(id)
        .bind(task)
        .bind(json!(Assignment::default()))
        .bind(minutes)
        .bind(outcome)
        .bind(output)
        .bind(failure)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    id
}

/// A run that waits for this signal.
pub(crate) async fn waiting(stage: &Stage, task: Uuid, signal: &str) -> Uuid {
    let id = run(stage, task, None).await;
    let sql = "insert into run_heads (run_id, state, lane, waits, waits_for, epoch, seq, step_no, attempt, step)
               values ($1, 'waiting', 'agents', 'signal', array[$2], 1, 0, 1, 1, $2)";
    sqlx::query(sql)
        .bind(id)
        .bind(signal)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    id
}

/// An id as the API shows it.
pub(crate) fn shown(prefix: &str, id: Uuid) -> String {
    format!("{prefix}_{}", id.simple())
}

/// What a run without a journal has changed, as its coder's step tells.
pub(crate) async fn change(stage: &Stage, run: Uuid, files: Value, diff: &str) {
    let records = AgentRecords::new(stage.db.pool.clone());
    let artifact = records.keep("text/x-diff", diff.as_bytes()).await.unwrap();
    let output = json!({
        "result": "changed", "base": "b".repeat(40), "head": {"tree": "a".repeat(40)},
        "change": {"files": files, "artifact": artifact, "truncated": false},
    });
    let sql = "insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
               values ($1, 1, 1, 1, 1, 5, 'code', $2)";
    sqlx::query(sql)
        .bind(run)
        .bind(output)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    sqlx::query("update run_heads set seq = 1, step_no = 2 where run_id = $1")
        .bind(run)
        .execute(&stage.db.pool)
        .await
        .unwrap();
}

/// A run with so many events.
pub(crate) async fn told(stage: &Stage, by: &Person, ended: bool, events: i32) -> Uuid {
    let on = repository(stage, by, "inventory", false).await;
    let task = task(stage, on, by, "Bolts").await;
    let run = if ended {
        let end = ("succeeded", json!({"result": "published"}), 1);
        run(stage, task, Some(end)).await
    } else {
        waiting(stage, task, "answered").await
    };
    let sql = "insert into events (run_id, seq, step_no, epoch, kind, data)
               select $1, seq, 1, 1, 'run.noted', '{}' from generate_series(1, $2) seq";
    let insert = sqlx::query(sql).bind(run).bind(events);
    insert.execute(&stage.db.pool).await.unwrap();
    // Whoever goes on writes behind them.
    sqlx::query("update run_heads set seq = $2 where run_id = $1")
        .bind(run)
        .bind(events)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    run
}
