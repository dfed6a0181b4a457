//! A finished run once more: its models say what they said then, everything else is done by the program of today.
//! What the program asks is compared with what it asked then; the first difference is kept, and ends it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;
use workflows::RunId;

use super::{
    call::{self, Called},
    changing::Changing,
    conversation::SAYS,
};
use crate::{
    providers::llm::{Class, Delta, ModelProvider, Refused, Reply, Request},
    services::agent_records::RecordedCall,
};

/// What is different, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// Where in the run.
    pub place: String,
    /// What of it.
    pub what: String,
    /// As it was.
    pub recorded: String,
    /// As it is now.
    pub now: String,
}

/// Sends a run a word of the person who gave the task, under a key: the same word twice is one word.
pub type Speak =
    dyn Fn(RunId, String, String) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// The recorded answers of a run, in the place of one vendor.
#[derive(Clone)]
pub struct Rerun {
    vendor: &'static str,
    told: Arc<Told>,
}

struct Told {
    calls: Vec<RecordedCall>,
    changing: Changing,
    speak: Box<Speak>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The call that comes next.
    at: usize,
    /// Its model was refused once, as it may have been then.
    refused: bool,
    divergence: Option<Divergence>,
}

impl Rerun {
    /// What was answered then; people say what they said through `speak`.
    pub fn new(calls: Vec<RecordedCall>, speak: Box<Speak>) -> Self {
        let told = Told {
            calls,
            changing: Changing::new(),
            speak,
            state: Mutex::default(),
        };
        Self {
            vendor: "",
            told: Arc::new(told),
        }
    }

    /// The same answers under the name of this vendor.
    #[must_use]
    pub fn standing_in_for(&self, vendor: &'static str) -> Self {
        Self {
            vendor,
            told: Arc::clone(&self.told),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.told
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The first difference in what was asked.
    pub fn divergence(&self) -> Option<Divergence> {
        self.state().divergence.clone()
    }

    /// The first call that was made then and not now. Whatever ended the run before it says more.
    pub fn missing(&self) -> Option<Divergence> {
        let call = self.told.calls.get(self.answered())?;
        Some(Divergence {
            place: place(call),
            what: "the call".to_owned(),
            recorded: format!("{} was asked", call.model),
            now: "nobody is asked".to_owned(),
        })
    }

    /// How many calls were answered as they were then.
    pub fn answered(&self) -> usize {
        self.state().at
    }

    /// What people had said before the first call.
    pub fn first_words(&self) -> Vec<String> {
        self.told.calls.first().map(said_before).unwrap_or_default()
    }

    /// The recorded answer, the number of its call, and what people said after it; or the first difference.
    fn next(&self, request: &Request) -> Result<Answered, Refused> {
        let mut state = self.state();
        let diverged = || Refused::new(Class::Script, "the run has taken another way");
        if state.divergence.is_some() {
            return Err(diverged());
        }
        let differs = |at: usize| {
            let call = self.told.calls.get(at)?;
            Some(self.told.changing.compare(call, request))
        };
        let found = differs(state.at);
        // The newest answered call is asked for once more when whoever asked has died before the answer was written
        // down, or the run was taken from it.
        if !matches!(found, Some(None))
            && let Some(newest) = state.at.checked_sub(1)
            && let Some(None) = differs(newest)
        {
            return self.answer(newest);
        }
        let Some(call) = self.told.calls.get(state.at) else {
            state.divergence = Some(Divergence {
                place: format!("{}, after the last recorded call", request.role),
                what: "the call".to_owned(),
                recorded: "the run had ended".to_owned(),
                now: format!("{} is asked once more", request.model),
            });
            return Err(diverged());
        };
        if call.agent == request.role && call.model != request.model && !state.refused {
            state.refused = true;
            return Err(Refused::new(Class::Unknown, "another model answered then"));
        }
        if let Some(found) = found.flatten() {
            state.divergence = Some(found);
            return Err(diverged());
        }
        let answered = self.answer(state.at)?;
        state.at += 1;
        state.refused = false;
        Ok(answered)
    }

    fn answer(&self, at: usize) -> Result<Answered, Refused> {
        let calls = &self.told.calls;
        let response = calls.get(at).and_then(|call| call.response.clone());
        let Ok(Called::Answered { reply, .. }) =
            serde_json::from_value(response.unwrap_or_default())
        else {
            return Err(Refused::new(Class::Script, "the record cannot be read"));
        };
        let said = calls.get(at + 1).map(said_before).unwrap_or_default();
        Ok(Answered { at, reply, said })
    }
}

/// What was answered.
struct Answered {
    /// The call.
    at: usize,
    reply: Reply,
    /// What people said after it.
    said: Vec<String>,
}

fn place(call: &RecordedCall) -> String {
    format!("step {}, {}, turn {}", call.step_no, call.agent, call.turn)
}

/// The words of people that came along with a call.
fn said_before(call: &RecordedCall) -> Vec<String> {
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
    fn compare(&self, call: &RecordedCall, request: &Request) -> Option<Divergence> {
        let now = call::recorded(request, call.turn);
        let differs = |what: &str, recorded: String, now: String| Divergence {
            place: place(call),
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

impl ModelProvider for Rerun {
    fn name(&self) -> &'static str {
        self.vendor
    }

    fn complete<'a>(
        &'a self,
        request: &'a Request,
        _hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        Box::pin(async move {
            let Answered { at, reply, said } = self.next(request)?;
            for (word, text) in said.into_iter().enumerate() {
                let run = request.user.parse();
                let run = run.map_err(|_| Refused::new(Class::Script, "the run has no name"))?;
                let spoken = (self.told.speak)(run, text, format!("said:{at}:{word}")).await;
                spoken.map_err(|error| Refused::new(Class::Script, error))?;
            }
            Ok(reply)
        })
    }
}

impl fmt::Debug for Rerun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rerun")
            .field("vendor", &self.vendor)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::llm::{Message, Stop, Usage};

    fn request(said: &[(&'static str, &str)]) -> Request {
        let message = |(role, text): &(&str, &str)| {
            let content = vec![serde_json::json!({"type": "text", "text": text})];
            if *role == "user" {
                Message::user(content)
            } else {
                Message::assistant(content)
            }
        };
        Request {
            model: "a-model".to_owned(),
            role: "coder".to_owned(),
            user: RunId::new().to_string(),
            system: "Be good.".to_owned(),
            tools: Vec::new(),
            messages: said.iter().map(message).collect(),
            max_tokens: 100,
            effort: None,
            output_schema: None,
        }
    }

    fn answered(request: &Request, turn: i32, text: &str) -> RecordedCall {
        let reply = Reply {
            content: vec![serde_json::json!({"type": "text", "text": text})],
            stop: Stop::EndTurn,
            usage: Usage::default(),
            request_id: None,
            model: "a-model".to_owned(),
        };
        let called = Called::Answered {
            reply,
            cost: 0,
            spent: 0,
        };
        RecordedCall {
            step_no: 1,
            agent: "coder".to_owned(),
            turn,
            model: "a-model".to_owned(),
            request: call::recorded(request, turn),
            response: Some(serde_json::json!(called)),
        }
    }

    #[tokio::test]
    async fn a_call_whose_answer_was_lost_is_answered_once_more() {
        let first = request(&[("user", "go")]);
        let second = request(&[("user", "go"), ("assistant", "one"), ("user", "on")]);
        let calls = vec![answered(&first, 1, "one"), answered(&second, 2, "two")];
        let speak = |_, _, _| -> BoxFuture<'static, _> { Box::pin(async { Ok(()) }) };
        let rerun = Rerun::new(calls, Box::new(speak));
        for (request, text) in [
            (&first, "one"),
            (&first, "one"),
            (&second, "two"),
            (&second, "two"),
        ] {
            let reply = rerun.complete(request, &|_| {}).await.unwrap();
            assert_eq!(reply.content[0]["text"], text);
        }
        assert_eq!(rerun.answered(), 2);
        assert_eq!(rerun.divergence(), None);
        // Older ones are not asked again by anybody who does as was done then.
        assert!(rerun.complete(&first, &|_| {}).await.is_err());
        assert!(rerun.divergence().is_some());
    }
}
