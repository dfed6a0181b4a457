//! Lists in the order that is asked for: read a page at a time, each order holds the same rows.

use codegraph::services::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    seed,
    stage::{Person, Stage},
};

/// This field of all that a list holds, two at a time.
async fn read(stage: &Stage, who: &Person, path: &str, query: &str, field: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = stage.get(&format!("{path}?limit=2&{query}{cursor}"));
        let page = page.bearer(&who.access).send().await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2, "{path}");
        found.extend(items.iter().map(|item| item[field].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Both orders of age hold the same; the newest first, which is what a list without a word has when `usual` is its name.
async fn by_age(stage: &Stage, who: &Person, path: &str, field: &str, usual: &str) -> Vec<Value> {
    let newest = read(stage, who, path, "sort=-created", field).await;
    let mut oldest = read(stage, who, path, "sort=created", field).await;
    let said_nothing = read(stage, who, path, "", field).await;
    let expected = if usual == "created" { &oldest } else { &newest };
    assert_eq!(&said_nothing, expected, "{path}");
    oldest.reverse();
    assert_eq!(newest, oldest, "{path}");
    let wrong = stage.get(&format!("{path}?sort=size"));
    wrong.bearer(&who.access).send().await.expect(400);
    newest
}

#[tokio::test]
async fn runs_and_pull_requests_go_by_age() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let mut runs = Vec::new();
    for turn in 0..5 {
        let ended = ("succeeded", json!({"result": "published"}), 1);
        runs.push(match turn % 2 {
            0 => seed::run(&stage, task, Some(ended)).await,
            _ => seed::waiting(&stage, task, "answered").await,
        });
    }
    let shown = |run: &Uuid| json!(seed::shown("run", *run));
    let newest: Vec<Value> = runs.iter().rev().map(shown).collect();
    let path = "/api/v1/runs";
    assert_eq!(by_age(&stage, &ada, path, "id", "-created").await, newest);
    let ended = read(&stage, &ada, path, "sort=created&status=succeeded", "id").await;
    assert_eq!(ended, [0, 2, 4].map(|at| shown(&runs[at])));
    let asking = "sort=created&status=awaiting_answer";
    let asking = read(&stage, &ada, path, asking, "id").await;
    assert_eq!(asking, [1, 3].map(|at| shown(&runs[at])));
    let bob = stage.person(Role::Member).await;
    assert!(
        read(&stage, &bob, path, "sort=created", "id")
            .await
            .is_empty()
    );

    for number in 1..=3_i64 {
        let sql = "insert into pull_requests (id, repository_id, task_id, run_id, number, url, title, state, draft, head_branch,
                                              base_branch, head_commit)
                   values ($5, $1, $2, $3, $4, 'https://git.example.org/x', 'Bolts', 'open', false, 'b', 'main', 'c')";
        let insert = sqlx::query(sql).bind(repository).bind(task).bind(runs[0]);
        let insert = insert.bind(number).bind(Uuid::now_v7());
        insert.execute(&stage.db.pool).await.unwrap();
    }
    let path = "/api/v1/pull-requests";
    assert_eq!(
        by_age(&stage, &ada, path, "number", "-created").await,
        [3, 2, 1].map(|number| json!(number))
    );
    stage.db.forget().await;
}

#[tokio::test]
async fn repositories_and_people_go_by_age_or_name() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Admin).await;
    for name in ["walnut", "Birch", "ash", "birch", "oak"] {
        seed::repository(&stage, &ada, name, false).await;
    }
    let path = "/api/v1/repositories";
    let newest = by_age(&stage, &ada, path, "name", "-created").await;
    assert_eq!(newest, ["oak", "birch", "ash", "Birch", "walnut"]);
    let named = read(&stage, &ada, path, "sort=name", "name").await;
    assert_eq!(named, ["ash", "Birch", "birch", "oak", "walnut"]);
    let found = read(&stage, &ada, path, "sort=name&q=IRC", "name").await;
    assert_eq!(found, ["Birch", "birch"]);

    for name in ["Zoe", "bob", "Bob", "Cy"] {
        let somebody = stage.person(Role::Member).await;
        let sql = "update users set name = $2 where id = $1";
        let rename = sqlx::query(sql).bind(somebody.id).bind(name);
        rename.execute(&stage.db.pool).await.unwrap();
    }
    let path = "/api/v1/users";
    let newest = by_age(&stage, &ada, path, "id", "created").await;
    assert_eq!(newest.len(), 5);
    let named = read(&stage, &ada, path, "sort=name", "name").await;
    assert_eq!(named, ["bob", "Bob", "Cy", "Somebody", "Zoe"]);

    for name in ["one", "two", "three", "four"] {
        let view = json!({"page": "tasks", "name": name, "query": "status=running"});
        let saved = stage.post("/api/v1/views", view).bearer(&ada.access);
        saved.send().await.expect(201);
    }
    let entries = by_age(&stage, &ada, "/api/v1/audit", "seq", "-created").await;
    let places: Vec<i64> = entries.iter().map(|seq| seq.as_i64().unwrap()).collect();
    assert!(
        places.len() > 3 && places.is_sorted_by(|one, other| one > other),
        "{places:?}"
    );
    stage.db.forget().await;
}
