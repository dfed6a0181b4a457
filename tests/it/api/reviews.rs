//! Reviews by people: comments on lines, sent to the agents as one.

use codegraph::services::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    seed::{self, shown},
    stage::{Answer, Person, Stage},
};

const DIFF: &str = "diff --git a/stock.py b/stock.py\n--- a/stock.py\n+++ b/stock.py\n@@ -3,3 +3,4 @@ def f():\n a = 1\n-b = 2\n+b = 3\n+c = 4\n d = 5\n";

async fn changed(stage: &Stage, who: &Person, signal: &str) -> Uuid {
    let repository = seed::repository(stage, who, &Uuid::now_v7().to_string(), false).await;
    let task = seed::task(stage, repository, who, "Bolts").await;
    let run = seed::waiting(stage, task, signal).await;
    let files = json!([{"path": "stock.py", "status": "modified", "added": 2, "removed": 1}]);
    seed::change(stage, run, files, DIFF).await;
    run
}

async fn send(stage: &Stage, who: &Person, run: Uuid, key: Option<&str>, body: Value) -> Answer {
    let path = format!("/api/v1/runs/{}/reviews", shown("run", run));
    let call = stage.post(&path, body).bearer(&who.access);
    match key {
        Some(key) => call.header("idempotency-key", key).send().await,
        None => call.send().await,
    }
}

fn two() -> Value {
    json!({"text": "Nearly.", "comments": [
        {"path": "stock.py", "line": 5, "start_line": 4, "side": "new", "text": "Why `c`?"},
        {"path": "stock.py", "line": 4, "side": "old", "text": "This was right."},
    ]})
}

#[tokio::test]
async fn a_run_that_waits_for_its_delivery_takes_a_review_as_the_wish_for_changes() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let run = changed(&stage, &ada, "delivery_decided").await;
    let sent = send(&stage, &ada, run, Some("k"), two()).await.expect(201);
    assert_eq!(sent["sent_as"], "decision");
    assert_eq!(sent["by"]["name"], "Somebody");
    assert_eq!(sent["comments"][0]["code"], "b = 3\nc = 4");
    assert_eq!(sent["comments"][1]["code"], "b = 2");
    let told: Value = sqlx::query_scalar("select data from events where run_id = $1")
        .bind(run)
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    assert_eq!(told["name"], "delivery_decided");
    assert_eq!(told["payload"]["decision"], "request_changes");
    assert_eq!(
        told["payload"]["text"],
        "Somebody has reviewed your changes.\n\nNearly.\n\n1. `stock.py`, lines 4–5:\n```\nb = 3\nc = 4\n```\nWhy `c`?\n\n2. `stock.py`, line 4 before your change:\n```\nb = 2\n```\nThis was right.\n"
    );
    // The same again is the same, also when the run has gone on; another under its key is a mistake.
    let again = send(&stage, &ada, run, Some("k"), two()).await.expect(201);
    assert_eq!(again["id"], sent["id"]);
    let other = json!({"text": "Other.", "comments": []});
    send(&stage, &ada, run, Some("k"), other).await.expect(409);
    let path = format!("/api/v1/runs/{}/reviews", shown("run", run));
    let list = stage
        .get(&path)
        .bearer(&ada.access)
        .send()
        .await
        .expect(200);
    assert_eq!(list["items"], json!([sent]));
    stage.db.forget().await;
}

#[tokio::test]
async fn a_run_at_work_hears_a_review_as_words_and_others_take_none() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let bob = stage.person(Role::Member).await;
    let run = changed(&stage, &ada, "plan_decided").await;
    let answer = send(&stage, &ada, run, None, two()).await.expect(409);
    assert!(
        answer["detail"]
            .as_str()
            .unwrap()
            .contains("decision on its plan")
    );
    send(&stage, &bob, run, None, two()).await.expect(404);
    sqlx::query("update run_heads set state = 'ready', waits = null, waits_for = null, step = 'code' where run_id = $1")
        .bind(run)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    let sent = send(&stage, &ada, run, None, two()).await.expect(201);
    assert_eq!(sent["sent_as"], "message");
    let told: (String, Value) =
        sqlx::query_as("select name, payload from signals where run_id = $1")
            .bind(run)
            .fetch_one(&stage.db.pool)
            .await
            .unwrap();
    assert_eq!(told.0, "message");
    assert!(told.1["text"].as_str().unwrap().contains("Why `c`?"));
    let over = seed::run(
        &stage,
        seed::task(
            &stage,
            seed::repository(&stage, &ada, "r", false).await,
            &ada,
            "t",
        )
        .await,
        Some(("succeeded", json!({"result": "published"}), 1)),
    )
    .await;
    send(&stage, &ada, over, None, two()).await.expect(409);
    stage.db.forget().await;
}

#[tokio::test]
async fn comments_on_what_the_difference_does_not_show_are_all_named() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let run = changed(&stage, &ada, "delivery_decided").await;
    let at = |path: &str, start: u32, line: u32, side: &str| json!({"path": path, "start_line": start, "line": line, "side": side, "text": "x"});
    let wrong = json!({"comments": [
        at("stock.py", 3, 3, "new"), at("stock.py", 7, 7, "new"), at("other.py", 1, 1, "new"),
        at("stock.py", 6, 6, "old"), at("stock.py", 5, 4, "new"), at("stock.py", 2, 3, "new"),
    ]});
    let answer = send(&stage, &ada, run, None, wrong).await.expect(422);
    let paths: Vec<&str> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            "/comments/1/line",
            "/comments/2/path",
            "/comments/3/line",
            "/comments/4/start_line",
            "/comments/5/line"
        ]
    );
    let nothing = json!({"text": "  ", "comments": []});
    send(&stage, &ada, run, None, nothing).await.expect(422);
    let waits: bool =
        sqlx::query_scalar("select state = 'waiting' from run_heads where run_id = $1")
            .bind(run)
            .fetch_one(&stage.db.pool)
            .await
            .unwrap();
    assert!(waits, "nothing was sent");
    stage.db.forget().await;
}
