//! The engine without a database: a journal in memory, a world that counts what was done to it, and a
//! process that dies wherever a test wants it to. Fast enough to try every place.

mod memory;
mod trial;

pub use memory::{Crash, MemoryJournal, When};
pub use trial::{Perform, Trial, Verdict, World};
