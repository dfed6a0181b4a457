#![doc = include_str!("../README.md")]

mod advance_run;
mod backend;
mod deliver;
mod deliver_webhook;
mod handlers;
mod job;
mod lanes;
mod look_at_pulls;
mod migrate;
mod queue;
mod settle;
pub mod store;
mod tidy_up;
pub mod wake;

pub use advance_run::AdvanceRun;
pub use deliver_webhook::DeliverWebhook;
pub use handlers::{Handlers, JobError, JobId};
pub use job::{Envelope, Job};
pub use lanes::{Lanes, LanesError, Width};
pub use look_at_pulls::LookAtPulls;
pub use migrate::{MigrateError, migrate};
pub use queue::{Enqueued, QueueError, enqueue, enqueue_all, enqueue_in};
pub use settle::InHand;
pub use tidy_up::TidyUp;
pub use workflows::{Lane, Policy};
