//! One launcher at a time. The lock is the kernel's (`flock`), so a killed launcher cannot leave it behind.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use super::{Error, Progress, Report};

/// Held while it lives; the file itself stays, since removing it would let two holders lock two files.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "holding the open file is what locks")] File);

impl Lock {
    /// Waits until nobody else holds the lock file, telling the caller when there is something to wait for.
    pub(super) fn take(file: &Path, report: &mut Report<'_>) -> Result<Self, Error> {
        let handle = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(file)
            .map_err(Error::io("open the lock file", file))?;
        match handle.try_lock() {
            Ok(()) => return Ok(Self(handle)),
            Err(TryLockError::WouldBlock) => report(Progress::Waiting),
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", file)(source)),
        }
        handle.lock().map_err(Error::io("lock", file))?;
        Ok(Self(handle))
    }
}
