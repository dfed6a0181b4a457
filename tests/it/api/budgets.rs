//! A task's budget is given away once, however many runs are asked for.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    seed::{self, shown},
    stage::{Answer, Person, Stage},
};

async fn start(stage: &Stage, who: &Person, task: Uuid) -> Answer {
    let path = format!("/api/v1/tasks/{}/runs", shown("task", task));
    let call = stage.post(&path, json!({})).bearer(&who.access);
    call.send().await
}

/// What the runs of a task were started with.
async fn given(stage: &Stage, task: Uuid) -> Vec<i64> {
    let sql = "select (input #>> '{options,budget_usd_micros}')::bigint from runs where task_id = $1 order by id";
    sqlx::query_scalar(sql)
        .bind(task)
        .fetch_all(&stage.db.pool)
        .await
        .unwrap()
}

async fn has_budget(stage: &Stage, run: Uuid, micros: i64) {
    let sql = "update runs set input = jsonb_set(input, '{options,budget_usd_micros}', to_jsonb($2::bigint)) where id = $1";
    sqlx::query(sql)
        .bind(run)
        .bind(micros)
        .execute(&stage.db.pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn runs_that_are_asked_for_at_once_do_not_get_the_same_money() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let all = (0..5).map(|_| start(&stage, &ada, task));
    let answers = futures::future::join_all(all).await;
    let of = |status: u16| {
        answers
            .iter()
            .filter(|a| a.status.as_u16() == status)
            .count()
    };
    assert_eq!((of(201), of(409)), (1, 4));
    assert_eq!(given(&stage, task).await, [10_000_000]);
    let refused = start(&stage, &ada, task).await.expect(409);
    assert!(
        refused["detail"].as_str().unwrap().contains("under way"),
        "{refused}"
    );

    // More for the task is more for the next.
    let path = format!("/api/v1/tasks/{}", shown("task", task));
    let raise = stage.call(Method::PATCH, &path);
    let raise = raise.json(json!({"budget_usd_micros": 12_000_000}));
    raise.bearer(&ada.access).send().await.expect(200);
    start(&stage, &ada, task).await.expect(201);
    assert_eq!(given(&stage, task).await, [10_000_000, 2_000_000]);
    stage.db.forget().await;
}

#[tokio::test]
async fn a_fork_has_what_is_left_and_what_a_run_was_given_more_counts() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let run = seed::waiting(&stage, task, "answered").await;
    has_budget(&stage, run, 6_000_000).await;
    let path = format!("/api/v1/runs/{}/fork", shown("run", run));
    let fork = |body: Value| stage.post(&path, body).bearer(&ada.access).send();
    let over = fork(json!({"from_seq": 0, "budget_usd_micros": 4_000_001})).await;
    assert_eq!(over.expect(422)["errors"][0]["path"], "/budget_usd_micros");
    fork(json!({"from_seq": 0, "budget_usd_micros": 1_000_000}))
        .await
        .expect(201);
    let raised = "insert into signals (id, run_id, name, payload, consumed_at)
                  values (gen_random_uuid(), $1, 'budget_raised', '{\"usd_micros\": 1000000}', now())";
    sqlx::query(raised)
        .bind(run)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    // 10 of the task, 6 and 1 of the first run, 1 of its fork.
    fork(json!({"from_seq": 0})).await.expect(201);
    assert_eq!(given(&stage, task).await, [6_000_000, 1_000_000, 2_000_000]);
    fork(json!({"from_seq": 0})).await.expect(409);
    stage.db.forget().await;
}

/// A run of the task that was started with so much and failed after so much.
async fn failed(stage: &Stage, task: Uuid, given: i64, spent: i64) -> Uuid {
    let run = seed::run(stage, task, Some(("failed", json!({}), 1))).await;
    has_budget(stage, run, given).await;
    let sql = "insert into ledger_entries (id, run_id, kind, usd_micros) values (gen_random_uuid(), $1, 'settled', $2)";
    let spend = sqlx::query(sql).bind(run).bind(spent);
    spend.execute(&stage.db.pool).await.unwrap();
    run
}

#[tokio::test]
async fn a_run_that_is_taken_up_again_has_what_is_left() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let retry = async |run: Uuid| {
        let path = format!("/api/v1/runs/{}/retry", shown("run", run));
        let call = stage.post(&path, json!({})).bearer(&ada.access);
        call.send().await
    };
    // Nobody has taken anything meanwhile: it goes on with all it had.
    let first = failed(&stage, task, 6_000_000, 1_000_000).await;
    retry(first).await.expect(200);
    assert_eq!(given(&stage, task).await, [6_000_000]);
    // Of 10, 5 are still the first run's and 2 were spent: 3 are left, on top of the 1 that it has used.
    let second = failed(&stage, task, 9_000_000, 1_000_000).await;
    retry(second).await.expect(200);
    assert_eq!(given(&stage, task).await, [6_000_000, 4_000_000]);
    // Now nothing is left. A run that lives is told that it does, whatever is left.
    let third = failed(&stage, task, 9_000_000, 0).await;
    let refused = retry(third).await.expect(409);
    let why = refused["detail"].as_str().unwrap();
    assert!(why.contains("is used up"), "{why}");
    let refused = retry(second).await.expect(409);
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("has not ended")
    );
    stage.db.forget().await;
}
