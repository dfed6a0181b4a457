//! Whole coding runs: a worker in this process with everything the product has, a small repository with a fault, and
//! a model whose words are written beforehand.

mod again;
mod approvals;
mod attempts;
mod attempts_again;
mod bed;
mod command;
mod engine;
mod engine_kills;
mod engine_ways;
mod engines;
mod hostile;
pub(crate) mod kills;
mod limits;
mod model;
mod modes;
mod objects;
mod offer_kills;
mod offers;
mod past;
mod people;
mod profile;
mod replay;
mod replay_parts;
mod reproduction;
mod samples;
mod sound;
mod stuck;
mod sweep;
mod turns;
mod vendor;
mod words;

pub(crate) use bed::{plant, wall};
