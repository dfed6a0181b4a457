//! What agents did and what it cost, kept as they go: conversations, calls of models, uses of tools, recorded
//! trees, large outputs, money. A finished call is known by its row and never made again.

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;
use workflows::RunId;

pub use crate::models::{
    ledger::Balance, model_call::RecordedCall, model_call::Spent, snapshot::SnapshotRow,
    tool_call::NewToolCall,
};
use crate::{
    error::Result,
    models::{
        agent_run, artifact, ledger,
        model_call::{self, NewCall},
        signal, snapshot, tool_call,
    },
};

/// The records of agents in the database.
#[derive(Debug, Clone)]
pub struct AgentRecords {
    db: PgPool,
}

/// A call that an agent wants to make.
#[derive(Debug, Clone)]
pub struct CallPlan<'a> {
    /// The run that pays.
    pub run: RunId,
    /// The conversation.
    pub agent_run: Uuid,
    /// The turn, from 1.
    pub turn: i32,
    /// Who serves the model.
    pub provider: &'a str,
    /// The model's id.
    pub model: &'a str,
    /// What the call adds to the conversation, and the hash of the whole.
    pub request: &'a Value,
    /// The most it can cost, in millionths of a dollar.
    pub worst_case: i64,
    /// The most that the run may cost, in millionths of a dollar.
    pub budget: i64,
}

/// Whether a call is to be sent.
#[derive(Debug)]
pub enum Prepared {
    /// It was answered before: this is the answer.
    Known(Value),
    /// It is to be sent now, under this id.
    Send(Uuid),
    /// It could cost more than what is left.
    OverBudget(Balance),
}

impl AgentRecords {
    /// The records in this database.
    #[must_use]
    pub fn new(db: PgPool) -> Self {
        Self { db }
    }

    /// Makes a conversation known, once a step and role.
    pub async fn begin(&self, run: RunId, step_no: i32, agent: &str, model: &str) -> Result<Uuid> {
        let mut conn = self.db.acquire().await?;
        Ok(agent_run::begin(&mut conn, run.0, step_no, agent, model).await?)
    }

    /// Writes how a conversation ended.
    pub async fn end(&self, id: Uuid, state: &str, turns: i32, result: &Value) -> Result<()> {
        Ok(agent_run::end(&self.db, id, state, turns, result).await?)
    }

    /// Holds back what a call may cost and writes that it is sent. What an earlier try of the turn left
    /// behind is cleared up: an answer is used, silence becomes a possible charge.
    pub async fn prepare_call(&self, plan: &CallPlan<'_>) -> Result<Prepared> {
        let mut tx = self.db.begin().await?;
        let mut attempt = 1;
        if let Some(last) = model_call::newest(&mut tx, plan.agent_run, plan.turn).await? {
            if let Some(response) = last.response {
                return Ok(Prepared::Known(response));
            }
            if last.state == "sent" {
                let held_back = ledger::reserved_for(&mut tx, last.id).await?;
                let error = "its answer was lost";
                model_call::end_without_reply(&mut tx, last.id, "abandoned", error).await?;
                ledger::add(&mut tx, plan.run.0, last.id, "released", held_back).await?;
                ledger::add(&mut tx, plan.run.0, last.id, "possible_charge", held_back).await?;
            }
            attempt = last.attempt + 1;
        }
        let balance = ledger::balance(&mut *tx, plan.run.0).await?;
        if balance.spent + balance.reserved + plan.worst_case > plan.budget {
            tx.commit().await?;
            return Ok(Prepared::OverBudget(balance));
        }
        let call = NewCall {
            id: Uuid::now_v7(),
            agent_run: plan.agent_run,
            turn: plan.turn,
            attempt,
            provider: plan.provider,
            model: plan.model,
            request: plan.request,
        };
        model_call::insert(&mut tx, &call).await?;
        ledger::add(&mut tx, plan.run.0, call.id, "reserved", plan.worst_case).await?;
        tx.commit().await?;
        Ok(Prepared::Send(call.id))
    }

    /// Writes what came back and what it cost.
    pub async fn finish_call(
        &self,
        run: RunId,
        call: Uuid,
        response: &Value,
        spent: Spent,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if model_call::finish(&mut tx, call, response, spent).await? {
            let held_back = ledger::reserved_for(&mut tx, call).await?;
            ledger::add(&mut tx, run.0, call, "released", held_back).await?;
            ledger::add(&mut tx, run.0, call, "settled", spent.cost_usd_micros).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes that the other side refused, which costs nothing.
    pub async fn fail_call(&self, run: RunId, call: Uuid, error: &str) -> Result<()> {
        let mut tx = self.db.begin().await?;
        model_call::end_without_reply(&mut tx, call, "failed", error).await?;
        let held_back = ledger::reserved_for(&mut tx, call).await?;
        ledger::add(&mut tx, run.0, call, "released", held_back).await?;
        Ok(tx.commit().await?)
    }

    /// What a run has cost so far.
    pub async fn balance(&self, run: RunId) -> Result<Balance> {
        Ok(ledger::balance(&self.db, run.0).await?)
    }

    /// The finished calls of a run, in their order.
    pub async fn calls(&self, run: RunId) -> Result<Vec<RecordedCall>> {
        Ok(model_call::finished(&self.db, run.0).await?)
    }

    /// Writes that a use of a tool begins.
    pub async fn begin_tool(&self, call: &NewToolCall<'_>) -> Result<Uuid> {
        Ok(tool_call::begin(&self.db, call).await?)
    }

    /// Writes what came of a use of a tool, with its whole output when the model saw only a part.
    pub async fn end_tool(
        &self,
        id: Uuid,
        state: &str,
        result: &Value,
        is_error: bool,
        output: Option<&[u8]>,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let hash = output.map(Sha256::digest);
        if let (Some(hash), Some(output)) = (&hash, output) {
            artifact::insert(&mut tx, hash, "text/plain", output).await?;
        }
        tool_call::end(&mut tx, id, state, result, is_error, hash.as_deref()).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps bytes; answers with the name under which they are found again.
    pub async fn keep(&self, media_type: &str, content: &[u8]) -> Result<String> {
        let hash = Sha256::digest(content);
        let mut conn = self.db.acquire().await?;
        artifact::insert(&mut conn, &hash, media_type, content).await?;
        Ok(format!("{hash:x}"))
    }

    /// The bytes kept under this name.
    pub async fn kept(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(hash) = bytes(name) else {
            return Ok(None);
        };
        Ok(artifact::content(&self.db, &hash).await?)
    }

    /// Writes a recorded tree, with the objects that it added.
    pub async fn snapshot(
        &self,
        run: RunId,
        seq: i32,
        tree: &str,
        commit: &str,
        pack: &[u8],
    ) -> Result<()> {
        let hash = Sha256::digest(pack);
        let row = SnapshotRow {
            seq,
            tree: tree.to_owned(),
            commit_id: commit.to_owned(),
            pack: Some(hash.to_vec()),
        };
        let mut tx = self.db.begin().await?;
        artifact::insert(&mut tx, &hash, "application/x-git-pack", pack).await?;
        snapshot::upsert(&mut tx, run.0, &row).await?;
        Ok(tx.commit().await?)
    }

    /// The recorded trees of a run, oldest first, each with the objects that it added.
    pub async fn snapshots(&self, run: RunId) -> Result<Vec<(SnapshotRow, Vec<u8>)>> {
        let mut found = Vec::new();
        for row in snapshot::list(&self.db, run.0).await? {
            let pack = match &row.pack {
                Some(hash) => artifact::content(&self.db, hash).await?.unwrap_or_default(),
                None => Vec::new(),
            };
            found.push((row, pack));
        }
        Ok(found)
    }

    /// What people said to a run, but for the first `seen`.
    pub async fn messages(&self, run: RunId, seen: usize) -> Result<Vec<String>> {
        let skip = i64::try_from(seen).unwrap_or(i64::MAX);
        let signals = signal::list(&self.db, run.0, MESSAGE, skip).await?;
        let text = |signal: signal::SignalRow| match &signal.payload["text"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Ok(signals.into_iter().map(text).collect())
    }
}

/// The signal that carries what a person says to a run at work: `{"text": …}`.
pub const MESSAGE: &str = "message";

/// The bytes of a name made by [`AgentRecords::keep`].
fn bytes(name: &str) -> Option<Vec<u8>> {
    (name.len() == 64).then_some(())?;
    (0..name.len())
        .step_by(2)
        .map(|at| {
            let digits = name.get(at..at + 2)?;
            u8::from_str_radix(digits, 16).ok()
        })
        .collect()
}
