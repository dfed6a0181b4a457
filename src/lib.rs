//! CodeGraph: a self-hosted orchestrator of AI coding agents whose work survives any crash.
//!
//! The rooms, in reading order; each one's `mod.rs` says what lives there and what may not:
//!
//! - [`config`]: what a person may set, read once into types that cannot be wrong
//! - [`error`](mod@error): errors by meaning
//! - [`failpoint`]: places where tests have the process die
//! - [`models`]: rows, and every line of SQL
//! - [`providers`]: strangers: vendors of models, sandboxes, repositories
//! - [`evidence`]: what tests say
//! - [`syntax`]: what texts of programs are made of
//! - [`services`]: use cases, the transactions
//! - [`agents`]: prompts, tools, the loop between a model and its tools, typed results
//! - [`worker`]: claims runs and drives them; where `workflows` and `jobs` meet the application
//! - [`api`]: the HTTP API
//! - [`postgres`]: the embedded server
//! - [`database`]: migrations, and what a server must have
//! - [`doctor`]: what this installation stands on
//! - [`telemetry`]: the log, with secrets masked
//! - `client`: commands for servers, over the API
//! - [`app`]: all of it put together
//! - [`cli`]: the commands

pub mod agents;
pub mod api;
pub mod app;
pub mod cli;
mod client;
pub mod config;
pub mod database;
pub mod doctor;
pub mod error;
pub mod evidence;
pub mod failpoint;
pub mod models;
pub mod postgres;
pub mod providers;
pub mod services;
pub mod syntax;
pub mod telemetry;
pub mod worker;

pub use error::{Error, Result};
