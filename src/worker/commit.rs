//! Group commit: what is ready at the same moment shares a transaction. A writer that finds nobody writing
//! writes at once, by itself, with no task in between; while it does, others gather, and the first of them
//! writes for all. What cannot be stored falls out alone.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::{PgConnection, PgPool, pool::PoolConnection, postgres::Postgres};
use tokio::sync::oneshot;

use crate::error::{Fault, classify};

/// Most that share a transaction.
const MOST: usize = 256;
/// Pause before a flush that failed is tried again.
const AWAY: Duration = Duration::from_millis(50);
/// A flush that gets no answer for so long is tried again on another connection: this one is kept for ever, and a
/// wire that was cut without a word stays silent. What the first try wrote after all is found.
const SILENCE: Duration = Duration::from_secs(30);

/// What is written together.
pub(super) trait Batch: Send + Sync + 'static {
    /// One record.
    type Item: Send + Sync + 'static;
    /// What its writer is told.
    type Reply: Send + 'static;

    /// Writes all of them in one commit, and answers in their order. `again`: an earlier try may have been
    /// committed although its answer was lost.
    fn write(
        &self,
        conn: &mut PgConnection,
        items: &[Self::Item],
        again: bool,
    ) -> impl Future<Output = sqlx::Result<Vec<Self::Reply>>> + Send;

    /// The answer for a record that can never be stored.
    fn refused(&self, error: &sqlx::Error) -> Self::Reply;
}

/// What a writer in line hears.
enum Word<B: Batch> {
    /// Somebody has written its record.
    Written(B::Reply),
    /// It is its turn to write, for everybody in line.
    Lead(Baton<B>),
}

struct Waiting<B: Batch> {
    item: B::Item,
    /// An earlier try of it was cut off, and may have been committed.
    again: bool,
    writer: oneshot::Sender<Word<B>>,
}

struct Line<B: Batch> {
    waiting: VecDeque<Waiting<B>>,
    /// Somebody is writing. One at a time: several made smaller groups and nothing faster.
    led: bool,
    conn: Option<PoolConnection<Postgres>>,
}

/// A line of writers and the one connection they write through.
pub(super) struct GroupCommit<B: Batch>(Arc<Shared<B>>);

struct Shared<B: Batch> {
    pool: PgPool,
    batch: B,
    line: Mutex<Line<B>>,
}

impl<B: Batch> Shared<B> {
    fn line(&self) -> MutexGuard<'_, Line<B>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the first in line that still waits lead, or nobody.
    fn hand_over(self: &Arc<Self>) {
        let mut line = self.line();
        while let Some(first) = line.waiting.pop_front() {
            let baton = Baton {
                shared: Arc::clone(self),
                own: Some((first.item, first.again)),
            };
            // Sent without the lock: a baton that nobody takes comes back here.
            drop(line);
            let Err(Word::Lead(mut untaken)) = first.writer.send(Word::Lead(baton)) else {
                return;
            };
            // Its writer has been told to let go of its run.
            untaken.own = None;
            line = self.line();
        }
        line.led = false;
    }
}

/// The right and duty to write for everybody in line, beginning with one's own record. Whoever drops it
/// passes it on.
struct Baton<B: Batch> {
    shared: Arc<Shared<B>>,
    own: Option<(B::Item, bool)>,
}

impl<B: Batch> Drop for Baton<B> {
    fn drop(&mut self) {
        if self.own.is_some() {
            self.shared.hand_over();
        }
    }
}

impl<B: Batch> GroupCommit<B> {
    pub(super) fn new(pool: PgPool, batch: B) -> Self {
        let line = Line {
            waiting: VecDeque::new(),
            led: false,
            conn: None,
        };
        Self(Arc::new(Shared {
            pool,
            batch,
            line: Mutex::new(line),
        }))
    }

    /// Resolves when the record is durable or refused.
    pub(super) async fn write(&self, item: B::Item) -> B::Reply {
        let baton = match self.join(item) {
            Ok(baton) => baton,
            Err(hears) => match hears.await.expect("nobody leaves the line without a word") {
                Word::Written(reply) => return reply,
                Word::Lead(baton) => baton,
            },
        };
        let mut flight = Flight::board(baton);
        let replies = flight.write().await;
        flight.land(replies)
    }

    /// Joins the line, or leads when there is nobody in it.
    fn join(&self, item: B::Item) -> Result<Baton<B>, oneshot::Receiver<Word<B>>> {
        let mut line = self.0.line();
        if line.led {
            let (writer, hears) = oneshot::channel();
            line.waiting.push_back(Waiting {
                item,
                again: false,
                writer,
            });
            return Err(hears);
        }
        line.led = true;
        Ok(Baton {
            shared: Arc::clone(&self.0),
            own: Some((item, false)),
        })
    }
}

/// A batch under way. When its leader is dropped in the middle, the others on board go back into the line.
struct Flight<B: Batch> {
    shared: Arc<Shared<B>>,
    /// The leader's own record first.
    items: Vec<B::Item>,
    /// Of all but the leader.
    writers: Vec<oneshot::Sender<Word<B>>>,
    again: bool,
    conn: Option<PoolConnection<Postgres>>,
    landed: bool,
}

impl<B: Batch> Flight<B> {
    fn board(mut baton: Baton<B>) -> Self {
        let (own, mut again) = baton.own.take().expect("a baton is used once");
        let shared = Arc::clone(&baton.shared);
        let mut line = shared.line();
        let conn = line.conn.take();
        let count = line.waiting.len().min(MOST - 1);
        let mut items = Vec::with_capacity(count + 1);
        items.push(own);
        let mut writers = Vec::with_capacity(count);
        for waiting in line.waiting.drain(..count) {
            // Whoever no longer waits has let go of its run, and nothing is to be written for it.
            if waiting.writer.is_closed() {
                continue;
            }
            again |= waiting.again;
            items.push(waiting.item);
            writers.push(waiting.writer);
        }
        drop(line);
        Self {
            shared,
            items,
            writers,
            again,
            conn,
            landed: false,
        }
    }

    async fn write(&mut self) -> Vec<B::Reply> {
        flush(
            &self.shared.pool,
            &mut self.conn,
            &self.shared.batch,
            &self.items,
            self.again,
        )
        .await
    }

    /// Tells everybody on board, lets the next one lead, and answers with the leader's own reply.
    fn land(mut self, replies: Vec<B::Reply>) -> B::Reply {
        self.landed = true;
        self.shared.line().conn = self.conn.take();
        self.shared.hand_over();
        let mut replies = replies.into_iter();
        let own = replies.next().expect("every record has a reply");
        for (writer, reply) in std::mem::take(&mut self.writers).into_iter().zip(replies) {
            // A writer that no longer waits has been told to let go of its run.
            drop(writer.send(Word::Written(reply)));
        }
        own
    }
}

impl<B: Batch> Drop for Flight<B> {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        // The connection is in the middle of an answer; nobody can use it any more.
        drop(self.conn.take().map(PoolConnection::detach));
        let mut line = self.shared.line();
        let others = std::mem::take(&mut self.items).into_iter().skip(1);
        let aboard: Vec<_> = others.zip(std::mem::take(&mut self.writers)).collect();
        for (item, writer) in aboard.into_iter().rev() {
            line.waiting.push_front(Waiting {
                item,
                again: true,
                writer,
            });
        }
        drop(line);
        self.shared.hand_over();
    }
}

/// Writes until written. Only content that can never be stored is refused, record by record.
async fn flush<B: Batch>(
    pool: &PgPool,
    conn: &mut Option<PoolConnection<Postgres>>,
    batch: &B,
    items: &[B::Item],
    mut again: bool,
) -> Vec<B::Reply> {
    loop {
        let attempt = attempt(pool, conn, batch, items, again);
        let error = match tokio::time::timeout(SILENCE, attempt).await {
            Ok(Ok(replies)) => return replies,
            Ok(Err(error)) => error,
            Err(_) => sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()),
        };
        drop(conn.take().map(PoolConnection::detach));
        match (classify(&error), items) {
            (Fault::Passing, _) => {
                tracing::warn!(%error, records = items.len(), "a group commit failed, trying again");
                again = true;
                tokio::time::sleep(AWAY).await;
            }
            (_, [_]) => return vec![batch.refused(&error)],
            _ => {
                let mut replies = Vec::with_capacity(items.len());
                for item in items {
                    replies.extend(
                        Box::pin(flush(pool, conn, batch, std::slice::from_ref(item), again)).await,
                    );
                }
                return replies;
            }
        }
    }
}

async fn attempt<B: Batch>(
    pool: &PgPool,
    conn: &mut Option<PoolConnection<Postgres>>,
    batch: &B,
    items: &[B::Item],
    again: bool,
) -> sqlx::Result<Vec<B::Reply>> {
    let conn = match conn {
        Some(conn) => conn,
        None => conn.insert(pool.acquire().await?),
    };
    batch.write(conn, items, again).await
}

impl<B: Batch> std::fmt::Debug for GroupCommit<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GroupCommit").finish_non_exhaustive()
    }
}
