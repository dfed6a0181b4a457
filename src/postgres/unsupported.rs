//! The same doors on systems where the embedded server does not run: each says so.

use std::{
    convert::Infallible,
    fmt,
    path::{Path, PathBuf},
};

use super::{Error, Progress, Settings};

/// Which source gave the server's programs; here there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(Infallible);

impl Source {
    /// The directory that holds `bin/`.
    pub fn directory(&self) -> &Path {
        match self.0 {}
    }
}

impl fmt::Display for Source {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

/// What [`Server::check`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// The server runs.
    Running,
    /// The server was gone and has been started again.
    Restarted,
}

/// A running server, which cannot exist here.
#[derive(Debug)]
pub struct Server(Infallible);

impl Server {
    /// Refuses.
    pub fn start(_: &Settings, _: &mut dyn FnMut(Progress<'_>)) -> Result<Self, Error> {
        Err(Error::Unsupported)
    }

    /// The connection URL.
    pub fn url(&self) -> &str {
        match self.0 {}
    }

    /// Where the programs came from.
    pub fn source(&self) -> &Source {
        match self.0 {}
    }

    /// Whether another process started the server.
    pub fn adopted(&self) -> bool {
        match self.0 {}
    }

    /// The process id of the server.
    pub fn pid(&self) -> Option<u32> {
        match self.0 {}
    }

    /// Looks after the server.
    pub fn check(&mut self) -> Result<Health, Error> {
        match self.0 {}
    }

    /// Stops the server.
    pub fn stop(self) -> Result<(), Error> {
        match self.0 {}
    }
}

/// Refuses.
pub fn install(_: &Path, _: &mut dyn FnMut(Progress<'_>)) -> Result<PathBuf, Error> {
    Err(Error::Unsupported)
}
