//! A scenario in the place of a model: the embedded default of the demonstration and of tests.
//!
//! Which reply comes next is read off the request alone: which conversation of the role it is, and how often the
//! model has spoken in it. So a process that dies and asks again is answered the same, also by another process.
//! What is kept in memory is only which replies were asked for, and which failures were already shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::{Value, json};

pub use self::scenario::BadScenario;
use self::scenario::{Entry, Failure, Scenario};
use super::request::hex;
use super::{Class, Delta, Ear, ModelProvider, Refused, Reply, Request, Stop, Usage};

mod scenario;

/// Its name in the catalogue.
pub const NAME: &str = "scripted";

/// About as many bytes make a token; used where the scenario names no numbers.
const BYTES_A_TOKEN: u64 = 4;

/// A vendor that says what a scenario tells it to say.
#[derive(Debug)]
pub struct Scripted {
    name: &'static str,
    scenario: Scenario,
    heard: Mutex<Heard>,
}

/// What this process has seen of the scenario.
#[derive(Debug, Default)]
struct Heard {
    /// Conversation and turn.
    asked: BTreeSet<(usize, usize)>,
    /// Failures shown, by run, conversation and turn.
    failed: BTreeMap<(String, usize, usize), usize>,
}

impl Scripted {
    /// Reads a scenario from a file.
    pub fn read(file: &Path) -> Result<Self, BadScenario> {
        Scenario::read(file).map(Self::of)
    }

    /// The scenario a text describes.
    pub fn parse(yaml: &str) -> Result<Self, BadScenario> {
        Scenario::parse(yaml, "the scenario").map(Self::of)
    }

    fn of(scenario: Scenario) -> Self {
        Self {
            name: NAME,
            scenario,
            heard: Mutex::default(),
        }
    }

    /// Answers under the name of another vendor, for its models.
    pub fn standing_in_for(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The replies nobody has asked this process for.
    pub fn unused(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unused = Vec::new();
        for (at, conversation) in self.scenario.conversations.iter().enumerate() {
            for turn in 0..conversation.replies.len() {
                if !heard.asked.contains(&(at, turn)) {
                    unused.push(format!("reply {} of {conversation}", turn + 1));
                }
            }
        }
        unused
    }

    /// The place of the reply in the scenario, and the reply.
    fn find(&self, request: &Request) -> Result<((usize, usize), &Entry), Refused> {
        let opening = request.opening();
        let conversations = &self.scenario.conversations;
        let Some(at) = conversations
            .iter()
            .position(|c| c.is(&request.role, &opening))
        else {
            let begin: String = opening.chars().take(120).collect();
            return Err(script(&format!(
                "no conversation of {} begins with `{begin}`",
                request.role
            )));
        };
        let (conversation, turn) = (&conversations[at], request.turn());
        let entry = conversation.replies.get(turn).ok_or_else(|| {
            let replies = conversation.replies.len();
            script(&format!(
                "{conversation} has {replies} replies and is asked for another"
            ))
        })?;
        let entry = entry.fitting(request).ok_or_else(|| {
            let n = turn + 1;
            script(&format!(
                "reply {n} of {conversation} is not meant for this request"
            ))
        })?;
        entry
            .check(request)
            .map_err(|why| script(&format!("reply {} of {conversation}: {why}", turn + 1)))?;
        Ok(((at, turn), entry))
    }

    /// The next failure that stands before this reply, if one is left to show.
    fn failure<'a>(
        &self,
        place: (usize, usize),
        entry: &'a Entry,
        user: &str,
    ) -> Option<&'a Failure> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.asked.insert(place);
        let key = (user.to_owned(), place.0, place.1);
        let shown = heard.failed.entry(key).or_default();
        let mut before = 0;
        let failure = entry.fails.iter().find(|failure| {
            before += failure.times;
            failure.always || *shown < before
        })?;
        *shown += 1;
        Some(failure)
    }

    async fn answer(&self, request: &Request, hear: &Ear<'_>) -> Result<Reply, Refused> {
        let (place, entry) = self.find(request)?;
        let delay = Duration::from_millis(entry.delay_ms);
        if let Some(failure) = self.failure(place, entry, &request.user) {
            tokio::time::sleep(delay).await;
            return Err(failure.refused());
        }
        let content = entry.content(request, |call| id("toolu", request, place, call))?;
        speak(&content, delay, hear).await;
        let calls = content.iter().any(|block| block["type"] == "tool_use");
        let usual = if calls { Stop::ToolUse } else { Stop::EndTurn };
        Ok(Reply {
            usage: entry
                .usage
                .map_or_else(|| guessed(request, &content), Usage::from),
            content,
            stop: entry.stop.clone().unwrap_or(usual),
            request_id: Some(id("req", request, place, 0)),
            model: request.model.clone(),
        })
    }
}

/// The same for the same call of the same run, and for no other.
fn id(kind: &str, request: &Request, place: (usize, usize), call: usize) -> String {
    let (user, opening) = (&request.user, request.opening());
    let name = format!("{user}\n{}\n{place:?}\n{call}\n{opening}", request.role);
    format!("{kind}_{}", &hex(name.as_bytes())[..24])
}

/// Says the blocks word by word, spread over the delay.
async fn speak(content: &[Value], delay: Duration, hear: &Ear<'_>) {
    let mut said: Vec<Delta<'_>> = Vec::new();
    for block in content {
        let text = |name: &str| block[name].as_str().unwrap_or_default();
        said.extend(text("thinking").split_inclusive(' ').map(Delta::Thinking));
        said.extend(text("text").split_inclusive(' ').map(Delta::Text));
        said.extend(block["name"].as_str().map(Delta::ToolName));
    }
    let pieces = u32::try_from(said.len().max(1)).unwrap_or(u32::MAX);
    let pause = delay / pieces;
    for delta in said {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        hear(delta);
    }
}

fn guessed(request: &Request, content: &[Value]) -> Usage {
    Usage {
        input: prompt(request),
        output: tokens(json!(content).to_string().len()),
        ..Usage::default()
    }
}

fn prompt(request: &Request) -> u64 {
    let tools = json!(request.tools).to_string().len();
    let messages = json!(request.messages).to_string().len();
    tokens(request.system.len() + tools + messages)
}

fn tokens(bytes: usize) -> u64 {
    u64::try_from(bytes)
        .unwrap_or(u64::MAX)
        .div_ceil(BYTES_A_TOKEN)
}

fn script(message: &str) -> Refused {
    Refused::new(Class::Script, format!("scripted: {message}"))
}

impl ModelProvider for Scripted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn complete<'a>(
        &'a self,
        request: &'a Request,
        hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        Box::pin(self.answer(request, hear))
    }

    fn count_tokens<'a>(
        &'a self,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Option<u64>, Refused>> {
        Box::pin(std::future::ready(Ok(Some(prompt(request)))))
    }
}
