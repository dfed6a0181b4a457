//! Lists in another order, and lists that one comes back to.

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};

/// Titles of all pages, two a page.
async fn titles(stage: &Stage, who: &Person, query: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/tasks?limit=2&{query}{cursor}");
        let page = stage
            .get(&path)
            .bearer(&who.access)
            .send()
            .await
            .expect(200);
        let items = page["items"].as_array().unwrap().iter();
        found.extend(items.map(|item| item["title"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn tasks_are_listed_in_the_order_that_is_asked_for() {
    let stage = Stage::new().await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let shared = seed::repository(&stage, &ada, "inventory", true).await;
    let mut tasks = Vec::new();
    for title in ["a", "b", "c", "d", "e"] {
        tasks.push(seed::task(&stage, shared, &ada, title).await);
    }
    seed::task(&stage, shared, &bob, "bob's").await;
    // Three of them were changed at the same moment.
    let sql = "update tasks set updated_at = '2030-01-01T00:00:00.123456Z' where title in ('a', 'c', 'e')";
    sqlx::query(sql).execute(&stage.db.pool).await.unwrap();
    let mine = |query: &str| format!("created_by=me&{query}");
    for (sort, expected) in [
        ("-created", "edcba"),
        ("created", "abcde"),
        ("-updated", "ecadb"),
        ("updated", "bdace"),
    ] {
        let query = mine(&format!("sort={sort}"));
        assert_eq!(
            titles(&stage, &ada, &query).await.concat(),
            expected,
            "{sort}"
        );
    }
    let run = seed::waiting(&stage, tasks[1], "answered").await;
    let waiting = titles(&stage, &ada, "sort=-updated&status=awaiting_answer").await;
    assert_eq!((waiting.concat().as_str(), run.is_nil()), ("b", false));
    assert_eq!(
        titles(&stage, &bob, "created_by=me&sort=updated").await,
        ["bob's"]
    );

    // A cursor of one order leads nowhere in another.
    let page = stage.get("/api/v1/tasks?limit=2&sort=created");
    let page = page.bearer(&ada.access).send().await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let other = format!("/api/v1/tasks?sort=-updated&cursor={cursor}");
    stage
        .get(&other)
        .bearer(&ada.access)
        .send()
        .await
        .expect(422);
    stage.db.forget().await;
}

#[tokio::test]
async fn a_view_is_saved_changed_and_forgotten_by_its_owner_alone() {
    let stage = Stage::new().await;
    let (ada, bob) = (
        stage.person(Role::Viewer).await,
        stage.person(Role::Viewer).await,
    );
    let save = |who: &Person, name: &str| {
        let body = json!({"page": "tasks", "name": name, "query": "status=running&sort=-updated"});
        stage.post("/api/v1/views", body).bearer(&who.access).send()
    };
    let made = save(&ada, "At work").await;
    let tag = made.headers["etag"].to_str().unwrap().to_owned();
    let made = made.expect(201);
    save(&ada, "At work").await.expect(409);
    save(&ada, "Other").await.expect(201);
    save(&bob, "At work").await.expect(201);
    let path = format!("/api/v1/views/{}", made["id"].as_str().unwrap());
    let change = |who: &Person, tag: &str, body: Value| {
        let call = stage.call(Method::PATCH, &path).header("if-match", tag);
        call.json(body).bearer(&who.access).send()
    };
    change(&bob, &tag, json!({"name": "Mine"}))
        .await
        .expect(404);
    change(&ada, &tag, json!({"name": "Other"}))
        .await
        .expect(409);
    let changed = change(&ada, &tag, json!({"name": "Under way"}))
        .await
        .expect(200);
    assert_eq!(
        (&changed["name"], &changed["query"]),
        (&json!("Under way"), &made["query"])
    );
    change(&ada, &tag, json!({"query": ""})).await.expect(412);
    let list = async |who: &Person, query: &str| {
        let path = format!("/api/v1/views{query}");
        let list = stage
            .get(&path)
            .bearer(&who.access)
            .send()
            .await
            .expect(200);
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(list(&ada, "").await, 2);
    assert_eq!(list(&ada, "?page=audit").await, 0);
    let delete = |who: &Person| stage.call(Method::DELETE, &path).bearer(&who.access).send();
    delete(&bob).await.expect(404);
    delete(&ada).await.expect(204);
    delete(&ada).await.expect(404);
    assert_eq!((list(&ada, "").await, list(&bob, "").await), (1, 1));
    stage.db.forget().await;
}

#[tokio::test]
async fn a_task_asked_for_again_is_the_same_however_it_was_changed() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let shared = seed::repository(&stage, &ada, "inventory", true).await;
    let ask = |title: &str| {
        let body = json!({"repository_id": shown("repo", shared), "title": title, "start": false});
        let call = stage.post("/api/v1/tasks", body).bearer(&ada.access);
        call.header("idempotency-key", "k").send()
    };
    let made = ask("Bolts").await.expect(201);
    let path = format!("/api/v1/tasks/{}", made["id"].as_str().unwrap());
    let rename = stage
        .call(Method::PATCH, &path)
        .json(json!({"title": "Nuts"}));
    rename.bearer(&ada.access).send().await.expect(200);
    assert_eq!(ask("Bolts").await.expect(201)["id"], made["id"]);
    let other = ask("Nuts").await.expect(422);
    assert_eq!(other["errors"][0]["path"], "Idempotency-Key");
    stage.finish().await;
}
