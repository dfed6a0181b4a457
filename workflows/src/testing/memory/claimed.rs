//! What a worker is told of the run it has claimed.

use super::{Row, Run};
use crate::{
    history::{Entry, History},
    ids::RunId,
    ports::{Claimed, Fence, Mark, Record, Recorded},
};

impl Run {
    pub(super) fn claimed(&self, id: RunId) -> Claimed {
        let mut entries = Vec::new();
        let mut activities = Vec::new();
        for row in &self.rows {
            match row {
                Row::Step(end) => entries.push(Entry::Step {
                    name: end.name.clone(),
                    output: end.output.clone(),
                }),
                Row::Entry(entry) => entries.push(entry.clone()),
                Row::Record(step_no, record) if *step_no == self.step_no => {
                    activities.extend(recorded(record));
                }
                Row::Record(..) => {}
            }
        }
        Claimed {
            fence: Fence {
                run: id,
                epoch: self.epoch,
            },
            workflow: self.workflow.clone(),
            version: self.version,
            lane: self.lane,
            seq: self.seq,
            step_no: self.step_no,
            attempt: self.attempt,
            history: History::with_entries(self.input.clone(), entries),
            activities,
        }
    }
}

fn recorded(record: &Record) -> Option<Recorded> {
    let (key, mark) = match record {
        Record::Started { key, .. } => (key, Mark::Started),
        Record::Finished { key, output, .. } => (key, Mark::Finished(output.clone())),
        Record::Failed { key, .. } => (key, Mark::Failed),
        Record::Note { .. } => return None,
    };
    Some(Recorded {
        key: key.clone(),
        mark,
    })
}
