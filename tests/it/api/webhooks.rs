//! Webhooks: what a receiver is sent, how often, and whom nothing is sent to.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use codegraph::{
    providers::{
        reach::PrivateHosts,
        webhook::{Message, signature},
    },
    services::{access::Role, runs::Start, webhooks::Deliverer},
};
use jobs::DeliverWebhook;
use poem::http::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use uuid::Uuid;
use workflows::{Lane, RunId, TaskId};

use super::{
    seed::{self, shown},
    stage::{Person, Stage},
};
use crate::support::{Act, SCRIPT, eventually, script, seal};

/// A message that a receiver got: its headers by name, its body.
pub(super) type Got = (Vec<(String, String)>, String);

/// A server that keeps what it gets, and answers with each of these in turn, with the last of them from then on;
/// 0 stands for no answer at all.
pub(super) struct Receiver {
    pub(super) url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    pub(super) async fn new(answers: &'static [u16]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/hook?token=t", listener.local_addr().unwrap());
        let got = Arc::<Mutex<Vec<Got>>>::default();
        let keep = Arc::clone(&got);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let keep = Arc::clone(&keep);
                tokio::spawn(async move {
                    let mut text = String::new();
                    let message = loop {
                        let mut part = [0; 4096];
                        let many = stream.read(&mut part).await.unwrap();
                        text.push_str(std::str::from_utf8(&part[..many]).unwrap());
                        if let Some(message) = whole(&text) {
                            break message;
                        }
                        assert!(many > 0, "half a request: {text}");
                    };
                    let count = {
                        let mut got = keep.lock().unwrap();
                        got.push(message);
                        got.len()
                    };
                    let status = answers[count.min(answers.len()) - 1];
                    if status == 0 {
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                    let answer = format!(
                        "HTTP/1.1 {status} Whatever\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"
                    );
                    drop(stream.write_all(answer.as_bytes()).await);
                });
            }
        });
        Self { url, got }
    }

    pub(super) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub(super) async fn gets(&self, many: usize) -> Vec<Got> {
        eventually(&format!("{many} messages"), async || {
            let got = self.got();
            (got.len() >= many).then_some(got)
        })
        .await
    }
}

fn whole(text: &str) -> Option<Got> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_owned()))
    };
    let headers: Vec<(String, String)> = head.lines().filter_map(header).collect();
    let length: usize = of(&headers, "content-length").parse().unwrap();
    (body.len() == length).then(|| (headers, body.to_owned()))
}

pub(super) fn of<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let found = headers.iter().find(|(known, _)| known == name);
    &found.unwrap_or_else(|| panic!("no header {name}")).1
}

/// A server that may speak to receivers on this machine.
pub(super) async fn stage() -> Stage {
    Stage::with(&[("CODEGRAPH_PRIVATE_WEBHOOK_HOSTS", "127.0.0.1")]).await
}

pub(super) async fn add(stage: &Stage, who: &Person, url: &str) -> Value {
    let body = json!({"url": url, "kinds": ["failed", "plan"]});
    let call = stage.post("/api/v1/webhooks", body).bearer(&who.access);
    call.send().await.expect(201)
}

pub(super) async fn fails(stage: &Stage, task: Uuid) -> RunId {
    let start = Start {
        input: script(&[Act::Fail("it broke".to_owned())]),
        task: Some(TaskId(task)),
        limits: vec![codegraph::services::places::Limit {
            key: format!("task:{task}"),
            most: 9,
        }],
        ..Start::default()
    };
    let run = stage.db.start(&SCRIPT, start).await;
    stage.db.ended(run).await;
    run
}

async fn log(stage: &Stage, who: &Person, webhook: &Value) -> Value {
    let path = format!(
        "/api/v1/webhooks/{}/deliveries",
        webhook["id"].as_str().unwrap()
    );
    let call = stage.get(&path).bearer(&who.access);
    call.send().await.expect(200)["items"].take()
}

/// What waits for its next try waits no longer.
async fn hurry(stage: &Stage) {
    sqlx::query("update apalis.jobs set run_at = now()")
        .execute(&stage.db.pool)
        .await
        .unwrap();
    jobs::wake::announce(&stage.db.pool, &[Lane::Outbound])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_message_is_signed_tried_again_logged_and_sent_again_on_request() {
    let stage = stage().await;
    let worker = stage.db.worker().reaching("127.0.0.1").start().await;
    let receiver = Receiver::new(&[500, 204]).await;
    let (ada, bob) = (
        stage.person(Role::Member).await,
        stage.person(Role::Member).await,
    );
    let made = add(&stage, &ada, &receiver.url).await;
    let theirs = add(&stage, &bob, &receiver.url).await;
    let repository = seed::repository(&stage, &ada, "inventory", true).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let run = fails(&stage, task).await;
    receiver.gets(1).await;
    eventually("the failure is written", async || {
        let log = log(&stage, &ada, &made["webhook"]).await;
        (log[0]["status"] == 500 && log[0]["state"] == "pending").then_some(())
    })
    .await;
    let delivered = eventually("it was taken", async || {
        hurry(&stage).await;
        let log = log(&stage, &ada, &made["webhook"]).await;
        (log[0]["state"] == "delivered").then_some(log)
    })
    .await;
    assert_eq!(
        (&delivered[0]["tries"], &delivered[0]["status"]),
        (&json!(2), &json!(204))
    );
    assert_eq!(
        log(&stage, &bob, &theirs["webhook"]).await,
        json!([]),
        "not their task"
    );

    let got = receiver.gets(2).await;
    let secret = made["secret"]
        .as_str()
        .unwrap()
        .strip_prefix("whsec_")
        .unwrap();
    let secret = BASE64_STANDARD.decode(secret).unwrap();
    for (headers, body) in &got {
        let message = Message {
            id: of(headers, "webhook-id"),
            timestamp: of(headers, "webhook-timestamp").parse().unwrap(),
            body,
        };
        assert_eq!(
            of(headers, "webhook-signature"),
            signature(&secret, message)
        );
        assert_eq!(message.id, delivered[0]["id"]);
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["type"], "run.failed");
        assert_eq!(body["data"]["run_id"], shown("run", run.0));
        assert_eq!(body["data"]["task"]["title"], "Bolts");
    }
    let path = format!(
        "/api/v1/webhooks/{}/deliveries/{}/redeliver",
        made["webhook"]["id"].as_str().unwrap(),
        delivered[0]["id"].as_str().unwrap()
    );
    let again = |who: &Person| stage.call(Method::POST, &path).bearer(&who.access).send();
    again(&bob).await.expect(404);
    again(&ada).await.expect(204);
    let got = receiver.gets(3).await;
    assert_eq!(of(&got[2].0, "webhook-id"), of(&got[0].0, "webhook-id"));
    eventually("it was taken again", async || {
        let log = log(&stage, &ada, &made["webhook"]).await;
        (log[0]["state"] == "delivered").then_some(())
    })
    .await;
    worker.stop().await;
    stage.finish().await;
}

#[tokio::test]
async fn what_a_dead_worker_sent_is_sent_again_under_the_same_id_and_then_no_more() {
    let stage = stage().await;
    let receiver = Receiver::new(&[0, 200]).await;
    let ada = stage.person(Role::Member).await;
    let made = add(&stage, &ada, &receiver.url).await;
    let repository = seed::repository(&stage, &ada, "inventory", true).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    // Of its lanes, nobody serves the one that sends.
    let worker = stage.db.worker().lanes(&[(Lane::Agents, 2)]).start().await;
    fails(&stage, task).await;
    let id: Uuid = sqlx::query_scalar("select id from webhook_deliveries")
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    let deliverer = Deliverer {
        db: stage.db.pool.clone(),
        private: PrivateHosts::new(["127.0.0.1".to_owned()]),
        seal: Some(seal()),
    };
    let job = || DeliverWebhook { delivery: id };
    // It dies while the receiver has the message and has not answered.
    tokio::select! {
        ended = deliverer.deliver(job()) => panic!("{ended:?}"),
        _ = receiver.gets(1) => {}
    }
    assert_eq!(
        log(&stage, &ada, &made["webhook"]).await[0]["state"],
        "pending"
    );
    for _ in 0..2 {
        deliverer.deliver(job()).await.unwrap();
    }
    let got = receiver.got();
    assert_eq!(got.len(), 2, "once more, and not after it was taken");
    assert_eq!(of(&got[0].0, "webhook-id"), of(&got[1].0, "webhook-id"));
    assert_eq!(got[0].1, got[1].1, "the same words");
    let entry = log(&stage, &ada, &made["webhook"]).await[0].take();
    assert_eq!(
        (&entry["state"], &entry["tries"]),
        (&json!("delivered"), &json!(2))
    );
    worker.stop().await;
    stage.db.forget().await;
}

#[tokio::test]
async fn a_receiver_that_always_fails_is_switched_off_and_redirects_lead_nowhere() {
    let stage = stage().await;
    let receiver = Receiver::new(&[302]).await;
    let ada = stage.person(Role::Member).await;
    let made = add(&stage, &ada, &receiver.url).await;
    let repository = seed::repository(&stage, &ada, "inventory", true).await;
    let task = seed::task(&stage, repository, &ada, "Bolts").await;
    let worker = stage.db.worker().lanes(&[(Lane::Agents, 2)]).start().await;
    fails(&stage, task).await;
    let id: Uuid = sqlx::query_scalar("select id from webhook_deliveries")
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    let deliverer = Deliverer {
        db: stage.db.pool.clone(),
        private: PrivateHosts::new(["127.0.0.1".to_owned()]),
        seal: Some(seal()),
    };
    let job = || DeliverWebhook { delivery: id };
    for _ in 1..DeliverWebhook::TRIES {
        assert!(
            deliverer.deliver(job()).await.is_err(),
            "another try will be made"
        );
    }
    deliverer
        .deliver(job())
        .await
        .expect("given up, which ends the job");
    let entry = log(&stage, &ada, &made["webhook"]).await[0].take();
    assert_eq!(
        (&entry["state"], &entry["status"]),
        (&json!("failed"), &json!(302))
    );
    deliverer.deliver(job()).await.unwrap();
    assert_eq!(
        receiver.got().len(),
        usize::try_from(DeliverWebhook::TRIES).unwrap()
    );

    one_too_many(&stage, &ada, &made["webhook"], &entry, &deliverer, id).await;
    let before = receiver.got().len();
    deliverer.deliver(job()).await.expect("given up unsent");
    fails(&stage, task).await;
    assert_eq!(receiver.got().len(), before);
    let count: i64 = sqlx::query_scalar("select count(*) from webhook_deliveries")
        .fetch_one(&stage.db.pool)
        .await
        .unwrap();
    assert_eq!(count, 1, "nothing more is written for it");
    switched_on_and_gone(&stage, &ada, &made["webhook"]).await;
    worker.stop().await;
    stage.db.forget().await;
}

#[tokio::test]
async fn receivers_inside_the_network_are_refused_and_secrets_are_shown_once() {
    let stage = Stage::new().await;
    let ada = stage.person(Role::Member).await;
    let (bob, admin) = (
        stage.person(Role::Member).await,
        stage.person(Role::Admin).await,
    );
    let wanted = |url: &str| json!({"url": url, "kinds": ["failed"]});
    let post = |who: &Person, body: Value| {
        stage
            .post("/api/v1/webhooks", body)
            .bearer(&who.access)
            .send()
    };
    for url in [
        "http://127.0.0.1/x",
        "http://localhost/x",
        "https://169.254.169.254/latest",
        "ssh://1.1.1.1/x",
        "not an address",
        "http://[::ffff:10.0.0.1]/",
    ] {
        let answer = post(&ada, wanted(url)).await.expect(422);
        assert_eq!(answer["errors"][0]["path"], "/url", "{url}");
    }
    let everyone = json!({"url": "https://1.1.1.1/x", "kinds": ["failed"], "everyone": true});
    post(&ada, everyone.clone()).await.expect(403);
    post(&admin, everyone).await.expect(201);
    let made = post(&ada, wanted("https://1.1.1.1/hook/token"))
        .await
        .expect(201);
    let secret = made["secret"].as_str().unwrap();
    let path = format!(
        "/api/v1/webhooks/{}",
        made["webhook"]["id"].as_str().unwrap()
    );
    let change = |who: &Person, body: Value| {
        stage
            .call(Method::PATCH, &path)
            .json(body)
            .bearer(&who.access)
            .send()
    };
    change(&bob, json!({"active": false})).await.expect(404);
    change(&ada, json!({"url": "http://10.0.0.1/"}))
        .await
        .expect(422);
    let off = change(&admin, json!({"active": false})).await.expect(200);
    assert_eq!(off["active"], false);
    let of = |who: &Person| stage.get("/api/v1/webhooks").bearer(&who.access).send();
    assert_eq!(of(&bob).await.expect(200)["items"], json!([]));
    let all = of(&admin).await.expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let audit = stage
        .get("/api/v1/audit")
        .bearer(&admin.access)
        .send()
        .await
        .expect(200);
    for text in [all.to_string(), off.to_string(), audit.to_string()] {
        assert!(!text.contains(secret));
    }
    assert!(audit.to_string().contains("webhook.created"));
    assert!(
        !audit.to_string().contains("/hook/token"),
        "the address may hold a secret"
    );
    stage.finish().await;
}

/// So many failures in a row that the next switches it off.
async fn one_too_many(
    stage: &Stage,
    who: &Person,
    webhook: &Value,
    entry: &Value,
    deliverer: &Deliverer,
    id: Uuid,
) {
    let again = format!(
        "/api/v1/webhooks/{}/deliveries/{}/redeliver",
        webhook["id"].as_str().unwrap(),
        entry["id"].as_str().unwrap()
    );
    let again = || stage.call(Method::POST, &again).bearer(&who.access).send();
    sqlx::query("update webhook_endpoints set failures = 29")
        .execute(&stage.db.pool)
        .await
        .unwrap();
    again().await.expect(204);
    assert!(
        deliverer
            .deliver(DeliverWebhook { delivery: id })
            .await
            .is_err()
    );
    let list = stage
        .get("/api/v1/webhooks")
        .bearer(&who.access)
        .send()
        .await
        .expect(200);
    assert_eq!(list["items"][0]["active"], false);
    assert!(
        list["items"][0]["disabled_reason"]
            .as_str()
            .unwrap()
            .contains("302")
    );
}

async fn switched_on_and_gone(stage: &Stage, who: &Person, webhook: &Value) {
    let path = format!("/api/v1/webhooks/{}", webhook["id"].as_str().unwrap());
    let on = stage
        .call(Method::PATCH, &path)
        .json(json!({"active": true}));
    let on = on.bearer(&who.access).send().await.expect(200);
    assert_eq!((&on["active"], &on["failures"]), (&json!(true), &json!(0)));
    let gone = stage.call(Method::DELETE, &path).bearer(&who.access);
    gone.send().await.expect(204);
}
