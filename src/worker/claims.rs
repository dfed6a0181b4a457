//! Taking runs up: what the job `advance_run` does. A delivery whose epoch has passed finds nothing to claim.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use jobs::{AdvanceRun, JobError, JobId};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use workflows::{
    Claimed, Definitions, End, Entry, Fence, History, Lane, RunId, drive,
    ports::{Mark, Recorded},
};

use super::{
    commit::{Batch, GroupCommit},
    company::Company,
    held::Held,
    journal::PgJournal,
    steps::StepSet,
};
use crate::{
    error::{Error, Result},
    failpoint,
    models::claim::{self, Ask, ClaimedRun, JournalRow},
    models::run,
    services::recovery::{self, Release},
};

/// A run whose workflow or step this program does not know is left for a newer worker for so long.
const UNKNOWN: Duration = Duration::from_secs(15);

/// Pause before a journal is read again, while the database is away.
const AWAY: Duration = Duration::from_millis(100);

/// Claims runs in groups.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) worker: i64,
}

impl Batch for Claims {
    type Item = Ask;
    type Reply = Result<Option<ClaimedRun>, String>;

    async fn write(
        &self,
        conn: &mut PgConnection,
        asked: &[Ask],
        _again: bool,
    ) -> sqlx::Result<Vec<Self::Reply>> {
        // A claim whose answer was lost is ours without our knowing; the pulse finds it and gives it back.
        let claimed = claim::claim(conn, self.worker, asked).await?;
        let mut claimed: HashMap<(Uuid, i32), ClaimedRun> = claimed
            .into_iter()
            .map(|run| ((run.run_id, run.epoch), run))
            .collect();
        // Taken out, not looked up: of two deliveries of one job only one may have the run.
        Ok(asked
            .iter()
            .map(|ask| Ok(claimed.remove(&(ask.fence.run.0, ask.fence.epoch + 1))))
            .collect())
    }

    fn refused(&self, error: &sqlx::Error) -> Self::Reply {
        Err(error.to_string())
    }
}

/// What is needed to take up a run.
#[derive(Debug)]
pub(super) struct Taker {
    pub(super) db: PgPool,
    pub(super) claims: GroupCommit<Claims>,
    pub(super) journal: Arc<PgJournal>,
    pub(super) held: Held,
    pub(super) company: Company,
    pub(super) definitions: Arc<Definitions>,
    pub(super) steps: Arc<StepSet>,
}

impl Taker {
    /// Claims the run of a job and works on it until it ends, waits, moves on or is taken away.
    pub(super) async fn advance(&self, job: AdvanceRun, id: JobId) -> Result<(), JobError> {
        let ask = Ask {
            fence: job.fence(),
            job: id,
        };
        let seat = self.company.seat(job.crashes).await.map_err(|after| {
            let reason = "workers died on it, and here it would have company".to_owned();
            JobError::Later { reason, after }
        })?;
        failpoint::pass("before", "claim");
        let claimed = match self.claims.write(ask).await {
            Ok(Some(claimed)) => {
                failpoint::pass("after", "claim");
                claimed
            }
            Ok(None) => return Ok(()),
            Err(reason) => return Err(JobError::Retry(reason)),
        };
        let fence = Fence {
            run: job.run,
            epoch: claimed.epoch,
        };
        let holding = self.held.hold(fence, claimed.bound, seat);
        self.journal.tell_followers(fence);
        let (reason, how) = tokio::select! {
            end = self.work(claimed, job.lane) => match end {
                Ok(End::Released) => return Ok(()),
                Ok(End::Fenced) => ("its worker could not go on with it".to_owned(), Release::Suspect),
                Ok(End::Unknown(step)) => {
                    (format!("this program cannot perform the step `{step}`"), Release::Later(UNKNOWN))
                }
                Err(Trouble::Unknown(reason)) => (reason, Release::Later(UNKNOWN)),
                Err(Trouble::Other(reason)) => (reason, Release::Suspect),
            },
            () = holding.taken() => return Ok(()),
        };
        drop(holding);
        // Whatever went wrong, a run that is still ours by the journal's word is given to others.
        if let Err(error) = recovery::release(&self.db, fence, &reason, how).await {
            tracing::warn!(run = %fence.run, %error, "a run could not be released; the pulse will do it");
        }
        Ok(())
    }

    async fn work(&self, claimed: ClaimedRun, lane: Lane) -> Result<End, Trouble> {
        let version = u16::try_from(claimed.version).unwrap_or_default();
        let definition = *self
            .definitions
            .find(&claimed.workflow, version)
            .map_err(|unknown| Trouble::Unknown(unknown.to_string()))?;
        let reading = self
            .read_back(&claimed)
            .await
            .map_err(|error| Trouble::Other(error.to_string()))?;
        let claimed = reading.into_claimed(claimed, lane);
        let driving = drive(
            Arc::clone(&self.journal),
            &*self.steps,
            &definition,
            claimed,
        );
        AssertUnwindSafe(driving)
            .catch_unwind()
            .await
            .map_err(|_| Trouble::Other(format!("the definition {} panicked", definition.name)))
    }

    /// Reads the journal of a run that does not begin at its beginning, its ancestors' first.
    async fn read_back(&self, claimed: &ClaimedRun) -> Result<Reading> {
        loop {
            match self.try_read_back(claimed).await {
                // The run is ours. It waits with us, as its writes would.
                Err(Error::Unavailable(reason)) => {
                    tracing::warn!(run = %claimed.run_id, reason, "a journal could not be read, trying again");
                    tokio::time::sleep(AWAY).await;
                }
                read => return read,
            }
        }
    }

    async fn try_read_back(&self, claimed: &ClaimedRun) -> Result<Reading> {
        let mut reading = Reading::default();
        if claimed.seq > 0 {
            let mut conn = self.db.acquire().await?;
            for (run, seq) in lineage(&mut conn, claimed).await? {
                for row in claim::journal(&mut conn, run, seq, claimed.step_no).await? {
                    reading.add(row)?;
                }
            }
        }
        Ok(reading)
    }
}

enum Trouble {
    Unknown(String),
    Other(String),
}

/// The runs whose journals make up this one's, oldest first, each with the row up to which it counts.
async fn lineage(conn: &mut PgConnection, claimed: &ClaimedRun) -> Result<Vec<(Uuid, i32)>> {
    let mut lineage = vec![(claimed.run_id, claimed.seq)];
    let mut origin = claimed.fork_of.zip(claimed.fork_seq);
    while let Some((run, seq)) = origin {
        lineage.push((run, seq));
        let row = run::find(&mut *conn, run)
            .await?
            .ok_or_else(|| Error::not_found("the run this was forked from"))?;
        origin = row
            .fork_of
            .zip(row.fork_seq)
            .map(|(run, fork_seq)| (run, fork_seq.min(seq)));
    }
    lineage.reverse();
    Ok(lineage)
}

/// Journal rows on their way to a history.
#[derive(Default)]
struct Reading {
    entries: Vec<(i32, Entry)>,
    activities: Vec<(i32, Recorded)>,
}

impl Reading {
    /// The run, as the engine takes it up.
    fn into_claimed(self, run: ClaimedRun, lane: Lane) -> Claimed {
        Claimed {
            fence: Fence {
                run: RunId(run.run_id),
                epoch: run.epoch,
            },
            workflow: run.workflow,
            version: u16::try_from(run.version).unwrap_or_default(),
            lane,
            seq: run.seq,
            step_no: run.step_no,
            attempt: u16::try_from(run.attempt).unwrap_or(1),
            history: History::with_entries(
                run.input,
                self.entries.into_iter().map(|(_, e)| e).collect(),
            ),
            activities: self.activities.into_iter().map(|(_, a)| a).collect(),
        }
    }

    fn add(&mut self, row: JournalRow) -> Result<()> {
        let JournalRow {
            seq,
            kind,
            name,
            mut data,
        } = row;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let activity = |mark: Mark, data: &Value| Recorded {
            key: text(&data["key"]),
            mark,
        };
        match kind.as_str() {
            "step" => self.entries.push((
                seq,
                Entry::Step {
                    name: name.unwrap_or_default(),
                    output: data,
                },
            )),
            "signal.received" => {
                let entry = Entry::Signal {
                    name: text(&data["name"]),
                    payload: data["payload"].take(),
                };
                self.entries.push((seq, entry));
            }
            "timer.fired" => self.entries.push((
                seq,
                Entry::Timer {
                    name: text(&data["name"]),
                },
            )),
            "children.joined" => {
                let outcomes = serde_json::from_value(data["outcomes"].take())
                    .map_err(|error| Error::Internal(format!("journal row {seq}: {error}")))?;
                self.entries.push((
                    seq,
                    Entry::Children {
                        name: text(&data["name"]),
                        outcomes,
                    },
                ));
            }
            "run.rewound" => {
                let to = data["to_seq"].as_i64().unwrap_or_default();
                self.entries.retain(|(at, _)| i64::from(*at) <= to);
                self.activities.retain(|(at, _)| i64::from(*at) <= to);
            }
            "activity.started" => self.activities.push((seq, activity(Mark::Started, &data))),
            "activity.failed" => self.activities.push((seq, activity(Mark::Failed, &data))),
            "activity.finished" => {
                let output = data["output"].take();
                self.activities
                    .push((seq, activity(Mark::Finished(output), &data)));
            }
            _ => {}
        }
        Ok(())
    }
}
