//! Repositories on disk: mirrors, working trees, recorded trees. A repository is hostile until proven otherwise:
//! nothing in it is run here. What may not live here: SQL, forges' APIs.
//!
//! A [`Mirror`] is a bare repository of ours, shared by all runs on the same source. A [`Workspace`] is a working
//! tree of a run, with a repository of its own for the agent's eyes, which sees what was fetched and what the run began
//! with. We never read that one after an agent had it: every command of ours uses the mirror and an index beside it. All commands go through `command`, which takes away what
//! git would otherwise run or read from elsewhere.

mod browse;
mod checkout;
mod clear;
mod command;
mod commit;
mod credential;
mod diff;
mod error;
mod lock;
mod look;
mod mirror;
mod names;
mod pack;
mod paths;
mod plant;
mod publish;
mod read;
mod remote;
mod restore;
mod snapshot;
mod source;
mod stage;
mod store;
mod workspace;

pub use browse::{Entry, EntryKind, check_branch};
pub use clear::HeldWorkspace;
pub use commit::Author;
pub use credential::Credential;
pub use diff::{Diff, FileChange, FileStatus};
pub use error::Error;
pub use look::{Listed, Match};
pub use mirror::Mirror;
pub use plant::plant;
pub use publish::Published;
pub use remote::{PrivateHosts, Remote, check_remote};
pub use snapshot::Snapshot;
pub use source::{Source, brings_password, is_ssh, without_password};
pub use store::Store;
pub use workspace::Workspace;
