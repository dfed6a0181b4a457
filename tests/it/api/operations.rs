//! The engine room.

use codegraph::services::access::Role;
use serde_json::json;

use super::{seed, stage::Stage};

#[tokio::test]
async fn the_engine_room_shows_what_waits_and_who_works() {
    let stage = Stage::new().await;
    let (admin, ann) = (
        stage.person(Role::Admin).await,
        stage.person(Role::Member).await,
    );
    let repository = seed::repository(&stage, &ann, "shop", true).await;
    let task = seed::task(&stage, repository, &ann, "One").await;
    seed::waiting(&stage, task, "answered").await;
    sqlx::query(
        "insert into workers (host, pid, lanes, version, lease_until)
         values ('box', 7, '{agents}', '1.2.3', now() + interval '30 seconds')",
    )
    .execute(&stage.db.pool)
    .await
    .unwrap();
    let path = "/api/v1/operations";
    stage.get(path).bearer(&ann.access).send().await.expect(403);
    let seen = stage
        .get(path)
        .bearer(&admin.access)
        .send()
        .await
        .expect(200);
    assert_eq!(seen["lanes"][0]["lane"], "agents");
    assert_eq!(seen["lanes"][0]["waiting_runs"], 1);
    let worker = &seen["workers"][0];
    assert_eq!(
        (worker["host"].as_str(), worker["version"].as_str()),
        (Some("box"), Some("1.2.3"))
    );
    let lease = worker["lease_s"].as_f64().unwrap();
    assert!((0.0..=30.0).contains(&lease), "{lease}");
    sqlx::query("delete from workers")
        .execute(&stage.db.pool)
        .await
        .unwrap();
    stage.db.forget().await;
}

#[tokio::test]
async fn dead_jobs_are_shown_with_their_reason_and_tried_again() {
    let stage = Stage::new().await;
    let (admin, ann) = (
        stage.person(Role::Admin).await,
        stage.person(Role::Member).await,
    );
    for id in ["a", "b", "c"] {
        sqlx::query(
            "insert into apalis.jobs (id, job, job_type, status, attempts, max_attempts, run_at, done_at, last_result)
             values ($1, convert_to('{\"job\": \"deliver_webhook\", \"args\": {}}', 'UTF8'), 'outbound',
                     case $1 when 'c' then 'Pending' else 'Killed' end, 5, 5, now(), now(), '{\"Err\": \"nobody answered\"}')",
        )
        .bind(id)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    }
    let path = "/api/v1/operations/dead-jobs";
    stage.get(path).bearer(&ann.access).send().await.expect(403);
    let dead = stage
        .get(path)
        .bearer(&admin.access)
        .send()
        .await
        .expect(200);
    assert_eq!(dead["items"].as_array().unwrap().len(), 2);
    assert_eq!(dead["items"][0]["reason"], "nobody answered");
    assert_eq!(dead["items"][0]["name"], "deliver_webhook");
    let again = format!("{path}/retry");
    let wanted = json!({"ids": ["a", "c", "nobody"]});
    let done = stage
        .post(&again, wanted)
        .bearer(&admin.access)
        .send()
        .await
        .expect(200);
    assert_eq!(done["retried"], 1, "only what is dead");
    let (status, attempts): (String, i32) =
        sqlx::query_as("select status, attempts from apalis.jobs where id = 'a'")
            .fetch_one(&stage.db.pool)
            .await
            .unwrap();
    assert_eq!((status.as_str(), attempts), ("Pending", 0));
    let noted = stage
        .get("/api/v1/audit?action=jobs.retried")
        .bearer(&admin.access)
        .send()
        .await;
    assert_eq!(noted.expect(200)["items"].as_array().unwrap().len(), 1);
    stage
        .post(&again, json!({"ids": []}))
        .bearer(&admin.access)
        .send()
        .await
        .expect(400);
    stage.db.forget().await;
}
