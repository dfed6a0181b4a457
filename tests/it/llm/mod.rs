//! Models over the wire, against a vendor that the test plays itself: raw TCP on loopback, so that the test
//! decides which bytes come, in which pieces, and where the line goes dead. No test here needs a key or a network.

mod anthropic;
mod broken;
mod catalogue;
mod engines;
mod openai;
mod process;
mod refusals;
mod replay;
mod scripted;
pub(crate) mod server;
pub(crate) mod stage;

/// Plays a vendor in a process of its own, until its standard input ends. Started by [`process`].
#[test]
#[ignore = "not a test: the vendor of `process`, which starts it"]
fn serve() {
    process::serve();
}
