//! A GitHub on this machine: pull requests over HTTP and repositories over git's own protocol, with a memory, and with the
//! faults that a real one has.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use poem::{
    EndpointExt as _, IntoResponse as _, Request, Response, Server,
    endpoint::make,
    http::{Method, StatusCode},
    listener::{Acceptor as _, Listener as _, TcpListener},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::cgi;

/// What it takes for a token.
pub(crate) const TOKEN: &str = "token-hunter22-hunter22";

/// The repository that is there.
pub(crate) const REPOSITORY: &str = "ada/inventory";

/// What goes wrong with the next request that changes something.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It answers this and does nothing.
    Answer(u16, Vec<(&'static str, String)>, Value),
    /// It does what it is asked, and the connection breaks before it says so.
    ReplyLost,
    /// It takes its time.
    Delay(Duration),
}

/// What it knows.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Pull requests, as they are shown.
    pub(crate) pulls: Vec<Value>,
    /// For the requests to come, one each.
    pub(crate) faults: VecDeque<Fault>,
    /// Runs of checks of every commit.
    pub(crate) checks: Vec<Value>,
    /// Words of reviewers.
    pub(crate) reviews: Vec<Value>,
    /// Method and path of everything it was asked, git apart.
    pub(crate) asked: Vec<String>,
    /// Requests of git that showed the token.
    pub(crate) shown_to_git: usize,
}

/// A GitHub that ends with its owner.
pub(crate) struct GitHub {
    port: u16,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
    folder: TempDir,
}

impl GitHub {
    /// With one repository: a copy of this one. It shows itself to holders of the token alone.
    pub(crate) async fn hosting(repository: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bare = folder.path().join(format!("{REPOSITORY}.git"));
        fs::create_dir_all(bare.parent().unwrap()).unwrap();
        git(&[
            "clone",
            "--quiet",
            "--bare",
            repository.to_str().unwrap(),
            bare.to_str().unwrap(),
        ]);
        git(&[
            "-C",
            bare.to_str().unwrap(),
            "config",
            "http.receivepack",
            "true",
        ]);
        let state: Arc<Mutex<State>> = Arc::default();
        let acceptor = TcpListener::bind("127.0.0.1:0")
            .into_acceptor()
            .await
            .unwrap();
        let local = acceptor.local_addr();
        let port = local[0].as_socket_addr().unwrap().port();
        let (known, root) = (state.clone(), folder.path().to_owned());
        let serve = make(move |request: Request| {
            let (known, root) = (known.clone(), root.clone());
            async move { Ok::<_, poem::Error>(answer(known, root, port, request).await) }
        });
        let serving = tokio::spawn(async move {
            let server = Server::new_with_acceptor(acceptor);
            server.run(serve.map_to_response()).await.unwrap();
        });
        Self {
            port,
            state,
            serving,
            folder,
        }
    }

    pub(crate) fn api(&self) -> String {
        format!("http://127.0.0.1:{}/api/v3", self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/{REPOSITORY}", self.port)
    }

    pub(crate) fn bare(&self) -> PathBuf {
        self.folder.path().join(format!("{REPOSITORY}.git"))
    }

    pub(crate) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn fails(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    pub(crate) fn pulls(&self) -> Vec<Value> {
        self.state().pulls.clone()
    }

    /// Settings that lead here; without the token.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("CODEGRAPH_GITHUB_API_URL", self.api()),
            ("CODEGRAPH_PRIVATE_GIT_HOSTS", "127.0.0.1".to_owned()),
        ]
    }

    /// The branches it has.
    pub(crate) fn branches(&self) -> Vec<String> {
        let bare = self.bare();
        let all = git(&[
            "-C",
            bare.to_str().unwrap(),
            "for-each-ref",
            "--format=%(refname:short)",
            "refs/heads",
        ]);
        all.lines().map(str::to_owned).collect()
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn git(arguments: &[&str]) -> String {
    let said = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "git {arguments:?}: {error}");
    String::from_utf8_lossy(&said.stdout).into_owned()
}

fn reply(status: u16, body: &Value) -> Response {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .content_type("application/json; charset=utf-8")
        .body(body.to_string())
}

async fn answer(state: Arc<Mutex<State>>, root: PathBuf, port: u16, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let shown = request
        .header("authorization")
        .unwrap_or_default()
        .to_owned();
    let Some(api) = path.strip_prefix("/api/v3") else {
        if !cgi::shows(&shown, TOKEN) {
            let denied = Response::builder().status(StatusCode::UNAUTHORIZED);
            return denied.header("www-authenticate", "Basic").finish();
        }
        state.lock().unwrap().shown_to_git += 1;
        return cgi::serve(&root, request).await;
    };
    let method = request.method().clone();
    state.lock().unwrap().asked.push(format!("{method} {api}"));
    if shown != format!("Bearer {TOKEN}") {
        return reply(401, &json!({"message": "Bad credentials"}));
    }
    let fault = match method {
        Method::GET => None,
        _ => state.lock().unwrap().faults.pop_front(),
    };
    let lost = matches!(fault, Some(Fault::ReplyLost));
    match fault {
        Some(Fault::Answer(status, headers, body)) => {
            let mut response = reply(status, &body);
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            return response;
        }
        Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
        Some(Fault::ReplyLost) | None => {}
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = request.into_body().into_string().await.unwrap_or_default();
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let said = Api {
        state: &mut state.lock().unwrap(),
        bare: root.join(format!("{REPOSITORY}.git")),
        port,
    }
    .say(&method, api, &query, &body);
    if lost {
        // The connection breaks without a word.
        std::panic::resume_unwind(Box::new(()));
    }
    said.into_response()
}

struct Api<'a> {
    state: &'a mut State,
    bare: PathBuf,
    port: u16,
}

impl Api<'_> {
    fn say(&mut self, method: &Method, path: &str, query: &str, body: &Value) -> Response {
        let Some(path) = path.strip_prefix(&format!("/repos/{REPOSITORY}/")) else {
            return reply(404, &json!({"message": "Not Found"}));
        };
        let parts: Vec<&str> = path.split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["pulls"]) => self.list(query),
            ("POST", ["pulls"]) => self.open(body),
            ("GET", ["pulls", number]) => match self.at(number) {
                Some(at) => reply(200, &self.state.pulls[at]),
                None => reply(404, &json!({"message": "Not Found"})),
            },
            ("PATCH", ["pulls", number]) => {
                let at = self.at(number).unwrap();
                for key in ["title", "body", "state"] {
                    if !body[key].is_null() {
                        self.state.pulls[at][key] = body[key].clone();
                    }
                }
                reply(200, &self.state.pulls[at])
            }
            ("GET", ["pulls", _, "reviews"]) => reply(200, &json!(self.state.reviews)),
            ("GET", ["commits", _, "check-runs"]) => {
                let runs = &self.state.checks;
                reply(200, &json!({"total_count": runs.len(), "check_runs": runs}))
            }
            ("GET", ["commits", _, "status"]) => reply(
                200,
                &json!({"state": "pending", "statuses": [], "total_count": 0}),
            ),
            _ => reply(404, &json!({"message": "Not Found"})),
        }
    }

    fn at(&self, number: &str) -> Option<usize> {
        let pulls = self.state.pulls.iter();
        let mut numbers = pulls.map(|pull| pull["number"].to_string());
        numbers.position(|found| found == number)
    }

    fn list(&self, query: &str) -> Response {
        let wanted = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.into_iter().find(|(found, _)| *found == name);
            found.map(|(_, value)| value.replace("%3A", ":").replace("%2F", "/"))
        };
        let fits = |pull: &&Value| {
            let head = format!("ada:{}", pull["head"]["ref"].as_str().unwrap());
            wanted("head").is_none_or(|wanted| wanted == head)
                && wanted("base").is_none_or(|wanted| pull["base"]["ref"] == wanted.as_str())
                && wanted("state")
                    .is_none_or(|state| state == "all" || pull["state"] == state.as_str())
        };
        let found: Vec<&Value> = self.state.pulls.iter().filter(fits).collect();
        reply(200, &json!(found))
    }

    fn open(&mut self, body: &Value) -> Response {
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let refuse = |message: String| {
            let errors = json!([{"resource": "PullRequest", "code": "custom", "message": message}]);
            reply(
                422,
                &json!({"message": "Validation Failed", "errors": errors}),
            )
        };
        let (head, base) = (text("head"), text("base"));
        let Some(commit) = self.commit(&head) else {
            return refuse("head is not there".to_owned());
        };
        if self.commit(&base).is_none() {
            return refuse("base is not there".to_owned());
        }
        let same = |pull: &Value| {
            pull["state"] == "open"
                && pull["head"]["ref"] == head.as_str()
                && pull["base"]["ref"] == base.as_str()
        };
        if self.state.pulls.iter().any(same) {
            return refuse(format!("A pull request already exists for ada:{head}."));
        }
        let number = self.state.pulls.len() + 1;
        let web = format!("http://127.0.0.1:{}/{REPOSITORY}/pull/{number}", self.port);
        let pull = json!({
            "id": 1000 + number, "number": number, "html_url": web,
            "url": format!("http://127.0.0.1:{}/api/v3/repos/{REPOSITORY}/pulls/{number}", self.port),
            "state": "open", "locked": false, "title": text("title"), "body": text("body"),
            "draft": body["draft"] == true, "merged": false, "mergeable": null,
            "head": {"label": format!("ada:{head}"), "ref": head, "sha": commit},
            "base": {"label": format!("ada:{base}"), "ref": base, "sha": self.commit("main")},
            "requested_reviewers": [], "requested_teams": [],
        });
        self.state.pulls.push(pull.clone());
        reply(201, &pull)
    }

    fn commit(&self, branch: &str) -> Option<String> {
        let said = Command::new("git")
            .arg("-C")
            .arg(&self.bare)
            .args([
                "rev-parse",
                "--verify",
                "--quiet",
                &format!("refs/heads/{branch}"),
            ])
            .output()
            .unwrap();
        let commit = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        said.status.success().then_some(commit)
    }
}
