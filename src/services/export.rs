//! A run as one document, written while it is read: it may be longer than memory.

use futures::{Stream, stream};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Db, access::Caller, attempts, tasks, timeline};
use crate::{
    error::Result,
    models::{export, story},
};

/// Rows read at once: some hundred kilobytes as a rule.
const PART: i64 = 50;

/// What comes next.
#[derive(Debug, Clone, Copy)]
enum Place {
    Journal(i32),
    Rows(Table, Uuid),
    End,
    Over,
}

#[derive(Debug, Clone, Copy)]
enum Table {
    AgentRuns,
    ModelCalls,
    ToolCalls,
    Ledger,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::AgentRuns => "agent_run",
            Self::ModelCalls => "model_call",
            Self::ToolCalls => "tool_call",
            Self::Ledger => "ledger_entry",
        }
    }

    fn next(self) -> Place {
        let table = match self {
            Self::AgentRuns => Self::ModelCalls,
            Self::ModelCalls => Self::ToolCalls,
            Self::ToolCalls => Self::Ledger,
            Self::Ledger => return Place::End,
        };
        Place::Rows(table, Uuid::nil())
    }
}

struct Writer {
    db: Db,
    run: Uuid,
    place: Place,
    /// What is read already: the beginning.
    head: Vec<Value>,
    lines: usize,
}

/// The lines of a run that the caller may see, a part at a time. The last says how many there are, so that a document
/// that broke off is known by its end.
pub async fn run(
    db: &Db,
    caller: &Caller,
    id: Uuid,
) -> Result<impl Stream<Item = Result<Vec<Value>>> + Send + use<>> {
    let writer = Writer {
        head: head(db, caller, id).await?,
        db: db.clone(),
        run: id,
        place: Place::Journal(0),
        lines: 0,
    };
    Ok(stream::try_unfold(writer, async |mut writer| {
        let part = writer.part().await?;
        writer.lines += part.len();
        Ok((!part.is_empty()).then_some((part, writer)))
    }))
}

/// The run, its task and its plans.
async fn head(db: &Db, caller: &Caller, id: Uuid) -> Result<Vec<Value>> {
    let run = attempts::get(db, caller, id).await?;
    let task = tasks::get(db, caller, run.task_id).await?;
    let mut lines = vec![
        json!({"type": "run", "format": 1, "id": run.id, "task_id": run.task_id, "status": run.status, "input": run.input,
               "fork_of": run.fork_of, "fork_seq": run.fork_seq, "created_at": run.created_at, "ended_at": run.ended_at,
               "outcome": run.outcome, "output": run.output, "failure": run.failure, "epoch": run.epoch,
               "spent_usd_micros": run.spent, "possible_usd_micros": run.possible}),
        json!({"type": "task", "id": task.id, "repository_id": task.repository_id, "repository": task.repository,
               "created_by": task.created_by, "title": task.title, "description": task.description,
               "base_branch": task.base_branch, "options": task.options, "budget_usd_micros": task.budget_usd_micros,
               "created_at": task.created_at}),
    ];
    for plan in timeline::plans(db, caller, id).await? {
        let decision = plan.decision.map(|decision| {
            json!({"by": decision.by.map(|(id, _)| id), "at": decision.at, "decision": decision.decision,
                   "text": decision.text, "plan": decision.plan})
        });
        lines.push(
            json!({"type": "plan", "version": plan.version, "at": plan.at, "plan": plan.plan, "decision": decision}),
        );
    }
    Ok(lines)
}

impl Writer {
    /// The next lines; none when there are no more.
    async fn part(&mut self) -> Result<Vec<Value>> {
        if !self.head.is_empty() {
            return Ok(std::mem::take(&mut self.head));
        }
        loop {
            let lines = match self.place {
                Place::Journal(seq) => self.journal(seq).await?,
                Place::Rows(table, after) => self.rows(table, after).await?,
                Place::End => {
                    self.place = Place::Over;
                    vec![json!({"type": "end", "lines": self.lines})]
                }
                Place::Over => return Ok(Vec::new()),
            };
            if !lines.is_empty() {
                return Ok(lines);
            }
        }
    }

    /// Rows of the journal; those that it shares with the run it was forked from as well.
    async fn journal(&mut self, after: i32) -> Result<Vec<Value>> {
        let rows = story::after(&self.db, self.run, after, PART).await?;
        self.place = match rows.last() {
            Some(last) => Place::Journal(last.seq),
            None => Place::Rows(Table::AgentRuns, Uuid::nil()),
        };
        let line = |row: story::StoryRow| match row.name {
            Some(name) => {
                json!({"type": "step", "run_id": row.run_id, "seq": row.seq, "step_no": row.step_no, "at": row.at,
                       "name": name, "duration_ms": row.duration_ms, "output": row.data})
            }
            None => {
                json!({"type": "event", "run_id": row.run_id, "seq": row.seq, "step_no": row.step_no, "at": row.at,
                       "kind": row.kind, "data": row.data})
            }
        };
        Ok(rows.into_iter().map(line).collect())
    }

    async fn rows(&mut self, table: Table, after: Uuid) -> Result<Vec<Value>> {
        let rows = match table {
            Table::AgentRuns => export::agent_runs(&self.db, self.run, after, PART).await?,
            Table::ModelCalls => export::model_calls(&self.db, self.run, after, PART).await?,
            Table::ToolCalls => export::tool_calls(&self.db, self.run, after, PART).await?,
            Table::Ledger => export::ledger(&self.db, self.run, after, PART).await?,
        };
        self.place = match rows.last() {
            Some((last, _)) => Place::Rows(table, *last),
            None => table.next(),
        };
        let line = |(_, mut line): export::Row| {
            line["type"] = json!(table.name());
            line
        };
        Ok(rows.into_iter().map(line).collect())
    }
}
