//! What people choose for a task and for a repository: models, limits, hosts. What cannot be is said where it stands,
//! and what the task says wins over what holds in its repository.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::{Person, Stage};

async fn sample(stage: &Stage, person: &Person) -> String {
    let made = stage.post("/api/v1/repositories/sample", json!({}));
    let made = made.bearer(&person.access).send().await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

fn told(problem: &Value) -> Vec<(String, String)> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .map(|error| (text(&error["path"]), text(&error["message"])))
        .collect()
}

#[tokio::test]
async fn a_model_that_is_retired_or_unknown_is_an_error_of_its_field() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = sample(&stage, &ada).await;
    let task = |models: Value| {
        let body = json!({"repository_id": repository, "title": "x", "start": false, "options": {"models": models}});
        stage.post("/api/v1/tasks", body).bearer(&ada.access).send()
    };
    let wrong = task(
        json!({"planner": "claude-opus-4-1", "coder": "nobody-knows", "tester": "claude-haiku-5-5"}),
    );
    let wrong = told(&wrong.await.expect(422));
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    let at = |path: &str| {
        let found = wrong.iter().find(|(place, _)| place == path);
        found
            .map(|(_, message)| message.clone())
            .unwrap_or_default()
    };
    let retired = at("/options/models/planner");
    assert!(
        retired.contains("retired") && retired.contains("use `claude-opus-5-5`"),
        "{wrong:?}"
    );
    assert!(
        at("/options/models/coder").contains("no model is called `nobody-knows`"),
        "{wrong:?}"
    );
    task(json!({"coder": "ollama/mine"})).await.expect(201);
    stage.finish().await;
}

#[tokio::test]
async fn limits_of_a_task_win_over_those_of_its_repository() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = sample(&stage, &ada).await;
    let profile = format!("/api/v1/repositories/{repository}/profile");
    let put = |body: Value| {
        let call = stage.call(Method::PUT, &profile);
        call.json(body).bearer(&ada.access).send()
    };
    let set = put(json!({
        "minutes": 20, "limits": {"coder": {"turns": 50, "usd_micros": 2_000_000}, "reviewer": {"turns": 9}},
        "network_hosts": ["Packages.Example.com", "*.example.org", "packages.internal:8081"],
    }));
    let set = set.await.expect(200);
    assert_eq!(set["minutes"], 20);
    assert_eq!(
        set["limits"]["coder"],
        json!({"turns": 50, "usd_micros": 2_000_000})
    );
    assert_eq!(
        set["network_hosts"],
        json!([
            "packages.example.com",
            "*.example.org",
            "packages.internal:8081"
        ])
    );

    let made = stage.post(
        "/api/v1/tasks",
        json!({"repository_id": repository, "title": "x", "options": {
            "minutes": 5, "limits": {"coder": {"turns": 7}}, "network": true}}),
    );
    let made = made.bearer(&ada.access).send().await.expect(201);
    // The task shows what it was asked for; the run has what holds.
    assert_eq!(made["options"]["minutes"], 5);
    assert_eq!(made["options"]["limits"], json!({"coder": {"turns": 7}}));
    let input: Value = sqlx::query_scalar("select input from runs")
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    assert_eq!(input["options"]["minutes"], 5, "{input}");
    assert_eq!(
        input["options"]["limits"],
        json!({"coder": {"turns": 7, "usd_micros": 2_000_000}, "reviewer": {"turns": 9, "usd_micros": null}})
    );
    assert_eq!(input["hosts"][0], "packages.example.com");

    // Taken back with what is left out.
    let bare = put(json!({})).await.expect(200);
    assert!(
        bare.get("minutes").is_none() && bare.get("limits").is_none(),
        "{bare}"
    );
    assert_eq!(bare["network_hosts"], json!([]));
    // Nobody is there to work on the task.
    stage.db.forget().await;
}

#[tokio::test]
async fn a_profile_that_makes_no_sense_is_refused_at_its_place() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = sample(&stage, &ada).await;
    let profile = format!("/api/v1/repositories/{repository}/profile");
    let put = |body: Value| {
        let call = stage.call(Method::PUT, &profile);
        call.json(body).bearer(&ada.access).send()
    };
    // What the document itself forbids is no request of this API; what only the service can know cannot be done.
    for (status, body, path) in [
        (
            422,
            json!({"network_hosts": ["good.example.com", "https://a.b"]}),
            "/network_hosts/1",
        ),
        (
            422,
            json!({"network_hosts": ["10.0.0.1"]}),
            "/network_hosts/0",
        ),
        (400, json!({"minutes": 0}), "/minutes"),
        (
            400,
            json!({"limits": {"coder": {"turns": 0}}}),
            "/limits/coder/turns",
        ),
        (
            400,
            json!({"limits": {"janitor": {"turns": 1}}}),
            "/limits/janitor",
        ),
    ] {
        let wrong = put(body.clone()).await.expect(status);
        let wrong = told(&wrong);
        assert!(
            wrong.iter().any(|(place, _)| place == path),
            "{body}: {wrong:?}"
        );
    }
    stage.finish().await;
}

#[tokio::test]
async fn everybody_sees_which_wall_stands() {
    let stage = Stage::new().await;
    let says = async || {
        let version = stage.get("/api/v1/version").send().await.expect(200);
        version["sandbox"].as_str().unwrap().to_owned()
    };
    assert_eq!(says().await, "unknown");
    let begins = async |wall: &str, lease: &str| {
        sqlx::query(
            "insert into workers (host, pid, lanes, version, lease_until, sandbox)
             values ('here', 1, '{agents}', '0', clock_timestamp() + $2::text::interval, $1)",
        )
        .bind(wall)
        .bind(lease)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    };
    begins("none", "-1 second").await;
    assert_eq!(says().await, "unknown", "that one lives no more");
    begins("bubblewrap", "1 hour").await;
    assert_eq!(says().await, "bubblewrap");
    begins("landlock", "1 hour").await;
    assert_eq!(says().await, "landlock", "the weakest is told");
    begins("none", "1 hour").await;
    assert_eq!(says().await, "none");
    sqlx::query("delete from workers")
        .execute(&stage.db.pool)
        .await
        .unwrap();
    stage.finish().await;
}
