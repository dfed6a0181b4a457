//! What others must hear of once a transaction has committed: lanes with new work, runs taken from their
//! holders, runs that people follow and that have moved. Never part of the transaction: a NOTIFY in it would make every writer wait for every other.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use workflows::{Lane, RunId};

use crate::models::head;

/// Ids that fit into one notification, which holds 8,000 bytes.
const AT_ONCE: usize = 200;

/// Tells whoever follows these runs that they have moved.
pub async fn changed(db: &PgPool, runs: &[RunId]) {
    for some in runs.chunks(AT_ONCE) {
        let ids: Vec<String> = some.iter().map(|run| run.0.simple().to_string()).collect();
        if let Err(error) = head::announce_changed(db, &ids).await {
            tracing::warn!(%error, "could not announce that runs have moved");
        }
    }
}

/// Tells all nodes that something was written: what they keep of lists is old.
pub async fn written(db: &PgPool) {
    if let Err(error) = head::announce_written(db).await {
        tracing::debug!(%error, "could not announce that something was written");
    }
}

/// What a model is saying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The run it works in.
    pub run: RunId,
    /// As what.
    pub role: String,
    /// Which answer of the conversation it is, from 1.
    pub turn: i32,
    /// How it is meant.
    pub manner: Manner,
    /// The newest part of it.
    pub text: String,
}

/// How words of a model are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// For others.
    #[default]
    Says,
    /// For itself.
    Thinks,
    /// The name of the tool it is about to use.
    Uses,
}

/// What fits into one notification, in bytes.
const ROOM: usize = 7_900;

/// Tells whoever follows the run. Words that nobody hears are gone: they are not the record.
pub async fn words(db: &PgPool, words: &Words) {
    let mut told = words.clone();
    let payload = loop {
        let payload = serde_json::to_string(&told).unwrap_or_default();
        if payload.len() <= ROOM {
            break payload;
        }
        // Signs that are written with several.
        told.text = told
            .text
            .chars()
            .skip(told.text.chars().count() / 2)
            .collect();
    };
    if let Err(error) = head::announce_words(db, &payload).await {
        tracing::debug!(%error, "what a model says could not be told");
    }
}

/// Collected during a transaction, told after it.
#[derive(Debug, Default)]
pub struct Announcement {
    lanes: BTreeSet<Lane>,
    taken: BTreeSet<(RunId, i32)>,
    changed: BTreeSet<RunId>,
}

impl Announcement {
    /// This lane has a new job.
    pub fn lane(&mut self, lane: Lane) {
        self.lanes.insert(lane);
    }

    /// Whoever holds this run under this epoch must let go of it.
    pub fn taken(&mut self, run: RunId, epoch: i32) {
        self.taken.insert((run, epoch));
    }

    /// This run has moved; people may follow it.
    pub fn changed(&mut self, run: RunId) {
        self.changed.insert(run);
    }

    /// The lanes with new jobs.
    pub fn lanes(&self) -> impl Iterator<Item = Lane> {
        self.lanes.iter().copied()
    }

    /// Tells everybody. What goes unheard is found by the next slow look, so a failure is only logged.
    pub async fn tell(self, db: &PgPool) {
        if !self.lanes.is_empty() {
            let lanes: Vec<Lane> = self.lanes.into_iter().collect();
            if let Err(error) = jobs::wake::announce(db, &lanes).await {
                tracing::warn!(%error, "could not announce new work");
            }
        }
        if !self.taken.is_empty() {
            let fence = |(run, epoch): &(RunId, i32)| format!("{run}:{epoch}");
            let runs: Vec<String> = self.taken.iter().map(fence).collect();
            if let Err(error) = head::announce_taken(db, &runs).await {
                tracing::warn!(%error, "could not announce a run that was taken from its holder");
            }
        }
        if !self.changed.is_empty() {
            let runs: Vec<RunId> = self.changed.into_iter().collect();
            changed(db, &runs).await;
        }
    }
}
