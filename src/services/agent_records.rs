//! What agents did and what it cost, kept as they go: conversations, calls of models, uses of tools, recorded
//! trees, large outputs, money. A finished call is known by its row and never made again.

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use workflows::RunId;

use super::announce::{self, Words};
pub use crate::models::{
    ledger::Balance, model_call::RecordedCall, model_call::Spent, model_call::UsedRow,
    past::PastRow, snapshot::InheritedRow, tool_call::NewToolCall,
};
use crate::{
    config::ObjectsConfig,
    error::{Error, Result},
    failpoint,
    models::{
        agent_run, artifact, head, ledger,
        model_call::{self, NewCall},
        past, run, signal,
        snapshot::{self, SnapshotRow},
        step, tool_call, usage,
    },
    providers::blobs::{self, Blobs},
};

/// The records of agents in the database.
#[derive(Debug, Clone)]
pub struct AgentRecords {
    db: PgPool,
    blobs: Option<Blobs>,
}

/// A call that an agent wants to make.
#[derive(Debug, Clone)]
pub struct CallPlan<'a> {
    /// The run that pays.
    pub run: RunId,
    /// The epoch in which the caller holds it.
    pub epoch: i32,
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
        Self { db, blobs: None }
    }

    /// The records in this database, with large contents where they are configured to be.
    pub fn configured(db: PgPool, config: &ObjectsConfig) -> Result<Self> {
        let blobs = Blobs::configured(config).map_err(|error| of_store(&error))?;
        Ok(Self::new(db).keeping(blobs))
    }

    /// Keeps large contents here instead of in the database.
    #[must_use]
    pub fn keeping(self, blobs: Option<Blobs>) -> Self {
        Self { blobs, ..self }
    }

    /// Writes a content where it belongs: what is large to the object store, whole, before any row speaks of it.
    async fn store(&self, content: &[u8]) -> Result<Option<String>> {
        match self
            .blobs
            .as_ref()
            .filter(|blobs| blobs.takes(content.len()))
        {
            Some(blobs) => Ok(Some(
                blobs.put(content).await.map_err(|error| of_store(&error))?,
            )),
            None => Ok(None),
        }
    }

    /// The bytes of a content, wherever they are.
    async fn fetch(&self, hash: &[u8], found: Option<artifact::Found>) -> Result<Option<Vec<u8>>> {
        let Some(found) = found else { return Ok(None) };
        let Some(location) = found.location else {
            return Ok(found.content);
        };
        let Some(blobs) = &self.blobs else {
            return Err(Error::Internal(format!(
                "`{location}` is in an object store, and this node knows of none (CODEGRAPH_OBJECT_STORE)"
            )));
        };
        blobs
            .get(&location, hash)
            .await
            .map(Some)
            .map_err(|error| of_store(&error))
    }

    /// Makes a conversation known, once a step and role.
    pub async fn begin(&self, run: RunId, step_no: i32, agent: &str, model: &str) -> Result<Uuid> {
        failpoint::pass("before", "conversation begun");
        let mut conn = self.db.acquire().await?;
        let id = agent_run::begin(&mut conn, run.0, step_no, agent, model).await?;
        failpoint::pass("after", "conversation begun");
        Ok(id)
    }

    /// Shows people the step at work.
    pub async fn at_work(&self, run: RunId, epoch: i32, step: &str) -> Result<()> {
        failpoint::pass("before", "step shown");
        let shown = head::name_step(&self.db, run.0, epoch, step).await?;
        failpoint::pass("after", "step shown");
        if shown {
            announce::changed(&self.db, &[run]).await;
        }
        Ok(())
    }

    /// Writes how a conversation ended.
    pub async fn end(&self, id: Uuid, state: &str, turns: i32, result: &Value) -> Result<()> {
        failpoint::pass("before", "conversation ended");
        agent_run::end(&self.db, id, state, turns, result).await?;
        failpoint::pass("after", "conversation ended");
        Ok(())
    }

    /// Holds back what a call may cost and writes that it is sent. What an earlier try of the turn left
    /// behind is cleared up: an answer is used, silence becomes a possible charge.
    pub async fn prepare_call(&self, plan: &CallPlan<'_>) -> Result<Prepared> {
        failpoint::pass("before", "call prepared");
        let mut tx = self.db.begin().await?;
        if !head::holds(&mut tx, plan.run.0, plan.epoch).await? {
            return Err(Error::Conflict(
                "the run has ended or changed hands".to_owned(),
            ));
        }
        let mut attempt = 1;
        if let Some(last) = model_call::newest(&mut tx, plan.agent_run, plan.turn).await? {
            if let Some(response) = last.response {
                return Ok(Prepared::Known(response));
            }
            if last.state == "sent" {
                abandon(&mut tx, plan.run, last.id, "its answer was lost").await?;
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
        failpoint::pass("after", "call prepared");
        Ok(Prepared::Send(call.id))
    }

    /// Whether the call of this turn was answered.
    pub async fn answered(&self, agent_run: Uuid, turn: i32) -> Result<bool> {
        let mut conn = self.db.acquire().await?;
        let newest = model_call::newest(&mut conn, agent_run, turn).await?;
        Ok(newest.is_some_and(|call| call.response.is_some()))
    }

    /// Tells whoever follows the run what a model is saying. It is not kept.
    pub async fn tell(&self, words: &Words) {
        announce::words(&self.db, words).await;
    }

    /// Writes what came back and what it cost.
    pub async fn finish_call(
        &self,
        run: RunId,
        call: Uuid,
        response: &Value,
        spent: Spent<'_>,
    ) -> Result<()> {
        failpoint::pass("before", "call finished");
        let mut tx = self.db.begin().await?;
        if model_call::finish(&mut tx, call, response, spent).await? {
            let held_back = ledger::reserved_for(&mut tx, call).await?;
            ledger::add(&mut tx, run.0, call, "released", held_back).await?;
            ledger::add(&mut tx, run.0, call, "settled", spent.cost_usd_micros).await?;
            usage::add(&mut tx, call).await?;
        }
        tx.commit().await?;
        failpoint::pass("after", "call finished");
        Ok(())
    }

    /// Writes that the other side refused, which costs nothing.
    pub async fn fail_call(&self, run: RunId, call: Uuid, error: &str) -> Result<()> {
        failpoint::pass("before", "call refused");
        let mut tx = self.db.begin().await?;
        model_call::end_without_reply(&mut tx, call, "failed", error).await?;
        let held_back = ledger::reserved_for(&mut tx, call).await?;
        ledger::add(&mut tx, run.0, call, "released", held_back).await?;
        tx.commit().await?;
        failpoint::pass("after", "call refused");
        Ok(())
    }

    /// Writes that the other side broke off in the middle of its answer, which it may charge for.
    pub async fn abandon_call(&self, run: RunId, call: Uuid, error: &str) -> Result<()> {
        failpoint::pass("before", "call abandoned");
        let mut tx = self.db.begin().await?;
        abandon(&mut tx, run, call, error).await?;
        tx.commit().await?;
        failpoint::pass("after", "call abandoned");
        Ok(())
    }

    /// What earlier runs on its repository came to, those most like its task first.
    pub async fn past(&self, run: RunId, most: i64) -> Result<Vec<PastRow>> {
        Ok(past::like(&self.db, run.0, most).await?)
    }

    /// Gives up all calls of a run that are under way, for whoever made them is gone.
    pub async fn abandon_sent(&self, run: RunId, epoch: i32) -> Result<()> {
        failpoint::pass("before", "calls left");
        let mut tx = self.db.begin().await?;
        if !head::holds(&mut tx, run.0, epoch).await? {
            return Err(Error::Conflict(
                "the run has ended or changed hands".to_owned(),
            ));
        }
        for call in model_call::sent(&mut tx, run.0).await? {
            abandon(&mut tx, run, call, "its answer was lost").await?;
        }
        tx.commit().await?;
        failpoint::pass("after", "calls left");
        Ok(())
    }

    /// What the calls of a conversation come to so far.
    pub async fn used(&self, agent_run: Uuid) -> Result<UsedRow> {
        Ok(model_call::used(&self.db, agent_run).await?)
    }

    /// What a run has cost so far.
    pub async fn balance(&self, run: RunId) -> Result<Balance> {
        Ok(ledger::balance(&self.db, run.0).await?)
    }

    /// Writes that a use of a tool begins.
    pub async fn begin_tool(&self, call: &NewToolCall<'_>) -> Result<Uuid> {
        failpoint::pass("before", "tool begun");
        let id = tool_call::begin(&self.db, call).await?;
        failpoint::pass("after", "tool begun");
        Ok(id)
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
        failpoint::pass("before", "tool ended");
        let location = match output {
            Some(output) => self.store(output).await?,
            None => None,
        };
        let mut tx = self.db.begin().await?;
        let hash = output.map(Sha256::digest);
        if let (Some(hash), Some(output)) = (&hash, output) {
            insert(&mut tx, hash, "text/plain", output, location.as_deref()).await?;
        }
        tool_call::end(&mut tx, id, state, result, is_error, hash.as_deref()).await?;
        tx.commit().await?;
        failpoint::pass("after", "tool ended");
        Ok(())
    }

    /// Keeps bytes; answers with the name under which they are found again.
    pub async fn keep(&self, media_type: &str, content: &[u8]) -> Result<String> {
        failpoint::pass("before", "artifact kept");
        let hash = Sha256::digest(content);
        let location = self.store(content).await?;
        let mut conn = self.db.acquire().await?;
        insert(&mut conn, &hash, media_type, content, location.as_deref()).await?;
        failpoint::pass("after", "artifact kept");
        Ok(format!("{hash:x}"))
    }

    /// The bytes kept under this name.
    pub async fn kept(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(hash) = bytes(name) else {
            return Ok(None);
        };
        let found = artifact::content(&self.db, &hash).await?;
        self.fetch(&hash, found).await
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
        failpoint::pass("before", "snapshot kept");
        let location = self.store(pack).await?;
        let mut tx = self.db.begin().await?;
        let kind = "application/x-git-pack";
        insert(&mut tx, &hash, kind, pack, location.as_deref()).await?;
        snapshot::upsert(&mut tx, run.0, &row).await?;
        tx.commit().await?;
        failpoint::pass("after", "snapshot kept");
        Ok(())
    }

    /// The recorded trees of a run and of those it was forked from, oldest first, each with the objects that it added.
    pub async fn snapshots(&self, run: RunId) -> Result<Vec<(InheritedRow, Vec<u8>)>> {
        let mut found = Vec::new();
        for row in snapshot::lineage(&self.db, run.0).await? {
            let pack = match &row.pack {
                Some(hash) => {
                    let there = artifact::content(&self.db, hash).await?;
                    self.fetch(hash, there).await?.unwrap_or_default()
                }
                None => Vec::new(),
            };
            found.push((row, pack));
        }
        Ok(found)
    }

    /// The runs of the newest attempts of a run, in their order; of a fork, those that it shares.
    pub async fn attempts(&self, run: RunId) -> Result<Vec<RunId>> {
        let ids = run::newest_children(&self.db, run.0).await?;
        Ok(ids.into_iter().map(RunId).collect())
    }

    /// What people said to a run: each message with its id, oldest first.
    pub async fn messages(&self, run: RunId) -> Result<Vec<(String, String)>> {
        let signals = signal::list(&self.db, run.0, MESSAGE, 0).await?;
        let text = |signal: signal::SignalRow| {
            let text = match &signal.payload["text"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (signal.id.to_string(), text)
        };
        Ok(signals.into_iter().map(text).collect())
    }

    /// Milliseconds that a run has worked, with its attempts and with tries that failed.
    pub async fn worked_ms(&self, run: RunId) -> Result<i64> {
        Ok(step::worked(&self.db, run.0).await?)
    }

    /// The whole output of a tool that this run used, by the name under which it is kept.
    pub async fn output(&self, run: RunId, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(hash) = bytes(name) else {
            return Ok(None);
        };
        let found = artifact::output_of(&self.db, run.0, &hash).await?;
        self.fetch(&hash, found).await
    }
}

/// Writes the row of a content.
async fn insert(
    conn: &mut PgConnection,
    hash: &[u8],
    media_type: &str,
    content: &[u8],
    location: Option<&str>,
) -> Result<()> {
    let length = i64::try_from(content.len()).unwrap_or(i64::MAX);
    let kept = location.map_or(artifact::Kept::Here(content), artifact::Kept::There);
    Ok(artifact::insert(conn, hash, media_type, length, kept).await?)
}

/// One that is away may be back soon.
fn of_store(error: &blobs::Error) -> Error {
    match error {
        blobs::Error::Away(_) => Error::Unavailable(error.to_string()),
        _ => Error::Internal(error.to_string()),
    }
}

/// What agents had under way when their run ended: calls whose answers nobody will hear may have been charged, and
/// nothing stays held back for them.
pub(super) async fn end_with_run(conn: &mut PgConnection, run: RunId, state: &str) -> Result<()> {
    for call in model_call::sent(conn, run.0).await? {
        abandon(conn, run, call, "the run ended meanwhile").await?;
    }
    tool_call::interrupt(conn, run.0).await?;
    Ok(agent_run::end_with_run(conn, run.0, state).await?)
}

/// Gives up a call that was sent: what was held back for it becomes a possible charge.
async fn abandon(conn: &mut PgConnection, run: RunId, call: Uuid, error: &str) -> Result<()> {
    let held_back = ledger::reserved_for(conn, call).await?;
    model_call::end_without_reply(conn, call, "abandoned", error).await?;
    ledger::add(conn, run.0, call, "released", held_back).await?;
    Ok(ledger::add(conn, run.0, call, "possible_charge", held_back).await?)
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
