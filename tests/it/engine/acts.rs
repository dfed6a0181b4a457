//! A whole run, from its start to its end.

use std::{collections::BTreeSet, fs};

use codegraph::services::{runs::Start, steering};
use serde_json::{Value, json};
use workflows::{
    Lane,
    definitions::drill::{self, Act, Drill},
};

use crate::support::{TestDb, eventually};

fn append(lane: Lane, failures: u16) -> Act {
    Act::Append {
        lane,
        work_ms: 1,
        failures,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_goes_through_every_act() {
    let db = TestDb::new().await;
    let folder = tempfile::tempdir().expect("a temporary directory");
    let ledger = folder.path().join("ledger");
    let worker = db.worker().start().await;
    let drill = Drill {
        ledger: ledger.display().to_string(),
        acts: vec![
            append(Lane::Agents, 2),
            append(Lane::Checks, 0),
            Act::Sleep { ms: 50 },
            Act::Await {
                signal: "go".into(),
            },
            Act::FanOut {
                branches: 3,
                work_ms: 5,
            },
            append(Lane::Outbound, 0),
            append(Lane::Upkeep, 0),
        ],
    };
    let start = Start {
        input: json!(drill),
        ..Start::default()
    };
    let run = db.start(&drill::V1, start).await;
    eventually("the run waits for its signal", async || {
        db.head(run)
            .await
            .filter(|head| head.waits.as_deref() == Some("signal"))
    })
    .await;
    assert_eq!(db.jobs().await, 0, "a run that waits has no job");
    steering::signal(&db.pool, run, "go", &Value::Null, None)
        .await
        .expect("the run takes signals");
    assert_eq!(db.succeeded(run).await, json!({"acts": 7}));

    let steps = db.steps(run).await;
    let of_steps: Vec<_> = steps.iter().map(|s| (s.step_no, s.attempt)).collect();
    assert_eq!(of_steps, [(1, 3), (2, 1), (3, 1), (4, 1)]);
    let text = fs::read_to_string(&ledger).expect("the ledger was written");
    let lines: BTreeSet<&str> = text.lines().collect();
    assert_eq!(text.lines().count(), 7, "four appends and three branches");
    assert_eq!(lines.len(), 7, "each of them once");
    worker.stop().await;
    db.finish().await;
}
