//! In this process: bounded, the least used goes first.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache};

use super::{Away, Count, Store};

/// Bytes of what is kept.
const BYTES: u64 = 32 << 20;
/// Counts under way. Somebody who comes from more places than this is not held by counting.
const COUNTS: u64 = 100_000;
/// A count nobody adds to is over by then: no window is longer.
const IDLE: Duration = Duration::from_secs(3600);

#[derive(Clone)]
struct Kept {
    value: Arc<[u8]>,
    life: Duration,
}

struct Lives;

impl Expiry<String, Kept> for Lives {
    fn expire_after_create(&self, _: &String, kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.life)
    }

    fn expire_after_update(
        &self,
        _: &String,
        kept: &Kept,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.life)
    }
}

/// A window that is open: how often, and until when.
type Window = Arc<Mutex<(u64, Instant)>>;

/// What this process keeps. Cheap to clone.
#[derive(Clone)]
pub struct Memory {
    kept: Cache<String, Kept>,
    windows: Cache<String, Window>,
}

impl Default for Memory {
    fn default() -> Self {
        let weight = |key: &String, kept: &Kept| {
            u32::try_from(key.len() + kept.value.len() + 100).unwrap_or(u32::MAX)
        };
        Self {
            kept: Cache::builder()
                .max_capacity(BYTES)
                .weigher(weight)
                .expire_after(Lives)
                .build(),
            windows: Cache::builder()
                .max_capacity(COUNTS)
                .time_to_idle(IDLE)
                .build(),
        }
    }
}

impl Memory {
    pub(super) async fn find(&self, key: &str) -> Option<Arc<[u8]>> {
        self.kept.get(key).await.map(|kept| kept.value)
    }

    pub(super) async fn keep(&self, key: &str, value: Arc<[u8]>, life: Duration) {
        self.kept.insert(key.to_owned(), Kept { value, life }).await;
    }

    pub(super) async fn drop(&self, key: &str) {
        self.kept.invalidate(key).await;
        self.windows.invalidate(key).await;
    }

    pub(super) async fn add(&self, key: &str, window: Duration) -> Count {
        let fresh = async { Arc::new(Mutex::new((0, Instant::now() + window))) };
        let open = self.windows.get_with_by_ref(key, fresh).await;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if open.1 <= now {
            *open = (0, now + window);
        }
        open.0 += 1;
        Count {
            times: open.0,
            resets_in: open.1 - now,
        }
    }
}

impl Store for Memory {
    async fn get(&self, key: &str) -> Result<Option<Arc<[u8]>>, Away> {
        Ok(self.find(key).await)
    }

    async fn put(&self, key: &str, value: Arc<[u8]>, life: Duration) -> Result<(), Away> {
        self.keep(key, value, life).await;
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), Away> {
        self.drop(key).await;
        Ok(())
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Count, Away> {
        Ok(self.add(key, window).await)
    }
}
