//! `logs -f` over a line that breaks again and again.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::port::{Port, Seat};
use crate::api::seed;

/// So much comes through before a connection breaks: in the middle of a message, most likely.
const THROUGH: usize = 20_011;

/// An address that leads to this one, over connections that break; and how many there were.
async fn frail(to: &str) -> (String, Arc<AtomicUsize>, tokio::task::JoinHandle<()>) {
    let to = to.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let relaying = tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let far = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(relay(near, far));
        }
    });
    (url, count, relaying)
}

async fn relay(near: TcpStream, far: TcpStream) {
    let (mut near_in, mut near_out) = near.into_split();
    let (mut far_in, mut far_out) = far.into_split();
    let there = tokio::spawn(async move {
        drop(tokio::io::copy(&mut near_in, &mut far_out).await);
    });
    let (mut left, mut part) = (THROUGH, [0; 1024]);
    while left > 0 {
        let most = left.min(part.len());
        let Ok(read @ 1..) = far_in.read(&mut part[..most]).await else {
            break;
        };
        left -= read;
        if near_out.write_all(&part[..read]).await.is_err() {
            break;
        }
    }
    there.abort();
}

#[tokio::test]
async fn a_line_that_breaks_loses_nothing_and_tells_nothing_twice() {
    let port = Port::open(&[]).await;
    let run = seed::told(&port.stage, &port.ada, true, 450).await;
    let run = seed::shown("run", run);
    let (url, count, relaying) = frail(&port.url).await;
    let seat = Seat::with_token(&url, &port.ada.access);
    let out = seat.run(&["logs", "-f", &run, "--json"]).await.expect(0);
    let mut frames: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(frames.pop().unwrap()["type"], "end");
    let seqs: Vec<i64> = frames
        .iter()
        .map(|frame| frame["event"]["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=450).collect::<Vec<i64>>());
    let connections = count.load(Ordering::SeqCst);
    assert!(connections > 3, "{connections} connections");
    relaying.abort();
    port.forget().await;
}
