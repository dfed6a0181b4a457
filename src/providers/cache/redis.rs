//! In Redis (or Valkey), for all nodes. Quick or not at all: a request never waits for it longer than a moment.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use redis::{
    AsyncCommands as _, Client, FromRedisValue, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{Away, Count, Store};
use crate::config::RedisUrl;

/// Longer than this nobody waits for a cache.
const PATIENCE: Duration = Duration::from_millis(150);
/// After it did not answer, it is left alone for so long.
const PAUSE: Duration = Duration::from_secs(1);
/// What we keep is told apart from what others keep there.
const PREFIX: &str = "codegraph:";

/// Counts one more and says how many and for how long still. In one step: a key that lost its end between two would
/// count for ever.
const COUNT: &str = "local n = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) left = tonumber(ARGV[1]) end
return {n, left}";

/// A Redis server.
pub struct Redis {
    client: Client,
    connection: OnceLock<ConnectionManager>,
    paused: Mutex<Option<Instant>>,
}

impl Redis {
    /// The server at this address, reached when it is needed first.
    pub fn new(url: &RedisUrl) -> Result<Self, Away> {
        Ok(Self {
            client: Client::open(url.info()).map_err(away)?,
            connection: OnceLock::new(),
            paused: Mutex::new(None),
        })
    }

    /// It connects by itself, again and again; what waits for that is given up after a moment.
    fn connection(&self) -> Result<ConnectionManager, Away> {
        if let Some(known) = self.connection.get() {
            return Ok(known.clone());
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE * 4))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1);
        let made = ConnectionManager::new_lazy_with_config(self.client.clone(), config);
        let made = made.map_err(away)?;
        Ok(self.connection.get_or_init(|| made).clone())
    }

    async fn ask<T: FromRedisValue>(
        &self,
        work: impl AsyncFnOnce(ConnectionManager) -> Result<T, RedisError>,
    ) -> Result<T, Away> {
        if self.is_paused() {
            return Err(Away("it did not answer a moment ago".to_owned()));
        }
        let connection = self.connection()?;
        let said = tokio::time::timeout(PATIENCE * 2, work(connection)).await;
        let said = match said {
            Ok(said) => said.map_err(away),
            Err(_) => Err(Away("no answer in time".to_owned())),
        };
        if said.is_err() {
            let until = Instant::now() + PAUSE;
            *self.paused.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        }
        said
    }

    fn is_paused(&self) -> bool {
        let until = *self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }
}

impl Store for Redis {
    async fn get(&self, key: &str) -> Result<Option<Arc<[u8]>>, Away> {
        let key = named(key);
        let found = self
            .ask(async |mut redis: ConnectionManager| redis.get::<_, Option<Vec<u8>>>(key).await);
        Ok(found.await?.map(Into::into))
    }

    async fn put(&self, key: &str, value: Arc<[u8]>, life: Duration) -> Result<(), Away> {
        let (key, life) = (named(key), millis(life));
        self.ask(async |mut redis: ConnectionManager| {
            redis.pset_ex::<_, _, ()>(key, &*value, life).await
        })
        .await
    }

    async fn forget(&self, key: &str) -> Result<(), Away> {
        let key = named(key);
        self.ask(async |mut redis: ConnectionManager| redis.del::<_, ()>(key).await)
            .await
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Count, Away> {
        let mut call = redis::cmd("EVAL");
        call.arg(COUNT).arg(1).arg(named(key)).arg(millis(window));
        let (times, left): (u64, u64) = self
            .ask(async |mut redis: ConnectionManager| call.query_async(&mut redis).await)
            .await?;
        Ok(Count {
            times,
            resets_in: Duration::from_millis(left),
        })
    }
}

fn named(key: &str) -> String {
    format!("{PREFIX}{key}")
}

fn millis(life: Duration) -> u64 {
    u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[expect(clippy::needless_pass_by_value, reason = "errors are handed over")]
fn away(error: RedisError) -> Away {
    Away(error.to_string())
}
