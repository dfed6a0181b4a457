//! Commands behind real walls, and hostile repositories under a real git. A wall that cannot stand on this machine
//! is skipped, and said so.

mod bed;
mod exchange;
mod files;
mod gate;
mod hostile;
mod kills;
mod limits;
mod network;
mod plain;
mod repository;
mod snapshots;
mod system;

pub(crate) use bed::processes;
