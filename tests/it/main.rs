//! The tests that look at CodeGraph from outside, in one program: linking is what costs.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops with where and why"
)]

#[cfg(target_os = "linux")]
mod agents;
#[cfg(unix)]
mod api;
#[cfg(unix)]
mod cache;
#[cfg(unix)]
mod client;
mod compose;
#[cfg(unix)]
mod demo;
#[cfg(unix)]
mod engine;
#[cfg(unix)]
mod evidence;
#[cfg(unix)]
mod faults;
mod llm;
#[cfg(unix)]
mod nodes;
mod openapi;
mod postgres;
mod remote;
mod sqlx;
#[cfg(unix)]
mod support;
mod tidy;
#[cfg(target_os = "linux")]
mod walls;
