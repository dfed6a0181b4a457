#![doc = include_str!("../README.md")]

pub mod activity;
pub mod definition;
pub mod definitions;
pub mod engine;
pub mod failure;
pub mod history;
pub mod ids;
pub mod lane;
pub mod next;
pub mod policy;
pub mod ports;
mod recorder;
pub mod testing;

pub use activity::{Effect, StepContext};
pub use definition::{Definition, Definitions, UnknownWorkflow};
pub use engine::{End, drive};
pub use failure::{Failure, StepError};
pub use history::{Entry, History, Outcome};
pub use ids::{RepositoryId, RunId, TaskId, UserId};
pub use lane::Lane;
pub use next::{Child, Next, Step, Wait};
pub use policy::Policy;
pub use ports::{
    Claimed, Committed, Fence, Journal, JournalError, Record, Steps, Then, Transition,
};
