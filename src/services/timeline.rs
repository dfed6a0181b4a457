//! The steps of a run and what they came to: plans, differences, what tests say, verdicts, conversations.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;
use workflows::definitions::coding::ASKS;

use super::{Db, access::Caller, agent_records::AgentRecords, attempts, patch};
pub use crate::models::{
    artifact::NamedRow,
    timeline::{AgentRow, StepRow},
};
use crate::{
    error::{Error, Result},
    models::{
        artifact,
        story::{self, StoryRow},
        timeline, user,
    },
};

/// The steps of a run, and the conversations in them.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The run.
    pub run: attempts::AttemptRow,
    /// What was recorded, in order; a part of it.
    pub steps: Vec<StepRow>,
    /// The conversations in these steps and in the one that the run is at, in order.
    pub agents: Vec<AgentRow>,
    /// The step in which the run failed.
    pub failed: Option<FailedStep>,
}

/// A step that could not be performed, and with which its run failed.
#[derive(Debug, Clone)]
pub struct FailedStep {
    /// Its name.
    pub name: String,
    /// Its ordinal.
    pub step_no: i32,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was given up.
    pub at: DateTime<Utc>,
}

/// The timeline of a run that the caller may see, from after this position of its journal.
pub async fn of(db: &Db, caller: &Caller, id: Uuid, after: i32, most: i64) -> Result<Timeline> {
    let run = attempts::get(db, caller, id).await?;
    let steps = timeline::steps(db, id, after, Some(most)).await?;
    let failed = failed(db, &run).await?;
    let at_work = run.step_no.map(|step_no| (id, step_no));
    let gave_up = failed.as_ref().map(|failed| (id, failed.step_no));
    let recorded = steps.iter().map(|step| (step.run_id, step.step_no));
    let (runs, numbers): (Vec<Uuid>, Vec<i32>) = recorded.chain(at_work).chain(gave_up).unzip();
    let agents = timeline::agents_of(db, &runs, &numbers).await?;
    Ok(Timeline {
        run,
        steps,
        agents,
        failed,
    })
}

/// The step in which a run failed; one that failed between its steps has none.
async fn failed(db: &Db, run: &attempts::AttemptRow) -> Result<Option<FailedStep>> {
    let Some(failure) = &run.failure else {
        return Ok(None);
    };
    let Some(name) = failure["step"].as_str() else {
        return Ok(None);
    };
    let place = timeline::failed_step(db, run.id).await?;
    Ok(place.map(|(step_no, at)| FailedStep {
        name: name.to_owned(),
        step_no,
        attempts: failure["attempts"]
            .as_i64()
            .and_then(|many| many.try_into().ok())
            .unwrap_or(1),
        at,
    }))
}

/// What the steps of these names returned under this key, oldest first, without what was put aside.
pub async fn outputs(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    names: &[&str],
    key: &str,
) -> Result<Vec<(StepRow, Value)>> {
    attempts::get(db, caller, id).await?;
    let steps = timeline::steps(db, id, 0, None).await?.into_iter();
    let counts = steps.filter(|step| !step.superseded && names.contains(&step.name.as_str()));
    let value = |step: StepRow| {
        let value = step.output[key].clone();
        (!value.is_null()).then_some((step, value))
    };
    Ok(counts.filter_map(value).collect())
}

/// A person's word on a plan.
#[derive(Debug, Clone)]
pub struct PlanDecision {
    /// Whose, and what they are called.
    pub by: Option<(Uuid, String)>,
    /// When.
    pub at: DateTime<Utc>,
    /// `approve`, `request_changes` or `reject`.
    pub decision: String,
    /// What they said.
    pub text: Option<String>,
    /// The plan as they changed it.
    pub plan: Option<Value>,
}

/// A plan of a run.
#[derive(Debug, Clone)]
pub struct PlanVersion {
    /// From 1.
    pub version: usize,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// As the planner wrote it.
    pub plan: Value,
    /// What a person decided.
    pub decision: Option<PlanDecision>,
}

/// So many rows of a journal are looked through for decisions.
const MOST: i64 = 10_000;

/// The plans of a run, oldest first, each with what was decided on it.
pub async fn plans(db: &Db, caller: &Caller, id: Uuid) -> Result<Vec<PlanVersion>> {
    let written = outputs(db, caller, id, &["plan"], "plan").await?;
    let written: Vec<(StepRow, Value)> = written
        .into_iter()
        .filter(|(_, plan)| plan["items"].is_array())
        .collect();
    let rows = story::after(db, id, 0, MOST).await?;
    let decisions: Vec<&StoryRow> = rows
        .iter()
        .filter(|row| row.kind == "signal.received" && row.data["name"] == "plan_decided")
        .collect();
    let who: Vec<Uuid> = decisions.iter().filter_map(|row| by(&row.data)).collect();
    let names: HashMap<Uuid, String> = user::names(db, &who).await?.into_iter().collect();
    let decisions: Vec<(i32, PlanDecision)> = decisions
        .into_iter()
        .map(|row| (row.seq, decided(&row.data, row.at, &names)))
        .collect();
    let next = |at: usize| written.get(at + 1).map_or(i32::MAX, |(step, _)| step.seq);
    let versions = written.iter().enumerate().map(|(at, (step, plan))| {
        let mut about = decisions
            .iter()
            .filter(|(seq, _)| *seq > step.seq && *seq < next(at));
        PlanVersion {
            version: at + 1,
            at: step.at,
            plan: plan.clone(),
            decision: about.next().map(|(_, decision)| decision.clone()),
        }
    });
    Ok(versions.collect())
}

fn by(data: &Value) -> Option<Uuid> {
    data["by"].as_str().and_then(|by| by.parse().ok())
}

fn decided(data: &Value, at: DateTime<Utc>, names: &HashMap<Uuid, String>) -> PlanDecision {
    let payload = &data["payload"];
    PlanDecision {
        by: by(data).and_then(|id| Some((id, names.get(&id)?.clone()))),
        at,
        decision: payload["decision"].as_str().unwrap_or_default().to_owned(),
        text: payload["text"].as_str().map(str::to_owned),
        plan: Some(payload["plan"].clone()).filter(|plan| !plan.is_null()),
    }
}

/// The question a run waits with, and the answers it suggests.
pub async fn question(db: &Db, id: Uuid) -> Result<Option<(String, Vec<String>)>> {
    let steps = timeline::steps(db, id, 0, None).await?;
    let Some(last) = steps.last() else {
        return Ok(None);
    };
    if let Some(question) = last.output[ASKS]["question"].as_str() {
        return Ok(Some((question.to_owned(), Vec::new())));
    }
    if last.output["result"] != "needs_answer" {
        return Ok(None);
    }
    let asked = [&last.output["plan"], &last.output["finish"]];
    let asked = asked.into_iter().find(|value| !value.is_null());
    let Some(asked) = asked else {
        return Ok(None);
    };
    let questions: Vec<&str> = asked["questions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let text = match asked["question"].as_str() {
        Some(question) => question.to_owned(),
        None => questions.join("\n"),
    };
    let options = asked["options"].as_array().into_iter().flatten();
    let options = options.filter_map(|option| option.as_str().map(str::to_owned));
    Ok(Some((text, options.collect())))
}

/// What a run has changed.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Where the work began.
    pub base: String,
    /// The tree it has come to.
    pub head: Option<String>,
    /// `{path, old_path, status, added, removed, binary}` for each file.
    pub files: Vec<Value>,
    /// Whether the text was cut.
    pub truncated: bool,
    /// The name of the artifact that holds the text.
    artifact: String,
}

/// What a run had changed when its code was written last; nothing before that.
pub async fn changes(db: &Db, caller: &Caller, id: Uuid) -> Result<Option<Changed>> {
    let mut found = outputs(db, caller, id, &["code", "choose"], "change").await?;
    let Some((step, change)) = found.pop() else {
        return Ok(None);
    };
    Ok(Some(Changed {
        base: step.output["base"].as_str().unwrap_or_default().to_owned(),
        head: step.output["head"]["tree"].as_str().map(str::to_owned),
        files: change["files"].as_array().cloned().unwrap_or_default(),
        truncated: change["truncated"].as_bool().unwrap_or_default(),
        artifact: change["artifact"].as_str().unwrap_or_default().to_owned(),
    }))
}

impl Changed {
    /// What is known of this file.
    pub fn file(&self, path: &str) -> Option<&Value> {
        self.files.iter().find(|file| file["path"] == path)
    }
}

/// The whole difference, as `git diff` writes it; as much of it as was kept.
pub async fn text(records: &AgentRecords, changed: &Changed) -> Result<String> {
    let kept = records.kept(&changed.artifact).await?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

/// The difference of one file, as `git diff` writes it.
pub async fn patch(
    db: &Db,
    records: &AgentRecords,
    caller: &Caller,
    id: Uuid,
    path: &str,
) -> Result<String> {
    let missing = || Error::not_found("a change of this file");
    let changed = changes(db, caller, id).await?.ok_or_else(missing)?;
    let old = changed.file(path).ok_or_else(missing)?;
    let old = old["old_path"].as_str().unwrap_or(path).to_owned();
    let text = text(records, &changed).await?;
    patch::part(&text, &old, path)
        .map(str::to_owned)
        .ok_or_else(missing)
}

/// What a run keeps, oldest first, after this one, which was kept then.
pub async fn artifacts(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    after: Option<(DateTime<Utc>, String)>,
    most: i64,
) -> Result<Vec<NamedRow>> {
    attempts::get(db, caller, id).await?;
    Ok(artifact::of_run(db, id, after, most).await?)
}

/// An artifact of a run, with its kind. Only what the run itself names is handed out.
pub async fn artifact(
    db: &Db,
    records: &AgentRecords,
    caller: &Caller,
    id: Uuid,
    name: &str,
) -> Result<(String, Vec<u8>)> {
    attempts::get(db, caller, id).await?;
    let missing = || Error::not_found("artifact");
    if name.len() != 64 || !artifact::named_by(db, id, name).await? {
        return Err(missing());
    }
    let media_type = artifact::media_type(db, name).await?.ok_or_else(missing)?;
    let content = records.kept(name).await?.ok_or_else(missing)?;
    Ok((media_type, content))
}
