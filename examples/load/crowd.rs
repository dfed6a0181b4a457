//! Many at once: readers at a steady pace, and streams that stay open, beside tasks at work.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{Failed, Target, percentile, read};

/// Reads in a second.
const READS: u32 = 200;
/// Streams that are open.
const STREAMS: usize = 50;
/// People who have them open, each the same share: `fill.sql` made them.
const WATCHERS: usize = 5;

/// What people look at, the frequent first.
const PATHS: [&str; 8] = [
    "/runs/{run}/events",
    "/runs/{run}",
    "/tasks",
    "/tasks?status=awaiting_plan",
    "/overview",
    "/notifications",
    "/runs/{living}/events",
    "/metrics/summary",
];

#[derive(Debug, Default)]
struct Counts {
    frames: AtomicUsize,
    heard: AtomicUsize,
    broken: AtomicUsize,
    /// From the time at which an event was journaled until it was here, in milliseconds.
    late: Mutex<Vec<f64>>,
}

/// Reads and listens for so many seconds. Half of the streams follow a run at work, half hear what moves; half of each are
/// open on the other node.
pub(crate) async fn gather(target: &Target, other: &Target, seconds: u64) -> Result<(), Failed> {
    let counts = Arc::new(Counts::default());
    let mut streams = JoinSet::new();
    for number in 0..STREAMS {
        let run = (number % 2 == 0).then(|| target.one("living", number / 2).to_owned());
        let who = format!("watcher-{}", 1 + number % WATCHERS);
        let node = if number % 4 < 2 { target } else { other };
        streams.spawn(listen(node.clone(), who, run, Arc::clone(&counts)));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut pace = tokio::time::interval(Duration::from_secs(1) / READS);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut reads = JoinSet::new();
    let mut turn = 0;
    while Instant::now() < end {
        pace.tick().await;
        let path = read::path(target, PATHS[turn % PATHS.len()], turn);
        reads.spawn(timed(target.clone(), path));
        turn += 1;
    }
    let mut times = Vec::new();
    let mut errors = Vec::new();
    while let Some(done) = reads.join_next().await {
        match done? {
            Ok(time) => times.push(time),
            Err(error) => errors.push(error.to_string()),
        }
    }
    times.sort_by(f64::total_cmp);
    let mut late = std::mem::take(&mut *counts.late.lock().unwrap_or_else(PoisonError::into_inner));
    late.sort_by(f64::total_cmp);
    let broken = counts.broken.load(Relaxed);
    let line = json!({
        "e": "crowd", "reads": times.len(), "errors": errors.len() + broken, "first": errors.first(),
        "p50": percentile(&times, 0.5), "p99": percentile(&times, 0.99), "max": times.last(),
        "streams": STREAMS, "heard": counts.heard.load(Relaxed), "frames": counts.frames.load(Relaxed),
        "events": late.len(), "late_p50": percentile(&late, 0.5), "late_p99": percentile(&late, 0.99),
    });
    println!("{line}");
    Ok(())
}

async fn timed(target: Target, path: String) -> Result<f64, Failed> {
    let began = Instant::now();
    let answer = target.get(&path, "admin").send().await?;
    let status = answer.status();
    answer.bytes().await?;
    if !status.is_success() {
        return Err(format!("{path}: {status}").into());
    }
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

/// Listens until the crowd goes home; a stream that ends before is broken.
async fn listen(target: Target, who: String, run: Option<String>, counts: Arc<Counts>) {
    let path = run.map_or("/stream".to_owned(), |run| format!("/stream?run={run}"));
    if let Ok(answer) = target.get(&path, &who).send().await
        && answer.status().is_success()
    {
        let began = Utc::now();
        let (mut first, mut heard) = (true, Vec::new());
        let mut body = answer.bytes_stream();
        while let Some(Ok(bytes)) = body.next().await {
            heard.extend_from_slice(&bytes);
            let whole = heard
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1);
            let rest = heard.split_off(whole);
            let lines = std::mem::replace(&mut heard, rest);
            let lines = String::from_utf8_lossy(&lines);
            let frames: Vec<&str> = lines
                .lines()
                .filter_map(|line| line.strip_prefix("data: "))
                .collect();
            counts.frames.fetch_add(frames.len(), Relaxed);
            if first && !frames.is_empty() {
                first = false;
                counts.heard.fetch_add(1, Relaxed);
            }
            // What was journaled before comes when the stream begins, and says nothing.
            let journaled = frames
                .into_iter()
                .filter_map(journaled_at)
                .filter(|at| *at > began);
            let now = Utc::now();
            #[expect(clippy::cast_precision_loss, reason = "microseconds of seconds")]
            let late = journaled
                .map(|at| (now - at).num_microseconds().unwrap_or(i64::MAX) as f64 / 1000.0);
            let mut known = counts.late.lock().unwrap_or_else(PoisonError::into_inner);
            known.extend(late);
        }
    }
    counts.broken.fetch_add(1, Relaxed);
}

/// When the event of a frame was journaled, by the clock of the database, which is on this machine.
fn journaled_at(frame: &str) -> Option<DateTime<Utc>> {
    let frame: Value = serde_json::from_str(frame).ok()?;
    frame["event"]["at"].as_str()?.parse().ok()
}
