//! A server on a port, somebody who can sign in there, and the program with a home of its own.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use codegraph::api::Attentive;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
    task::JoinHandle,
};

use crate::api::stage::{Person, Stage};

pub(super) const EMAIL: &str = "ada@example.org";
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// A server on a port. End one with [`Port::finish`].
pub(super) struct Port {
    pub(super) stage: Stage,
    pub(super) url: String,
    /// The admin; the only one with a password.
    pub(super) ada: Person,
    parts: Vec<JoinHandle<()>>,
}

impl Port {
    pub(super) async fn open(settings: &[(&str, &str)]) -> Self {
        let stage = Stage::with(settings).await;
        let (state, routes) = stage.beside(settings);
        let code = state.accounts.setup_code().await.unwrap().unwrap();
        let setup = json!({"code": code, "email": EMAIL, "name": "Ada", "password": PASSWORD});
        // The code is known to the node that made it.
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await;
        let acceptor = acceptor.unwrap();
        let local = acceptor.local_addr();
        let address = local.iter().find_map(|at| at.0.as_socket_addr().copied());
        let url = format!("http://{}", address.unwrap());
        let serving = tokio::spawn(async move {
            let server = poem::Server::new_with_acceptor(Attentive(acceptor));
            server.run(routes).await.unwrap();
        });
        let (feed, db) = (state.feed.clone(), stage.db.pool.clone());
        let hearing = tokio::spawn(async move { feed.run(db).await });
        let made = http().post(format!("{url}/api/v1/auth/setup"));
        let made: Value = made
            .json(&setup)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let id = made["user"]["id"].as_str().unwrap().replace("user_", "");
        let ada = Person {
            id: id.parse().unwrap(),
            session: uuid::Uuid::nil(),
            email: EMAIL.to_owned(),
            access: text("access_token"),
            refresh: text("refresh_token"),
            csrf: String::new(),
        };
        let parts = vec![serving, hearing];
        Self {
            stage,
            url,
            ada,
            parts,
        }
    }

    /// Stops it, checks that nothing is left over, and clears away.
    pub(super) async fn finish(self) {
        self.close().await.finish().await;
    }

    /// Stops it; what is in the database was made up.
    pub(super) async fn forget(self) {
        self.close().await.db.forget().await;
    }

    async fn close(self) -> Stage {
        for part in self.parts {
            part.abort();
            drop(part.await);
        }
        self.stage
    }
}

/// A client that is not the program.
pub(super) fn http() -> reqwest::Client {
    // Once a process; a second time is refused, which is no harm.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::new()
}

/// The program, on the machine of somebody.
pub(super) struct Seat {
    home: TempDir,
    given: Vec<(&'static str, String)>,
}

/// What a command said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Said {
    /// What it printed when it ended with this code.
    #[track_caller]
    pub(super) fn expect(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self.out
    }

    /// The JSON document it printed.
    #[track_caller]
    pub(super) fn json(self) -> Value {
        serde_json::from_str(&self.expect(0)).unwrap()
    }
}

impl Seat {
    /// Nobody has signed in here.
    pub(super) fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            given: Vec::new(),
        }
    }

    /// A login is in the environment.
    pub(super) fn with_token(url: &str, token: &str) -> Self {
        let given = vec![
            ("CODEGRAPH_URL", url.to_owned()),
            ("CODEGRAPH_TOKEN", token.to_owned()),
        ];
        Self {
            given,
            ..Self::new()
        }
    }

    pub(super) fn credentials(&self) -> PathBuf {
        self.home.path().join("codegraph/credentials.json")
    }

    /// What is kept of the login at this server.
    pub(super) fn kept(&self, url: &str) -> Value {
        let text = std::fs::read_to_string(self.credentials()).unwrap();
        let kept: Value = serde_json::from_str(&text).unwrap();
        kept["logins"][url].clone()
    }

    /// Keeps something else.
    pub(super) fn change(&self, url: &str, field: &str, value: &str) {
        let text = std::fs::read_to_string(self.credentials()).unwrap();
        let mut kept: Value = serde_json::from_str(&text).unwrap();
        kept["logins"][url][field] = json!(value);
        std::fs::write(self.credentials(), kept.to_string()).unwrap();
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codegraph"));
        command.args(arguments).env_clear();
        command.env("XDG_CONFIG_HOME", self.home.path());
        command.envs(self.given.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    pub(super) async fn run(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).output().await.unwrap())
    }

    /// The same for somebody who types, or pipes, this.
    pub(super) async fn type_in(&self, arguments: &[&str], text: &str) -> Said {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).await.unwrap();
        drop(stdin);
        said(child.wait_with_output().await.unwrap())
    }

    /// Begins a command.
    pub(super) fn begin(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    pub(super) async fn log_in(&self, url: &str) {
        let arguments = ["login", "--url", url, "--email", EMAIL];
        let said = self.type_in(&arguments, &format!("{PASSWORD}\n")).await;
        let out = said.expect(0);
        assert!(out.contains(&format!("as Ada <{EMAIL}>, admin")), "{out}");
    }
}

pub(super) fn said(output: Output) -> Said {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Whether nobody else can read a file.
pub(super) fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0
}
