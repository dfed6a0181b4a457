//! The session by which a worker is known to live, and through which it hears: an advisory lock and LISTEN
//! on one connection of its own. The server drops the lock the moment the process dies.

use std::time::{Duration, Instant};

use sqlx::{
    PgPool,
    postgres::{PgListener, PgNotification},
};
use workflows::Fence;

use super::pulse::Vitals;
use crate::models::{head, worker};

const AWAY: Duration = Duration::from_millis(20);
const AWAY_CAP: Duration = Duration::from_millis(500);
/// A new session that gets no answer for so long is given up. A wire that was cut without a word stays silent
/// for a quarter of an hour otherwise, by the kernel's patience.
const SILENCE: Duration = Duration::from_secs(10);

/// What the database says, if it says something in time.
pub(super) async fn answered<T>(asked: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    tokio::time::timeout(SILENCE, asked)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

/// Opens a session that hears everything a worker must hear.
pub(super) async fn open(db: &PgPool) -> sqlx::Result<PgListener> {
    let mut session = answered(PgListener::connect_with(db)).await?;
    // A session that came back by itself would have lost the lock without anybody noticing.
    session.eager_reconnect(false);
    answered(session.listen_all([jobs::wake::CHANNEL, head::TAKEN])).await?;
    Ok(session)
}

impl Vitals {
    /// Listens until the worker is given up.
    pub(super) async fn listen(self, mut session: PgListener) {
        loop {
            match session.try_recv().await {
                Ok(Some(notification)) => self.heard(&notification),
                Ok(None) | Err(_) => {
                    *self
                        .amnesty
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Instant::now());
                    session = self.come_back(session).await;
                    // Whatever was said meanwhile: look everywhere.
                    self.bells.ring("");
                    self.watch.notify_one();
                    self.alarm.set(Duration::ZERO);
                }
            }
        }
    }

    fn heard(&self, notification: &PgNotification) {
        if notification.channel() == head::TAKEN {
            let taken: Vec<Fence> = notification
                .payload()
                .split(' ')
                .filter_map(fence)
                .collect();
            if taken.is_empty() {
                self.alarm.set(Duration::ZERO);
            }
            self.held.let_go(&taken);
        } else if notification.payload() == jobs::wake::LATER {
            self.alarm.set(Duration::ZERO);
        } else if notification.payload() == jobs::wake::HOLDING {
            self.watch.notify_one();
        } else {
            self.bells.ring(notification.payload());
            self.watch.notify_one();
        }
    }

    /// A new session for the same worker, with its lock. Whether the worker is still known is the pulse's
    /// to find out.
    async fn come_back(&self, lost: PgListener) -> PgListener {
        drop(lost);
        let mut pause = AWAY;
        loop {
            match self.try_come_back().await {
                Ok(Some(session)) => return session,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "the worker's session is lost, opening a new one");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(AWAY_CAP);
        }
    }

    async fn try_come_back(&self) -> sqlx::Result<Option<PgListener>> {
        let mut session = open(&self.db).await?;
        let locked = answered(worker::lock_again(&mut session, self.id)).await?;
        Ok(locked.then_some(session))
    }
}

/// `run:epoch`, as a run that was taken from its holder is announced.
fn fence(text: &str) -> Option<Fence> {
    let (run, epoch) = text.split_once(':')?;
    Some(Fence {
        run: run.parse().ok()?,
        epoch: epoch.parse().ok()?,
    })
}
