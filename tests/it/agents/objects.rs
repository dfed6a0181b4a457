//! Large contents in an object store: written before the row that names them, checked when they are read, and enough to
//! go on from on another machine.

use codegraph::{config::Config, providers::blobs::Blobs, services::agent_records::AgentRecords};
use serde_json::json;
use workflows::definitions::coding::{DELIVERY_DECIDED, Options};

use super::{
    bed::{Bed, alone},
    kills,
    words::good,
};
use crate::support::{S3, TestDb};

fn store(folder: &std::path::Path) -> Blobs {
    let settings = [
        ("CODEGRAPH_OBJECT_STORE", folder.to_str().unwrap()),
        ("CODEGRAPH_OBJECT_STORE_ABOVE", "0"),
    ];
    configured(settings.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn configured(settings: impl IntoIterator<Item = (String, String)>) -> Blobs {
    let config = Config::read(settings, std::path::Path::new("/nowhere")).unwrap();
    Blobs::configured(&config.objects).unwrap().unwrap()
}

#[tokio::test]
async fn contents_go_to_the_store_and_come_back_as_they_were() {
    let db = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let records = AgentRecords::new(db.pool.clone()).keeping(Some(store(folder.path())));
    let name = records.keep("text/plain", b"large").await.unwrap();
    // Twice is once.
    assert_eq!(records.keep("text/plain", b"large").await.unwrap(), name);
    let (content, location): (Option<Vec<u8>>, String) =
        sqlx::query_as("select content, location from artifacts")
            .fetch_one(&db.pool)
            .await
            .unwrap();
    assert_eq!(
        (content, location.as_str()),
        (None, &*format!("{}/{name}", &name[..2]))
    );
    assert_eq!(records.kept(&name).await.unwrap().unwrap(), b"large");
    // What was there before the store was configured is still read, and a node that knows of no store says so.
    let plain = AgentRecords::new(db.pool.clone());
    let earlier = plain.keep("text/plain", b"earlier").await.unwrap();
    assert_eq!(records.kept(&earlier).await.unwrap().unwrap(), b"earlier");
    let error = plain.kept(&name).await.unwrap_err().to_string();
    assert!(error.contains("CODEGRAPH_OBJECT_STORE"), "{error}");
    // What somebody has changed is not taken for what was written.
    std::fs::write(folder.path().join(&location), b"other").unwrap();
    let error = records.kept(&name).await.unwrap_err().to_string();
    assert!(error.contains("another content"), "{error}");
    std::fs::remove_file(folder.path().join(&location)).unwrap();
    assert!(records.kept(&name).await.is_err(), "it is away, not empty");
    db.finish().await;
}

#[tokio::test]
async fn a_server_that_speaks_s3_keeps_contents_and_is_asked_again_when_it_is_busy() {
    let (db, s3) = (TestDb::new().await, S3::start().await);
    let store = configured(s3.own_settings());
    store.probe().await.unwrap();
    assert_eq!(s3.names(), [""; 0], "nothing is left of a probe");
    let records = AgentRecords::new(db.pool.clone()).keeping(Some(store));
    s3.is_busy(2);
    let name = records.keep("text/plain", b"large").await.unwrap();
    assert_eq!(s3.names(), [format!("below/here/{}/{name}", &name[..2])]);
    s3.is_busy(2);
    assert_eq!(records.kept(&name).await.unwrap().unwrap(), b"large");
    assert_eq!(s3.strangers(), 0, "every request was signed");
    // Who does not know the secret is told so, not that there is nothing.
    let stranger = configured(s3.settings("another-secret"));
    let stranger = AgentRecords::new(db.pool.clone()).keeping(Some(stranger));
    assert!(stranger.kept(&name).await.is_err());
    assert!(stranger.keep("text/plain", b"theirs").await.is_err());
    assert!(s3.strangers() >= 2);
    s3.spoil(&s3.names()[0]);
    let error = records.kept(&name).await.unwrap_err().to_string();
    assert!(error.contains("another content"), "{error}");
    db.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_machine_goes_on_from_the_store() {
    let folder = tempfile::tempdir().unwrap();
    goes_on_elsewhere(store(folder.path())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_machine_goes_on_from_a_server_that_speaks_s3() {
    let s3 = S3::start().await;
    goes_on_elsewhere(configured(s3.own_settings())).await;
    if !s3.names().is_empty() {
        assert_eq!(s3.verbs(), ["GET", "PUT"]);
        assert_eq!(s3.strangers(), 0);
    }
}

async fn goes_on_elsewhere(store: Blobs) {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let bed = bed.keeping(store).await;
    let options = Options {
        approve_delivery: true,
        ..alone()
    };
    let run = bed.start(options).await;
    bed.waits(run, DELIVERY_DECIDED).await;
    let in_database: i64 =
        sqlx::query_scalar("select count(*) from artifacts where content is not null")
            .fetch_one(&bed.db.pool)
            .await
            .unwrap();
    assert_eq!(in_database, 0);
    // Nothing of this machine is left to it but the store.
    let bed = bed.elsewhere().await;
    let approved = json!({"decision": "approve"});
    bed.signal(run, DELIVERY_DECIDED, approved).await;
    let row = bed.db.ended(run).await;
    assert_eq!(
        row.outcome.as_deref(),
        Some("succeeded"),
        "{:?}",
        row.failure
    );
    let output = row.output.unwrap();
    assert_eq!(output["result"], "published", "{output}");
    bed.finish().await;
}

/// A worker that dies between the store and the row, or before either: the other one writes both, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_death_between_the_store_and_the_row_loses_nothing() {
    kills::with_objects(&[
        "before content put:1",
        "after content put:1",
        "after content put:2",
    ])
    .await;
}
