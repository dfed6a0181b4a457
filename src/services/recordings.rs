//! Runs as they are remembered, for doing them once more: without what was taken back, after what they share with the
//! runs they were forked from, and with their attempts.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use serde_json::Value;
use sqlx::PgPool;
use workflows::RunId;

use super::{
    agent_records::{AgentRecords, InheritedRow, RecordedCall},
    runs,
};
use crate::{
    error::Result,
    models::{event, model_call, run, step},
};

/// A run, or the part of it that others share.
#[derive(Debug)]
pub struct Recording {
    /// The run.
    pub run: RunId,
    /// Name of its workflow.
    pub workflow: String,
    /// Version of its workflow.
    pub version: i16,
    /// What it was started with.
    pub input: Value,
    /// How it ended; nothing while it lives.
    pub outcome: Option<String>,
    /// Ordinal of the first of its steps.
    pub first_step: i32,
    /// What its steps returned, by their names.
    pub steps: Vec<(String, Value)>,
    /// The signals it took: names and what came with them.
    pub signals: Vec<(String, Value)>,
    /// What was given up because workers died in it twice: the steps' ordinals and the activities' keys.
    pub given_up: BTreeSet<(i32, String)>,
    /// What its steps were told of earlier runs, by their ordinals.
    pub past: BTreeMap<i32, String>,
    /// What its models were asked and answered.
    pub calls: Vec<RecordedCall>,
    /// What came of its engines, by the steps' ordinals.
    pub engines: BTreeMap<i32, Value>,
    /// The trees that it recorded, once they are fetched: only what engines did has to be taken from them.
    pub trees: Arc<Trees>,
    /// The runs of its attempts, in their order.
    pub attempts: Vec<Recording>,
    /// Where the next one was forked from it; nothing follows then.
    pub until: Option<Place>,
}

/// The activity in which a repository is looked over, and what it has found of earlier runs.
pub const PROFILE: &str = "profile";
/// Under which that stands in it.
pub const PAST: &str = "past";

/// The activity in which an engine works: to whoever reads the journal, it is the one tool of its conversation.
pub const ENGINE_WORKS: &str = "turn 1 tool 0";

/// In what came of that, and in the result of its step: the engine.
pub const ENGINE: &str = "engine";

/// A place in a journal by which it can be found in another journal of the same run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// So many facts that decisions are made on.
    Facts(usize),
    /// The end of an activity.
    Activity {
        /// The step's ordinal.
        step_no: i32,
        /// The activity's key.
        key: String,
    },
}

/// A row of a journal that counts.
struct Row {
    seq: i32,
    step_no: i32,
    generation: i32,
    kind: String,
    name: String,
    data: Value,
}

impl Row {
    fn is_fact(&self) -> bool {
        let facts = ["step", "signal.received", "timer.fired", "children.joined"];
        facts.contains(&self.kind.as_str())
    }

    /// The key of the activity that ended here.
    fn ends(&self) -> Option<&str> {
        (self.kind == "activity.finished").then_some(self.name.as_str())
    }
}

impl Place {
    /// The newest that these rows have.
    fn newest(rows: &[Row]) -> Option<Self> {
        let row = rows
            .iter()
            .rfind(|row| row.is_fact() || row.ends().is_some())?;
        Some(match row.ends() {
            Some(key) => Self::Activity {
                step_no: row.step_no,
                key: key.to_owned(),
            },
            None => Self::Facts(rows.iter().filter(|row| row.is_fact()).count()),
        })
    }

    fn find(&self, rows: &[Row]) -> Option<i32> {
        let row = match self {
            Self::Facts(many) => rows.iter().filter(|row| row.is_fact()).nth(many - 1),
            Self::Activity { step_no, key } => rows
                .iter()
                .find(|row| row.step_no == *step_no && row.ends() == Some(key)),
        };
        row.map(|row| row.seq)
    }
}

/// A run and those that it was forked from, oldest first. Ancestors of which it shares nothing that counts are left out.
pub async fn of(db: &PgPool, id: RunId) -> Result<Vec<Recording>> {
    let mut line = Vec::new();
    let mut next = Some((id, i32::MAX));
    while let Some((id, most)) = next {
        let run = runs::get(db, id).await?;
        let origin = run.fork_of.zip(run.fork_seq);
        next = origin.map(|(of, seq)| (RunId(of), seq.min(most)));
        line.push((run, most));
    }
    let mut recordings = Vec::new();
    for (at, (run, most)) in line.into_iter().enumerate().rev() {
        let rows = rows(db, RunId(run.id), most).await?;
        let until = if at > 0 { Place::newest(&rows) } else { None };
        if at == 0 || until.is_some() {
            let mut recording = recording(db, run, &rows).await?;
            recording.attempts = attempts(db, recording.run, &rows).await?;
            recording.until = until;
            recordings.push(recording);
        }
    }
    Ok(recordings)
}

/// The attempts that these rows of a run began.
async fn attempts(db: &PgPool, of: RunId, rows: &[Row]) -> Result<Vec<Recording>> {
    let mut attempts = Vec::new();
    for (id, seq) in run::children(db, of.0).await? {
        if rows.iter().any(|row| row.seq == seq) {
            let own = self::rows(db, RunId(id), i32::MAX).await?;
            attempts.push(recording(db, runs::get(db, RunId(id)).await?, &own).await?);
        }
    }
    Ok(attempts)
}

async fn recording(db: &PgPool, run: run::RunRow, rows: &[Row]) -> Result<Recording> {
    let of_kind = |kind: &'static str| rows.iter().filter(move |row| row.kind == kind);
    let ended: HashSet<(i32, i32, &str)> = rows
        .iter()
        .filter_map(|row| Some((row.generation, row.step_no, row.ends()?)))
        .collect();
    let mut calls = model_call::finished(db, run.id).await?;
    calls.retain(|call| {
        let key = format!("turn {} model", call.turn);
        ended.contains(&(call.generation, call.step_no, key.as_str()))
    });
    Ok(Recording {
        run: RunId(run.id),
        workflow: run.workflow,
        version: run.version,
        input: run.input,
        outcome: run.outcome,
        first_step: of_kind("step").next().map_or(1, |row| row.step_no),
        steps: of_kind("step")
            .map(|row| (row.name.clone(), row.data.clone()))
            .collect(),
        signals: of_kind("signal.received")
            .map(|row| (row.name.clone(), row.data["payload"].clone()))
            .collect(),
        given_up: of_kind("activity.interrupted")
            .map(|row| (row.step_no, row.name.clone()))
            .collect(),
        past: rows
            .iter()
            .filter(|row| row.ends() == Some(PROFILE))
            .filter_map(|row| Some((row.step_no, row.data["output"][PAST].as_str()?.to_owned())))
            .collect(),
        calls,
        engines: rows
            .iter()
            .filter(|row| {
                row.ends() == Some(ENGINE_WORKS) && row.data["output"][ENGINE].is_string()
            })
            .map(|row| (row.step_no, row.data["output"].clone()))
            .collect(),
        trees: Arc::default(),
        attempts: Vec::new(),
        until: None,
    })
}

/// Recorded trees, each with the objects that it added to those before it.
pub type Trees = Vec<(InheritedRow, Vec<u8>)>;

/// Fetches the trees of runs in which an engine was at work, and of their attempts.
pub async fn fetch_trees(recordings: &mut [Recording], records: &AgentRecords) -> Result<()> {
    let whole = recordings.iter_mut().flat_map(|one| {
        let Recording {
            run,
            engines,
            trees,
            attempts,
            ..
        } = one;
        let attempts = attempts.iter_mut();
        let attempts = attempts.map(|one| (one.run, &one.engines, &mut one.trees));
        std::iter::once((*run, &*engines, trees)).chain(attempts)
    });
    for (run, engines, trees) in whole {
        if !engines.is_empty() {
            *trees = Arc::new(records.snapshots(run).await?);
        }
    }
    Ok(())
}

/// The rows of a run's own journal up to `most` that count, oldest first.
async fn rows(db: &PgPool, id: RunId, most: i32) -> Result<Vec<Row>> {
    let steps = step::list(db, id.0).await?.into_iter().map(|step| Row {
        seq: step.seq,
        step_no: step.step_no,
        generation: 0,
        kind: "step".to_owned(),
        name: step.name,
        data: step.output,
    });
    let events = event::list(db, id.0, 0, i64::MAX).await?.into_iter();
    let events = events.map(|event| Row {
        seq: event.seq,
        step_no: event.step_no,
        generation: 0,
        kind: event.kind,
        name: ["key", "name"]
            .iter()
            .find_map(|name| event.data[*name].as_str())
            .unwrap_or_default()
            .to_owned(),
        data: event.data,
    });
    let mut all: Vec<Row> = steps.chain(events).filter(|row| row.seq <= most).collect();
    all.sort_by_key(|row| row.seq);
    let (mut kept, mut generation): (Vec<Row>, i32) = (Vec::new(), 0);
    for row in all {
        if row.kind == "run.rewound" {
            generation += 1;
            let to = row.data["to_seq"].as_i64().unwrap_or_default();
            kept.retain(|row| i64::from(row.seq) <= to);
        } else {
            kept.push(Row { generation, ..row });
        }
    }
    Ok(kept)
}

/// The row at which this place is in a run's journal, once it has come there.
pub async fn find(db: &PgPool, id: RunId, place: &Place) -> Result<Option<i32>> {
    Ok(place.find(&rows(db, id, i32::MAX).await?))
}

/// The runs of all attempts that a run has begun, in their order.
pub async fn begun(db: &PgPool, id: RunId) -> Result<Vec<RunId>> {
    let children = run::children(db, id.0).await?.into_iter();
    Ok(children.map(|(id, _)| RunId(id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seq: i32, kind: &str, name: &str) -> Row {
        Row {
            seq,
            step_no: 2,
            generation: 0,
            kind: kind.to_owned(),
            name: name.to_owned(),
            data: Value::Null,
        }
    }

    #[test]
    fn a_place_is_found_in_a_journal_that_has_other_rows_as_well() {
        let then = [
            row(1, "step", "plan"),
            row(2, "activity.started", "turn 1 model"),
            row(3, "activity.finished", "turn 1 model"),
            row(4, "activity.started", "turn 1 tool 0"),
        ];
        let now = [
            row(1, "run.recovered", ""),
            row(2, "step", "plan"),
            row(3, "activity.started", "turn 1 model"),
            row(4, "run.recovered", ""),
            row(5, "activity.started", "turn 1 model"),
            row(6, "activity.finished", "turn 1 model"),
        ];
        let found = |rows: &[Row]| Place::newest(rows).and_then(|place| place.find(&now));
        assert_eq!(found(&then), Some(6));
        assert_eq!(found(&then[..2]), Some(2));
        assert_eq!(found(&now[..1]), None);
    }
}
