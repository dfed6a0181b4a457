//! A vendor of models over HTTP that counts what it is asked, by run: what a killed worker spent is seen from outside.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::llm::{
    server::{Answer, Seen, Server},
    stage::{add_input, add_text, close, end, open, sse, start},
};

pub(super) struct Vendor {
    server: Server,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Vendor {
    /// Answers as a scenario says: the n-th reply of the first conversation of the role. The first time that a run asks for
    /// it, the turn that `overloaded` names is refused, and the answer of the one that `broken` names breaks off.
    pub(super) fn start(scenario: Value) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = asked.clone();
        let (refused, cut): (Mutex<BTreeSet<String>>, Mutex<BTreeSet<String>>) =
            (Mutex::default(), Mutex::default());
        let server = Server::start(move |seen| {
            let user = seen.json()["metadata"]["user_id"].clone();
            let user = user.as_str().unwrap_or_default().to_owned();
            heard.lock().unwrap().push(user.clone());
            if is(&scenario["overloaded"], seen) && refused.lock().unwrap().insert(user.clone()) {
                return Answer::status(529, "{}");
            }
            if is(&scenario["broken"], seen) && cut.lock().unwrap().insert(user) {
                let begun = [
                    start(),
                    open(0, &json!({"type": "text", "text": ""})),
                    add_text(0, "I begin"),
                ];
                return Answer::stream(sse(&begun));
            }
            answer(&scenario, seen)
        });
        Self { server, asked }
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// What it was sent, byte by byte.
    pub(super) fn bodies(&self) -> Vec<String> {
        let seen = self.server.seen();
        let body = |seen: &Seen| String::from_utf8_lossy(&seen.body).into_owned();
        seen.iter().map(body).collect()
    }

    /// The keys that it was shown.
    pub(super) fn keys(&self) -> Vec<String> {
        let seen = self.server.seen();
        let key = |seen: &Seen| seen.header("x-api-key").unwrap_or_default().to_owned();
        seen.iter().map(key).collect()
    }

    /// Requests of this run.
    pub(super) fn asked(&self, run: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|user| *user == run).count()
    }
}

/// Whether this turn is the one that is named.
fn is(named: &Value, seen: &Seen) -> bool {
    let role = seen.header("x-codegraph-role").unwrap_or_default();
    named["role"] == role && named["turn"] == turn(&seen.json())
}

fn turn(body: &Value) -> usize {
    let messages = body["messages"].as_array().into_iter().flatten();
    messages.filter(|m| m["role"] == "assistant").count()
}

fn answer(scenario: &Value, seen: &Seen) -> Answer {
    let body = seen.json();
    let role = seen.header("x-codegraph-role").unwrap_or_default();
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let turn = turn(&body);
    let conversations = scenario["conversations"].as_array().unwrap();
    let opening = messages.first().map(|first| first["content"].to_string());
    let opening = opening.unwrap_or_default();
    let fits = |c: &&Value| {
        // As it stands in the JSON of the request.
        let when = c["when"].as_str().map(|when| json!(when).to_string());
        let when = when.unwrap_or_default();
        c["role"] == role && opening.contains(when.trim_matches('"'))
    };
    let conversation = conversations.iter().find(fits);
    let Some(reply) = conversation.and_then(|c| c["replies"].get(turn)) else {
        return Answer::status(400, "{}");
    };
    let mut events = vec![start()];
    let mut index = 0;
    if let Some(text) = reply["text"].as_str() {
        events.push(open(index, &json!({"type": "text", "text": ""})));
        events.push(add_text(index, text));
        events.push(close(index));
        index += 1;
    }
    let calls = reply["calls"].as_array().cloned().unwrap_or_default();
    for (call, index) in calls.iter().zip(index..) {
        let id = format!("toolu_{role}_{turn}_{index}");
        let block = json!({"type": "tool_use", "id": id, "name": call["tool"], "input": {}});
        events.push(open(index, &block));
        events.push(add_input(index, &call["input"].to_string()));
        events.push(close(index));
    }
    let reason = if calls.is_empty() {
        "end_turn"
    } else {
        "tool_use"
    };
    events.extend(end(reason));
    Answer::stream(sse(&events))
}
