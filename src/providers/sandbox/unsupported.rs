//! Both walls are of Linux; elsewhere nothing is run.

use super::{Error, Job, NoWall, Ran};
use crate::config::Wall;

/// The wall that stands: here, none can.
#[derive(Debug, Clone)]
pub struct Sandbox(std::convert::Infallible);

impl Sandbox {
    /// Refuses: there is no wall to be had.
    #[expect(clippy::unused_async, reason = "the same signature as on Linux")]
    pub async fn new(_wall: Wall) -> Result<Self, NoWall> {
        Err(NoWall {
            reason: "this system has neither bubblewrap nor Landlock".to_owned(),
            remedy: "run the worker on Linux",
        })
    }

    /// The name of the wall.
    pub fn wall(&self) -> &'static str {
        match self.0 {}
    }

    /// Runs a job.
    #[expect(clippy::unused_async, reason = "the same signature as on Linux")]
    pub async fn run(&self, _job: &Job) -> Result<Ran, Error> {
        match self.0 {}
    }
}
