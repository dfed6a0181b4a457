//! Runs of tasks, as people see and steer them. Who may not see a run does not find it; who may not change it is told so.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use uuid::Uuid;
use workflows::{
    RunId,
    definitions::coding::{ANSWERED, Assignment, BUDGET_RAISED, DELIVERY_DECIDED, PLAN_DECIDED},
};

use super::{
    Db,
    access::Caller,
    agent_records::MESSAGE,
    announce::Announcement,
    audit, budgets,
    catalogue::Models,
    repositories::viewer,
    standing::Status,
    steering::{self, Said, Signal},
    tasks,
};
pub use crate::models::{
    attempt::{AttemptRow, Filter, MovedRow},
    run_page::WaitingRow,
};
use crate::{
    error::{Error, Result},
    models::{attempt, run_page, step},
};

impl AttemptRow {
    /// Where it stands.
    pub fn standing(&self) -> Result<Status> {
        self.status.parse()
    }
}

impl MovedRow {
    /// Where it stands.
    pub fn standing(&self) -> Result<Status> {
        self.status.parse()
    }

    /// Whether the caller may see it: the rule of [`get`], for a row that was read for everybody.
    #[must_use]
    pub fn is_seen_by(&self, caller: &Caller) -> bool {
        let own = [self.created_by, self.repository_owner].contains(&caller.user);
        caller.oversees() || own || self.shared
    }
}

/// Where a run stands, for whoever may see it.
pub async fn moved(db: &Db, id: Uuid) -> Result<Option<MovedRow>> {
    Ok(attempt::moved(db, &[id]).await?.pop())
}

/// A run that the caller may see.
pub async fn get(db: &Db, caller: &Caller, id: Uuid) -> Result<AttemptRow> {
    attempt::find(db, id, viewer(caller))
        .await?
        .ok_or_else(|| Error::not_found("run"))
}

/// The runs that wait for a word which the caller may say, longest waiting first, those after this one.
pub async fn waiting(
    db: &Db,
    caller: &Caller,
    after: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<WaitingRow>> {
    Ok(run_page::waiting(db, viewer(caller), after, most).await?)
}

/// The first of these, whole and in their order.
pub async fn whole(db: &Db, waiting: &[WaitingRow], most: usize) -> Result<Vec<AttemptRow>> {
    let ids: Vec<Uuid> = waiting.iter().take(most).map(|row| row.id).collect();
    let mut rows = attempt::of(db, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

/// The attempts of these runs, which the caller may see, by their runs.
pub async fn among(db: &Db, runs: &[AttemptRow]) -> Result<HashMap<Uuid, Vec<AttemptRow>>> {
    let ids: Vec<Uuid> = runs.iter().map(|run| run.id).collect();
    let mut found: HashMap<Uuid, Vec<AttemptRow>> = HashMap::new();
    for row in attempt::among(db, &ids).await? {
        if let Some(run) = row.attempt_of {
            found.entry(run).or_default().push(row);
        }
    }
    Ok(found)
}

/// A run that the caller may change.
pub(super) async fn own(db: &Db, caller: &Caller, id: Uuid) -> Result<AttemptRow> {
    let row = get(db, caller, id).await?;
    tasks::may_change(caller, row.created_by, row.repository_owner)?;
    Ok(row)
}

/// Ends a run now.
pub async fn cancel(db: &Db, caller: &Caller, id: Uuid) -> Result<AttemptRow> {
    own(db, caller, id).await?;
    steering::cancel_by(db, RunId(id), Some(caller)).await?;
    get(db, caller, id).await
}

/// Asks a run to stop at the next good moment.
pub async fn pause(db: &Db, caller: &Caller, id: Uuid) -> Result<AttemptRow> {
    own(db, caller, id).await?;
    steering::pause_by(db, RunId(id), Some(caller)).await?;
    get(db, caller, id).await
}

/// Lets a paused run go on.
pub async fn resume(db: &Db, caller: &Caller, id: Uuid) -> Result<AttemptRow> {
    own(db, caller, id).await?;
    steering::resume_by(db, RunId(id), Some(caller)).await?;
    get(db, caller, id).await
}

/// Takes up a run that ended, from where it stopped or again from after journal row `from`, on what is left of the task's
/// budget.
pub async fn retry(db: &Db, caller: &Caller, id: Uuid, from: Option<i32>) -> Result<AttemptRow> {
    own(db, caller, id).await?;
    steering::retry_by(db, RunId(id), from, Some(caller)).await?;
    get(db, caller, id).await
}

/// What a fork does otherwise than the run it comes from; nothing stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Otherwise {
    /// One line.
    pub title: Option<String>,
    /// Everything else.
    pub description: Option<String>,
    /// The model of every role, or the engine that codes.
    pub model: Option<String>,
    /// The most it may cost, in millionths of a dollar.
    pub budget_usd_micros: Option<i64>,
}

/// Starts a run that shares another's journal up to row `seq`, on what is left of the task's budget.
pub async fn fork(
    db: &Db,
    models: &Models,
    caller: &Caller,
    id: Uuid,
    seq: i32,
    otherwise: Otherwise,
) -> Result<AttemptRow> {
    let row = own(db, caller, id).await?;
    let mut input: Assignment = serde_json::from_value(row.input)
        .map_err(|error| Error::Internal(format!("the input of a run: {error}")))?;
    if let Some(title) = otherwise.title {
        input.title = title;
    }
    if let Some(description) = otherwise.description {
        input.description = description;
    }
    if let Some(model) = otherwise.model {
        for role in models.roles_for(&model)? {
            input
                .options
                .models
                .insert((*role).to_owned(), model.clone());
        }
    }
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    let left = budgets::left(&mut tx, row.task_id).await?;
    input.options.budget_usd_micros = match otherwise.budget_usd_micros {
        Some(wanted) if wanted > left => {
            let message =
                format!("the task has {left} left, what runs under way may still spend taken off");
            return Err(Error::field("/budget_usd_micros", message));
        }
        Some(wanted) => wanted,
        None => input.options.budget_usd_micros.min(left),
    };
    let input = Some(json!(input));
    let fork = steering::fork_in(&mut tx, RunId(id), seq, input, Some(caller), &mut after).await?;
    tx.commit().await?;
    after.tell(db).await;
    get(db, caller, fork.0).await
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It goes on.
    Approve,
    /// It is done again, with what the person says.
    RequestChanges,
    /// It ends.
    Reject,
}

impl Decision {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::RequestChanges => "request_changes",
            Self::Reject => "reject",
        }
    }
}

/// Decides on the plan of this version; a later one needs a decision of its own.
pub async fn decide_plan(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    version: usize,
    decision: Decision,
    text: Option<String>,
    plan: Option<Value>,
) -> Result<AttemptRow> {
    own(db, caller, id).await?;
    let payload = json!({"decision": decision.as_str(), "text": text, "plan": plan});
    let word = Word {
        name: PLAN_DECIDED,
        payload,
        key: None,
        awaited: Some(Awaited {
            status: Status::AwaitingPlan,
            plan: Some(version),
        }),
    };
    send(db, caller, id, word).await?;
    get(db, caller, id).await
}

/// How many plans a run has written.
async fn plans(conn: &mut PgConnection, id: Uuid) -> Result<usize> {
    let steps = step::list(conn, id).await?;
    let plans = steps.iter().filter(|step| step.name == "plan");
    Ok(plans
        .filter(|step| step.output["plan"]["items"].is_array())
        .count())
}

/// Decides on what a run has done.
pub async fn decide_delivery(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    decision: Decision,
    text: Option<String>,
) -> Result<AttemptRow> {
    own(db, caller, id).await?;
    let payload = json!({"decision": decision.as_str(), "text": text});
    let word = Word::awaited(DELIVERY_DECIDED, payload, Status::AwaitingDelivery);
    send(db, caller, id, word).await?;
    get(db, caller, id).await
}

/// Answers the question of a run.
pub async fn answer(db: &Db, caller: &Caller, id: Uuid, text: &str) -> Result<AttemptRow> {
    own(db, caller, id).await?;
    let word = Word::awaited(ANSWERED, json!({"text": text}), Status::AwaitingAnswer);
    send(db, caller, id, word).await?;
    get(db, caller, id).await
}

/// What a run is given more of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Raise {
    /// Millionths of a dollar.
    pub usd_micros: Option<i64>,
    /// Minutes.
    pub minutes: Option<u32>,
}

/// Lets a run cost more, or take longer.
pub async fn raise_budget(db: &Db, caller: &Caller, id: Uuid, raise: Raise) -> Result<AttemptRow> {
    own(db, caller, id).await?;
    let more = [
        ("usd_micros", raise.usd_micros),
        ("minutes", raise.minutes.map(i64::from)),
    ];
    let payload: Map<String, Value> = more
        .into_iter()
        .filter_map(|(what, more)| Some((what.to_owned(), more?.into())))
        .collect();
    if payload.is_empty() {
        let message = "say how much more money (`usd_micros`) or time (`minutes`) it may have";
        return Err(Error::Invalid(message.to_owned()));
    }
    let word = Word::awaited(BUDGET_RAISED, payload.into(), Status::AwaitingBudget);
    send(db, caller, id, word).await?;
    get(db, caller, id).await
}

/// Says something to the agent at work; it hears it before its next turn.
pub async fn message(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    text: &str,
    key: Option<&str>,
) -> Result<AttemptRow> {
    let row = own(db, caller, id).await?;
    if row.outcome.is_some() {
        return Err(Error::Conflict(
            "the run has ended; fork it or start another".to_owned(),
        ));
    }
    let word = Word {
        name: MESSAGE,
        payload: json!({"text": text}),
        key,
        awaited: None,
    };
    send(db, caller, id, word).await?;
    get(db, caller, id).await
}

/// A person's word for a run.
struct Word<'a> {
    name: &'a str,
    payload: Value,
    key: Option<&'a str>,
    /// What the run must be waiting for to hear it.
    awaited: Option<Awaited>,
}

/// What a run waits for.
#[derive(Clone, Copy)]
struct Awaited {
    status: Status,
    /// The version of the plan that is to be decided on.
    plan: Option<usize>,
}

impl Word<'_> {
    fn awaited(name: &'static str, payload: Value, status: Status) -> Word<'static> {
        Word {
            name,
            payload,
            key: None,
            awaited: Some(Awaited { status, plan: None }),
        }
    }
}

/// Says a word to a run, and notes that it was said. The words themselves are the run's. Of two who decide the same
/// thing one is refused: what nobody waits for would be taken for the answer to what is asked next.
async fn send(db: &Db, caller: &Caller, id: Uuid, word: Word<'_>) -> Result<()> {
    let Word { name, payload, .. } = &word;
    let signal = Signal {
        name,
        payload,
        sent_by: Some(caller.user),
        request_key: word.key,
    };
    let (action, detail) = match *name {
        PLAN_DECIDED => ("run.plan_decided", json!({"decision": payload["decision"]})),
        DELIVERY_DECIDED => (
            "run.delivery_decided",
            json!({"decision": payload["decision"]}),
        ),
        BUDGET_RAISED => ("run.budget_raised", payload.clone()),
        ANSWERED => ("run.answered", json!({})),
        _ => ("run.messaged", json!({})),
    };
    let mut after = Announcement::default();
    let mut tx = db.begin().await?;
    if let Some(awaited) = word.awaited {
        steering::hold(&mut tx, RunId(id)).await?;
        awaits(&mut tx, caller, id, awaited).await?;
    }
    let said = steering::send_in(&mut tx, RunId(id), signal, &mut after).await?;
    if said == Said::Before {
        return Ok(());
    }
    if word.awaited.is_some() && said != Said::Heard {
        return Err(Error::Conflict("somebody else has decided this".to_owned()));
    }
    audit::note(&mut tx, caller, action, &audit::run(id), &detail).await?;
    tx.commit().await?;
    after.tell(db).await;
    Ok(())
}

/// Refuses what this run, which nobody else can move now, does not wait for.
async fn awaits(conn: &mut PgConnection, caller: &Caller, id: Uuid, what: Awaited) -> Result<()> {
    let row = attempt::find(&mut *conn, id, viewer(caller)).await?;
    wants(&row.ok_or_else(|| Error::not_found("run"))?, what.status)?;
    let Some(version) = what.plan else {
        return Ok(());
    };
    let newest = plans(conn, id).await?;
    if newest == version {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "version {newest} of the plan is the newest, you decided on version {version}"
    )))
}

fn wants(row: &AttemptRow, what: Status) -> Result<()> {
    let now = row.standing()?;
    if now == what {
        return Ok(());
    }
    let now = match now {
        Status::AwaitingPlan => "it waits for a decision on its plan",
        Status::AwaitingAnswer => "it waits for an answer",
        Status::AwaitingBudget => "it waits for a higher budget",
        Status::AwaitingDelivery => "it waits for a decision on what it has done",
        now if now.is_over() => "it has ended",
        _ => "it waits for nobody",
    };
    Err(Error::Conflict(format!(
        "the run does not ask for this: {now}"
    )))
}
