//! Whose rights a repository is fetched with: those of whoever connected it, and nothing of it is shown before.

use std::{fs, path::Path};

use codegraph::services::access::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::stage::{Person, Stage};
use crate::{
    agents::plant,
    support::{GitHub, TOKEN, eventually},
};

/// A private repository, of which the installation has the token.
struct Scene {
    stage: Stage,
    github: GitHub,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        plant("python-inventory", &folder.path().join("repository"));
        let github = GitHub::hosting(&folder.path().join("repository")).await;
        let mut settings = github.settings();
        let home = folder.path().join("home").display().to_string();
        settings.push(("CODEGRAPH_HOME", home));
        settings.push(("CODEGRAPH_GITHUB_TOKEN", TOKEN.to_owned()));
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Self {
            stage: Stage::with(&settings).await,
            github,
            folder,
        }
    }

    fn mirrors(&self) -> std::path::PathBuf {
        self.folder.path().join("home/mirrors")
    }

    async fn connect(&self, who: &Person, body: Value, status: u16) -> Value {
        let call = self.stage.post("/api/v1/repositories", body);
        call.bearer(&who.access).send().await.expect(status)
    }

    async fn get(&self, who: &Person, path: &str, status: u16) -> Value {
        let call = self.stage.get(path).bearer(&who.access);
        call.send().await.expect(status)
    }

    async fn post(&self, who: &Person, path: &str, body: Value, status: u16) -> Value {
        let call = self.stage.post(path, body).bearer(&who.access);
        call.send().await.expect(status)
    }
}

/// The lock of the only mirror, held as by somebody who fetches.
fn hold(mirrors: &Path) -> fs::File {
    let names = fs::read_dir(mirrors).unwrap();
    let mut paths = names.map(|entry| entry.unwrap().path());
    let lock = paths.find(|path| path.extension().is_some_and(|end| end == "lock"));
    let file = fs::File::options().write(true).open(lock.unwrap()).unwrap();
    file.lock().unwrap();
    file
}

#[tokio::test]
async fn a_look_that_takes_long_shows_nothing_of_what_others_may_see() {
    let scene = Scene::new().await;
    let (root, bob) = (
        scene.stage.person(Role::Admin).await,
        scene.stage.person(Role::Member).await,
    );
    let url = json!({"url": scene.github.url()});
    let theirs = scene.connect(&root, url.clone(), 201).await;
    let tree = format!(
        "/api/v1/repositories/{}/tree",
        theirs["id"].as_str().unwrap()
    );
    scene.get(&root, &tree, 200).await;

    let held = hold(&scene.mirrors());
    let made = scene.connect(&bob, url, 201).await;
    assert!(made["pending_since"].is_string(), "{made}");
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/v1/repositories/{id}");
    for what in ["branches", "tree", "file?path=README.md", "search?q=bolt"] {
        scene.get(&bob, &format!("{path}/{what}"), 404).await;
    }
    let ask = json!({"repository_id": id, "title": "Show me", "options": {"deliver": "branch"}});
    scene.post(&bob, "/api/v1/tasks", ask.clone(), 409).await;
    drop(held);
    // The look goes on, and finds that it may not.
    eventually("the look is over", async || {
        let row = scene.get(&bob, &path, 200).await;
        row["sync_error"].is_string().then_some(())
    })
    .await;
    scene.get(&bob, &format!("{path}/tree"), 404).await;
    // Nor does a sync show what is the installation's.
    let shown = scene.github.state().shown_to_git;
    let synced = scene
        .post(&bob, &format!("{path}/sync"), json!({}), 200)
        .await;
    assert!(synced["pending_since"].is_string(), "{synced}");
    assert_eq!(scene.github.state().shown_to_git, shown);
    scene.get(&bob, &format!("{path}/tree"), 404).await;

    // With rights of their own it is theirs.
    let secret = scene
        .stage
        .call(Method::PUT, &format!("{path}/secrets/GITHUB_TOKEN"));
    let secret = secret.json(json!({"value": TOKEN})).bearer(&bob.access);
    secret.send().await.expect(204);
    let synced = scene
        .post(&bob, &format!("{path}/sync"), json!({}), 200)
        .await;
    assert!(synced.get("pending_since").is_none(), "{synced}");
    scene.get(&bob, &format!("{path}/tree"), 200).await;
    scene.post(&bob, "/api/v1/tasks", ask, 201).await;
    scene.stage.db.forget().await;
}

#[tokio::test]
async fn a_member_brings_a_token_for_what_is_private_and_it_is_seen_by_nobody() {
    let scene = Scene::new().await;
    let bob = scene.stage.person(Role::Member).await;
    let url = scene.github.url();
    scene.connect(&bob, json!({"url": url}), 422).await;
    let wrong = json!({"url": url, "token": "not-the-one-hunter23"});
    let refused = scene.connect(&bob, wrong, 422).await;
    assert!(!refused.to_string().contains("hunter23"), "{refused}");
    let elsewhere = json!({"url": "https://127.0.0.1/a", "token": TOKEN});
    let refused = scene.connect(&bob, elsewhere, 422).await;
    assert_eq!(refused["errors"][0]["path"], "/token", "{refused}");

    let with_key = |token: &str| {
        let call = scene
            .stage
            .post("/api/v1/repositories", json!({"url": url, "token": token}));
        let call = call
            .header("Idempotency-Key", "connect")
            .bearer(&bob.access);
        call.send()
    };
    let made = with_key(TOKEN).await.expect(201);
    assert!(!made.to_string().contains("hunter22"), "{made}");
    // What makes two requests the same knows nothing of the token.
    let again = with_key("another-token").await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(201)["id"], made["id"]);

    let path = format!("/api/v1/repositories/{}", made["id"].as_str().unwrap());
    scene.get(&bob, &format!("{path}/tree"), 200).await;
    let secrets = scene.get(&bob, &format!("{path}/secrets"), 200).await;
    assert_eq!(secrets["items"][0]["name"], "GITHUB_TOKEN");
    let rows: Vec<String> = sqlx::query_scalar(
        "select to_jsonb(t)::text from repository_secrets t union all select to_jsonb(t)::text from audit_entries t
         union all select to_jsonb(t)::text from request_keys t union all select to_jsonb(t)::text from repositories t",
    )
    .fetch_all(&scene.stage.db.pool)
    .await
    .unwrap();
    assert!(!rows.join("\n").contains("hunter22"));
    scene.stage.db.forget().await;
}

#[tokio::test]
async fn what_is_the_servers_own_is_not_lent_to_members() {
    let stage = Stage::new().await;
    let (open, routes) = stage.beside(&[("CODEGRAPH_SSH_FOR_EVERYBODY", "yes")]);
    let (root, bob) = (
        stage.person(Role::Maintainer).await,
        stage.person(Role::Member).await,
    );
    // Nobody listens there: whoever gets so far is told by git.
    for url in ["ssh://git@127.0.0.1:1/a", "git@127.0.0.1:a"] {
        let body = json!({"url": url});
        let connect = |who: &Person| {
            let call = stage.post("/api/v1/repositories", body.clone());
            call.bearer(&who.access).send()
        };
        let refused = connect(&bob).await.expect(422);
        assert!(
            refused["detail"].as_str().unwrap().contains("ssh"),
            "{refused}"
        );
        let looked = connect(&root).await.expect(422);
        assert!(
            looked["detail"].as_str().unwrap().contains("inside"),
            "{looked}"
        );
        let call = super::stage::Call::new(&routes, Method::POST, "/api/v1/repositories");
        let call = call.json(body.clone()).bearer(&bob.access);
        let looked = call.send().await.expect(422);
        assert!(
            looked["detail"].as_str().unwrap().contains("inside"),
            "{looked}"
        );
    }
    for url in [
        "https://bob:hunter22@127.0.0.1/a",
        "http://hunter22@127.0.0.1/a",
    ] {
        let call = stage.post("/api/v1/repositories", json!({"url": url}));
        let refused = call.bearer(&root.access).send().await.expect(422);
        assert!(refused.to_string().contains("GITHUB_TOKEN"), "{refused}");
        assert!(!refused.to_string().contains("hunter22"), "{refused}");
    }
    drop((open, routes));
    stage.finish().await;
}
