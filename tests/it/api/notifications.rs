//! What people are told of their work.

use std::time::Duration;

use codegraph::services::{access::Role, runs::Start, steering};
use futures::StreamExt as _;
use poem::{Endpoint as _, Request, http::Method};
use serde_json::{Value, json};
use uuid::Uuid;
use workflows::{RunId, TaskId};

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};
use crate::support::{Act, SCRIPT, eventually, script};

async fn list(stage: &Stage, who: &Person, query: &str) -> Value {
    let path = format!("/api/v1/notifications{query}");
    stage
        .get(&path)
        .bearer(&who.access)
        .send()
        .await
        .expect(200)
}

/// Runs of a task by a worker of the tests: they do these things.
async fn begin(stage: &Stage, task: Uuid, acts: &[Act]) -> RunId {
    let start = Start {
        input: script(acts),
        task: Some(TaskId(task)),
        limits: vec![codegraph::services::places::Limit {
            key: format!("task:{task}"),
            most: 9,
        }],
        ..Start::default()
    };
    stage.db.start(&SCRIPT, start).await
}

fn wait(signal: &str) -> Act {
    Act::Await(vec![signal.to_owned()], None)
}

async fn parked(stage: &Stage, run: RunId, signal: &str) {
    eventually(&format!("{run} waits for {signal}"), async || {
        let head = stage.db.head(run).await?;
        (head.waits_for? == [signal]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn each_cause_is_told_once_to_who_asked_for_the_task() {
    let stage = Stage::new().await;
    let worker = stage.db.worker().start().await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let repository = seed::repository(&stage, &ada, "inventory", true).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let waits = begin(&stage, task, &[wait("plan_decided"), wait("elsewhere")]).await;
    parked(&stage, waits, "plan_decided").await;
    let fails = begin(&stage, task, &[Act::Fail("it broke".to_owned())]).await;
    stage.db.ended(fails).await;

    let told = list(&stage, &ada, "").await;
    assert_eq!(told["unread"], 2);
    let items = told["items"].as_array().unwrap();
    assert_eq!(items[0]["kind"], "failed");
    assert!(items[0]["detail"].as_str().unwrap().contains("it broke"));
    assert_eq!(items[1]["kind"], "plan");
    assert_eq!(items[1]["run_id"], shown("run", waits.0));
    assert_eq!(items[1]["task"]["title"], "Bolts");
    assert_eq!(list(&stage, &bob, "").await["unread"], 0);

    let read = |who: &Person, body: Value| {
        let call = stage.post("/api/v1/notifications/read", body);
        call.bearer(&who.access).send()
    };
    let one = json!({"ids": [items[0]["id"]]});
    read(&bob, one.clone()).await.expect(200);
    assert_eq!(
        list(&stage, &ada, "").await["unread"],
        2,
        "not theirs to read"
    );
    assert_eq!(read(&ada, one).await.expect(200)["unread"], 1);
    let unread = list(&stage, &ada, "?unread=true").await;
    assert_eq!(unread["items"].as_array().unwrap().len(), 1);
    let page = list(&stage, &ada, "?limit=1").await;
    let next = format!("?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(
        list(&stage, &ada, &next).await["items"][0]["id"],
        items[1]["id"]
    );
    assert_eq!(read(&ada, json!({})).await.expect(200)["unread"], 0);

    // Muted kinds are not told, now or later; what nobody but a program waits for is not told at all.
    let preferences = "/api/v1/notifications/preferences";
    let mute = stage
        .call(Method::PUT, preferences)
        .json(json!({"muted": ["failed"]}));
    mute.bearer(&ada.access).send().await.expect(200);
    let fails = begin(&stage, task, &[Act::Fail("again".to_owned())]).await;
    stage.db.ended(fails).await;
    let word = json!({});
    steering::signal(&stage.db.pool, waits, "plan_decided", &word, None)
        .await
        .unwrap();
    parked(&stage, waits, "elsewhere").await;
    assert_eq!(list(&stage, &ada, "").await["unread"], 0);
    steering::signal(&stage.db.pool, waits, "elsewhere", &word, None)
        .await
        .unwrap();
    stage.db.ended(waits).await;
    assert_eq!(
        list(&stage, &ada, "?unread=true").await["items"][0]["kind"],
        "succeeded"
    );
    worker.stop().await;
    stage.finish().await;
}

#[tokio::test]
async fn the_stream_tells_them_as_they_come() {
    let stage = Stage::new().await;
    let worker = stage.db.worker().start().await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let (state, routes) = stage.beside(&[]);
    let request = Request::builder()
        .uri("/api/v1/stream".parse().unwrap())
        .header("authorization", format!("Bearer {}", ada.access))
        .finish();
    let mut stream = routes
        .get_response(request)
        .await
        .into_body()
        .into_bytes_stream();
    // Whoever listens first misses nothing of what is heard.
    let hearing = tokio::spawn(state.feed.clone().run(stage.db.pool.clone()));
    let mut heard = String::new();
    let mut until = async |what: &str| {
        let reading = async {
            while !heard.contains(what) {
                let bytes = stream.next().await.expect("the stream goes on").unwrap();
                heard.push_str(std::str::from_utf8(&bytes).unwrap());
            }
        };
        let patience = Duration::from_secs(20);
        tokio::time::timeout(patience, reading).await.expect(what);
    };
    // Whoever hears is there: it says that anything may have moved before.
    until("\"reset\"").await;
    let run = begin(&stage, task, &[wait("answered")]).await;
    until("\"type\":\"notification\"").await;
    until("\"kind\":\"question\"").await;
    steering::signal(&stage.db.pool, run, "answered", &json!({}), None)
        .await
        .unwrap();
    until("\"kind\":\"succeeded\"").await;
    assert_eq!(
        heard.matches("\"type\":\"notification\"").count(),
        2,
        "{heard}"
    );
    drop(stream);
    hearing.abort();
    worker.stop().await;
    drop((state, routes));
    stage.finish().await;
}
