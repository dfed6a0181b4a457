//! What happened in a run, told for people: each row of its journal as one event, with the tool and the model behind
//! it. Large contents are cut here and are whole in the artifacts and calls they name.

mod wanted;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::wanted::Wanted;
use super::{Db, access::Caller, attempts, telling};
use crate::{
    error::Result,
    models::story::{self, StoryRow, ToolUse},
};

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventType {
    /// The run as a whole: started, paused, canceled, ended.
    Status,
    /// A step that has ended, or failed.
    Step,
    /// A call of a model.
    ModelCall,
    /// A use of a tool.
    ToolCall,
    /// Something a person said to an agent.
    Message,
    /// A person decided or answered.
    Decision,
    /// Anything else in the journal.
    Other,
}

/// How far the thing is that an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It begins.
    Started,
    /// It is over.
    Finished,
    /// It is over, and went wrong.
    Failed,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its position: higher in a run is later.
    pub seq: i32,
    /// The run that wrote it: this one, or the one it was forked from.
    pub run_id: Uuid,
    /// Ordinal of the step.
    pub step_no: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// What it is about.
    pub kind: EventType,
    /// How far that is.
    pub phase: Option<Phase>,
    /// The journal's own word for it.
    pub name: String,
    /// In one line.
    pub title: String,
    /// The agent at work.
    pub agent: Option<String>,
    /// The turn of its conversation.
    pub turn: Option<i32>,
    /// What came of it.
    pub data: Value,
    /// Whether something in `data` was cut.
    pub truncated: bool,
}

/// Texts in events are cut at so many bytes.
const TEXT: usize = 8_000;

/// Which events are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Window {
    /// Those after this position, oldest first.
    After(i32),
    /// Those before this position, the newest of them, oldest first.
    Before(i32),
}

/// The events of a run that the caller may see, those of them that are wanted.
pub async fn events(
    db: &Db,
    caller: &Caller,
    run: Uuid,
    window: Window,
    wanted: &Wanted,
    most: i64,
) -> Result<Vec<Event>> {
    attempts::get(db, caller, run).await?;
    match wanted.is_everything() {
        true => told(db, run, window, most).await,
        false => wanted::find(db, run, window, wanted, most).await,
    }
}

/// The same for somebody who was let in before.
pub async fn told(db: &Db, run: Uuid, window: Window, most: i64) -> Result<Vec<Event>> {
    let rows = match window {
        Window::After(seq) => story::after(db, run, seq, most).await?,
        Window::Before(seq) => {
            let mut rows = story::before(db, run, seq, most).await?;
            rows.reverse();
            rows
        }
    };
    let tools = uses(db, &rows).await?;
    let mut runs: Vec<Uuid> = rows.iter().map(|row| row.run_id).collect();
    runs.dedup();
    let agents = story::agents(db, &runs).await?.into_iter();
    let agents = agents.map(|(run, step, agent)| ((run, step), agent));
    let teller = Teller {
        tools,
        agents: agents.collect(),
    };
    Ok(rows.into_iter().map(|row| teller.tell(row)).collect())
}

type Place = (Uuid, i32, i32, i16);

async fn uses(db: &Db, rows: &[StoryRow]) -> Result<HashMap<Place, ToolUse>> {
    let about_tools = |row: &&StoryRow| key(row).is_some_and(|(_, what)| what.starts_with("tool "));
    let (runs, steps): (Vec<Uuid>, Vec<i32>) = rows
        .iter()
        .filter(about_tools)
        .map(|row| (row.run_id, row.step_no))
        .unzip();
    if runs.is_empty() {
        return Ok(HashMap::new());
    }
    let uses = story::tools(db, &runs, &steps).await?;
    let place = |tool: ToolUse| ((tool.run_id, tool.step_no, tool.turn, tool.ordinal), tool);
    Ok(uses.into_iter().map(place).collect())
}

/// `turn 3 tool 0` → (3, `tool 0`).
fn key(row: &StoryRow) -> Option<(i32, &str)> {
    let (turn, what) = row.data["key"]
        .as_str()?
        .strip_prefix("turn ")?
        .split_once(' ')?;
    Some((turn.parse().ok()?, what))
}

struct Teller {
    tools: HashMap<Place, ToolUse>,
    /// Who is at work in a step.
    agents: HashMap<(Uuid, i32), String>,
}

impl Teller {
    fn tell(&self, row: StoryRow) -> Event {
        let keyed = key(&row).map(|(turn, what)| (turn, what.to_owned()));
        let mut event = Event {
            seq: row.seq,
            run_id: row.run_id,
            step_no: row.step_no,
            at: row.at,
            kind: EventType::Other,
            phase: None,
            name: row.kind.clone(),
            title: row.kind.clone(),
            agent: self.agents.get(&(row.run_id, row.step_no)).cloned(),
            turn: keyed.as_ref().map(|(turn, _)| *turn),
            data: Value::Null,
            truncated: false,
        };
        match (row.kind.as_str(), keyed) {
            ("step", _) => step(&mut event, &row),
            (kind, Some((turn, what))) if kind.starts_with("activity.") => {
                event.phase = Some(phase(kind));
                let tool = tool_of(&what)
                    .and_then(|ordinal| self.tools.get(&(row.run_id, row.step_no, turn, ordinal)));
                activity(&mut event, &row.data, &what, tool);
            }
            ("signal.received", _) => decision(&mut event, &row.data),
            (kind, _) => status(&mut event, kind, row.data),
        }
        event.truncated |= cut(&mut event.data);
        event
    }
}

fn tool_of(what: &str) -> Option<i16> {
    what.strip_prefix("tool ")?.parse().ok()
}

fn phase(kind: &str) -> Phase {
    match kind {
        "activity.started" => Phase::Started,
        "activity.failed" => Phase::Failed,
        _ => Phase::Finished,
    }
}

/// What the end of a step says without the contents that have operations of their own.
fn step(event: &mut Event, row: &StoryRow) {
    let name = row.name.clone().unwrap_or_default();
    let result = row.data["result"].as_str().unwrap_or("done").to_owned();
    event.kind = EventType::Step;
    event.phase = Some(Phase::Finished);
    event.title = format!("{name}: {}", result.replace('_', " "));
    let mut data = json!({"step": name, "result": result, "duration_ms": row.duration_ms});
    for field in ["cost_usd_micros", "branch", "commit", "files", "approved"] {
        if !row.data[field].is_null() {
            data[field] = row.data[field].clone();
        }
    }
    event.data = data;
}

fn activity(event: &mut Event, data: &Value, what: &str, tool: Option<&ToolUse>) {
    let output = &data["output"];
    match what {
        "model" => model(event, output),
        "people" => {
            event.kind = EventType::Message;
            event.title = "A message reached the agent".to_owned();
            event.data = json!({"texts": output});
        }
        _ if what.starts_with("tool ") => self::tool(event, output, tool),
        _ => event.title = what.to_owned(),
    }
    if let Some(reason) = data["reason"].as_str() {
        event.data["error"] = json!(reason);
    }
}

fn model(event: &mut Event, output: &Value) {
    event.kind = EventType::ModelCall;
    if event.phase != Some(Phase::Finished) {
        event.title = match event.phase {
            Some(Phase::Failed) => "The model did not answer".to_owned(),
            _ => "Asks the model".to_owned(),
        };
        event.data = json!({});
        return;
    }
    let answered = &output["answered"];
    let content = answered["reply"]["content"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let of_type = |kind: &'static str| content.iter().filter(move |block| block["type"] == kind);
    let text: Vec<&str> = of_type("text")
        .filter_map(|block| block["text"].as_str())
        .collect();
    let thinking: Vec<&str> = of_type("thinking")
        .filter_map(|block| block["thinking"].as_str())
        .collect();
    let calls: Vec<Value> = of_type("tool_use")
        .map(|block| json!({"tool": block["name"], "arguments": block["input"]}))
        .collect();
    let text = text.join("\n");
    event.title = match (text.trim().lines().next(), calls.len()) {
        (Some(line), _) => line.chars().take(160).collect(),
        (None, 0) => "The model answered".to_owned(),
        (None, many) => format!(
            "The model uses {many} tool{}",
            if many == 1 { "" } else { "s" }
        ),
    };
    event.data = json!({
        "text": text,
        "thinking": thinking.join("\n"),
        "calls": calls,
        "stop": answered["reply"]["stop"],
        "usage": answered["reply"]["usage"],
        "cost_usd_micros": answered["cost"],
    });
    if !output["out_of_budget"].is_null() {
        event.title = "The budget is used up".to_owned();
        event.data = json!({"out_of_budget": true});
    }
}

fn tool(event: &mut Event, output: &Value, tool: Option<&ToolUse>) {
    event.kind = EventType::ToolCall;
    let mut data = json!({});
    if let Some(tool) = tool {
        event.title = tool_title(&tool.tool, &tool.arguments);
        data["tool"] = json!(tool.tool);
        data["arguments"] = tool.arguments.clone();
        data["call_id"] = json!(format!("tool_{}", tool.id.simple()));
        if let Some(artifact) = &tool.artifact {
            data["artifact"] = json!(artifact);
        }
        let took = tool
            .ended_at
            .filter(|_| event.phase != Some(Phase::Started));
        if let Some(ended) = took {
            data["duration_ms"] = json!((ended - tool.started_at).num_milliseconds());
        }
    } else {
        event.title = "A tool".to_owned();
    }
    if event.phase == Some(Phase::Finished) {
        if output["is_error"] == true {
            event.phase = Some(Phase::Failed);
        }
        data["output"] = output["text"].clone();
        if let Some(tree) = output["tree"].as_str() {
            data["tree"] = json!(tree);
        }
    }
    event.data = data;
}

/// A use of a tool in one line.
fn tool_title(tool: &str, arguments: &Value) -> String {
    let said = |name: &str| arguments[name].as_str().unwrap_or_default();
    let line = match tool {
        "bash" => format!("$ {}", said("command")),
        "read_file" => format!("Reads {}", said("path")),
        "edit_file" => format!("Edits {}", said("path")),
        "write_file" => format!("Writes {}", said("path")),
        "grep" => format!("Looks for {}", said("pattern")),
        "glob" => format!("Lists {}", said("pattern")),
        "run_tests" => "Runs the tests".to_owned(),
        "update_plan" => "Updates the plan".to_owned(),
        "ask_human" => format!("Asks: {}", said("question")),
        "finish" => "Finishes".to_owned(),
        other => other.replace('_', " "),
    };
    line.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect()
}

fn decision(event: &mut Event, data: &Value) {
    event.kind = EventType::Decision;
    event.phase = Some(Phase::Finished);
    let payload = &data["payload"];
    let decision = payload["decision"]
        .as_str()
        .unwrap_or_default()
        .replace('_', " ");
    event.title = match data["name"].as_str().unwrap_or_default() {
        "plan_decided" => format!("Plan: {decision}"),
        "delivery_decided" => format!("Delivery: {decision}"),
        "answered" => "A person answered".to_owned(),
        "budget_raised" => "The budget was raised".to_owned(),
        other => other.replace('_', " "),
    };
    event.data = json!({"signal": data["name"], "payload": payload});
    if let Some(by) = data["by"].as_str().and_then(|by| by.parse::<Uuid>().ok()) {
        event.data["by"] = json!(format!("user_{}", by.simple()));
    }
}

fn status(event: &mut Event, kind: &str, data: Value) {
    if kind.starts_with("run.") || kind.starts_with("step.") {
        event.kind = if kind.starts_with("run.") {
            EventType::Status
        } else {
            EventType::Step
        };
    }
    event.title = telling::title(kind, &data);
    if kind.ends_with("failed") {
        event.phase = Some(Phase::Failed);
    }
    event.data = data;
}

/// Cuts long texts; says whether there were any.
fn cut(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.len() > TEXT => {
            let mut end = TEXT;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |was, item| cut(item) | was),
        Value::Object(fields) => fields.values_mut().fold(false, |was, item| cut(item) | was),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, data: Value) -> StoryRow {
        StoryRow {
            run_id: Uuid::nil(),
            seq: 1,
            step_no: 1,
            at: Utc::now(),
            kind: kind.to_owned(),
            name: None,
            duration_ms: None,
            data,
        }
    }

    fn tell(kind: &str, data: Value) -> Event {
        let teller = Teller {
            tools: HashMap::new(),
            agents: HashMap::new(),
        };
        teller.tell(row(kind, data))
    }

    #[test]
    fn a_models_answer_is_told_by_its_first_line() {
        let content = json!([{"type": "text", "text": "First\nsecond"}, {"type": "tool_use", "name": "bash", "input": {}}]);
        let output =
            json!({"answered": {"reply": {"content": content, "stop": "tool_use"}, "cost": 12}});
        let event = tell(
            "activity.finished",
            json!({"key": "turn 2 model", "output": output}),
        );
        assert_eq!(
            (event.kind, event.turn, event.title.as_str()),
            (EventType::ModelCall, Some(2), "First")
        );
        assert_eq!(event.data["calls"][0]["tool"], "bash");
        assert_eq!(event.data["cost_usd_micros"], 12);
    }

    #[test]
    fn what_is_long_is_cut_between_characters_and_says_so() {
        let output = json!({"text": "ä".repeat(TEXT), "is_error": true});
        let event = tell(
            "activity.finished",
            json!({"key": "turn 1 tool 0", "output": output}),
        );
        assert!(event.truncated && event.phase == Some(Phase::Failed));
        assert!(event.data["output"].as_str().unwrap().len() <= TEXT);
    }

    #[test]
    fn a_call_that_failed_is_no_answer() {
        let data = json!({"key": "turn 1 model", "reason": "overloaded"});
        let event = tell("activity.failed", data);
        assert_eq!(event.title, "The model did not answer");
        assert_eq!(event.data["error"], "overloaded");
    }

    #[test]
    fn a_decision_names_who_made_it() {
        let by = Uuid::now_v7();
        let data =
            json!({"name": "plan_decided", "payload": {"decision": "request_changes"}, "by": by});
        let event = tell("signal.received", data);
        assert_eq!(event.title, "Plan: request changes");
        assert_eq!(event.data["by"], format!("user_{}", by.simple()));
    }
}
