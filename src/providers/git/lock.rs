//! One at a time. The lock is the kernel's (`flock`), so whoever is killed cannot leave it behind. Whoever waits asks again
//! and again instead of sleeping in the kernel: a fetch takes minutes, and threads that sleep would be missed elsewhere.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::Error;

/// Pauses between two tries: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(250));

/// Held while it lives; the file stays.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "holding the open file is what locks")] File);

impl Lock {
    /// Waits until nobody else holds the file.
    pub(super) async fn take(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        }
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        let file = options.open(path).map_err(Error::io("open", path))?;
        let (mut pause, longest) = PAUSES;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_wait_hold_no_thread_that_others_need() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let held = Lock::take(&path).await.unwrap();
            let waiting: Vec<_> = (0..10)
                .map(|_| {
                    let path = path.clone();
                    tokio::spawn(async move { Lock::take(&path).await.map(drop) })
                })
                .collect();
            tokio::task::yield_now().await;
            // The only thread for what blocks: a password is looked at on it, say.
            let busy = tokio::task::spawn_blocking(|| ());
            let free = tokio::time::timeout(Duration::from_secs(20), busy).await;
            free.expect("nobody sleeps on the thread").unwrap();
            drop(held);
            for one in waiting {
                one.await.unwrap().unwrap();
            }
        });
    }
}
