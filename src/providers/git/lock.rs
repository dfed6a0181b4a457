//! One at a time. The lock is the kernel's (`flock`), so whoever is killed cannot leave it behind.

use std::fs::{self, File};
use std::path::Path;

use super::Error;

/// Held while it lives; the file stays.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "holding the open file is what locks")] File);

impl Lock {
    /// Waits until nobody else holds the file.
    pub(super) async fn take(path: &Path) -> Result<Self, Error> {
        let path = path.to_owned();
        let wait = tokio::task::spawn_blocking(move || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
            }
            let mut options = File::options();
            options.create(true).truncate(false).write(true);
            let file = options.open(&path).map_err(Error::io("open", &path))?;
            file.lock().map_err(Error::io("lock", &path))?;
            Ok(Self(file))
        });
        wait.await.map_err(|error| Error::Git {
            what: "wait for its turn",
            said: error.to_string(),
        })?
    }
}
