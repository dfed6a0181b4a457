//! Lists that are kept: given again while nothing moves, and to nobody else.

use codegraph::{
    api::ApiState,
    services::{access::Role, announce},
};
use poem::{endpoint::BoxEndpoint, http::Method};
use serde_json::{Value, json};
use workflows::RunId;

use super::{
    seed,
    stage::{Call, Person, Stage},
};
use crate::support::eventually;

type Node = (ApiState, BoxEndpoint<'static>);

/// Until this node is told what moves.
async fn hears(stage: &Stage, node: &Node) -> tokio::task::JoinHandle<()> {
    let hearing = tokio::spawn(node.0.feed.clone().run(stage.db.pool.clone()));
    eventually("the node is told what moves", async || {
        node.0.feed.moved().map(drop)
    })
    .await;
    hearing
}

async fn names(node: &Node, who: &Person) -> Vec<String> {
    let call = Call::new(&node.1, Method::GET, "/api/v1/repositories?limit=20");
    let list = call.bearer(&who.access).send().await.expect(200);
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_list_is_kept_until_something_moves_on_whatever_node() {
    let stage = Stage::new().await;
    let (one, two) = (stage.beside(&[]), stage.beside(&[]));
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let hearing = [hears(&stage, &one).await, hears(&stage, &two).await];
    seed::repository(&stage, &ada, "first", false).await;
    assert_eq!(names(&one, &ada).await, ["first"]);
    assert_eq!(names(&one, &bob).await, [""; 0], "another's answer");

    // A row that nobody tells of is not seen: the answer is the one that was kept.
    let second = seed::repository(&stage, &ada, "second", false).await;
    assert_eq!(names(&one, &ada).await, ["first"]);
    let rename = async |node: &Node, name: &str| {
        let call = Call::new(&node.1, Method::PATCH, "/api/v1/auth/me");
        let call = call.json(json!({"name": name})).bearer(&ada.access);
        call.send().await.expect(200);
    };
    // Whoever writes reads what they wrote, on the same node at once.
    rename(&one, "Ada").await;
    assert_eq!(names(&one, &ada).await, ["second", "first"]);

    // On another node, as soon as it has heard.
    names(&two, &ada).await;
    let before = two.0.feed.moved();
    seed::repository(&stage, &ada, "third", false).await;
    rename(&one, "Ada L").await;
    eventually("the other node hears of it", async || {
        (two.0.feed.moved() != before).then_some(())
    })
    .await;
    assert_eq!(names(&two, &ada).await, ["third", "second", "first"]);

    // A run that moves is heard of everywhere.
    let task = seed::task(&stage, second, &ada, "Bolts").await;
    let run = seed::waiting(&stage, task, "answered").await;
    for node in [&one, &two] {
        let waits = async |node: &Node| {
            let call = Call::new(&node.1, Method::GET, "/api/v1/overview");
            let page: Value = call.bearer(&ada.access).send().await.expect(200);
            page["needs_me"]["total"].as_u64().unwrap()
        };
        let before = node.0.feed.moved();
        let kept = waits(node).await;
        announce::changed(&stage.db.pool, &[RunId(run)]).await;
        eventually("the run is heard of", async || {
            (node.0.feed.moved() != before).then_some(())
        })
        .await;
        assert_eq!((kept, waits(node).await), (1, 1));
    }
    for one in hearing {
        one.abort();
    }
    drop((one, two));
    stage.db.forget().await;
}

#[tokio::test]
async fn nothing_is_kept_where_nobody_tells_what_moves_and_rights_are_looked_at_each_time() {
    let stage = Stage::new().await;
    let deaf = stage.beside(&[]);
    let ada = stage.person(Role::Member).await;
    assert_eq!(names(&deaf, &ada).await, [""; 0]);
    seed::repository(&stage, &ada, "first", false).await;
    assert_eq!(names(&deaf, &ada).await, ["first"]);

    let hearing = hears(&stage, &deaf).await;
    assert_eq!(names(&deaf, &ada).await, ["first"]);
    sqlx::query("update sessions set revoked_at = now() where user_id = $1")
        .bind(ada.id)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    let call = Call::new(&deaf.1, Method::GET, "/api/v1/repositories?limit=20");
    call.bearer(&ada.access).send().await.expect(401);
    hearing.abort();
    drop(deaf);
    stage.db.forget().await;
}
