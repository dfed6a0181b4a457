//! The promise, tested from outside: real worker processes on a durable Postgres of their own, killed,
//! frozen, cut off. Every test ends with the same judgement (`Stage::judge`): every run succeeded, every
//! step is recorded once, every line of the ledger is there once, nothing is left over.
//!
//! Short by default; `CODEGRAPH_FAULTS=long` takes minutes, `all` leaves nothing out. `CODEGRAPH_FAULT_SEED` repeats what a failed
//! test did, as far as chance was its own.

#[cfg(target_os = "linux")]
mod clock;
mod cut;
#[cfg(target_os = "linux")]
mod disk;
mod doubles;
mod frozen;
mod judge;
mod kills;
mod lost;
#[cfg(target_os = "linux")]
mod matrix;
mod poison;
mod process;
mod server;
mod silence;
mod sleepers;
mod slow;
mod stage;
mod steered;
mod talk;
mod timers;
mod wire;

use std::env;

/// The short or the long form of a test.
fn scale(short: usize, long: usize) -> usize {
    match env::var("CODEGRAPH_FAULTS").as_deref() {
        Ok("long" | "all") => long,
        _ => short,
    }
}
