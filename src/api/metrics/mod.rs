//! Metrics of this node in the format of Prometheus. Names are read by dashboards of others: add, never rename.

use std::{fmt::Write, sync::Arc, time::Instant};

use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{StatusCode, header::AUTHORIZATION},
};
use poem_openapi::OperationId;
use secrecy::ExposeSecret as _;

use self::requests::Requests;
use super::{ApiState, Problem, Web, auth};
use crate::services::{gauges::Readings, secret};

mod requests;

/// What this node counts.
#[derive(Clone)]
pub struct Metrics {
    requests: Arc<Requests>,
    begun: Instant,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Arc::default(),
            begun: Instant::now(),
        }
    }
}

/// Middleware: counts answers by operation and status, and how long they took to begin.
pub(super) async fn count<E: Endpoint>(
    next: Arc<E>,
    request: Request,
    metrics: Metrics,
) -> poem::Result<Response> {
    let begun = Instant::now();
    let response = next.call(request).await?.into_response();
    // Paths are from strangers and without number; operations are ours.
    let operation = response.data::<OperationId>().map_or("none", |id| id.0);
    metrics
        .requests
        .add(operation, response.status(), begun.elapsed());
    Ok(response)
}

/// The page, for this machine and for those who show the token.
pub(super) async fn page(request: &Request, state: &ApiState) -> Result<Response, Problem> {
    if !may_read(request, &state.web) {
        return Err(Problem::detailed(
            StatusCode::FORBIDDEN,
            "metrics are for this machine, or for those who show CODEGRAPH_METRICS_TOKEN",
        ));
    }
    let mut text = String::new();
    write_process(&mut text, state);
    state.metrics.requests.write(&mut text);
    // Without its database the node still tells about itself.
    match state.gauges.read().await {
        Ok(readings) => write_readings(&mut text, &readings),
        Err(error) => tracing::warn!(%error, "metrics without the database"),
    }
    Ok(Response::builder()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .header("cache-control", "no-store")
        .body(text))
}

fn may_read(request: &Request, web: &Web) -> bool {
    let shown = request.headers().get(AUTHORIZATION);
    let shown = shown.and_then(|header| auth::bearer(header.to_str().ok()?));
    match (&web.metrics_token, shown) {
        (Some(token), Some(shown)) => secret::same(token.expose_secret(), shown),
        (Some(_), None) => false,
        // Behind a proxy everybody seems to be on this machine.
        (None, _) => {
            let from = request.remote_addr().as_socket_addr();
            !web.behind_proxy && from.is_some_and(|from| from.ip().to_canonical().is_loopback())
        }
    }
}

fn write_process(text: &mut String, state: &ApiState) {
    let (open, idle) = state.gauges.connections();
    let version = env!("CARGO_PKG_VERSION");
    let shared = state.cache.shared();
    gauge(text, "codegraph_build_info", "The program.");
    line(
        text,
        &format!("codegraph_build_info{{version=\"{version}\"}}"),
        1.0,
    );
    gauge(
        text,
        "codegraph_uptime_seconds",
        "For how long this process runs.",
    );
    let uptime = state.metrics.begun.elapsed().as_secs_f64();
    line(text, "codegraph_uptime_seconds", uptime);
    gauge(
        text,
        "codegraph_database_connections",
        "Connections to the database.",
    );
    let used = f64::from(open) - idle as f64;
    line(text, "codegraph_database_connections{state=\"used\"}", used);
    line(
        text,
        "codegraph_database_connections{state=\"idle\"}",
        idle as f64,
    );
    if let Some(shared) = shared {
        gauge(
            text,
            "codegraph_redis_up",
            "Whether Redis answered last time.",
        );
        line(text, "codegraph_redis_up", f64::from(u8::from(shared)));
    }
    if let Some(bytes) = resident() {
        gauge(
            text,
            "process_resident_memory_bytes",
            "Memory of this process.",
        );
        line(text, "process_resident_memory_bytes", bytes);
    }
}

/// Memory of this process, where the system tells.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = kib.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024.0)
}

fn write_readings(text: &mut String, readings: &Readings) {
    gauge(
        text,
        "codegraph_workers",
        "Workers of this installation that live.",
    );
    line(text, "codegraph_workers", readings.workers as f64);
    gauge(text, "codegraph_runs", "Living runs by lane and state.");
    for head in &readings.heads {
        let (lane, state) = (&head.lane, &head.state);
        let name = format!("codegraph_runs{{lane=\"{lane}\",state=\"{state}\"}}");
        line(text, &name, head.runs as f64);
    }
    gauge(
        text,
        "codegraph_runs_oldest_seconds",
        "For how long the first of them has been in its state.",
    );
    for head in &readings.heads {
        let (lane, state) = (&head.lane, &head.state);
        let name = format!("codegraph_runs_oldest_seconds{{lane=\"{lane}\",state=\"{state}\"}}");
        line(text, &name, head.oldest_s);
    }
    gauge(
        text,
        "codegraph_jobs",
        "Jobs in the queue by lane and status.",
    );
    for (queue, status, jobs) in &readings.jobs {
        let name = format!("codegraph_jobs{{queue=\"{queue}\",status=\"{status}\"}}");
        line(text, &name, *jobs as f64);
    }
}

fn gauge(text: &mut String, name: &str, help: &str) {
    // A string takes everything that is written to it.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

fn line(text: &mut String, name: &str, value: f64) {
    let _ = writeln!(text, "{name} {value}");
}
