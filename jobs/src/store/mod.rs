//! Every line of SQL on `apalis.jobs` and `apalis.workers`. Nothing here knows what a job does.

mod dead;
mod enqueue;
mod fetch;
pub(crate) mod hold;
mod settle;
mod wake;

pub use dead::{DeadJob, dead, drop_dead, drop_long_dead, retry_dead};
pub use enqueue::{NewJob, adjust, insert};
pub(crate) use fetch::{Found, find, take};
pub use hold::{Look, disown, hand_back, look, queue_lengths, register};
pub(crate) use settle::{delete, kill, postpone};
pub(crate) use wake::notify;
