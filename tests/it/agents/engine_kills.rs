//! A worker process that dies while an engine is at work: another one puts the tree back and starts the engine anew.

use std::path::PathBuf;

use codegraph::services::{steering, timeline};
use futures::StreamExt;
use serde_json::json;
use workflows::definitions::coding::ANSWERED;

use super::{
    bed::{alone, wall},
    engine::{GOOD, catalogue, engine, vendor},
    kills::{Case, End},
    vendor::Vendor,
};
use crate::support::{bubblewrap, eventually};

async fn case<'v>(vendor: &'v Vendor, script: &str) -> (Case<'v>, PathBuf) {
    let case = Case::with(vendor, engine(alone())).await;
    let models = catalogue(&case.path(""), script, "");
    (case, models)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_under_an_engine_leaves_the_same_tree() {
    if bubblewrap().await.is_none() || wall().await.is_none() {
        return;
    }
    let vendor = vendor();
    let (undisturbed, models) = case(&vendor, GOOD).await;
    let worker = undisturbed.worker(&[("CODEGRAPH_MODELS", models.to_str().unwrap())]);
    undisturbed.ended().await;
    worker.stop();
    let (end, asked) = undisturbed.judge().await;
    assert_eq!(asked, 4, "the planner, two of the engine, the reviewer");
    assert_eq!(end.deeds().matches("\n+done").count(), 1, "{}", end.deeds());
    // The planner's call is the first of all.
    let places = [
        "after calls left:1",
        "after call prepared:2",
        "before call finished:2",
        "after call finished:3",
        "after snapshot kept:1",
        "before tool ended:1",
    ];
    let cases = futures::stream::iter(places).map(async |place| {
        let (found, requests) = killed(&vendor, place).await;
        assert_eq!(found, end, "killed {place}");
        assert!(
            (4..=6).contains(&requests),
            "killed {place}: {requests} requests"
        );
    });
    cases.buffer_unordered(3).collect::<Vec<()>>().await;
}

/// A worker that dies at this place, and another after it.
async fn killed(vendor: &Vendor, place: &str) -> (End, usize) {
    let (case, models) = case(vendor, GOOD).await;
    let models = ("CODEGRAPH_MODELS", models.to_str().unwrap());
    let mut first = case.worker(&[models, ("CODEGRAPH_TEST_FAILPOINT", place)]);
    first.died(&case, place).await;
    let second = case.successor(&[models]).await;
    case.ended().await;
    second.stop();
    case.judge().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_deaths_under_an_engine_are_told_to_a_person() {
    if bubblewrap().await.is_none() || wall().await.is_none() {
        return;
    }
    let vendor = vendor();
    let (case, models) = case(&vendor, GOOD).await;
    let models = ("CODEGRAPH_MODELS", models.to_str().unwrap());
    let place = "after calls left:1";
    for _ in 0..2 {
        let mut worker = case.worker(&[models, ("CODEGRAPH_TEST_FAILPOINT", place)]);
        worker.died(&case, place).await;
    }
    let last = case.successor(&[models]).await;
    eventually("a person is asked", async || {
        let head = case.db.head(case.run).await?;
        head.waits_for?.contains(&ANSWERED.to_owned()).then_some(())
    })
    .await;
    let asked = timeline::question(&case.db.pool, case.run.0).await.unwrap();
    let asked = asked.expect("it asks something").0;
    assert!(
        asked.contains("died twice while the engine `fake`"),
        "{asked}"
    );
    let answer = json!({"text": "again"});
    steering::signal(&case.db.pool, case.run, ANSWERED, &answer, None)
        .await
        .unwrap();
    case.ended().await;
    last.stop();
    case.judge().await;
}
