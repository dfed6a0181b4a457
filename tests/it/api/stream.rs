//! The stream of events: what comes first, what comes last, and that nothing is between them that is not there.

use std::time::Duration;

use codegraph::services::access::Role;
use futures::{StreamExt as _, stream::BoxStream};
use poem::{Endpoint as _, Request, endpoint::BoxEndpoint};
use serde_json::{Value, json};

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};

/// A stream that is being listened to.
pub(super) struct Listener {
    body: BoxStream<'static, Result<Vec<u8>, std::io::Error>>,
    heard: String,
}

impl Listener {
    pub(super) async fn open(routes: &BoxEndpoint<'static>, who: &Person, query: &str) -> Self {
        let request = Request::builder()
            .uri(format!("/api/v1/stream{query}").parse().unwrap())
            .header("authorization", format!("Bearer {}", who.access))
            .finish();
        let response = routes.get_response(request).await;
        assert_eq!(response.status(), 200);
        let body = response.into_body().into_bytes_stream();
        Self {
            body: body.map(|part| part.map(|bytes| bytes.to_vec())).boxed(),
            heard: String::new(),
        }
    }

    /// Listens until this was said.
    pub(super) async fn until(&mut self, what: &str) {
        let reading = async {
            while !self.heard.contains(what) {
                let bytes = self.body.next().await.expect("the stream goes on").unwrap();
                self.heard.push_str(std::str::from_utf8(&bytes).unwrap());
            }
        };
        let patience = Duration::from_secs(20);
        tokio::time::timeout(patience, reading).await.expect(what);
    }

    /// What comes next; parts are whole messages.
    pub(super) async fn part(&mut self) -> String {
        let bytes = self.body.next().await.expect("the stream goes on").unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The frames so far.
    fn frames(&self) -> Vec<Value> {
        let data = self.heard.lines().filter_map(|l| l.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }
}

#[tokio::test]
async fn a_run_that_is_over_tells_everything_and_then_its_end() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    // More than is read at once.
    let run = seed::told(&stage, &ada, true, 450).await;
    let (_, routes) = stage.beside(&[]);
    let run = shown("run", run);
    for after in [0, 200, 449, 450, 1000] {
        let query = format!("?run={run}&after={after}");
        let mut stream = Listener::open(&routes, &ada, &query).await;
        stream.until("\"type\":\"end\"").await;
        let mut frames = stream.frames();
        let end = json!({"type": "end", "status": "succeeded"});
        assert_eq!(frames.pop(), Some(end), "after {after}");
        let seqs: Vec<i64> = frames
            .iter()
            .map(|f| f["event"]["seq"].as_i64().unwrap())
            .collect();
        let all: Vec<i64> = (after + 1..=450).collect();
        assert_eq!(seqs, all, "after {after}");
    }
    drop(routes);
    stage.db.forget().await;
}

#[tokio::test]
async fn the_first_byte_comes_before_anything_happens() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let (_, routes) = stage.beside(&[]);
    let mut stream = Listener::open(&routes, &ada, "").await;
    stream.until(":\n\n").await;
    assert_eq!(stream.heard, ":\n\n");
    drop(routes);
    stage.finish().await;
}

#[tokio::test]
async fn an_end_that_nobody_heard_of_is_told_when_somebody_hears_again() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let run = seed::told(&stage, &ada, false, 3).await;
    let (state, routes) = stage.beside(&[]);
    let query = format!("?run={}&after=1", shown("run", run));
    let mut stream = Listener::open(&routes, &ada, &query).await;
    stream.until("\"seq\":3").await;
    for sql in [
        "delete from run_heads where run_id = $1",
        "update runs set outcome = 'canceled', ended_at = now() where id = $1",
        "insert into events (run_id, seq, step_no, epoch, kind, data) values ($1, 4, 1, 1, 'run.canceled', '{}')",
    ] {
        let statement = sqlx::query(sql).bind(run);
        statement.execute(&stage.db.pool).await.unwrap();
    }
    let hearing = tokio::spawn(state.feed.clone().run(stage.db.pool.clone()));
    stream.until("\"type\":\"end\"").await;
    let kinds: Vec<Value> = stream
        .frames()
        .iter()
        .map(|frame| frame["type"].clone())
        .collect();
    assert_eq!(
        kinds,
        [
            "run_event",
            "run_event",
            "reset",
            "run_changed",
            "run_event",
            "end"
        ]
    );
    assert_eq!(stream.frames()[5]["status"], "canceled");
    hearing.abort();
    drop((state, routes));
    stage.db.forget().await;
}
