//! The steps of a run and what they came to: plans, differences, what tests say, verdicts, conversations.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Db, access::Caller, attempts};
pub use crate::models::timeline::{AgentRow, CallRow, StepRow, ToolRow};
use crate::{
    error::{Error, Result},
    models::{artifact, story, timeline},
};

/// The steps of a run, and the conversations in them.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The run.
    pub run: attempts::AttemptRow,
    /// What was recorded, in order.
    pub steps: Vec<StepRow>,
    /// The conversations, in order.
    pub agents: Vec<AgentRow>,
}

/// The timeline of a run that the caller may see.
pub async fn of(db: &Db, caller: &Caller, id: Uuid) -> Result<Timeline> {
    let run = attempts::get(db, caller, id).await?;
    let steps = timeline::steps(db, id).await?;
    let mut runs: Vec<Uuid> = steps.iter().map(|step| step.run_id).collect();
    runs.push(id);
    runs.dedup();
    let agents = timeline::agents(db, &runs).await?;
    // Of a run it was forked from, only what the two share.
    let shared = |agent: &AgentRow| {
        agent.run_id == id
            || steps
                .iter()
                .any(|step| step.run_id == agent.run_id && step.step_no == agent.step_no)
    };
    let agents = agents.into_iter().filter(shared).collect();
    Ok(Timeline { run, steps, agents })
}

/// What the steps of this name returned under this key, oldest first, without what was put aside.
pub async fn outputs(
    db: &Db,
    caller: &Caller,
    id: Uuid,
    name: &str,
    key: &str,
) -> Result<Vec<(StepRow, Value)>> {
    attempts::get(db, caller, id).await?;
    let steps = timeline::steps(db, id).await?.into_iter();
    let counts = steps.filter(|step| !step.superseded && step.name == name);
    let value = |step: StepRow| {
        let value = step.output[key].clone();
        (!value.is_null()).then_some((step, value))
    };
    Ok(counts.filter_map(value).collect())
}

/// A person's word on a plan.
#[derive(Debug, Clone)]
pub struct PlanDecision {
    /// Whose.
    pub by: Option<Uuid>,
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
    let written = outputs(db, caller, id, "plan", "plan").await?;
    let written: Vec<(StepRow, Value)> = written
        .into_iter()
        .filter(|(_, plan)| plan["items"].is_array())
        .collect();
    let rows = story::after(db, id, 0, MOST).await?;
    let decisions: Vec<(i32, PlanDecision)> = rows
        .iter()
        .filter(|row| row.kind == "signal.received" && row.data["name"] == "plan_decided")
        .map(|row| (row.seq, decided(&row.data, row.at)))
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

fn decided(data: &Value, at: DateTime<Utc>) -> PlanDecision {
    let payload = &data["payload"];
    PlanDecision {
        by: data["by"].as_str().and_then(|by| by.parse().ok()),
        at,
        decision: payload["decision"].as_str().unwrap_or_default().to_owned(),
        text: payload["text"].as_str().map(str::to_owned),
        plan: Some(payload["plan"].clone()).filter(|plan| !plan.is_null()),
    }
}

/// The question a run waits with, and the answers it suggests.
pub async fn question(db: &Db, id: Uuid) -> Result<Option<(String, Vec<String>)>> {
    let steps = timeline::steps(db, id).await?;
    let Some(last) = steps
        .last()
        .filter(|step| step.output["result"] == "needs_answer")
    else {
        return Ok(None);
    };
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
    let mut found = outputs(db, caller, id, "code", "change").await?;
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

/// The difference of one file, as `git diff` writes it.
pub async fn patch(db: &Db, caller: &Caller, id: Uuid, path: &str) -> Result<String> {
    let missing = || Error::not_found("a change of this file");
    let changed = changes(db, caller, id).await?.ok_or_else(missing)?;
    let old = changed
        .files
        .iter()
        .find(|file| file["path"] == path)
        .ok_or_else(missing)?;
    let old = old["old_path"].as_str().unwrap_or(path).to_owned();
    let text = kept(db, &changed.artifact).await?.ok_or_else(missing)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    part(&text, &old, path)
        .map(str::to_owned)
        .ok_or_else(missing)
}

/// The part of a difference that is about this file.
fn part<'a>(text: &'a str, old: &str, new: &str) -> Option<&'a str> {
    let plain = format!("diff --git a/{old} b/{new}\n");
    let quoted = format!("diff --git \"a/{old}\" \"b/{new}\"\n");
    let starts = |head: &str| match text.starts_with(head) {
        true => Some(0),
        false => text.find(&format!("\n{head}")).map(|at| at + 1),
    };
    let start = starts(&plain).or_else(|| starts(&quoted))?;
    let rest = &text[start..];
    let end = rest[1..]
        .find("\ndiff --git ")
        .map_or(rest.len(), |at| at + 2);
    Some(&rest[..end])
}

async fn kept(db: &Db, name: &str) -> Result<Option<Vec<u8>>> {
    super::agent_records::AgentRecords::new(db.clone())
        .kept(name)
        .await
}

/// An artifact of a run, with its kind. Only what the run itself names is handed out.
pub async fn artifact(db: &Db, caller: &Caller, id: Uuid, name: &str) -> Result<(String, Vec<u8>)> {
    attempts::get(db, caller, id).await?;
    let missing = || Error::not_found("artifact");
    if name.len() != 64 || !artifact::named_by(db, id, name).await? {
        return Err(missing());
    }
    let media_type = artifact::media_type(db, name).await?.ok_or_else(missing)?;
    let content = kept(db, name).await?.ok_or_else(missing)?;
    Ok((media_type, content))
}

/// One conversation that the caller may see.
pub async fn agent(db: &Db, caller: &Caller, id: Uuid) -> Result<AgentRow> {
    let missing = || Error::not_found("agent run");
    let row = timeline::agent(db, id).await?.ok_or_else(missing)?;
    attempts::get(db, caller, row.run_id)
        .await
        .map_err(|_| missing())?;
    Ok(row)
}

/// The calls of models in a conversation.
pub async fn calls(db: &Db, caller: &Caller, id: Uuid) -> Result<Vec<CallRow>> {
    agent(db, caller, id).await?;
    Ok(timeline::calls(db, id).await?)
}

/// The uses of tools in a conversation.
pub async fn tools(db: &Db, caller: &Caller, id: Uuid) -> Result<Vec<ToolRow>> {
    agent(db, caller, id).await?;
    Ok(timeline::tools(db, id).await?)
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn the_part_of_a_file_ends_where_the_next_begins() {
        let one = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+diff --git\n";
        let two = "diff --git a/b b/c\nrename from b\nrename to c\n";
        let text = format!("{one}{two}");
        assert_eq!(part(&text, "a", "a"), Some(one));
        assert_eq!(part(&text, "b", "c"), Some(two));
        assert_eq!(part(&text, "b", "b"), None);
    }
}
