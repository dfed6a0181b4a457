//! From a task to a merged pull request, the way a client of the API goes.

use codegraph::services::{access::Role, pull_watch};
use poem::http::Method;
use serde_json::{Value, json};

use super::{
    seed,
    stage::{Person, Stage},
    work::worker,
};
use crate::{
    agents::{plant, wall},
    support::{Fault, GitHub, TOKEN, eventually},
};

struct Scene {
    stage: Stage,
    github: GitHub,
    ada: Person,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// A repository on a GitHub, connected by its owner, who has told its token.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        plant("python-inventory", &folder.path().join("repository"));
        let github = GitHub::hosting(&folder.path().join("repository")).await;
        let home = std::fs::canonicalize(folder.path()).unwrap().join("home");
        let mut settings = github.settings();
        settings.push(("CODEGRAPH_HOME", home.display().to_string()));
        settings.push(("CODEGRAPH_PUBLIC_URL", "https://codegraph.test".to_owned()));
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let stage = Stage::with(&settings).await;
        let ada = stage.person(Role::Member).await;
        Self {
            stage,
            github,
            ada,
            _folder: folder,
        }
    }

    fn home(&self) -> std::path::PathBuf {
        std::fs::canonicalize(self._folder.path())
            .unwrap()
            .join("home")
    }

    /// Connected as somebody would whose repository cannot be seen without the token: the row is there already.
    async fn repository(&self) -> String {
        let id = uuid::Uuid::now_v7();
        sqlx::query(
            "insert into repositories (id, owner_id, name, forge, url, default_branch, visibility)
             values ($1, $2, 'inventory', 'github', $3, 'main', 'private')",
        )
        .bind(id)
        .bind(self.ada.id)
        .bind(self.github.url())
        .execute(&self.stage.db.pool)
        .await
        .unwrap();
        format!("repo_{}", id.simple())
    }

    async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        let call = self.stage.post(path, body).bearer(&self.ada.access);
        call.send().await.expect(status)
    }

    async fn get(&self, path: &str) -> Value {
        let call = self.stage.get(path).bearer(&self.ada.access);
        call.send().await.expect(200)
    }

    async fn token(&self, repository: &str) {
        let path = format!("/api/v1/repositories/{repository}/secrets/GITHUB_TOKEN");
        let call = self.stage.call(Method::PUT, &path);
        let call = call.json(json!({"value": TOKEN})).bearer(&self.ada.access);
        call.send().await.expect(204);
    }

    /// A task that has come to its end.
    async fn done(&self, repository: &str, deliver: &str) -> Value {
        let ask = json!({
            "repository_id": repository, "title": "The same bolts were sold twice",
            "options": {"approve_plan": false, "deliver": deliver},
        });
        let task = self.post("/api/v1/tasks", ask, 201).await;
        assert_eq!(task["options"]["deliver"], deliver);
        let path = format!(
            "/api/v1/runs/{}",
            task["latest_run"]["id"].as_str().unwrap()
        );
        // Two waits: a machine with much to do takes its time for a whole run.
        for step in ["code", "test"] {
            eventually("the run gets on", async || {
                let row = self.get(&path).await;
                assert_ne!(row["status"], "failed", "{row}");
                let on = row["ended_at"].is_string() || row["step"] != step;
                (on && row["step"] != "plan").then_some(())
            })
            .await;
        }
        eventually("the run ends", async || {
            let row = self.get(&path).await;
            assert_ne!(row["status"], "failed", "{row}");
            row["ended_at"].is_string().then_some(row)
        })
        .await
    }
}

#[tokio::test]
async fn a_task_is_delivered_as_a_pull_request_and_followed_until_it_is_merged() {
    let Some(wall) = wall().await else { return };
    let scene = Scene::new().await;
    let worker = worker(&scene.stage, &scene.home(), wall).await;
    let repository = scene.repository().await;
    scene.token(&repository).await;
    let run = scene.done(&repository, "pull_request").await;
    assert_eq!(run["pull_request"]["number"], 1);
    assert_eq!(run["pull_request"]["state"], "open");
    let list = scene.get("/api/v1/pull-requests?state=open").await;
    let pull = &list["items"][0];
    assert_eq!(pull["id"], run["pull_request"]["id"]);
    assert_eq!(pull["head_branch"], run["branch"]);
    assert_eq!(pull["head_commit"], run["commit"]);
    assert!(pull.get("checks").is_none(), "nobody has looked: {pull}");
    let link = format!(
        "https://codegraph.test/tasks/{}?run={}",
        run["task"]["id"].as_str().unwrap(),
        run["id"].as_str().unwrap()
    );
    let said = scene.github.pulls()[0]["body"].clone();
    assert!(said.as_str().unwrap().contains(&link), "{said}");
    let id = pull["id"].as_str().unwrap();
    let sync = format!("/api/v1/pull-requests/{id}/sync");

    scene.github.state().checks = vec![
        json!({"conclusion": "success"}),
        json!({"conclusion": null}),
    ];
    let review = |state: &str| json!({"user": {"login": "bob"}, "state": state});
    scene.github.state().reviews = vec![review("CHANGES_REQUESTED")];
    let seen = scene.post(&sync, json!({}), 200).await;
    assert_eq!(
        (&seen["checks"], &seen["checks_total"]),
        (&json!("pending"), &json!(2))
    );
    assert_eq!(seen["review"], "changes_requested");

    {
        let mut state = scene.github.state();
        state.checks = vec![json!({"conclusion": "success"})];
        state.reviews.push(review("APPROVED"));
        let pull = &mut state.pulls[0];
        pull["state"] = "closed".into();
        pull["merged_at"] = "2026-01-02T03:04:05Z".into();
        pull["closed_at"] = "2026-01-02T03:04:05Z".into();
    }
    let seen = scene.post(&sync, json!({}), 200).await;
    assert_eq!(seen["state"], "merged");
    let at = seen["merged_at"].as_str().unwrap();
    assert!(at.starts_with("2026-01-02T03:04:05"), "{at}");
    assert_eq!(
        (&seen["checks"], &seen["review"]),
        (&json!("success"), &json!("approved"))
    );
    let again = scene.get(&format!("/api/v1/pull-requests/{id}")).await;
    assert_eq!(again, seen);
    assert!(
        scene.get("/api/v1/pull-requests?state=open").await["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let task = run["task"]["id"].as_str().unwrap();
    let task = scene.get(&format!("/api/v1/tasks/{task}")).await;
    assert_eq!(task["latest_run"]["pull_request"]["state"], "merged");

    hidden(&scene, id).await;
    worker.stop().await;
    scene.stage.finish().await;
}

/// Whoever does not see the task finds nothing.
async fn hidden(scene: &Scene, id: &str) {
    let bob = scene.stage.person(Role::Member).await;
    let get = scene.stage.get(&format!("/api/v1/pull-requests/{id}"));
    get.bearer(&bob.access).send().await.expect(404);
    let list = scene
        .stage
        .get("/api/v1/pull-requests")
        .bearer(&bob.access)
        .send()
        .await
        .expect(200);
    assert!(list["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_delivered_branch_is_offered_afterwards_once() {
    let Some(wall) = wall().await else { return };
    let scene = Scene::new().await;
    let worker = worker(&scene.stage, &scene.home(), wall).await;
    let repository = scene.repository().await;
    scene.token(&repository).await;
    let run = scene.done(&repository, "branch").await;
    assert!(run.get("pull_request").is_none(), "{run}");
    let path = format!("/api/v1/runs/{}/pull-request", run["id"].as_str().unwrap());

    let limited = Fault::Answer(
        429,
        vec![("retry-after", "7".to_owned())],
        json!({"message": "slow down"}),
    );
    let forbidden = Fault::Answer(403, vec![], json!({"message": "Resource not accessible"}));
    let broken = Fault::Answer(500, vec![], json!({}));
    scene.github.fails([limited, forbidden, broken]);
    let refused = scene.post(&path, json!({}), 429).await;
    assert_eq!(refused["retry_after"], 7);
    let refused = scene.post(&path, json!({}), 409).await;
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("may not do this"),
        "{refused}"
    );
    scene.post(&path, json!({}), 503).await;

    let opened = scene.post(&path, json!({}), 201).await;
    let again = scene.post(&path, json!({}), 201).await;
    assert_eq!(opened["id"], again["id"], "twice is once");
    let pulls = scene.github.pulls();
    assert_eq!(pulls.len(), 1);
    let mark = format!("<!-- codegraph-run: {} -->", run["id"].as_str().unwrap());
    let body = pulls[0]["body"].as_str().unwrap();
    assert!(body.contains(&mark) && body.contains("## Tests"), "{body}");

    let secret = format!("/api/v1/repositories/{repository}/secrets/GITHUB_TOKEN");
    let forget = scene
        .stage
        .call(Method::DELETE, &secret)
        .bearer(&scene.ada.access);
    forget.send().await.expect(204);
    let refused = scene.post(&path, json!({}), 409).await;
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("set the secret GITHUB_TOKEN"),
        "{refused}"
    );
    worker.stop().await;
    scene.stage.finish().await;
}

#[tokio::test]
async fn a_repository_elsewhere_knows_no_pull_requests() {
    let scene = Scene::new().await;
    let made = scene
        .post("/api/v1/repositories/sample", json!({}), 201)
        .await;
    let ask = json!({"repository_id": made["id"], "title": "x", "start": false, "options": {"deliver": "pull_request"}});
    let refused = scene.post("/api/v1/tasks", ask, 422).await;
    assert_eq!(refused["errors"][0]["path"], "/options/deliver");
    scene.stage.finish().await;
}

/// A pull request as GitHub shows it.
fn shown_there(number: i64, branch: &str) -> Value {
    json!({
        "id": 1000 + number, "number": number, "html_url": format!("https://git.example.org/ada/inventory/pull/{number}"),
        "url": format!("https://git.example.org/api/v3/repos/ada/inventory/pulls/{number}"),
        "state": "open", "locked": false, "title": "Bolts", "body": "", "draft": false, "merged": false, "mergeable": null,
        "head": {"label": format!("ada:{branch}"), "ref": branch, "sha": "a".repeat(40)},
        "base": {"label": "ada:main", "ref": "main", "sha": "b".repeat(40)},
        "requested_reviewers": [], "requested_teams": [],
    })
}

#[tokio::test]
async fn open_ones_are_watched_and_their_end_is_told_once() {
    let scene = Scene::new().await;
    let repository = scene.repository().await;
    scene.token(&repository).await;
    let on = repository.strip_prefix("repo_").unwrap().parse().unwrap();
    let task = seed::task(&scene.stage, on, &scene.ada, "Bolts").await;
    let ended = ("succeeded", json!({"result": "published"}), 1);
    let run = seed::run(&scene.stage, task, Some(ended)).await;
    for number in [1_i64, 2, 3] {
        let sql = "insert into pull_requests (id, repository_id, task_id, run_id, number, url, title, state, draft, head_branch,
                                              base_branch, head_commit)
                   values (gen_random_uuid(), $1, $2, $3, $4, 'https://git.example.org/x', 'Bolts', 'open', false, 'b', 'main', 'c')";
        let insert = sqlx::query(sql).bind(on).bind(task).bind(run).bind(number);
        insert.execute(&scene.stage.db.pool).await.unwrap();
    }
    // The third is not there, and stands in nobody's way.
    scene.github.state().pulls = vec![shown_there(1, "one"), shown_there(2, "two")];
    let pulls = &scene.stage.state.work.pulls;
    let told = async || {
        let list = scene.get("/api/v1/notifications").await;
        let kinds = list["items"].as_array().unwrap().iter();
        let mut kinds: Vec<String> = kinds
            .map(|item| item["kind"].as_str().unwrap().to_owned())
            .collect();
        kinds.sort();
        kinds
    };
    pull_watch::pass(pulls).await.unwrap();
    assert_eq!(told().await, [""; 0]);
    {
        let mut state = scene.github.state();
        let at = json!("2026-01-02T03:04:05Z");
        for (pull, merged) in state.pulls.iter_mut().zip([true, false]) {
            pull["state"] = "closed".into();
            pull["closed_at"] = at.clone();
            if merged {
                pull["merged_at"] = at.clone();
            }
        }
    }
    for _ in 0..2 {
        pull_watch::pass(pulls).await.unwrap();
        assert_eq!(told().await, ["closed", "merged"]);
    }
    let open = scene.get("/api/v1/pull-requests?state=open").await;
    assert_eq!(open["items"].as_array().unwrap().len(), 1, "{open}");
    let counts: (i64, i64) = sqlx::query_as(
        "select (select count(*) from audit_entries where action = 'pull_request.changed'),
                (select count(*) from apalis.jobs where idempotency_key like 'look_at_pulls:%')",
    )
    .fetch_one(&scene.stage.db.pool)
    .await
    .unwrap();
    assert_eq!(counts, (2, 1), "entries, and the pass that comes next");
    scene.stage.db.forget().await;
}
