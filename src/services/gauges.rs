//! What is under way, for those who watch: asked of the database once in a moment, however many watch.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::Db;
use crate::{error::Result, models::gauge};

pub use crate::models::gauge::HeadCount;

/// So old an answer may be.
const FRESH: Duration = Duration::from_secs(5);

/// What is under way.
#[derive(Debug, Clone)]
pub struct Readings {
    /// Living runs by lane and state.
    pub heads: Vec<HeadCount>,
    /// Jobs by lane and status.
    pub jobs: Vec<(String, String, i64)>,
    /// Workers that live.
    pub workers: i64,
}

/// Reads them. Cheap to clone.
#[derive(Clone)]
pub struct Gauges {
    db: Db,
    last: Arc<Mutex<Option<(Instant, Readings)>>>,
}

impl Gauges {
    /// Of this database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self {
            db,
            last: Arc::default(),
        }
    }

    /// What is under way now, or was a moment ago.
    pub async fn read(&self) -> Result<Readings> {
        let mut last = self.last.lock().await;
        if let Some((at, readings)) = &*last
            && at.elapsed() < FRESH
        {
            return Ok(readings.clone());
        }
        let readings = Readings {
            heads: gauge::heads(&self.db).await?,
            jobs: jobs::store::queue_lengths(&self.db).await?,
            workers: gauge::workers(&self.db).await?,
        };
        *last = Some((Instant::now(), readings.clone()));
        Ok(readings)
    }

    /// Connections to the database: those that are open, and those of them that nobody uses.
    #[must_use]
    pub fn connections(&self) -> (u32, usize) {
        (self.db.size(), self.db.num_idle())
    }
}
