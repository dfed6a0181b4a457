//! Words for runs that wait for one.

use codegraph::services::access::Role;
use serde_json::{Value, json};

use super::{
    seed::{self, shown},
    stage::Stage,
};

#[tokio::test]
async fn a_run_is_given_money_or_time_and_one_of_both_must_be_said() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    for (body, kept) in [
        (json!({"minutes": 15}), json!({"minutes": 15})),
        (json!({"usd_micros": 7}), json!({"usd_micros": 7})),
        (
            json!({"usd_micros": 7, "minutes": 1}),
            json!({"usd_micros": 7, "minutes": 1}),
        ),
    ] {
        let run = seed::waiting(&stage, task, "budget_raised").await;
        let path = format!("/api/v1/runs/{}/budget", shown("run", run));
        let raise = |body: Value| stage.post(&path, body).bearer(&ada.access).send();
        for wrong in [
            json!({}),
            json!({"minutes": 0}),
            json!({"usd_micros": -1}),
            json!({"hours": 1}),
        ] {
            let answer = raise(wrong.clone()).await;
            assert!([400, 422].contains(&answer.status.as_u16()), "{wrong}");
        }
        assert_eq!(raise(body.clone()).await.expect(200)["status"], "queued");
        let told: Value =
            sqlx::query_scalar("select data -> 'payload' from events where run_id = $1")
                .bind(run)
                .fetch_one(&stage.db.pool)
                .await
                .unwrap();
        assert_eq!(told, kept);
        raise(body).await.expect(409);
    }
    stage.db.forget().await;
}
