//! Use cases. The only room that begins a transaction (with `worker/journal.rs`); each function reads as
//! the few verbs it consists of. What may not live here: SQL, HTTP, anything that waits for a person.

pub mod access;
pub mod accounts;
pub mod agent_records;
pub mod announce;
pub mod attempts;
pub mod audit;
mod budgets;
pub mod catalogue;
pub mod conversations;
pub mod export;
pub mod feed;
pub mod figures;
pub mod forges;
pub mod gauges;
pub mod health;
pub mod limits;
pub mod lists;
mod looks;
pub mod maps;
pub mod needs;
pub mod notices;
pub mod operations;
pub mod overview;
pub mod passwords;
pub mod patch;
pub mod people;
pub mod places;
pub mod profiles;
pub mod pull_requests;
pub mod pull_watch;
pub mod recordings;
pub mod recovery;
pub mod registries;
pub mod replay;
pub mod repositories;
pub mod request_keys;
pub mod retention;
mod retrying;
pub mod reviews;
pub mod run_state;
pub mod runs;
pub mod sample;
pub mod saved_views;
pub mod seal;
pub mod search;
pub mod secret;
pub mod secrets;
pub mod sessions;
pub mod standing;
pub mod steering;
pub mod story;
pub mod tasks;
mod telling;
pub mod timeline;
pub mod tokens;
pub mod transitions;
pub mod turns;
pub mod webhooks;

/// Connections to the database, for those who hand them on without asking it anything themselves.
pub type Db = sqlx::PgPool;

pub use crate::providers::{cache::Cache, reach::PrivateHosts};
