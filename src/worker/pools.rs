//! A worker's connections: four kinds, because they want different things of the server.

use std::time::Duration;

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// Longest wait for a connection. A pool that cannot connect waits up to a fifth of it between tries, so
/// this is also how soon it notices that the server is back.
const PATIENCE: Duration = Duration::from_secs(4);

/// Everything a worker talks to the database through.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    /// Use cases: ordinary transactions.
    pub(super) db: PgPool,
    /// The group commit's few statements, always planned the same way: by index, never by what the
    /// statistics of a fast-changing table happen to say.
    pub(super) hot: PgPool,
    /// The lease: its renewal stands in no line.
    pub(super) lease: PgPool,
    /// The queue's bookkeeping, which need not wait for the disk: what a crash of the server forgets of it
    /// is delivered again and found stale.
    pub(super) queue: PgPool,
}

impl Pools {
    pub(super) fn new(database: &PgConnectOptions, connections: u32) -> Self {
        let hot = database.clone().options([
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("jit", "off"),
        ]);
        let queue = database.clone().options([
            ("synchronous_commit", "off"),
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ]);
        Self {
            // One is for the session that listens, and one transaction may wait for another's connection.
            db: pool(connections.max(2) + 1).connect_lazy_with(database.clone()),
            lease: pool(1).connect_lazy_with(database.clone()),
            hot: pool(2).connect_lazy_with(hot),
            queue: pool(8).connect_lazy_with(queue),
        }
    }

    pub(super) async fn close(&self) {
        futures::join!(
            self.db.close(),
            self.lease.close(),
            self.hot.close(),
            self.queue.close()
        );
    }
}

/// No ping before use: a broken connection shows itself, and everything here tries again.
fn pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(0)
        .acquire_timeout(PATIENCE)
        .idle_timeout(Duration::from_secs(60))
        .test_before_acquire(false)
}
