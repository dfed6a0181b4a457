//! A vendor played by the test: answers HTTP over raw TCP with exactly the bytes it is told, cut where it is told.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    /// Names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    /// The body in the pieces in which it is sent; the client reads them one by one.
    pieces: Vec<Vec<u8>>,
    end: End,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// The connection is closed in the middle of it.
    CutOff,
    /// Nothing more comes, and the connection stays.
    Silence,
}

impl Answer {
    /// A whole stream of events.
    pub(crate) fn stream(events: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: vec![
                ("content-type", "text/event-stream".to_owned()),
                ("request-id", "req_fake".to_owned()),
                ("x-request-id", "req_fake".to_owned()),
            ],
            pieces: vec![events.into()],
            end: End::Whole,
        }
    }

    /// Something else than a stream.
    pub(crate) fn status(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: vec![("request-id", "req_error".to_owned())],
            pieces: vec![body.as_bytes().to_vec()],
            end: End::Whole,
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The body in two pieces.
    pub(crate) fn cut_at(mut self, at: usize) -> Self {
        let body = self.pieces.concat();
        let (one, two) = body.split_at(at);
        self.pieces = vec![one.to_vec(), two.to_vec()];
        self
    }

    /// The body a byte at a time.
    pub(crate) fn crumbled(mut self) -> Self {
        self.pieces = self.pieces.concat().chunks(1).map(<[u8]>::to_vec).collect();
        self
    }

    /// The connection breaks after what there is.
    pub(crate) fn cut_off(self) -> Self {
        Self {
            end: End::CutOff,
            ..self
        }
    }

    /// The vendor says no more after what there is, and does not hang up.
    pub(crate) fn falls_silent(self) -> Self {
        Self {
            end: End::Silence,
            ..self
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} Whatever\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
        for piece in self.pieces.iter().filter(|piece| !piece.is_empty()) {
            bytes.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            bytes.extend(piece);
            bytes.extend(b"\r\n");
        }
        if self.end == End::Whole {
            bytes.extend(b"0\r\n\r\n");
        }
        bytes
    }
}

type Script = dyn FnMut(&Seen) -> Answer + Send;

/// The vendor. Its threads end with the test's process.
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Listens, and answers each request as `script` says.
    pub(crate) fn start(script: impl FnMut(&Seen) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Box<Script>>> = Arc::new(Mutex::new(Box::new(script)));
        let heard = seen.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, heard) = (script.clone(), heard.clone());
                thread::spawn(move || talk(&stream, &script, &heard));
            }
        });
        Self { address, seen }
    }

    /// Answers everything the same.
    pub(crate) fn always(answer: Answer) -> Self {
        Self::start(move |_| answer.clone())
    }

    /// Its address, as a setting has it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request so far.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

/// One connection, until either side closes it.
fn talk(stream: &TcpStream, script: &Mutex<Box<Script>>, heard: &Mutex<Vec<Seen>>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(seen) = read(&mut reader) {
        let answer = script.lock().unwrap()(&seen);
        heard.lock().unwrap().push(seen);
        let mut writer = stream;
        if writer.write_all(&answer.bytes()).is_err() || answer.end == End::CutOff {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Seen> {
    let mut line = String::new();
    let mut next = |line: &mut String| {
        line.clear();
        reader.read_line(line).ok().filter(|read| *read > 0)
    };
    next(&mut line)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    while next(&mut line)? > 2 {
        let (name, value) = line.split_once(':')?;
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen {
        path,
        headers,
        body,
    })
}
