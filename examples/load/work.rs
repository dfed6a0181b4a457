//! Tasks at work: a worker whose runs do in a second about what an agent's do, again and again.

use std::{env, time::Duration};

use codegraph::{
    services::{
        places::Limit,
        runs::{self, Start},
    },
    worker::{Settings, StepSet, Worker},
};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio_util::sync::CancellationToken;
use workflows::{
    Definition, Definitions, History, Lane, Next, Policy, Step, TaskId,
    definitions::coding::Assignment,
};

use crate::Failed;

/// Steps until a run of these has ended: longer than anybody measures.
const STEPS: usize = 10_000;
const WORK: Definition = Definition {
    name: "load",
    version: 1,
    next,
};

fn next(h: &History) -> Next {
    if h.entries().len() >= STEPS {
        return Next::Finish(Value::Null);
    }
    let step = Step::new("beat", Lane::Agents, json!(h.entries().len()));
    Next::Run(step.policy(Policy::once(Duration::from_secs(60))))
}

/// Works on so many runs, of the tasks in `LOAD_TASKS`, until it is told to stop.
pub(crate) async fn go(count: usize) -> Result<(), Failed> {
    let options: PgConnectOptions = env::var("PG_URL")?.parse()?;
    let db = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(options.clone())
        .await?;
    let tasks = env::var("LOAD_TASKS")?;
    let tasks = tasks.split(',').map(str::parse::<uuid::Uuid>);
    for task in tasks.take(count) {
        let task = TaskId(task?);
        let start = Start {
            // What the API reads of every run of a task.
            input: json!(Assignment::default()),
            task: Some(task),
            limits: vec![Limit {
                key: format!("task:{task}"),
                most: 1,
            }],
            ..Start::default()
        };
        let run = runs::start(&db, &WORK, start).await?;
        println!(
            "{}",
            json!({"e": "run", "id": format!("run_{}", run.0.simple())})
        );
    }
    let settings = Settings {
        lanes: vec![jobs::Width {
            lane: Lane::Agents,
            places: count,
        }],
        lease: Duration::from_secs(10),
        grace: Duration::from_secs(5),
        connections: 6,
    };
    let steps = StepSet::default().on("beat", |cx| async move {
        tokio::time::sleep(Duration::from_millis(1000)).await;
        Ok(json!({"result": "done", "beat": cx.step.input}))
    });
    let stop = CancellationToken::new();
    let worker = Worker::new(settings, options, Definitions::of(&[WORK]), steps);
    let running = tokio::spawn(worker.run(stop.clone()));
    println!("{}", json!({"e": "ready"}));
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    terminate.recv().await;
    stop.cancel();
    Ok(running.await??)
}
