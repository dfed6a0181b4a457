//! One operation after the other, by one caller and by eight at once.

use std::time::Instant;

use serde_json::json;

use crate::{Failed, Target, percentile};

/// Requests for each figure.
const REQUESTS: usize = 400;
/// Requests of what reads a month of runs.
const HEAVY: usize = 10;

/// An operation, asked in one way. `{…}` stands for something of the sample, `{n}` for a number that is never the same.
struct Asked {
    what: &'static str,
    who: &'static str,
    path: &'static str,
}

const fn asked(what: &'static str, who: &'static str, path: &'static str) -> Asked {
    Asked { what, who, path }
}

const ALL: &[Asked] = &[
    asked("tasks", "admin", "/tasks"),
    asked(
        "tasks, page in the middle",
        "admin",
        "/tasks?cursor={cursor}",
    ),
    asked("tasks of a member", "member", "/tasks"),
    asked(
        "tasks of a repository",
        "admin",
        "/tasks?repository_id={repository}",
    ),
    asked("tasks, status new", "admin", "/tasks?status=new"),
    asked("tasks, status queued", "admin", "/tasks?status=queued"),
    asked("tasks, status planning", "admin", "/tasks?status=planning"),
    asked("tasks, status running", "admin", "/tasks?status=running"),
    asked(
        "tasks, status awaiting_plan",
        "admin",
        "/tasks?status=awaiting_plan",
    ),
    asked(
        "tasks, status awaiting_answer",
        "admin",
        "/tasks?status=awaiting_answer",
    ),
    asked(
        "tasks, status awaiting_budget",
        "admin",
        "/tasks?status=awaiting_budget",
    ),
    asked(
        "tasks, status awaiting_delivery",
        "admin",
        "/tasks?status=awaiting_delivery",
    ),
    asked("tasks, status paused", "admin", "/tasks?status=paused"),
    asked(
        "tasks, status succeeded",
        "admin",
        "/tasks?status=succeeded",
    ),
    asked(
        "tasks, status needs_human",
        "admin",
        "/tasks?status=needs_human",
    ),
    asked("tasks, status rejected", "admin", "/tasks?status=rejected"),
    asked("tasks, status failed", "admin", "/tasks?status=failed"),
    asked("tasks, status canceled", "admin", "/tasks?status=canceled"),
    asked(
        "tasks, three states",
        "admin",
        "/tasks?status=awaiting_plan&status=rejected&status=running",
    ),
    asked(
        "tasks of a member, rejected",
        "member",
        "/tasks?status=rejected",
    ),
    asked(
        "tasks of a member, succeeded",
        "member",
        "/tasks?status=succeeded",
    ),
    asked("tasks, q in one", "admin", "/tasks?q={word}"),
    asked("tasks, q in many", "admin", "/tasks?q=parser"),
    asked(
        "tasks, q in none",
        "admin",
        "/tasks?q=nowhere%20to%20be%20found",
    ),
    asked("tasks, q of two letters", "admin", "/tasks?q=zq"),
    asked("tasks of a member, q in one", "member", "/tasks?q={word}"),
    asked("tasks, archived", "admin", "/tasks?archived=true"),
    asked("task", "admin", "/tasks/{task}"),
    asked("runs", "admin", "/runs"),
    asked("runs of a member", "member", "/runs"),
    asked("runs, rejected", "admin", "/runs?status=rejected"),
    asked("runs, failed", "admin", "/runs?status=failed"),
    asked(
        "runs, awaiting_answer",
        "admin",
        "/runs?status=awaiting_answer",
    ),
    asked("run", "admin", "/runs/{run}"),
    asked("events of a run", "admin", "/runs/{run}/events"),
    asked("steps of a run", "admin", "/runs/{run}/steps"),
    asked("conversations of a run", "admin", "/runs/{run}/agent-runs"),
    asked("what a run keeps", "admin", "/runs/{run}/artifacts"),
    asked("words in a run", "admin", "/runs/{run}/events?q=parser"),
    asked("plans of a run", "admin", "/runs/{run}/plans"),
    asked("checks of a run", "admin", "/runs/{run}/checks"),
    asked("reviews of a run", "admin", "/runs/{run}/reviews"),
    asked("repositories", "admin", "/repositories"),
    asked("pull requests", "admin", "/pull-requests"),
    asked("runs of a task", "admin", "/tasks/{task}/runs"),
    asked("overview", "admin", "/overview"),
    asked("overview of a member", "member", "/overview"),
    asked("approvals", "admin", "/approvals"),
    asked(
        "figures of 30 days, summary",
        "admin",
        "/metrics/summary?to={now}",
    ),
    asked(
        "figures of 30 days, series",
        "admin",
        "/metrics/series?bucket=day&to={now}",
    ),
    asked(
        "figures of 30 days, by model",
        "admin",
        "/metrics/breakdown?by=model&to={now}",
    ),
    asked(
        "figures of 30 days, by repository",
        "admin",
        "/metrics/breakdown?by=repository&to={now}",
    ),
    asked(
        "figures of 30 days, by status",
        "admin",
        "/metrics/breakdown?by=status&to={now}",
    ),
    asked(
        "figures of 30 days of a member",
        "member",
        "/metrics/summary?to={now}",
    ),
    asked("figures, as the page asks", "admin", "/metrics/summary"),
    asked("notifications", "admin", "/notifications"),
    asked("search, one", "admin", "/search?q={word}"),
    asked("search, many", "admin", "/search?q=parser"),
    asked(
        "search of a member, none",
        "member",
        "/search?q=nowhere%20to%20be%20found",
    ),
    asked("search, two letters", "admin", "/search?q=zq"),
];

/// Asks everything, and says how long it took.
pub(crate) async fn all(target: &Target) -> Result<(), Failed> {
    for asked in ALL {
        for callers in [1, 8] {
            let heavy = asked.path.starts_with("/metrics");
            let requests = if heavy { HEAVY } else { REQUESTS };
            // Connections open and statements prepared, as on a server that has served for a minute.
            ask(target, asked, callers, requests / 10, REQUESTS * 9).await?;
            let times = ask(target, asked, callers, requests, REQUESTS * callers).await?;
            let [middle, late, last] = [0.5, 0.99, 1.0].map(|share| percentile(&times, share));
            let line = json!({"e": "read", "what": asked.what, "callers": callers, "n": times.len(),
                              "p50": middle, "p99": late, "max": last});
            println!("{line}");
        }
    }
    Ok(())
}

/// Asks so often, and answers with how long each took, shortest first.
async fn ask(
    target: &Target,
    asked: &Asked,
    callers: usize,
    requests: usize,
    first: usize,
) -> Result<Vec<f64>, Failed> {
    let caller = async |caller: usize| -> Result<Vec<f64>, Failed> {
        let mut times = Vec::new();
        for turn in (caller..requests).step_by(callers) {
            let path = path(target, asked.path, first + turn);
            let began = Instant::now();
            let answer = target.get(&path, asked.who).send().await?;
            let status = answer.status();
            let body = answer.bytes().await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
            if !status.is_success() {
                let said = String::from_utf8_lossy(&body).into_owned();
                return Err(format!("{path}: {status} {said}").into());
            }
        }
        Ok(times)
    };
    let all = futures::future::try_join_all((0..callers).map(caller)).await?;
    let mut all = all.concat();
    all.sort_by(f64::total_cmp);
    Ok(all)
}

/// The path of this turn.
pub(crate) fn path(target: &Target, template: &str, turn: usize) -> String {
    let Some((head, rest)) = template.split_once('{') else {
        return template.to_owned();
    };
    let (kind, tail) = rest.split_once('}').unwrap_or((rest, ""));
    if kind == "now" {
        // Another moment each time, or the answer would be one that is kept.
        let moment =
            chrono::Utc::now() - chrono::Duration::milliseconds(i64::try_from(turn).unwrap_or(0));
        let moment = moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        return format!("{head}{moment}{tail}");
    }
    format!("{head}{}{tail}", target.one(kind, turn))
}
