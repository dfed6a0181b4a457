//! What moves, told at once to whoever listens in this process: one session with LISTEN for all of them. Nothing is
//! asked of the database for listeners that have nothing to hear.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::announce::{self, Words};
pub use crate::models::attempt::MovedRow;
use crate::models::{attempt, head};

/// Moves that a slow listener may lag behind before it has to look for itself.
const BEHIND: usize = 1_024;
/// Pause before a lost session is opened again.
const AWAY: Duration = Duration::from_millis(200);

/// Something moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// A run of a task: where it stands was read once, for all who listen. Whether one may see it, each finds out.
    Run(Arc<MovedRow>),
    /// A model speaks.
    Words(Arc<Words>),
    /// Perhaps anything: the session was lost for a moment.
    Anything,
}

/// Tells what moves.
#[derive(Debug, Clone)]
pub struct Feed {
    moves: broadcast::Sender<Move>,
    /// Tells what this node counts from what others do.
    node: Uuid,
    /// How much has moved so far.
    count: Arc<AtomicU64>,
    /// Whether this node is told what moves.
    hears: Arc<AtomicBool>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            moves: broadcast::channel(BEHIND).0,
            node: Uuid::now_v7(),
            count: Arc::default(),
            hears: Arc::default(),
        }
    }
}

impl Feed {
    /// Everything that moves from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Move> {
        self.moves.subscribe()
    }

    /// A name for how things stand: another one as soon as this node has heard of a move or of something written. Nothing
    /// while it is told nothing.
    #[must_use]
    pub fn moved(&self) -> Option<String> {
        let hears = self.hears.load(Ordering::Acquire);
        hears.then(|| {
            format!(
                "{}:{}",
                self.node.simple(),
                self.count.load(Ordering::Acquire)
            )
        })
    }

    /// Something was written: this node knows at once, the others in a moment.
    pub async fn written(&self, db: &PgPool) {
        self.count.fetch_add(1, Ordering::AcqRel);
        announce::written(db).await;
    }

    /// Hears the database out. Never ends.
    pub async fn run(self, db: PgPool) {
        loop {
            let heard = self.hear(&db).await;
            self.hears.store(false, Ordering::Release);
            if let Err(error) = heard {
                tracing::debug!(%error, "nobody tells of runs that move; asking again");
            }
            tokio::time::sleep(AWAY).await;
        }
    }

    async fn hear(&self, db: &PgPool) -> sqlx::Result<()> {
        let mut session = PgListener::connect_with(db).await?;
        session.eager_reconnect(false);
        session
            .listen_all([head::CHANGED, head::WORDS, head::WRITTEN])
            .await?;
        // Whatever moved while nobody heard.
        self.count.fetch_add(1, Ordering::AcqRel);
        self.tell(Move::Anything);
        self.hears.store(true, Ordering::Release);
        while let Some(said) = session.try_recv().await? {
            if said.channel() == head::WORDS {
                if let Ok(words) = serde_json::from_str(said.payload()) {
                    self.tell(Move::Words(Arc::new(words)));
                }
                continue;
            }
            if said.channel() == head::WRITTEN {
                self.count.fetch_add(1, Ordering::AcqRel);
                continue;
            }
            self.count.fetch_add(1, Ordering::AcqRel);
            let runs = said.payload().split(' ').filter_map(|id| id.parse().ok());
            self.tell_of(db, &runs.collect::<Vec<_>>()).await;
        }
        Ok(())
    }

    /// Reads where these runs stand, if somebody listens.
    async fn tell_of(&self, db: &PgPool, runs: &[Uuid]) {
        if self.moves.receiver_count() == 0 {
            return;
        }
        match attempt::moved(db, runs).await {
            Ok(rows) => rows
                .into_iter()
                .for_each(|row| self.tell(Move::Run(Arc::new(row)))),
            Err(error) => {
                tracing::debug!(%error, "where runs stand that have moved could not be read");
                self.tell(Move::Anything);
            }
        }
    }

    fn tell(&self, what: Move) {
        // Nobody may be listening.
        let _ = self.moves.send(what);
    }
}
