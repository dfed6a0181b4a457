//! Between nodes: what they share, how soon one hears of what happens on another, and that a reader who does not read is
//! nobody's burden.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use codegraph::{
    api::ApiState,
    services::{access::Role, announce, places::Limit, runs::Start},
};
use poem::{endpoint::BoxEndpoint, http::Method};
use serde_json::{Value, json};
use workflows::{RunId, TaskId};

use super::{
    seed::{self, shown},
    stage::{Call, Stage},
    stream::Listener,
};
use crate::{
    cache::Server,
    support::{Act, SCRIPT, eventually, script, step},
};

type Node = (ApiState, BoxEndpoint<'static>);

async fn login(node: &Node) -> u16 {
    let body = json!({"email": "bob@example.org", "password": "a wrong password"});
    let call = Call::new(&node.1, Method::POST, "/api/v1/auth/login").json(body);
    let call = call.header("x-forwarded-for", "192.0.2.1");
    call.send().await.status.as_u16()
}

/// Two nodes with one cache between them.
fn pair(stage: &Stage, redis: &Server, tries: &str) -> [Node; 2] {
    let url = redis.url();
    let settings = [
        ("CODEGRAPH_REDIS_URL", url.as_str()),
        ("CODEGRAPH_BEHIND_PROXY", "yes"),
        ("CODEGRAPH_SIGN_INS_PER_MINUTE", tries),
    ];
    [stage.beside(&settings), stage.beside(&settings)]
}

#[tokio::test]
async fn nodes_share_how_often_somebody_tried_to_come_in() {
    let Some(redis) = Server::start().await else {
        return;
    };
    let stage = Stage::new().await;
    let nodes = pair(&stage, &redis, "6");
    let mut said = Vec::new();
    for turn in 0..9 {
        said.push(login(&nodes[turn % 2]).await);
    }
    // Neither has been asked six times. Who does not hear from the cache in time counts alone, so one may slip through.
    let (first, late) = said.split_at(6);
    assert_eq!(first, [401; 6]);
    assert!(late.contains(&429), "{said:?}");
    drop(nodes);
    stage.finish().await;
}

#[tokio::test]
async fn a_cache_that_dies_under_them_costs_nobody_an_answer() {
    let Some(mut redis) = Server::start().await else {
        return;
    };
    let stage = Stage::new().await;
    let nodes = pair(&stage, &redis, "2");
    let ada = stage.person(Role::Member).await;
    for turn in 0..30 {
        if turn == 10 {
            redis.kill();
        }
        if turn == 20 {
            redis.again().await;
        }
        let node = &nodes[turn % 2];
        let tried = login(node).await;
        assert!([401, 429].contains(&tried), "{turn}: {tried}");
        let call = Call::new(&node.1, Method::PATCH, "/api/v1/auth/me");
        let call = call.json(json!({"name": "Ada"})).bearer(&ada.access);
        call.send().await.expect(200);
        let call = Call::new(&node.1, Method::GET, "/api/v1/metrics/summary");
        call.bearer(&ada.access).send().await.expect(200);
    }
    drop(nodes);
    stage.finish().await;
}

/// Looked at so many, or for so long: a busy disk writes few.
const EVENTS: usize = 100;
const LONGEST: Duration = Duration::from_secs(25);
/// Fewer say nothing.
const FEWEST: usize = 10;

/// When the events were written whose messages have come whole; the rest stays. A long message comes in several parts.
fn written_at(heard: &mut String) -> Vec<DateTime<Utc>> {
    let whole = heard.rfind("\n\n").map_or(0, |end| end + 2);
    let rest = heard.split_off(whole);
    let messages = std::mem::replace(heard, rest);
    let data = messages
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let frames = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
    frames
        .filter_map(|frame| Some(frame["event"]["at"].as_str()?.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn what_a_worker_journals_reaches_a_reader_on_another_node_at_once() {
    let stage = Stage::new().await;
    let node = stage.beside(&[]);
    let hearing = tokio::spawn(node.0.feed.clone().run(stage.db.pool.clone()));
    eventually("the node is told what moves", async || node.0.feed.moved()).await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let mut acts = vec![Act::Await(vec!["go".to_owned()], None)];
    acts.extend((0..EVENTS).map(|n| Act::Do(step("say", json!(n)))));
    let start = Start {
        input: script(&acts),
        task: Some(TaskId(task)),
        // As runs of tasks have them: others are followed by nobody.
        limits: vec![Limit {
            key: "user:ada".to_owned(),
            most: 1,
        }],
        ..Start::default()
    };
    let worker = stage.db.worker();
    let worker = worker
        .on("say", |cx| {
            let said = cx.step.input.clone();
            async move {
                // As fast as a busy agent, not as fast as a loop: what is measured is the way, not a queue.
                tokio::time::sleep(Duration::from_millis(5)).await;
                Ok(said)
            }
        })
        .start()
        .await;
    let run = stage.db.start(&SCRIPT, start).await;
    let query = format!("?run={}", shown("run", run.0));
    let mut reader = Listener::open(&node.1, &ada, &query).await;
    let mut late: Vec<Duration> = Vec::new();
    let mut heard = String::new();
    // What was written before is read when somebody begins to read, and says nothing.
    let begun = Utc::now();
    let go = codegraph::services::steering::signal(&stage.db.pool, run, "go", &json!(null), None);
    go.await.unwrap();
    let deadline = Instant::now() + LONGEST;
    while late.len() < EVENTS && Instant::now() < deadline {
        let part = tokio::time::timeout(LONGEST, reader.part());
        heard.push_str(&part.await.expect("events go on"));
        let now = Utc::now();
        let written = written_at(&mut heard).into_iter().filter(|at| *at > begun);
        late.extend(written.map(|at| (now - at).to_std().unwrap_or_default()));
    }
    assert!(late.len() >= FEWEST, "{} events", late.len());
    late.sort_unstable();
    let at = |part: usize| late[(late.len() - 1) * part / 100];
    println!(
        "{} events: p50 {:?}, p99 {:?}, last {:?}",
        late.len(),
        at(50),
        at(99),
        at(100)
    );
    // On a machine of its own it is a few milliseconds; this one may be busy with everything else.
    assert!(at(50) < Duration::from_millis(500), "{:?}", at(50));
    assert!(at(99) < Duration::from_secs(2), "{:?}", at(99));
    // It may be over by itself.
    drop(codegraph::services::steering::cancel(&stage.db.pool, run).await);
    worker.stop().await;
    hearing.abort();
    drop((reader, node));
    stage.db.forget().await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_told_and_holds_up_nobody() {
    let stage = Stage::new().await;
    let node = stage.beside(&[]);
    let hearing = tokio::spawn(node.0.feed.clone().run(stage.db.pool.clone()));
    eventually("the node is told what moves", async || node.0.feed.moved()).await;
    let ada = stage.person(Role::Member).await;
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let run = seed::waiting(&stage, task, "answered").await;
    let mut slow = Listener::open(&node.1, &ada, "").await;
    let mut quick = Listener::open(&node.1, &ada, "").await;
    slow.until(":\n\n").await;
    quick.until(":\n\n").await;
    // More than is kept for one who does not read.
    let others: Vec<uuid::Uuid> = sqlx::query_scalar(
        "insert into runs (id, task_id, workflow, version, input, outcome, ended_at)
         select gen_random_uuid(), $1, 'coding', 4, '{}', 'canceled', now() from generate_series(1, 1500) returning id",
    )
    .bind(task)
    .fetch_all(&stage.db.pool)
    .await
    .unwrap();
    let others: Vec<RunId> = others.into_iter().map(RunId).collect();
    announce::changed(&stage.db.pool, &others).await;
    announce::changed(&stage.db.pool, &[RunId(run)]).await;
    quick.until(&shown("run", run)).await;
    slow.until("\"type\":\"reset\"").await;
    hearing.abort();
    drop((slow, quick, node));
    stage.db.forget().await;
}
