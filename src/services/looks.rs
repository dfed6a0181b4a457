//! Looks at the sources of repositories: waited for up to a point; one that takes longer goes on by itself, and what it
//! finds is written when it ends.

use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use uuid::Uuid;

use super::{
    Db, announce,
    turns::{Turn, Turns},
};
use crate::{
    error::{Error, Result},
    models::repository,
    providers::git::{self, Credential, Source, Store},
};

/// How long somebody who connects a repository waits for its first fetch.
const PATIENCE: Duration = Duration::from_secs(15);
/// Looks of one person at the same time, those included that nobody waits for any more.
const AT_ONCE: usize = 4;

/// Where a repository stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) branch: String,
    pub(super) head: String,
}

type Fetching = JoinHandle<Result<Found, git::Error>>;

/// What came of a look.
pub(super) enum Look {
    /// It is over.
    Over(Found),
    /// It goes on; see [`Looks::settle`].
    GoesOn(Fetching),
}

/// Looks at sources.
#[derive(Debug, Clone)]
pub(super) struct Looks {
    db: Db,
    pub(super) store: Store,
    turns: Turns,
}

impl Looks {
    /// With mirrors in this store.
    pub(super) fn new(db: Db, store: Store) -> Self {
        Self {
            db,
            store,
            turns: Turns::new(AT_ONCE),
        }
    }

    /// One of the looks that this person may have at the same time.
    pub(super) fn turn(&self, user: Uuid) -> Result<Turn> {
        self.turns.take(user)
    }

    /// Fetches for this person, showing this.
    pub(super) async fn look(
        &self,
        user: Uuid,
        source: Source,
        shown: Option<Credential>,
        branch: Option<String>,
    ) -> Result<Look> {
        let turn = self.turn(user)?;
        let store = self.store.clone().showing(shown);
        let mut fetching = tokio::spawn(async move {
            let _turn = turn;
            let mirror = store.mirror(&source).await?;
            let branch = match branch {
                Some(branch) => branch,
                None => mirror.default_branch().await?,
            };
            let head = mirror.resolve(&branch).await?;
            Ok(Found { branch, head })
        });
        match tokio::time::timeout(PATIENCE, &mut fetching).await {
            Ok(over) => Ok(Look::Over(found(over)?)),
            Err(_) => Ok(Look::GoesOn(fetching)),
        }
    }

    /// Writes to this repository what comes of a look that goes on. If this process ends before, a sync begins anew.
    pub(super) fn settle(&self, id: Uuid, fetching: Fetching) {
        let db = self.db.clone();
        tokio::spawn(async move {
            let found = found(fetching.await);
            let written = write(&db, id, found).await;
            announce::written(&db).await;
            if let Err(error) = written {
                tracing::warn!(%error, repository = %id, "what a fetch found could not be written");
            }
        });
    }
}

fn found(over: Result<Result<Found, git::Error>, JoinError>) -> Result<Found> {
    match over {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(Error::field("/url", error.to_string())),
        Err(error) => Err(Error::Internal(error.to_string())),
    }
}

/// Writes what was found, or why nothing was.
pub(super) async fn write(db: &Db, id: Uuid, looked: Result<Found>) -> Result<()> {
    let mut tx = db.begin().await?;
    match looked {
        Ok(found) => {
            repository::begins_at(&mut tx, id, &found.branch).await?;
            repository::synced(&mut tx, id, Some(&found.head), None).await?;
        }
        Err(Error::Field { message, .. }) => {
            repository::synced(&mut tx, id, None, Some(&message)).await?;
        }
        Err(error) => return Err(error),
    }
    Ok(tx.commit().await?)
}
