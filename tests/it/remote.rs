//! Servers of repositories that would send us elsewhere.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use codegraph::providers::git::{PrivateHosts, Source, Store};

/// A server that answers everything with this; how often it was asked.
fn server(answer: String) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
            let mut stream = stream.unwrap();
            drop(stream.read(&mut [0; 4096]));
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    (port, asked)
}

#[tokio::test]
async fn a_server_that_may_be_asked_sends_nobody_to_one_that_may_not() {
    let gone = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (inside, asked_inside) = server(gone.to_owned());
    let (outside, asked_outside) = server(format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inside}/a/info/refs?service=git-upload-pack\r\n\
         content-length: 0\r\nconnection: close\r\n\r\n"
    ));
    let folder = tempfile::tempdir().unwrap();
    let private = PrivateHosts::new([format!("127.0.0.1:{outside}")]);
    let store = Store::new(folder.path().to_owned()).allowing(private);
    let source = |port: u16| Source::Url(format!("http://127.0.0.1:{port}/a"));

    store.mirror(&source(outside)).await.unwrap_err();
    assert!(asked_outside.load(Ordering::SeqCst) > 0);
    assert_eq!(asked_inside.load(Ordering::SeqCst), 0, "sent on");
    let refused = store.mirror(&source(inside)).await.unwrap_err().to_string();
    assert!(refused.contains("inside the network"), "{refused}");
    assert_eq!(asked_inside.load(Ordering::SeqCst), 0, "asked at once");
}
