//! What was asked then and what is asked now, side by side.

use serde_json::Value;

use super::Divergence;
use crate::{
    agents::{call, changing::Changing, conversation::SAYS},
    providers::llm::Request,
    services::agent_records::RecordedCall,
};

/// Where a call stands in its run.
pub(super) fn place(of: &str, call: &RecordedCall) -> String {
    format!(
        "{of}step {}, {}, turn {}",
        call.step_no, call.agent, call.turn
    )
}

/// The words of people that came along with a call.
pub(super) fn said_before(call: &RecordedCall) -> Vec<String> {
    let appended = call.request["appended"].as_array();
    let appended = appended.map(Vec::as_slice).unwrap_or_default();
    let spoken = appended.iter().rposition(|m| m["role"] == "assistant");
    let news = &appended[spoken.map_or(0, |at| at + 1)..];
    let blocks = news
        .iter()
        .filter_map(|m| m["content"].as_array())
        .flatten();
    let said = blocks.filter_map(|block| block["text"].as_str()?.strip_prefix(SAYS));
    said.map(|text| text.trim_start_matches('\n').to_owned())
        .collect()
}

impl Changing {
    /// The first difference between a call as it was made and as it is made now.
    pub(super) fn compare(
        &self,
        of: &str,
        call: &RecordedCall,
        request: &Request,
    ) -> Option<Divergence> {
        let now = call::recorded(request, call.turn);
        let differs = |what: &str, recorded: String, now: String| Divergence {
            place: place(of, call),
            what: what.to_owned(),
            recorded,
            now,
        };
        for (what, was, is) in [
            ("the role", &call.agent, &request.role),
            ("the model", &call.model, &request.model),
        ] {
            if was != is {
                return Some(differs(what, was.clone(), is.clone()));
            }
        }
        for (what, key) in [
            ("the tools", "tools"),
            ("the instructions", "system"),
            ("the instructions", "prompt_sha256"),
            ("the length of the answer", "max_tokens"),
            ("the messages", "appended"),
        ] {
            if call.request[key] == now[key] {
                continue;
            }
            let (was, is) = (self.lines(&call.request[key]), self.lines(&now[key]));
            if was != is {
                let at = was
                    .iter()
                    .zip(&is)
                    .take_while(|(was, is)| was == is)
                    .count();
                let line = |lines: &[String]| {
                    lines
                        .get(at)
                        .cloned()
                        .unwrap_or_else(|| "nothing".to_owned())
                };
                return Some(differs(what, line(&was), line(&is)));
            }
        }
        None
    }

    /// The texts of a document, line by line, without what is another every time.
    fn lines(&self, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.gather("", value, &mut found);
        found
    }

    fn gather(&self, name: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.extend(text.lines().map(|line| self.settled(line))),
            Value::Array(items) => {
                for item in items {
                    self.gather(name, item, found);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.gather(name, field, found);
                }
            }
            Value::Null => {}
            other => found.push(format!("{name}: {other}")),
        }
    }
}
