//! Agents: prompts, tools, the loop between a model and its tools, and typed results that are checked before
//! anybody believes them. What may not live here: SQL, HTTP of ours, what a run does next.

mod call;
mod change;
mod changing;
mod chooser;
mod coder;
mod conversation;
mod desk;
mod engine;
mod environment;
mod gate;
mod guarded;
mod guidance;
mod inquiry;
mod material;
mod opening;
mod past;
mod plan;
mod planner;
mod profile;
mod publisher;
mod pull_request;
mod report;
mod reproduction;
mod rerun;
mod reviewer;
mod role;
mod runs;
mod stuck;
mod tester;
mod tools;
mod triage;
mod verdict;
mod voice;

pub use chooser::choose;
pub use coder::code;
pub use environment::Environment;
pub use plan::Plan;
pub use planner::plan;
pub use publisher::publish;
pub use rerun::{Beyond, Divergence, Rerun, Script, Speak};
pub use reviewer::review;
pub use role::Role;
pub use tester::test;
pub use verdict::Verdict;
