//! The authorisation walk as another person: every operation on a thing that is somebody's own answers them as if there
//! were no such thing. An operation that is added is walked too.

use std::collections::BTreeMap;

use codegraph::services::access::{Role, permission_of};
use poem::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    seed::{self, shown},
    stage::{Answer, Person, Stage},
    walk::{Operation, operations},
};

/// Ids of things of one person, by the beginning of the paths they stand in.
type Things = BTreeMap<&'static str, Vec<String>>;

/// Of what is shared, what only those who may change it see.
const OF_OWNERS: [&str; 1] = ["listRepositorySecrets"];

/// What may be known of everybody.
const OF_ALL: [&str; 1] = ["getUser"];

/// One of each, and nothing of it is anybody else's.
async fn things(stage: &Stage, ada: &Person) -> Things {
    things_on(stage, ada, false).await
}

/// The same on a repository that is shared with everybody, or not.
async fn things_on(stage: &Stage, ada: &Person, shared: bool) -> Things {
    let repository = seed::repository(stage, ada, "inventory", shared).await;
    let task = seed::task(stage, repository, ada, "Bolts").await;
    let run = seed::waiting(stage, task, "answered").await;
    let (agent, pull, webhook, delivery) = (
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
    );
    for (sql, id, of) in [
        (
            "insert into agent_runs (id, run_id, step_no, agent, model, state) values ($1, $2, 1, 'coder', 'm', 'running')",
            agent,
            run,
        ),
        (
            "insert into pull_requests (id, repository_id, task_id, run_id, number, url, title, state, draft, head_branch,
                                        base_branch, head_commit)
             select $1, t.repository_id, t.id, n.id, 7, 'https://git.example.org/7', 'Bolts', 'open', false, 'b', 'main', 'c'
             from runs n join tasks t on t.id = n.task_id where n.id = $2",
            pull,
            run,
        ),
        (
            "insert into webhook_endpoints (id, owner_id, url, kinds, secret) values ($1, $2, 'https://x.example.org/', '{failed}', '')",
            webhook,
            ada.id,
        ),
        (
            "insert into webhook_deliveries (id, endpoint_id, run_id, seq, kind, body, state)
             values ($1, $2, $1, 1, 'failed', '{}', 'failed')",
            delivery,
            webhook,
        ),
    ] {
        let insert = sqlx::query(sql).bind(id).bind(of);
        insert.execute(&stage.db.pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let token = stage.post("/api/v1/tokens", json!({"name": "ci", "scope": "read"}));
    let token = token.bearer(&ada.access).send().await.expect(201);
    let token = token["token"]["id"].as_str().unwrap().to_owned();
    let view = json!({"page": "tasks", "name": "Mine", "query": ""});
    let view = stage.post("/api/v1/views", view).bearer(&ada.access);
    let view = view.send().await.expect(201)["id"].take();
    BTreeMap::from([
        ("agent-runs", vec![shown("agent", agent)]),
        ("auth/sessions", vec![shown("session", ada.session)]),
        ("pull-requests", vec![shown("pull", pull)]),
        ("repositories", vec![shown("repo", repository)]),
        ("runs", vec![shown("run", run)]),
        ("tasks", vec![shown("task", task)]),
        ("tokens", vec![token]),
        (
            "webhooks",
            vec![shown("webhook", webhook), shown("delivery", delivery)],
        ),
        ("users", vec![shown("user", ada.id)]),
        ("views", vec![view.as_str().unwrap().to_owned()]),
    ])
}

/// The path of an operation on these things; nothing when it is on none of them.
fn path(operation: &Operation, things: &Things) -> Option<String> {
    let mut path = operation.template.clone();
    let (_, own) = things
        .iter()
        .find(|(place, _)| path.starts_with(&format!("/api/v1/{place}/")))?;
    let mut ids = own.iter();
    while let Some((before, rest)) = path.split_once('{') {
        let (_, after) = rest.split_once('}')?;
        path = format!("{before}{}{after}", ids.next()?);
    }
    Some(path)
}

async fn ask(stage: &Stage, operation: &Operation, path: &str, who: &Person) -> Answer {
    let call = stage
        .call(operation.method.clone(), path)
        .bearer(&who.access);
    let call = match &operation.body {
        Some(body) => call.json(body.clone()),
        None => call,
    };
    call.send().await
}

/// Operations with an id in their path that a member may ask for.
fn on_things() -> Vec<Operation> {
    let mut all = operations();
    all.retain(|operation| {
        operation.template.contains('{')
            && permission_of(&operation.id).is_some_and(|needed| needed.role() <= Role::Member)
            && !OF_ALL.contains(&operation.id.as_str())
    });
    all
}

#[tokio::test]
async fn what_is_somebodys_own_is_not_there_for_others() {
    let stage = Stage::new().await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let things = things(&stage, &ada).await;
    let walked = on_things();
    assert!(walked.len() >= 45, "{}", walked.len());
    for operation in &walked {
        let path = path(operation, &things).unwrap_or_else(|| {
            panic!(
                "{}: things() knows nothing for {}",
                operation.id, operation.template
            )
        });
        let answer = ask(&stage, operation, &path, &bob).await;
        let status = answer.status.as_u16();
        assert_eq!(status, 404, "{} at {path}: {}", operation.id, answer.body);
        // And nothing in the answer tells them apart from what does not exist.
        assert!(
            !answer.body.to_string().contains("inventory"),
            "{}",
            answer.body
        );
    }
    // For their owner they are there, or all of this would be true of nothing.
    for operation in walked.iter().filter(|one| one.method == Method::GET) {
        let path = path(operation, &things).unwrap();
        let answer = ask(&stage, operation, &path, &ada).await;
        let about = answer.body["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for word in [
            "run not found",
            "task not found",
            "repository not found",
            "agent run not found",
        ] {
            assert_ne!(about, word, "{} at {path}", operation.id);
        }
        assert!(![401, 403].contains(&answer.status.as_u16()), "{path}");
    }
    stage.db.forget().await;
}

#[tokio::test]
async fn what_is_shared_is_there_for_others_and_not_theirs_to_change() {
    let stage = Stage::new().await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let things = things_on(&stage, &ada, true).await;
    let shared = [
        "agent-runs",
        "pull-requests",
        "repositories",
        "runs",
        "tasks",
    ];
    let mut seen = [0, 0];
    for operation in on_things() {
        if !shared
            .iter()
            .any(|place| operation.template.starts_with(&format!("/api/v1/{place}/")))
        {
            continue;
        }
        let path = path(&operation, &things).unwrap();
        let answer = ask(&stage, &operation, &path, &bob).await;
        let status = answer.status.as_u16();
        let read = operation.method == Method::GET && !OF_OWNERS.contains(&operation.id.as_str());
        if read {
            // A part of it may not exist; that the thing does is no secret.
            assert!(![401, 403].contains(&status), "{path}: {}", answer.body);
            let kind = operation
                .template
                .split('/')
                .nth(3)
                .unwrap()
                .trim_end_matches('s')
                .replace('-', " ");
            let kind = kind.replace("repositorie", "repository");
            assert_ne!(answer.body["detail"], format!("{kind} not found"), "{path}");
        } else {
            assert_eq!(status, 403, "{} at {path}: {}", operation.id, answer.body);
        }
        seen[usize::from(read)] += 1;
    }
    assert!(seen[0] >= 18 && seen[1] >= 20, "{seen:?}");
    stage.db.forget().await;
}

#[tokio::test]
async fn nor_do_lists_and_bodies_lead_to_it() {
    let stage = Stage::new().await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let things = things(&stage, &ada).await;
    let id = |what: &str| things[what][0].clone();
    let get = |path: String| stage.get(&path).bearer(&bob.access).send();
    for path in [
        format!("/api/v1/tasks?repository_id={}", id("repositories")),
        "/api/v1/tasks".to_owned(),
        format!("/api/v1/runs?repository_id={}", id("repositories")),
        format!("/api/v1/pull-requests?task_id={}", id("tasks")),
        "/api/v1/pull-requests".to_owned(),
        "/api/v1/repositories?q=inventory".to_owned(),
        "/api/v1/approvals".to_owned(),
        "/api/v1/webhooks".to_owned(),
        "/api/v1/tokens".to_owned(),
        "/api/v1/notifications".to_owned(),
    ] {
        let list: Value = get(path.clone()).await.expect(200);
        assert_eq!(list["items"], json!([]), "{path}");
    }
    let found = get("/api/v1/search?q=bolts".to_owned()).await.expect(200);
    assert!(!found.to_string().contains("Bolts"), "{found}");
    get(format!("/api/v1/stream?run={}", id("runs")))
        .await
        .expect(404);
    let post = |path: &str, body: Value| stage.post(path, body).bearer(&bob.access).send();
    let ask = json!({"repository_id": id("repositories"), "title": "Mine"});
    post("/api/v1/tasks", ask).await.expect(422);
    let all = json!({"action": "cancel", "ids": [id("tasks")]});
    let changed = post("/api/v1/tasks/bulk", all).await;
    assert!(
        !changed.body.to_string().contains("Bolts"),
        "{}",
        changed.body
    );
    let mine = seed::repository(&stage, &bob, "mine", false).await;
    let waits =
        json!({"repository_id": shown("repo", mine), "title": "Mine", "depends_on": [id("tasks")]});
    post("/api/v1/tasks", waits).await.expect(422);
    stage.db.forget().await;
}
