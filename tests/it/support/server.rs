//! One server for the whole test run. Every test may be a process of its own, and a server stops with the
//! process that started it; so a keeper, this program started once more, holds the server while any test
//! process lives and for a little longer, and leaves nothing behind.
//!
//! Who needs the server holds `users` shared; the keeper holds `keeper` for its life and ends when it gets
//! `users` for itself. All locks are the kernel's: a killed process cannot leave one behind.

use std::{
    env,
    fs::{self, File, OpenOptions},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use codegraph::postgres::{self, Server, Settings};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// A server to use instead.
const GIVEN: &str = "CODEGRAPH_TEST_DATABASE_URL";
/// Names the home for the process that keeps the server.
const KEEPER: &str = "CODEGRAPH_TEST_POSTGRES_KEEPER";

/// How long the server outlives its last user: the pause between two test processes, and a little more.
const LINGER: Duration = Duration::from_secs(20);
/// Unpacking a Postgres and creating a cluster takes its time on a slow disk.
const STARTING: Duration = Duration::from_secs(120);

/// How the server is reached.
pub(super) async fn options() -> PgConnectOptions {
    static FOUND: tokio::sync::OnceCell<PgConnectOptions> = tokio::sync::OnceCell::const_new();
    FOUND.get_or_init(find).await.clone()
}

async fn find() -> PgConnectOptions {
    if let Ok(given) = env::var(GIVEN) {
        return given.parse().expect("CODEGRAPH_TEST_DATABASE_URL is a URL");
    }
    let home = home();
    fs::create_dir_all(&home).expect("the test server's home is ours");
    use_it(&home).await;
    let deadline = Instant::now() + STARTING;
    let mut asked = false;
    loop {
        if let Some(options) = answering(&home).await {
            return options;
        }
        // Another keeper may just be starting, or about to end; only a free lock says that there is none.
        if open(&home.join("keeper")).try_lock().is_ok() && !asked {
            start_keeper(&home);
            asked = true;
        }
        let log = home.join("postgres.log");
        assert!(
            Instant::now() < deadline,
            "the test server did not start; see {}",
            log.display()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn home() -> PathBuf {
    crate::postgres::place("it-postgres")
        .unwrap_or_else(|| postgres::default_home().join("it-postgres"))
}

fn open(file: &Path) -> File {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(file)
        .expect("the test server's home is ours")
}

/// Says, for as long as this process lives, that it uses the server.
async fn use_it(home: &Path) {
    static USING: OnceLock<File> = OnceLock::new();
    let users = open(&home.join("users"));
    tokio::task::spawn_blocking(move || {
        // Waits out a keeper that is just stopping.
        users.lock_shared().expect("the lock can be had");
        USING.set(users).expect("asked for once");
    })
    .await
    .expect("locking does not panic");
}

async fn answering(home: &Path) -> Option<PgConnectOptions> {
    let url = fs::read_to_string(home.join("url")).ok()?;
    let options: PgConnectOptions = url.parse().ok()?;
    let conn = PgConnection::connect_with(&options).await.ok()?;
    conn.close().await.ok()?;
    Some(options)
}

#[expect(
    clippy::zombie_processes,
    reason = "it outlives this process; whoever started this one buries it"
)]
fn start_keeper(home: &Path) {
    Command::new(env::current_exe().expect("we run"))
        .args(["--exact", "support::server::keeper_of_the_server"])
        .env(KEEPER, home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A test that is killed for hanging takes its process group along.
        .process_group(0)
        .spawn()
        .expect("this program starts once more");
}

/// Not a test of its own: the process that keeps the server of the others.
#[test]
fn keeper_of_the_server() {
    let Some(home) = env::var_os(KEEPER) else {
        return;
    };
    let home = PathBuf::from(home);
    let alone = open(&home.join("keeper"));
    if alone.try_lock().is_err() {
        return;
    }
    let settings = Settings {
        bundle: Some(crate::postgres::bundle()),
        durable: false,
        max_connections: 400,
        ..Settings::new(&home)
    };
    let mut server = Server::start(&settings, &mut |_| {}).expect("the server starts");
    fs::write(home.join("url"), server.url()).expect("the home is ours");
    let users = open(&home.join("users"));
    let mut last_used = Instant::now();
    loop {
        thread::sleep(Duration::from_millis(200));
        server.check().expect("the server can be brought back");
        if users.try_lock().is_err() {
            last_used = Instant::now();
        } else if last_used.elapsed() > LINGER {
            // Held to the end: whoever comes now waits until this process is gone, and starts another.
            fs::remove_file(home.join("url")).expect("it is ours");
            return server.stop().expect("the server stops");
        } else {
            users.unlock().expect("it is ours to give back");
        }
    }
}
