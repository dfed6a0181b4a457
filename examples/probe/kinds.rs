//! The workflows of the probe and their steps.

use std::{
    collections::HashMap,
    fs::OpenOptions,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use codegraph::worker::{PgJournal, StepSet};
use serde_json::{Value, json};
use workflows::{
    Definition, History, Lane, Next, Policy, RunId, Step, StepContext, StepError, Wait,
};

use crate::meter::{self, Meter};

/// Every kind.
pub(crate) const ALL: [Definition; 6] = [
    Definition {
        name: "noop",
        version: 1,
        next: noop,
    },
    Definition {
        name: "seq",
        version: 1,
        next: seq,
    },
    Definition {
        name: "lat",
        version: 1,
        next: lat,
    },
    Definition {
        name: "crash",
        version: 1,
        next: crash,
    },
    Definition {
        name: "long",
        version: 1,
        next: long,
    },
    Definition {
        name: "park",
        version: 1,
        next: park,
    },
];

fn noop(h: &History) -> Next {
    chain(h, "noop", 10)
}

fn seq(h: &History) -> Next {
    chain(h, "seq", 100)
}

fn chain(h: &History, name: &'static str, length: usize) -> Next {
    let done = h.entries().len();
    if done < length {
        step(name, json!(done))
    } else {
        Next::Finish(Value::Null)
    }
}

fn lat(h: &History) -> Next {
    if h.entries().is_empty() {
        step("lat", h.input.clone())
    } else {
        Next::Finish(Value::Null)
    }
}

fn crash(h: &History) -> Next {
    match h.entries().len() {
        0 => step("a", Value::Null),
        1 => step("b", Value::Null),
        _ => Next::Finish(Value::Null),
    }
}

fn long(h: &History) -> Next {
    if h.entries().is_empty() {
        step("long", Value::Null)
    } else {
        Next::Finish(Value::Null)
    }
}

fn park(h: &History) -> Next {
    match h.entries().len() {
        0 | 2 => step("quiet", Value::Null),
        1 => Next::Wait(Wait::Sleep {
            name: "day".into(),
            length: Duration::from_secs(86_400),
        }),
        _ => Next::Finish(Value::Null),
    }
}

fn step(name: &'static str, input: Value) -> Next {
    Next::Run(Step::new(name, Lane::Agents, input).policy(Policy::once(Duration::from_secs(3600))))
}

/// What the steps do: next to nothing, and say when.
pub(crate) fn steps(meter: &Arc<Meter>) -> StepSet {
    let times = Arc::<Mutex<HashMap<RunId, Vec<f64>>>>::default();
    let for_noop = Arc::clone(meter);
    StepSet::default()
        .on("noop", move |cx| {
            for_noop.step_begins();
            if cx.step.input == 9 {
                for_noop.flow_ends();
            }
            async move { Ok(json!({"ok": cx.step.input})) }
        })
        .on("seq", move |cx| {
            note_time(&times, &cx);
            async { Ok(Value::Null) }
        })
        .on("lat", |cx| async move {
            let submitted = cx.step.input["submitted"].as_f64().unwrap_or_default();
            meter::print(&json!({"e": "lat", "d": (meter::now() - submitted) * 1000.0}));
            Ok(Value::Null)
        })
        .on("a", |_| async {
            meter::print(&json!({"e": "a", "pid": std::process::id(), "t": meter::now()}));
            Ok(Value::Null)
        })
        .on("b", |_| hang_once())
        .on("long", |_| async {
            meter::print(&json!({"e": "long", "pid": std::process::id(), "t": meter::now()}));
            tokio::time::sleep(3 * crate::lease()).await;
            Ok(Value::Null)
        })
        .on("quiet", |_| async { Ok(Value::Null) })
}

fn note_time(times: &Mutex<HashMap<RunId, Vec<f64>>>, cx: &StepContext<PgJournal>) {
    let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = times.entry(cx.run).or_default();
    seen.push(meter::now());
    if seen.len() == 100 {
        let between: Vec<f64> = seen
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) * 1000.0)
            .collect();
        times.remove(&cx.run);
        meter::print(&json!({"e": "seq", "d": between}));
    }
}

async fn hang_once() -> Result<Value, StepError> {
    let mark =
        std::env::var("BENCH_MARK").map_err(|_| StepError::fatal("BENCH_MARK is not set"))?;
    let first = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(mark)
        .is_ok();
    meter::print(&json!({"e": "b", "pid": std::process::id(), "t": meter::now(), "first": first}));
    if first {
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
    Ok(Value::Null)
}
