//! What is kept for a while and may be lost: answers, and counts of what somebody did lately. In this process, and in
//! Redis when there is one, so that nodes share it. Nothing here ever fails a request: when Redis is away each node goes
//! on by itself. What may not live here: anything that must be right, such as who may come in.

use std::{
    collections::HashSet,
    future::Future,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::config::RedisConfig;

mod memory;
mod redis;
#[cfg(test)]
mod tests;

pub use self::{memory::Memory, redis::Redis};

/// Keys that are noted at most for a Redis that is away.
const OWED: usize = 10_000;
/// How often one that is away is asked whether it is back, while it has to be told something.
const AGAIN: Duration = Duration::from_secs(1);

/// Turns at making answers. Keys that share one wait for each other now and then, which costs less than keeping count of
/// all keys.
const TURNS: usize = 64;

/// The place does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cache does not answer: {0}")]
pub struct Away(pub String);

/// How often something was done in the window that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How often, this time included.
    pub times: u64,
    /// When the window closes and counting begins anew.
    pub resets_in: Duration,
}

/// A place to keep things.
pub trait Store: Send + Sync {
    /// What is kept under a key.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Arc<[u8]>>, Away>> + Send;

    /// Keeps something for so long.
    fn put(
        &self,
        key: &str,
        value: Arc<[u8]>,
        life: Duration,
    ) -> impl Future<Output = Result<(), Away>> + Send;

    /// Keeps nothing under a key any more, and counts from none.
    fn forget(&self, key: &str) -> impl Future<Output = Result<(), Away>> + Send;

    /// Counts one more. A window opens with the first and closes after so long.
    fn count(
        &self,
        key: &str,
        window: Duration,
    ) -> impl Future<Output = Result<Count, Away>> + Send;
}

/// Redis when it is there, this process when it is not. Cheap to clone.
#[derive(Clone)]
pub struct Cache {
    near: Memory,
    turns: Arc<[tokio::sync::Mutex<()>; TURNS]>,
    shared: Option<Arc<Shared>>,
}

struct Shared {
    redis: Redis,
    /// Keys under which Redis still has what was forgotten or replaced while it was away. They are read nowhere, and are
    /// taken away when it is back.
    owed: Mutex<HashSet<String>>,
    /// Whether it was away when it was asked last; said once, not for each request.
    away: AtomicBool,
}

impl Cache {
    /// As configured. Whether Redis is there shows when it is needed.
    #[must_use]
    pub fn new(config: &RedisConfig) -> Self {
        let redis = config.url.as_ref().and_then(|url| {
            Redis::new(url)
                .inspect_err(|error| tracing::warn!(%error, %url, "going without Redis"))
                .ok()
        });
        let shared = |redis| Shared {
            redis,
            owed: Mutex::default(),
            away: AtomicBool::new(false),
        };
        Self {
            near: Memory::default(),
            turns: Arc::new([const { tokio::sync::Mutex::const_new(()) }; TURNS]),
            shared: redis.map(|redis| Arc::new(shared(redis))),
        }
    }

    /// What is kept under a key.
    pub async fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        if let Some(shared) = self.with(key).await
            && let Some(found) = shared.heard(shared.redis.get(key).await)
        {
            return found;
        }
        self.near.find(key).await
    }

    /// A turn, in this process, at making what is to be kept under a key: whoever comes meanwhile waits, and looks again.
    pub async fn turn(&self, key: &str) -> tokio::sync::MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        self.turns[at].lock().await
    }

    /// Keeps something for so long.
    pub async fn put(&self, key: &str, value: impl Into<Arc<[u8]>>, life: Duration) {
        let value = value.into();
        if let Some(shared) = &self.shared {
            let said = shared.redis.put(key, Arc::clone(&value), life).await;
            if shared.heard(said).is_some() {
                shared.owed().remove(key);
                return;
            }
            shared.owe(key);
        }
        self.near.keep(key, value, life).await;
    }

    /// Keeps nothing under a key any more.
    pub async fn forget(&self, key: &str) {
        if let Some(shared) = &self.shared
            && shared.heard(shared.redis.forget(key).await).is_none()
        {
            shared.owe(key);
        }
        // Here too: it may have been kept while Redis was away.
        self.near.drop(key).await;
    }

    /// Counts one more. While Redis is away each node counts for itself.
    pub async fn count(&self, key: &str, window: Duration) -> Count {
        if let Some(shared) = self.with(key).await
            && let Some(count) = shared.heard(shared.redis.count(key, window).await)
        {
            return count;
        }
        self.near.add(key, window).await
    }

    /// Redis, when what it has under this key is as it should be.
    async fn with(&self, key: &str) -> Option<&Arc<Shared>> {
        let shared = self.shared.as_ref()?;
        if !shared.owed().contains(key) {
            return Some(shared);
        }
        shared.heard(shared.redis.forget(key).await)?;
        shared.owed().remove(key);
        Some(shared)
    }

    /// Whether nodes share this: nothing without Redis, else whether it answered last time.
    #[must_use]
    pub fn shared(&self) -> Option<bool> {
        let shared = self.shared.as_ref()?;
        Some(!shared.away.load(Ordering::Relaxed))
    }
}

impl Shared {
    fn owed(&self) -> MutexGuard<'_, HashSet<String>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that Redis has to forget this, and has somebody see to it: other nodes read there too.
    fn owe(self: &Arc<Self>, key: &str) {
        let mut owed = self.owed();
        if owed.len() >= OWED && !owed.contains(key) {
            // Everything kept there lives for minutes; what does not fit is late by so much.
            return;
        }
        let first = owed.is_empty();
        owed.insert(key.to_owned());
        if first {
            tokio::spawn(Arc::clone(self).pay());
        }
    }

    /// Takes away what Redis should not have any more, once it is back.
    async fn pay(self: Arc<Self>) {
        loop {
            let Some(key) = self.owed().iter().next().cloned() else {
                return;
            };
            if self.heard(self.redis.forget(&key).await).is_some() {
                self.owed().remove(&key);
            } else {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    fn heard<T>(&self, said: Result<T, Away>) -> Option<T> {
        let was_away = self.away.swap(said.is_err(), Ordering::Relaxed);
        match &said {
            Err(error) if !was_away => {
                tracing::warn!(%error, "Redis is away; this node goes on by itself");
            }
            Ok(_) if was_away => tracing::info!("Redis is back"),
            _ => {}
        }
        said.ok()
    }
}
