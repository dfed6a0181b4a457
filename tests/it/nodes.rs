//! An installation in parts: `serve` and `work` as processes of their own, as the compose file runs them.

use std::{
    net::TcpListener,
    path::Path,
    process::{ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::support::{TestDb, eventually};

/// A part of it; killed when the test fails.
struct Part(Child);

impl Part {
    fn start(db: &TestDb, home: &Path, name: &str, env: (&str, &str), said: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codegraph"));
        let child = command
            .arg(name)
            .env("CODEGRAPH_DATABASE_URL", db.options.to_url_lossy().as_str())
            .env("CODEGRAPH_HOME", home)
            .env("CODEGRAPH_LOG", "warn")
            .env(env.0, env.1)
            .stdin(Stdio::null())
            .stderr(said)
            .kill_on_drop(true)
            .spawn();
        Self(child.unwrap())
    }

    /// The address it says it is up at; what else it says goes to the log of the test.
    async fn address(&mut self) -> String {
        let mut lines = BufReader::new(self.0.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("it comes up");
            eprintln!("{line}");
            if let Some((_, address)) = line.split_once("is up: ") {
                break address.to_owned();
            }
        };
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
            }
        });
        address
    }

    async fn stop(mut self) -> ExitStatus {
        let pid = self.0.id().expect("it runs").cast_signed();
        kill_process(Pid::from_raw(pid).expect("a process id"), Signal::TERM).unwrap();
        self.0.wait().await.unwrap()
    }
}

async fn status(url: &str) -> Option<u16> {
    let answer = reqwest::get(url).await.ok()?;
    Some(answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_a_worker_are_processes_that_say_how_they_are_and_end_when_told() {
    // The client's transport; another test of this process may have chosen it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty().await;
    let folder = tempfile::tempdir().unwrap();
    let mut server = Part::start(
        &db,
        folder.path(),
        "serve",
        ("CODEGRAPH_LISTEN", "127.0.0.1:0"),
        Stdio::piped(),
    );
    let url = server.address().await;
    assert_eq!(status(&format!("{url}/readyz")).await, Some(200));
    assert_eq!(status(&format!("{url}/healthz")).await, Some(200));

    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = free.local_addr().unwrap().to_string();
    drop(free);
    let worker = Part::start(
        &db,
        folder.path(),
        "work",
        ("CODEGRAPH_WORKER_HEALTH", &place),
        Stdio::inherit(),
    );
    let page = format!("http://{place}/healthz");
    eventually("the worker is well", async || {
        (status(&page).await == Some(200)).then_some(())
    })
    .await;
    let known = "select count(*) from workers";
    let known: i64 = sqlx::query_scalar(known).fetch_one(&db.pool).await.unwrap();
    assert_eq!(known, 1);

    // The database has gone for all they know: one cannot answer, the other cannot work.
    let name = db.options.get_database().unwrap().to_owned();
    let elsewhere = db.options.clone().database("postgres");
    let mut admin = PgConnection::connect_with(&elsewhere).await.unwrap();
    let mut admin = async |sql: String| {
        let sql = sqlx::AssertSqlSafe(sql);
        sqlx::raw_sql(sql).execute(&mut admin).await.unwrap();
    };
    admin(format!("alter database {name} allow_connections false")).await;
    admin(format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    ))
    .await;
    for page in [&page, &format!("{url}/readyz")] {
        eventually("it is known to be away", async || {
            (status(page).await == Some(503)).then_some(())
        })
        .await;
    }
    // It lives all the same: nobody shall restart it for what is not its fault.
    assert_eq!(status(&format!("{url}/healthz")).await, Some(200));
    admin(format!("alter database {name} allow_connections true")).await;
    for page in [&page, &format!("{url}/readyz")] {
        eventually("it is back", async || {
            (status(page).await == Some(200)).then_some(())
        })
        .await;
    }

    for part in [worker, server] {
        let ended = part.stop().await;
        assert!(ended.success(), "{ended}");
    }
    let left: i64 = sqlx::query_scalar("select count(*) from workers")
        .fetch_one(&db.pool)
        .await
        .unwrap();
    assert_eq!(left, 0, "who goes says so");
    db.forget().await;
}
