//! The played vendor as a process of its own, killed in the middle of an answer.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use codegraph::providers::llm::{Class, Message};

use super::server::{Answer, Seen, Server};
use super::stage::{self, ask, request, rich_events, rich_reply, rich_stream, sse, text};

/// Tells the process that is started that it is the vendor.
const PLAYS: &str = "CODEGRAPH_TEST_PLAYS_A_VENDOR";

/// Begins the line with the address.
const LISTENS: &str = "listens at ";

/// Says its address, then answers until its standard input ends.
pub(super) fn serve() {
    if std::env::var_os(PLAYS).is_none() {
        return;
    }
    let server = Server::start(answer);
    println!("{LISTENS}{}", server.url());
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
}

/// What is asked for in the last words of the request.
fn answer(seen: &Seen) -> Answer {
    let body = seen.json();
    let last = body["messages"]
        .as_array()
        .and_then(|messages| messages.last());
    match last.and_then(|last| last["content"][0]["text"].as_str()) {
        Some("stop in the middle") => Answer::stream(sse(&rich_events()[..9])).falls_silent(),
        Some("be busy") => Answer::status(529, "{}").header("retry-after", "1"),
        _ => Answer::stream(rich_stream()).crumbled(),
    }
}

/// The process, and where it listens. Dropping it kills it.
struct Vendor {
    child: Child,
    url: String,
}

impl Vendor {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "llm::serve", "--nocapture"])
            .env(PLAYS, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        // The harness writes the name of the test into the same line.
        let mut lines = out.lines().map_while(Result::ok);
        let line = lines.find_map(|line| line.split_once(LISTENS).map(|(_, url)| url.to_owned()));
        Self {
            child,
            url: line.unwrap(),
        }
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn saying(words: &str) -> codegraph::providers::llm::Request {
    let mut request = request();
    request.messages = vec![Message::user(vec![text(words)])];
    request
}

#[tokio::test]
async fn a_vendor_that_dies_in_the_middle_is_a_failed_call_and_the_next_one_answers() {
    let vendor = Vendor::start();
    let client = stage::anthropic(&vendor.url);
    assert_eq!(
        ask(&client, &saying("list the files")).await.unwrap(),
        rich_reply()
    );
    assert_eq!(
        ask(&client, &saying("be busy")).await.unwrap_err().status,
        Some(529)
    );

    let (began, middle) = tokio::sync::oneshot::channel();
    let began = std::sync::Mutex::new(Some(began));
    let request = saying("stop in the middle");
    let hear = |_: codegraph::providers::llm::Delta<'_>| {
        if let Some(began) = began.lock().unwrap().take() {
            began.send(()).unwrap();
        }
    };
    let call = codegraph::providers::llm::ModelProvider::complete(&client, &request, &hear);
    let kill = async {
        middle.await.unwrap();
        drop(vendor);
    };
    let (refused, ()) = tokio::join!(call, kill);
    let refused = refused.unwrap_err();
    assert_eq!(refused.class, Class::Passing, "{refused}");
    let gone = ask(&client, &saying("list the files")).await.unwrap_err();
    assert_eq!(gone.class, Class::Passing, "{gone}");

    let next = Vendor::start();
    let client = stage::anthropic(&next.url);
    assert_eq!(
        ask(&client, &saying("list the files")).await.unwrap(),
        rich_reply()
    );
}
