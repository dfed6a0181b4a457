//! From a repository to a delivered branch, the way a client of the API goes.

use std::{path::Path, sync::Arc};

use codegraph::{
    agents::Environment,
    config::Wall,
    providers::{
        git::Store,
        llm::{Catalogue, Providers, Scripted},
        reach::PrivateHosts,
        sandbox::Egress,
    },
    services::{access::Role, agent_records::AgentRecords},
};
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::{Person, Stage};
use crate::{
    agents::wall,
    support::{TestWorker, eventually},
};

/// A worker whose models say what they say in the demonstration.
pub(crate) async fn worker(stage: &Stage, home: &Path, wall: Wall) -> TestWorker {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/scenario.yaml");
    let mut providers = Providers::none();
    let scripted = Scripted::read(&scenario).unwrap();
    providers.insert(Arc::new(scripted.standing_in_for("anthropic")));
    let environment = Environment {
        records: AgentRecords::new(stage.db.pool.clone()),
        catalogue: Arc::new(Catalogue::embedded()),
        providers: Arc::new(providers),
        store: Store::new(home.join("mirrors"))
            .allowing(PrivateHosts::new(["127.0.0.1".to_owned()])),
        pulls: stage.state.work.pulls.clone(),
        home: home.to_owned(),
        wall,
        mask: Arc::new(str::to_owned),
        sandbox: Arc::default(),
        egress: Egress::default(),
        rerun: None,
    };
    let plan = stage.db.worker();
    plan.with(|steps| steps.with_agents(&environment))
        .start()
        .await
}

async fn stands(stage: &Stage, who: &Person, run: &str, status: &str) -> Value {
    let path = format!("/api/v1/runs/{run}");
    eventually(&format!("{run} is {status}"), async || {
        let row = stage
            .get(&path)
            .bearer(&who.access)
            .send()
            .await
            .expect(200);
        assert_ne!(row["status"], "failed", "{row}");
        (row["status"] == status).then_some(row)
    })
    .await
}

#[tokio::test]
async fn a_task_is_planned_approved_delivered_and_can_be_read_in_all_its_parts() {
    let Some(wall) = wall().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = std::fs::canonicalize(folder.path()).unwrap();
    let stage = Stage::with(&[("CODEGRAPH_HOME", home.to_str().unwrap())]).await;
    let worker = worker(&stage, &home, wall).await;
    let ada = stage.person(Role::Member).await;
    let post = |path: String, body: Value| stage.post(&path, body).bearer(&ada.access);
    let get = |path: String| stage.get(&path).bearer(&ada.access);

    let made = post("/api/v1/repositories/sample".to_owned(), json!({}))
        .send()
        .await;
    let repository = made.expect(201)["id"].clone();
    let ask = json!({
        "repository_id": repository, "title": "The same bolts were sold twice",
        "options": {"approve_delivery": true},
    });
    let task = || post("/api/v1/tasks".to_owned(), ask.clone()).header("idempotency-key", "one");
    let first = task().send().await.expect(201);
    assert_eq!(
        task().send().await.expect(201)["id"],
        first["id"],
        "twice is once"
    );
    let run = first["latest_run"]["id"].as_str().unwrap().to_owned();

    stands(&stage, &ada, &run, "awaiting_plan").await;
    let waiting = get("/api/v1/approvals".to_owned()).send().await.expect(200);
    assert_eq!(waiting["items"][0]["id"], run.as_str());
    let plans = get(format!("/api/v1/runs/{run}/plans"))
        .send()
        .await
        .expect(200);
    assert_eq!(plans["items"][0]["version"], 1);
    let decide = |version: u32| {
        let path = format!("/api/v1/runs/{run}/plans/{version}/decision");
        post(path, json!({"decision": "approve"})).send()
    };
    decide(2).await.expect(409);
    decide(1).await.expect(200);
    let plans = get(format!("/api/v1/runs/{run}/plans"))
        .send()
        .await
        .expect(200);
    assert_eq!(plans["items"][0]["decision"]["by"]["name"], "Somebody");

    stands(&stage, &ada, &run, "awaiting_delivery").await;
    results(&stage, &ada, &run).await;
    hidden(&stage, &stage.person(Role::Member).await, &run).await;

    let approve = json!({"decision": "approve"});
    post(format!("/api/v1/runs/{run}/delivery"), approve)
        .send()
        .await
        .expect(200);
    let done = stands(&stage, &ada, &run, "succeeded").await;
    assert_eq!(done["result"], "published");
    assert!(done["branch"].as_str().unwrap().starts_with("codegraph/"));
    assert!(done["usage"]["cost_usd_micros"].as_i64().unwrap() > 0);
    assert_eq!(done["reserved_usd_micros"], 0);

    let steps = get(format!("/api/v1/runs/{run}/steps"))
        .send()
        .await
        .expect(200);
    let names: Vec<&str> = steps["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["plan", "code", "test", "review", "publish"]);
    whole(&stage, &ada, &run).await;
    worker.stop().await;
    stage.finish().await;
}

/// Page by page, the events have no gap and no double, and tools are told with what they were asked for.
async fn whole(stage: &Stage, who: &Person, run: &str) {
    let (mut after, mut tools, mut more) = (0, 0, true);
    while more {
        let path = format!("/api/v1/runs/{run}/events?after={after}&limit=7");
        let page = stage
            .get(&path)
            .bearer(&who.access)
            .send()
            .await
            .expect(200);
        for event in page["items"].as_array().unwrap() {
            assert_eq!(event["seq"], after + 1, "{event}");
            after += 1;
            tools += i32::from(event["type"] == "tool_call" && event["data"]["tool"].is_string());
        }
        more = page["has_more"] == true;
    }
    assert!(after > 20 && tools > 5, "{after} events, {tools} of tools");
    only_tools(stage, who, run).await;
}

/// Those about one thing alone, from either end, page by page.
async fn only_tools(stage: &Stage, who: &Person, run: &str) {
    let page = async |query: &str| {
        let path = format!("/api/v1/runs/{run}/events?kind=tool_call&{query}");
        let page = stage
            .get(&path)
            .bearer(&who.access)
            .send()
            .await
            .expect(200);
        let items = page["items"].as_array().unwrap().clone();
        assert!(
            items.iter().all(|event| event["type"] == "tool_call"),
            "{page}"
        );
        let places: Vec<i64> = items
            .iter()
            .map(|event| event["seq"].as_i64().unwrap())
            .collect();
        (places, page["has_more"] == true)
    };
    let (all, more) = page("limit=200").await;
    assert!(all.len() > 5 && !more && all.is_sorted());
    let (first, more) = page("limit=2").await;
    assert!(more && first == all[..2]);
    let (next, _) = page(&format!("limit=2&after={}", first[1])).await;
    assert_eq!(next, all[2..4]);
    let (last, more) = page("limit=3&before=100000").await;
    assert!(more && last == all[all.len() - 3..]);
}

/// What it has come to, before anybody has decided on it.
async fn results(stage: &Stage, who: &Person, run: &str) {
    let get = |path: String| stage.get(&path).bearer(&who.access);
    let diff = get(format!("/api/v1/runs/{run}/diff"))
        .send()
        .await
        .expect(200);
    assert_eq!(diff["files"][0]["path"], "inventory/stock.py", "{diff}");
    let path = format!("/api/v1/runs/{run}/diff/file?path=inventory/stock.py");
    let patch = get(path).send().await.expect(200);
    assert!(
        patch["patch"]
            .as_str()
            .unwrap()
            .contains("+        if quantity > item.available:")
    );
    let checks = get(format!("/api/v1/runs/{run}/checks"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        checks["evidence"][0]["suites"][0]["head"]["failed"], 0,
        "{checks}"
    );
    assert_eq!(checks["evidence"][0]["suites"][0]["verdict"], "green");
    assert_eq!(checks["verdicts"][0]["verdict"]["verdict"], "approve");
}

/// Whoever has nothing to do with it does not find it, nor can they change it.
async fn hidden(stage: &Stage, other: &Person, run: &str) {
    for path in ["", "/events", "/diff", "/steps", "/checks", "/plans"] {
        let path = format!("/api/v1/runs/{run}{path}");
        stage
            .get(&path)
            .bearer(&other.access)
            .send()
            .await
            .expect(404);
    }
    let cancel = format!("/api/v1/runs/{run}/cancel");
    stage
        .call(Method::POST, &cancel)
        .bearer(&other.access)
        .send()
        .await
        .expect(404);
}
