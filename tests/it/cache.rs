//! The cache with a real server between nodes: what is shared, and what happens when it is gone. Needs `valkey-server` or
//! `redis-server` (or `CODEGRAPH_TEST_REDIS_SERVER`, a program); without one these tests say so and look at nothing.

use std::{
    env,
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use codegraph::{config::RedisConfig, providers::cache::Cache};

use crate::support::{eventually, left_out};

const LIFE: Duration = Duration::from_secs(60);

/// A server of this test, gone with it.
pub(crate) struct Server {
    child: Child,
    program: String,
    port: u16,
}

impl Server {
    /// Nothing when this machine has none.
    pub(crate) async fn start() -> Option<Self> {
        let given = env::var("CODEGRAPH_TEST_REDIS_SERVER").ok();
        let names = given
            .into_iter()
            .chain(["valkey-server", "redis-server"].map(str::to_owned));
        let found = names.into_iter().find(|name| {
            let asked = Command::new(name)
                .arg("--version")
                .stdout(Stdio::null())
                .status();
            asked.is_ok_and(|status| status.success())
        });
        let Some(program) = found else {
            left_out(
                "neither valkey-server nor redis-server is installed; CODEGRAPH_TEST_REDIS_SERVER may name one",
            );
            return None;
        };
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let child = run(&program, port);
        let server = Self {
            child,
            program,
            port,
        };
        server.answers().await;
        Some(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    fn cache(&self) -> Cache {
        let url = self.url().parse().unwrap();
        Cache::new(&RedisConfig { url: Some(url) })
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) async fn again(&mut self) {
        self.child = run(&self.program, self.port);
        self.answers().await;
    }

    async fn answers(&self) {
        eventually("the cache server answers", async || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()
        })
        .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn run(program: &str, port: u16) -> Child {
    Command::new(program)
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ])
        .stdout(Stdio::null())
        .stdin(Stdio::null())
        .current_dir(env::temp_dir())
        .spawn()
        .unwrap()
}

/// Until this node has noticed that the server is there again.
async fn shared(cache: &Cache) {
    eventually("the node uses the server", async || {
        cache.get("x").await;
        (cache.shared() == Some(true)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nodes_share_what_is_kept_and_what_is_counted() {
    let Some(server) = Server::start().await else {
        return;
    };
    let (one, two) = (server.cache(), server.cache());
    one.put("a", *b"1", LIFE).await;
    assert_eq!(two.get("a").await.as_deref(), Some(&b"1"[..]));
    two.forget("a").await;
    assert_eq!(one.get("a").await, None);

    let counts = (0..40).map(async |n: u32| {
        let cache = if n.is_multiple_of(2) { &one } else { &two };
        cache.count("c", LIFE).await.times
    });
    let mut counts = futures::future::join_all(counts).await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=40).collect::<Vec<u64>>());
    let left = one.count("c", LIFE).await.resets_in;
    assert!(left > LIFE / 2 && left <= LIFE, "{left:?}");

    let short = Duration::from_millis(50);
    one.put("b", *b"2", short).await;
    one.count("d", short).await;
    tokio::time::sleep(short * 2).await;
    assert_eq!(two.get("b").await, None);
    assert_eq!(two.count("d", short).await.times, 1);
    assert_eq!((one.shared(), two.shared()), (Some(true), Some(true)));
}

#[tokio::test]
async fn a_server_that_dies_and_comes_back_costs_no_answer() {
    let Some(mut server) = Server::start().await else {
        return;
    };
    let cache = server.cache();
    cache.put("a", *b"1", LIFE).await;
    shared(&cache).await;
    server.kill();
    let mut slowest = Duration::ZERO;
    for times in 1..=50 {
        let begun = Instant::now();
        assert_eq!(cache.count("c", LIFE).await.times, times);
        cache.put("b", *b"2", LIFE).await;
        assert_eq!(cache.get("b").await.as_deref(), Some(&b"2"[..]));
        slowest = slowest.max(begun.elapsed());
    }
    assert_eq!(cache.shared(), Some(false));
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");

    server.again().await;
    shared(&cache).await;
    // What was kept there is gone with it, and what this node counted alone does not come back.
    assert_eq!(cache.get("a").await, None);
    assert_eq!(server.cache().count("c", LIFE).await.times, 1);
    assert_eq!(cache.count("c", LIFE).await.times, 2);
}

#[tokio::test]
async fn a_server_that_hangs_costs_a_moment() {
    let Some(server) = Server::start().await else {
        return;
    };
    let cache = server.cache();
    shared(&cache).await;
    let pid = rustix::process::Pid::from_child(&server.child);
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    let begun = Instant::now();
    for times in 1..=20 {
        assert_eq!(cache.count("c", LIFE).await.times, times);
    }
    let took = begun.elapsed();
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    assert!(took < Duration::from_secs(2), "{took:?}");
    shared(&cache).await;
}

/// Stops a server where it is, and has it go on.
fn signal(server: &Server, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(&server.child);
    rustix::process::kill_process(pid, signal).unwrap();
}

#[tokio::test]
async fn what_is_forgotten_or_replaced_while_the_server_is_away_does_not_come_back_with_it() {
    let Some(server) = Server::start().await else {
        return;
    };
    let (one, two) = (server.cache(), server.cache());
    for key in ["forgotten", "replaced"] {
        one.put(key, *b"old", LIFE).await;
    }
    shared(&one).await;
    // It keeps what it has, and answers nobody.
    signal(&server, rustix::process::Signal::STOP);
    // Noticed first: nothing of what follows is even sent.
    one.get("x").await;
    one.forget("forgotten").await;
    one.put("replaced", *b"new", LIFE).await;
    assert_eq!(one.get("forgotten").await, None);
    assert_eq!(one.get("replaced").await.as_deref(), Some(&b"new"[..]));
    signal(&server, rustix::process::Signal::CONT);
    shared(&one).await;
    assert_eq!(
        one.get("forgotten").await,
        None,
        "on the node that forgot it"
    );
    for key in ["forgotten", "replaced"] {
        let old = eventually("the server forgets as well", async || {
            let found = two.get(key).await;
            (found.as_deref() != Some(&b"old"[..])).then_some(found)
        });
        assert_eq!(old.await, None, "{key}");
    }
}
