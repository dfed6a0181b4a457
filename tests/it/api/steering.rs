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

/// So many at the same moment.
async fn at_once(
    stage: &Stage,
    who: &super::stage::Person,
    path: &str,
    body: &Value,
) -> (usize, usize) {
    let calls = (0..6).map(|_| stage.post(path, body.clone()).bearer(&who.access).send());
    let answers = futures::future::join_all(calls).await;
    let of = |status: u16| {
        answers
            .iter()
            .filter(|a| a.status.as_u16() == status)
            .count()
    };
    (of(200), of(409))
}

#[tokio::test]
async fn of_those_who_decide_at_the_same_moment_one_is_heard() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    for (signal, operation, action, body) in [
        ("answered", "answer", "run.answered", json!({"text": "Yes"})),
        (
            "budget_raised",
            "budget",
            "run.budget_raised",
            json!({"usd_micros": 7}),
        ),
        (
            "delivery_decided",
            "delivery",
            "run.delivery_decided",
            json!({"decision": "approve"}),
        ),
        (
            "plan_decided",
            "plans/1/decision",
            "run.plan_decided",
            json!({"decision": "approve"}),
        ),
    ] {
        let run = seed::waiting(&stage, task, signal).await;
        let plan =
            "insert into steps (run_id, seq, step_no, attempt, epoch, duration_ms, name, output)
                    values ($1, 1, 1, 1, 1, 5, 'plan', '{\"plan\": {\"items\": []}}')";
        for sql in [
            plan,
            "update run_heads set seq = 1, step_no = 2 where run_id = $1",
        ] {
            let statement = sqlx::query(sql).bind(run);
            statement.execute(&stage.db.pool).await.unwrap();
        }
        let path = format!("/api/v1/runs/{}/{operation}", shown("run", run));
        assert_eq!(
            at_once(&stage, &ada, &path, &body).await,
            (1, 5),
            "{signal}"
        );
        // Nothing is left that would answer what the run asks next, and nobody is said to have done what they have not.
        let left: (i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from signals where run_id = $1),
                    (select count(*) from signals where run_id = $1 and consumed_at is null),
                    (select count(*) from audit_entries where subject = $2 and action = $3)",
        )
        .bind(run)
        .bind(shown("run", run))
        .bind(action)
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
        assert_eq!(left, (1, 0, 1), "{signal}");
    }
    stage.db.forget().await;
}

#[tokio::test]
async fn a_message_that_is_sent_again_under_its_key_is_said_and_noted_once() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let run = seed::waiting(&stage, task, "answered").await;
    let path = format!("/api/v1/runs/{}/messages", shown("run", run));
    let say = |text: &str, key: &'static str| {
        let call = stage.post(&path, json!({"text": text}));
        call.bearer(&ada.access)
            .header("Idempotency-Key", key)
            .send()
    };
    for _ in 0..3 {
        say("Mind the bolts", "one").await.expect(200);
    }
    say("Mind the nuts", "one").await.expect(422);
    say("Mind the bolts", "two").await.expect(200);
    let said: (i64, i64) = sqlx::query_as(
        "select (select count(*) from signals where run_id = $1),
                (select count(*) from audit_entries where subject = $2 and action = 'run.messaged')",
    )
    .bind(run)
    .bind(shown("run", run))
    .fetch_one(&stage.db.pool)
    .await
    .unwrap();
    assert_eq!(said, (2, 2));
    stage.db.forget().await;
}
