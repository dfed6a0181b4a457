//! The audit: every change is in it, and a change of it shows.

use codegraph::services::{access::Role, audit};
use poem::http::Method;
use serde_json::{Value, json};

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};

/// A few things that are noted: five entries.
async fn history(stage: &Stage) -> Person {
    let admin = stage.person(Role::Admin).await;
    for name in [
        "One",
        "=Two",
        "Three, four",
        "Five \"six\" ü \u{1F600}",
        "Seven",
    ] {
        let call = stage.call(Method::PATCH, "/api/v1/auth/me");
        let call = call.json(json!({"name": name})).bearer(&admin.access);
        call.send().await.expect(200);
    }
    admin
}

async fn verify(stage: &Stage, admin: &Person, query: &str) -> Value {
    let path = format!("/api/v1/audit/verify{query}");
    stage
        .get(&path)
        .bearer(&admin.access)
        .send()
        .await
        .expect(200)
}

async fn execute(stage: &Stage, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(&stage.db.pool).await.map(drop)
}

#[tokio::test]
async fn whatever_is_rewritten_shows() {
    let stage = Stage::new().await;
    let admin = history(&stage).await;
    let whole = verify(&stage, &admin, "").await;
    assert_eq!(
        (&whole["intact"], &whole["last_seq"]),
        (&json!(true), &json!(5))
    );
    // By mistake nobody rewrites anything.
    for sql in [
        "update audit_entries set actor = 'x'",
        "delete from audit_entries",
        "truncate audit_entries",
    ] {
        assert!(execute(&stage, sql).await.is_err(), "{sql}");
    }
    execute(
        &stage,
        "alter table audit_entries disable trigger all; create table kept as table audit_entries",
    )
    .await
    .unwrap();
    for (attack, at) in [
        (
            "update audit_entries set detail = '{\"name\": \"Else\"}' where seq = 3",
            3,
        ),
        (
            "update audit_entries set actor = 'somebody@example.org' where seq = 2",
            2,
        ),
        (
            "update audit_entries set at = at + interval '1 microsecond' where seq = 4",
            4,
        ),
        ("update audit_entries set actor_id = null where seq = 1", 1),
        ("delete from audit_entries where seq = 1", 2),
        ("delete from audit_entries where seq = 3", 4),
        (
            "delete from audit_entries where seq = 3; update audit_entries set seq = seq - 1 where seq > 3",
            3,
        ),
        (
            "update audit_entries set subject = 'x', hash = audit_hash(previous, seq, at, actor_id, actor, action, 'x', detail) where seq = 2",
            3,
        ),
        (
            "insert into audit_entries select 7, at, actor_id, actor, action, subject, detail, previous, sha256('x') from audit_entries where seq = 5",
            7,
        ),
    ] {
        execute(&stage, attack).await.unwrap();
        let found = verify(&stage, &admin, "").await;
        assert_eq!(
            (&found["intact"], &found["broken_at"]),
            (&json!(false), &json!(at)),
            "{attack}"
        );
        execute(
            &stage,
            "delete from audit_entries; insert into audit_entries table kept",
        )
        .await
        .unwrap();
    }
    // Who owns the database can cut off the end; who kept an entry sees it.
    let kept = format!("?seq=5&hash={}", whole["last_hash"].as_str().unwrap());
    assert_eq!(verify(&stage, &admin, &kept).await["intact"], true);
    execute(&stage, "delete from audit_entries where seq = 5")
        .await
        .unwrap();
    assert_eq!(verify(&stage, &admin, "").await["intact"], true);
    assert_eq!(verify(&stage, &admin, &kept).await["broken_at"], 5);
    stage.finish().await;
}

#[tokio::test]
async fn many_who_change_something_at_once_make_one_chain() {
    let stage = Stage::new().await;
    let admin = stage.person(Role::Admin).await;
    let caller = stage
        .state
        .sessions
        .of_access(&admin.access)
        .await
        .unwrap()
        .0;
    let write = async |n: i32| {
        let mut tx = stage.db.pool.begin().await.unwrap();
        let detail = json!({"n": n, "f": 1e2, "g": 0.1, "text": "\u{e9}"});
        audit::note(&mut tx, &caller, "test.done", "x", &detail)
            .await
            .unwrap();
        // Every third changes its mind: no gap is left.
        if n % 3 == 0 {
            tx.rollback().await
        } else {
            tx.commit().await
        }
        .unwrap();
    };
    futures::future::join_all((0..30).map(write)).await;
    let found = verify(&stage, &admin, "").await;
    assert_eq!(
        (&found["intact"], &found["last_seq"]),
        (&json!(true), &json!(20))
    );
    stage.finish().await;
}

#[tokio::test]
async fn entries_are_found_and_exported() {
    let stage = Stage::new().await;
    let admin = history(&stage).await;
    let get = async |path: &str| {
        let answer = stage.get(path).bearer(&admin.access).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer
    };
    let seqs = async |query: &str| {
        let page = get(&format!("/api/v1/audit{query}")).await.body;
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["seq"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(seqs("").await, [5, 4, 3, 2, 1]);
    assert_eq!(seqs("?action=user").await.len(), 5);
    assert_eq!(seqs("?action=use").await.len(), 0);
    assert_eq!(seqs("?action=user.renamed&limit=2").await, [5, 4]);
    let id = format!("user_{}", admin.id.simple());
    assert_eq!(seqs(&format!("?actor_id={id}&subject={id}")).await.len(), 5);
    assert_eq!(seqs("?since=2999-01-01T00:00:00Z").await.len(), 0);
    assert_eq!(seqs("?until=2999-01-01T00:00:00Z").await.len(), 5);
    let first = get("/api/v1/audit?limit=2").await.body;
    let next = first["next_cursor"].as_str().unwrap();
    assert_eq!(seqs(&format!("?limit=2&cursor={next}")).await, [3, 2]);

    let csv = get("/api/v1/audit/export?format=csv").await;
    assert_eq!(csv.headers["content-type"], "text/csv");
    let text = csv.body.as_str().unwrap().to_owned();
    assert_eq!(text.lines().count(), 6);
    assert!(text.contains("\"{\"\"name\"\":\"\"=Two\"\"}\""), "{text}");
    let lines = get("/api/v1/audit/export?format=json&action=user.renamed").await;
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    let lines: Vec<Value> = lines
        .body
        .as_str()
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let page = get("/api/v1/audit").await.body;
    assert_eq!(&lines, page["items"].as_array().unwrap());
    stage.finish().await;
}

#[tokio::test]
async fn what_is_done_to_work_is_noted_with_who_did_it() {
    let stage = Stage::new().await;
    let (admin, ada) = (
        stage.person(Role::Admin).await,
        stage.person(Role::Member).await,
    );
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let task = json!({"repository_id": shown("repo", repository), "title": "One", "start": false});
    let call = stage.post("/api/v1/tasks", task).bearer(&ada.access);
    let task = call.send().await.expect(201)["id"].clone();
    let path = format!("/api/v1/tasks/{}", task.as_str().unwrap());
    let change = stage
        .call(Method::PATCH, &path)
        .json(json!({"title": "Two"}));
    change.bearer(&ada.access).send().await.expect(200);
    let started = stage.post(&format!("{path}/runs"), json!({}));
    let run = started.bearer(&ada.access).send().await.expect(201)["id"].clone();
    let path = format!("/api/v1/runs/{}", run.as_str().unwrap());
    for act in ["pause", "resume", "cancel", "retry"] {
        let call = stage.post(&format!("{path}/{act}"), json!({}));
        call.bearer(&ada.access).send().await.expect(200);
    }
    let say = stage.post(&format!("{path}/messages"), json!({"text": "secret words"}));
    say.bearer(&ada.access).send().await.expect(200);
    let entries = stage.get("/api/v1/audit").bearer(&admin.access);
    let entries = entries.send().await.expect(200);
    let actions: Vec<&str> = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .filter(|entry| entry["actor"] == ada.email)
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "task.created",
            "task.changed",
            "run.started",
            "run.paused",
            "run.resumed",
            "run.canceled",
            "run.retried",
            "run.messaged",
        ]
    );
    assert!(!entries.to_string().contains("secret words"));
    assert_eq!(verify(&stage, &admin, "").await["intact"], true);
    stage.db.forget().await;
}

#[tokio::test]
async fn what_one_keeps_for_oneself_and_what_is_fetched_is_noted_as_well() {
    let stage = Stage::new().await;
    let (admin, ada) = (
        stage.person(Role::Admin).await,
        stage.person(Role::Member).await,
    );
    let view = json!({"name": "Mine", "page": "tasks", "query": "status=failed"});
    let call = stage.post("/api/v1/views", view).bearer(&ada.access);
    let view = call.send().await.expect(201)["id"].clone();
    let path = format!("/api/v1/views/{}", view.as_str().unwrap());
    let change = stage
        .call(Method::PATCH, &path)
        .json(json!({"name": "Ours"}));
    change.bearer(&ada.access).send().await.expect(200);
    let gone = stage.call(Method::DELETE, &path).bearer(&ada.access);
    gone.send().await.expect(204);
    let mute = stage
        .call(Method::PUT, "/api/v1/notifications/preferences")
        .json(json!({"muted": ["succeeded"]}));
    mute.bearer(&ada.access).send().await.expect(200);
    let repository = seed::repository(&stage, &ada, "inventory", false).await;
    let path = format!("/api/v1/repositories/{}/sync", shown("repo", repository));
    // Whether it can be reached or not: somebody let this installation go there.
    let call = stage.post(&path, json!({})).bearer(&ada.access);
    let fetched = call.send().await.status;
    assert!(!fetched.is_server_error(), "{fetched}");
    let entries = stage.get("/api/v1/audit").bearer(&admin.access);
    let entries = entries.send().await.expect(200);
    let noted = entries["items"].as_array().unwrap().iter().rev();
    let noted = noted.filter(|entry| entry["actor"] == ada.email);
    let noted: Vec<&str> = noted
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    let expected = [
        "view.created",
        "view.changed",
        "view.deleted",
        "user.notifications_changed",
        "repository.synced",
    ];
    assert_eq!(noted, expected);
    stage.db.forget().await;
}
