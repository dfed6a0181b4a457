//! What moves, told at once to whoever listens in this process: one session with LISTEN for all of them. Nothing is
//! asked of the database for listeners that have nothing to hear.

use std::{sync::Arc, time::Duration};

use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::announce::Words;
use crate::models::head;

/// Moves that a slow listener may lag behind before it has to look for itself.
const BEHIND: usize = 1_024;
/// Pause before a lost session is opened again.
const AWAY: Duration = Duration::from_millis(200);

/// Something moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// This run.
    Run(Uuid),
    /// A model speaks.
    Words(Arc<Words>),
    /// Perhaps anything: the session was lost for a moment.
    Anything,
}

/// Tells what moves.
#[derive(Debug, Clone)]
pub struct Feed {
    moves: broadcast::Sender<Move>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            moves: broadcast::channel(BEHIND).0,
        }
    }
}

impl Feed {
    /// Everything that moves from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Move> {
        self.moves.subscribe()
    }

    /// Hears the database out. Never ends.
    pub async fn run(self, db: PgPool) {
        loop {
            if let Err(error) = self.hear(&db).await {
                tracing::debug!(%error, "nobody tells of runs that move; asking again");
            }
            tokio::time::sleep(AWAY).await;
        }
    }

    async fn hear(&self, db: &PgPool) -> sqlx::Result<()> {
        let mut session = PgListener::connect_with(db).await?;
        session.eager_reconnect(false);
        session.listen_all([head::CHANGED, head::WORDS]).await?;
        // Whatever moved while nobody heard.
        self.tell(Move::Anything);
        while let Some(said) = session.try_recv().await? {
            if said.channel() == head::WORDS {
                if let Ok(words) = serde_json::from_str(said.payload()) {
                    self.tell(Move::Words(Arc::new(words)));
                }
                continue;
            }
            for run in said.payload().split(' ').filter_map(|id| id.parse().ok()) {
                self.tell(Move::Run(run));
            }
        }
        Ok(())
    }

    fn tell(&self, what: Move) {
        // Nobody may be listening.
        let _ = self.moves.send(what);
    }
}
