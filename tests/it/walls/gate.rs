//! With a list of hosts, a command reaches those and nobody else, whatever it tries.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use codegraph::config::Wall;
use codegraph::providers::gate::{Gate, Hosts, Most};
use codegraph::providers::reach::PrivateHosts;
use codegraph::providers::sandbox::{Error, Exit, Job, Network, Sandbox};

use super::bed::{Bed, said};
use crate::support::{bubblewrap, left_out};

/// What the stand-in for a registry answers.
const PACKAGE: &str = "this is the package";

/// Speaks so that every shell with bash understands: one request to the proxy, all of the answer.
const ASK: &str = r#"
ask() {
    exec 3<>/dev/tcp/127.0.0.1/${HTTP_PROXY##*:} || return 9
    printf "$1" >&3
    cat <&3
    exec 3>&-
}
"#;

/// A server of this machine that stands in for a registry and tells what it was asked.
struct Registry {
    port: u16,
    asked: mpsc::Receiver<String>,
}

impl Registry {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, asked) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let tell = tell.clone();
                thread::spawn(move || answer(stream, &tell));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.try_iter().collect()
    }
}

fn answer(mut stream: TcpStream, tell: &mpsc::Sender<String>) {
    let mut heard = Vec::new();
    let mut piece = [0; 1024];
    while !heard.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => heard.extend_from_slice(&piece[..read]),
            _ => break,
        }
    }
    let _ = tell.send(String::from_utf8_lossy(&heard).into_owned());
    let length = PACKAGE.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{PACKAGE}"
    );
}

fn gate(hosts: &[&str], private: &[&str]) -> Gate {
    let private = private.iter().map(|host| (*host).to_owned());
    Gate::new(Hosts::of(hosts), PrivateHosts::new(private))
}

fn job(bed: &Bed, line: &str, gate: Gate) -> Job {
    let mut job = bed.job(&format!("{ASK}{line}"));
    job.network = Network::Hosts(gate);
    job
}

#[tokio::test]
async fn a_registry_on_the_list_is_reached_plainly_and_through_a_tunnel() {
    let Some(wall) = bubblewrap().await else {
        return;
    };
    let registry = Registry::new();
    let place = format!("localhost:{}", registry.port);
    let open = gate(&[&place], &[&place]);
    for line in [
        format!("ask 'GET http://{place}/pkg HTTP/1.1\\r\\nHost: elsewhere\\r\\n\\r\\n'"),
        format!(
            "ask 'CONNECT {place} HTTP/1.1\\r\\n\\r\\nGET /pkg HTTP/1.1\\r\\nHost: {place}\\r\\n\\r\\n'"
        ),
    ] {
        let bed = Bed::new();
        let ran = wall.run(&job(&bed, &line, open.clone())).await.unwrap();
        assert_eq!(ran.refused, 0);
        let (exit, output) = said(ran);
        assert_eq!(exit, Exit::Code(0), "{output}");
        assert!(output.ends_with(PACKAGE), "{output}");
        let asked = registry.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(
            asked[0].starts_with("GET /pkg HTTP/1.1\r\n")
                && asked[0].contains(&format!("Host: {place}")),
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn tools_find_the_proxy_by_themselves() {
    let Some(wall) = bubblewrap().await else {
        return;
    };
    let registry = Registry::new();
    let place = format!("localhost:{}", registry.port);
    let bed = Bed::new();
    let line = format!(
        "NO_PROXY= no_proxy= python3 -c 'import urllib.request; \
         print(urllib.request.urlopen(\"http://{place}/simple\").read().decode())'"
    );
    let open = gate(&[&place], &[&place]);
    let (exit, output) = said(wall.run(&job(&bed, &line, open)).await.unwrap());
    assert_eq!((exit, output.trim()), (Exit::Code(0), PACKAGE));
    // And a server of the tests' own, inside, is reached without it.
    let line = "python3 -c '
import http.server, threading, urllib.request
server = http.server.HTTPServer((\"127.0.0.1\", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(urllib.request.urlopen(\"http://127.0.0.1:%d/kept.txt\" % server.server_port).read().decode())
' 2>/dev/null";
    let (exit, output) = said(wall.run(&job(&bed, line, gate(&[], &[]))).await.unwrap());
    assert_eq!((exit, output.trim()), (Exit::Code(0), "kept"));
}

/// How a command is refused, and what it asked for.
const ATTEMPTS: [(&str, &str, &[&str]); 5] = [
    (
        "403",
        "not among the hosts",
        &[
            // Another host, also one that hides behind an allowed one; addresses instead of names.
            "CONNECT other.invalid:443",
            "CONNECT localhost.other.invalid:443",
            "GET http://other.invalid/",
            "CONNECT 127.0.0.1:PORT",
            "GET http://127.0.0.1:PORT/",
            "CONNECT [::1]:PORT",
            "GET http://169.254.169.254/latest/meta-data/",
            "CONNECT 2130706433:443",
        ],
    ),
    // An allowed name that leads inside, where the operator has not allowed this port.
    (
        "403",
        "inside the network",
        &["CONNECT localhost:443", "GET http://localhost/"],
    ),
    (
        "403",
        "this port is not let through",
        &["CONNECT localhost:22", "CONNECT nowhere.invalid:5432"],
    ),
    (
        "502",
        "no server of this name",
        &["CONNECT nowhere.invalid:443"],
    ),
    (
        "400",
        "not a request to a proxy",
        &[
            "CONNECT user@localhost:PORT",
            "GET /",
            "GET file:///etc/passwd",
        ],
    ),
];

#[tokio::test]
async fn nobody_else_is_reached_by_any_way() {
    let Some(wall) = bubblewrap().await else {
        return;
    };
    let registry = Registry::new();
    let port = registry.port;
    let place = format!("localhost:{port}");
    let open = gate(&[place.as_str(), "localhost", "nowhere.invalid"], &[&place]);
    let all = ATTEMPTS
        .iter()
        .flat_map(|(status, why, asked)| asked.iter().map(move |asked| (status, why, asked)));
    for (status, why, asked) in all {
        let asked = asked.replace("PORT", &port.to_string());
        let bed = Bed::new();
        let line = format!("ask '{asked} HTTP/1.1\\r\\n\\r\\n'");
        let ran = wall.run(&job(&bed, &line, open.clone())).await.unwrap();
        assert_eq!(ran.refused, 1, "{asked}");
        let (_, output) = said(ran);
        assert!(
            output.starts_with(&format!("HTTP/1.1 {status} ")),
            "{asked}: {output}"
        );
        // Once to the command, once below its output.
        assert_eq!(output.matches(*why).count(), 2, "{asked}: {output}");
        assert!(output.contains("[network refused: "), "{asked}: {output}");
    }
    assert_eq!(registry.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn around_the_proxy_there_is_no_way() {
    let Some(wall) = bubblewrap().await else {
        return;
    };
    let registry = Registry::new();
    let port = registry.port;
    let place = format!("localhost:{port}");
    let open = gate(&[&place], &[&place]);
    let bed = Bed::new();
    let line = format!(
        "for to in tcp/127.0.0.1/{port} udp/127.0.0.1/{port} tcp/169.254.169.254/80 tcp/10.0.0.1/80 tcp/1.1.1.1/443; do
             timeout 5 bash -c \"echo x > /dev/$to\" 2>/dev/null && [ ${{to%%/*}} = tcp ] && echo reached $to
         done
         ip link add dummy0 type dummy 2>/dev/null && echo made a device
         unshare -Urn true 2>/dev/null && echo made a network
         cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '"
    );
    let (exit, output) = said(wall.run(&job(&bed, &line, open)).await.unwrap());
    assert_eq!((exit, output.trim()), (Exit::Code(0), "lo"));
    assert_eq!(registry.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn bytes_and_connections_have_an_end() {
    let Some(wall) = bubblewrap().await else {
        return;
    };
    let registry = Registry::new();
    let place = format!("localhost:{}", registry.port);
    let open = gate(&[&place], &[&place]);
    let bed = Bed::new();
    let most = Most {
        bytes: 10,
        ..Most::default()
    };
    let line = format!("ask 'GET http://{place}/ HTTP/1.1\\r\\n\\r\\n'");
    let ran = wall
        .run(&job(&bed, &line, open.clone().with_most(most)))
        .await;
    let ran = ran.unwrap();
    assert_eq!(ran.refused, 1);
    let (_, output) = said(ran);
    assert!(output.contains("MiB were moved"), "{output}");
    assert!(!output.contains(PACKAGE), "{output}");

    let most = Most {
        connections: 1,
        ..Most::default()
    };
    let line = format!(
        "exec 4<>/dev/tcp/127.0.0.1/${{HTTP_PROXY##*:}}
         printf 'CONNECT {place} HTTP/1.1\\r\\n\\r\\n' >&4
         head -c 12 <&4 >/dev/null
         ask 'GET http://{place}/ HTTP/1.1\\r\\n\\r\\n'"
    );
    let ran = wall.run(&job(&bed, &line, open.with_most(most))).await;
    let (_, output) = said(ran.unwrap());
    assert!(output.contains("too many connections"), "{output}");
}

/// A wall that cannot hold a command to a list does not run it with the whole network instead.
#[tokio::test]
async fn landlock_refuses_a_list_and_says_why() {
    let Ok(wall) = Sandbox::new(Wall::Landlock).await else {
        left_out("Landlock does not stand");
        return;
    };
    let bed = Bed::new();
    let refused = wall
        .run(&job(&bed, "touch ran", gate(&["localhost"], &[])))
        .await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, Error::Network { .. }), "{refused}");
    assert!(refused.to_string().contains("list of hosts"), "{refused}");
    assert!(!bed.workspace.join("ran").exists());
    // Without the network, a connection is refused at once.
    let registry = Registry::new();
    let mut job = bed.job(&format!("echo x > /dev/tcp/127.0.0.1/{}", registry.port));
    job.limits.wall = Duration::from_secs(5);
    assert_ne!(wall.run(&job).await.unwrap().exit, Exit::Code(0));
    assert_eq!(registry.asked(), Vec::<String>::new());
}
