//! The first page, the palette and the models: what somebody sees who has just come in.

use codegraph::services::access::Role;
use serde_json::{Value, json};

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};

async fn ask(stage: &Stage, who: &Person, path: &str) -> Value {
    let path = format!("/api/v1/{path}");
    stage
        .get(&path)
        .bearer(&who.access)
        .send()
        .await
        .expect(200)
}

#[tokio::test]
async fn the_first_page_says_what_needs_me_and_what_is_still_to_do() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let empty = ask(&stage, &ada, "overview").await;
    let nothing = json!({"repository": false, "model_key": false, "task": false, "invite": false});
    assert_eq!(empty["onboarding"], nothing);
    assert_eq!(empty["needs_me"]["total"], 0);

    let bob = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", true).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let plan = seed::waiting(&stage, task, "plan_decided").await;
    let money = seed::waiting(&stage, task, "budget_raised").await;
    // Taken up again by a later run: nobody has to look at it.
    seed::run(&stage, task, Some(("failed", json!({}), 1))).await;
    seed::waiting(&stage, task, "delivery_decided").await;
    let other = seed::task(&stage, repository, &ada, "Nuts").await;
    let failed = seed::run(&stage, other, Some(("failed", json!({}), 1))).await;

    let page = ask(&stage, &ada, "overview?time_zone=Asia/Tokyo").await;
    let counts =
        json!({"total": 4, "plans": 1, "questions": 0, "budgets": 1, "deliveries": 1, "failed": 1});
    assert_eq!(page["needs_me"], counts);
    assert_eq!(page["waiting"][0]["id"], shown("run", plan));
    assert_eq!(page["waiting"][1]["id"], shown("run", money));
    assert_eq!(page["failed"][0]["id"], shown("run", failed));
    let done = json!({"repository": true, "model_key": false, "task": true, "invite": true});
    assert_eq!(page["onboarding"], done);
    let theirs = ask(&stage, &bob, "overview").await;
    assert_eq!(theirs["needs_me"]["total"], 0, "not theirs to decide");

    sqlx::query(
        "update run_heads set state = 'ready', waits = null, waits_for = null where run_id = $1",
    )
    .bind(plan)
    .execute(&stage.db.pool)
    .await
    .unwrap();
    let page = ask(&stage, &bob, "overview").await;
    assert_eq!(page["running_total"], 1);
    assert_eq!(page["running"][0]["id"], shown("run", plan));
    let wrong = stage
        .get("/api/v1/overview?time_zone=Mars")
        .bearer(&ada.access);
    wrong.send().await.expect(422);
    stage.db.forget().await;
}

#[tokio::test]
async fn a_palette_finds_what_one_may_see_by_any_part_of_its_name() {
    let stage = Stage::new().await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let mine = seed::repository(&stage, &ada, "100%-bolts", false).await;
    let task = seed::task(&stage, mine, &ada, "Sold TWICE: the same bolts").await;
    let run = seed::run(
        &stage,
        task,
        Some(("succeeded", json!({"result": "published"}), 1)),
    )
    .await;
    let kinds = |found: &Value| {
        let items = found["items"].as_array().unwrap().iter();
        items
            .map(|item| {
                (
                    item["kind"].as_str().unwrap().to_owned(),
                    item["id"].as_str().unwrap().to_owned(),
                )
            })
            .collect::<Vec<_>>()
    };
    let of = |kind: &str, id: String| (kind.to_owned(), id);
    let (repository, task, run) = (
        of("repository", shown("repo", mine)),
        of("task", shown("task", task)),
        of("run", shown("run", run)),
    );
    let found = ask(&stage, &ada, "search?q=bolts").await;
    assert_eq!(
        kinds(&found),
        [repository.clone(), task.clone(), run.clone()]
    );
    assert_eq!(found["items"][2]["subtitle"], "succeeded");
    let found = ask(&stage, &ada, "search?q=twice").await;
    assert_eq!(kinds(&found), [task.clone(), run.clone()]);
    assert_eq!(
        kinds(&ask(&stage, &ada, "search?q=100%25-").await),
        [repository]
    );
    assert_eq!(kinds(&ask(&stage, &ada, "search?q=1_0%25").await), []);
    let start = &run.1[..20];
    assert_eq!(
        kinds(&ask(&stage, &ada, &format!("search?q={start}")).await),
        std::slice::from_ref(&run)
    );
    for q in ["bolts", "twice", start, &task.1] {
        let found = ask(&stage, &bob, &format!("search?q={q}")).await;
        assert_eq!(kinds(&found), [], "{q}");
    }
    stage.db.forget().await;
}

#[tokio::test]
async fn models_are_shown_with_prices_and_never_with_a_key() {
    let key = "sk-very-secret-key-of-ours";
    let stage = Stage::with(&[("CODEGRAPH_ANTHROPIC_API_KEY", key)]).await;
    let viewer = stage.person(Role::Viewer).await;
    let models = ask(&stage, &viewer, "models").await;
    assert!(!models.to_string().contains(key));
    let items = models["items"].as_array().unwrap();
    let of = |provider: &str| {
        items
            .iter()
            .filter(move |item| item["provider"] == provider)
            .collect::<Vec<_>>()
    };
    assert!(
        of("anthropic")
            .iter()
            .all(|item| item.get("missing").is_none())
    );
    assert!(of("anthropic").iter().any(|item| item["available"] == true));
    for other in of("openai") {
        assert_eq!(other["available"], false);
        assert!(
            other["missing"]
                .as_str()
                .unwrap()
                .contains("CODEGRAPH_OPENAI_API_KEY")
        );
    }
    for item in items {
        assert!(
            item["prices"][0]["input"].is_u64() && item["context"].as_u64() > Some(0),
            "{item}"
        );
        assert_eq!(item["prices"][0]["prompt_tokens_over"], 0);
    }
    let defaults = items
        .iter()
        .flat_map(|item| item["default_of"].as_array().unwrap());
    assert_eq!(defaults.count(), 4, "each role has one");
    assert_eq!(
        ask(&stage, &viewer, "overview").await["onboarding"]["model_key"],
        true
    );
    stage.finish().await;
}
