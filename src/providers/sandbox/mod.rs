//! Walls around commands that are not trusted: agents' and tests'. What may not live here: what the commands are.
//!
//! A [`Job`] is a command and what it may touch; a [`Sandbox`] runs it behind the wall that stands on this machine.
//! Two walls are built from the same view of what a job may see (`view`): bubblewrap gives it namespaces of its own,
//! Landlock takes rights away from it. A supervisor (`supervisor`) stands between us and every command, so that
//! nothing a job began outlives it, whoever dies first.

mod egress;
mod error;
mod job;
#[cfg(target_os = "linux")]
mod linux;
mod output;
#[cfg(not(target_os = "linux"))]
mod unsupported;

pub use egress::Egress;
pub use error::{Error, NoWall};
pub use job::{Command, Exit, Job, Limits, Network, Ran};
#[cfg(target_os = "linux")]
pub use linux::Sandbox;
#[cfg(not(target_os = "linux"))]
pub use unsupported::Sandbox;
