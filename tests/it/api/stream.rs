//! The stream of events: what comes first, what comes last, and that nothing is between them that is not there.

use std::time::Duration;

use codegraph::services::{access::Role, announce};
use futures::{StreamExt as _, stream::BoxStream};
use poem::{Endpoint as _, Request, endpoint::BoxEndpoint};
use serde_json::{Value, json};
use workflows::RunId;

use super::{
    declared::check_frame,
    seed::{self, shown},
    stage::{Person, Stage},
};
use crate::support::eventually;

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
        assert_eq!(response.headers()["cache-control"], "no-store");
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
        drop(self.frames());
    }

    /// What comes next; parts are whole messages.
    pub(super) async fn part(&mut self) -> String {
        let bytes = self.body.next().await.expect("the stream goes on").unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The frames so far, as the document has them.
    fn frames(&self) -> Vec<Value> {
        let data = self.heard.lines().filter_map(|l| l.strip_prefix("data: "));
        let frames = data.map(|data| serde_json::from_str(data).unwrap());
        frames.inspect(check_frame).collect()
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

#[tokio::test]
async fn only_what_one_names_comes() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let over = seed::told(&stage, &ada, true, 3).await;
    let alive = seed::told(&stage, &ada, false, 3).await;
    let (state, routes) = stage.beside(&[]);
    let types = |stream: &Listener| -> Vec<Value> {
        let frames = stream.frames();
        frames.iter().map(|frame| frame["type"].clone()).collect()
    };
    for (topics, expected) in [
        ("&topics=run_changed&topics=words", vec!["end"]),
        (
            "&topics=run_event",
            vec!["run_event", "run_event", "run_event", "end"],
        ),
    ] {
        let query = format!("?run={}{topics}", shown("run", over));
        let mut stream = Listener::open(&routes, &ada, &query).await;
        stream.until("\"type\":\"end\"").await;
        assert_eq!(types(&stream), expected, "{topics}");
    }
    let hearing = tokio::spawn(state.feed.clone().run(stage.db.pool.clone()));
    eventually("the node is told what moves", async || state.feed.moved()).await;
    let query = format!("?run={}", shown("run", alive));
    let mut events = Listener::open(&routes, &ada, &format!("{query}&topics=run_event")).await;
    let mut moves = Listener::open(&routes, &ada, &format!("{query}&topics=run_changed")).await;
    events.until("\"seq\":3").await;
    moves.until(":\n\n").await;
    sqlx::query("insert into events (run_id, seq, step_no, epoch, kind, data) values ($1, 4, 1, 1, 'run.noted', '{}')")
        .bind(alive)
        .execute(&stage.db.pool)
        .await
        .unwrap();
    announce::changed(&stage.db.pool, &[RunId(alive)]).await;
    events.until("\"seq\":4").await;
    moves.until("run_changed").await;
    assert_eq!(types(&events), ["run_event"; 4]);
    assert_eq!(types(&moves), ["run_changed"]);
    hearing.abort();
    drop((state, routes));
    stage.db.forget().await;
}
