//! Waiting for what others do in their own time.

use std::time::{Duration, Instant};

/// Longer than anything a test waits for, shorter than a hanging test is given.
const PATIENCE: Duration = Duration::from_secs(40);

const GLANCE: Duration = Duration::from_millis(10);

/// Looks until there is something to see.
pub(crate) async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// The same for what takes longer by its nature.
pub(crate) async fn within<T>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(GLANCE).await;
    }
}
