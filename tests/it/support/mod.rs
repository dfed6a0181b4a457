//! What the tests of the engine share: a database each on one server, workers in this process, a workflow
//! that does what its input says, and waiting without sleeping. No test lives here.

mod cgi;
mod db;
mod github;
mod keys;
mod left_out;
mod offers;
mod runs;
mod s3;
mod samples;
mod script;
mod server;
mod trace;
mod wait;
mod worker;

pub(crate) use db::{TestDb, journals_are_whole};
pub(crate) use github::{Fault, GitHub, TOKEN};
pub(crate) use keys::{KEY, seal};
pub(crate) use left_out::{bubblewrap, left_out};
pub(crate) use offers::offers;
pub(crate) use s3::S3;
pub(crate) use samples::{copy_sample, samples};
pub(crate) use script::{Act, SCRIPT, script, step};
pub(crate) use trace::{Gate, Trace};
pub(crate) use wait::{eventually, within};
pub(crate) use worker::{Plan, TestWorker};
