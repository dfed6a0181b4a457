//! The scenario: what is said, to whom, and what must have been said before.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Class, Refused, Request, Stop, Usage};
use super::script;

/// A scenario cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct BadScenario {
    place: String,
    reason: String,
}

/// Conversations; the first one that fits a request answers it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) conversations: Vec<Conversation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conversation {
    role: String,
    /// What the first message of the user must hold.
    #[serde(default)]
    when: Texts,
    pub(super) replies: Vec<Entry>,
}

/// One reply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Only for answers with a lower limit than this.
    below: Option<u32>,
    /// Only for models whose name holds this.
    model: Option<String>,
    /// The reply when these two do not fit.
    #[serde(rename = "else")]
    otherwise: Option<Box<Entry>>,
    /// What must stand somewhere in the request.
    #[serde(default)]
    expect: Texts,
    /// What must stand in what came since the model spoke last.
    #[serde(default)]
    expect_new: Texts,
    /// What must stand nowhere in the request.
    #[serde(default)]
    forbid: Texts,
    /// Names, and the expressions whose last match in the request they stand for: `${name}`.
    #[serde(default)]
    take: BTreeMap<String, Expression>,
    /// Failures before the reply, each shown to each run before the next; a new process begins anew.
    #[serde(default)]
    pub(super) fails: Vec<Failure>,
    #[serde(default)]
    pub(super) delay_ms: u64,
    thinking: Option<String>,
    text: Option<String>,
    #[serde(default)]
    calls: Vec<Call>,
    pub(super) stop: Option<Stop>,
    pub(super) usage: Option<Tokens>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    tool: String,
    #[serde(default)]
    input: BTreeMap<String, Value>,
    id: Option<String>,
}

/// A call that fails.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failure {
    class: Class,
    #[serde(default)]
    message: String,
    status: Option<u16>,
    retry_after_ms: Option<u64>,
    #[serde(default = "once")]
    pub(super) times: usize,
    #[serde(default)]
    pub(super) always: bool,
    /// In the middle of the answer.
    #[serde(default)]
    begun: bool,
}

fn once() -> usize {
    1
}

/// Tokens as they are written: what is not named is none.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Tokens {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Self {
            input: tokens.input,
            output: tokens.output,
            cache_read: tokens.cache_read,
            cache_write: tokens.cache_write,
        }
    }
}

/// One text or several.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "OneOrMore")]
struct Texts(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Texts {
    fn from(texts: OneOrMore) -> Self {
        match texts {
            OneOrMore::One(text) => Self(vec![text]),
            OneOrMore::More(texts) => Self(texts),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Expression(Regex);

impl TryFrom<String> for Expression {
    type Error = regex::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Regex::new(&text).map(Self)
    }
}

impl Scenario {
    pub(super) fn read(file: &Path) -> Result<Self, BadScenario> {
        let place = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => Self::parse(&text, &place),
            Err(cause) => Err(BadScenario {
                place,
                reason: cause.to_string(),
            }),
        }
    }

    pub(super) fn parse(yaml: &str, place: &str) -> Result<Self, BadScenario> {
        serde_saphyr::from_str(yaml).map_err(|error| BadScenario {
            place: place.to_owned(),
            reason: error.to_string(),
        })
    }
}

impl Conversation {
    pub(super) fn is(&self, role: &str, opening: &str) -> bool {
        self.role == role && self.when.missing(opening).is_none()
    }
}

impl fmt::Display for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the conversation of {}", self.role)?;
        match self.when.0.first() {
            Some(when) => write!(f, " about `{when}`"),
            None => Ok(()),
        }
    }
}

impl Texts {
    fn missing(&self, within: &str) -> Option<&str> {
        let mut texts = self.0.iter().map(String::as_str);
        texts.find(|text| !within.contains(text))
    }
}

impl Entry {
    /// This reply or the one in its place, whichever is meant for the request.
    pub(super) fn fitting(&self, request: &Request) -> Option<&Self> {
        let low = self.below.is_none_or(|limit| request.max_tokens < limit);
        let model = self
            .model
            .as_ref()
            .is_none_or(|name| request.model.contains(name));
        if low && model {
            return Some(self);
        }
        self.otherwise.as_ref()?.fitting(request)
    }

    /// What the request lacks, or has too much.
    pub(super) fn check(&self, request: &Request) -> Result<(), String> {
        let (words, news) = (request.words(), request.news());
        if let Some(text) = self.expect.missing(&words) {
            return Err(format!("`{text}` stands nowhere in the request"));
        }
        if let Some(text) = self.expect_new.missing(&news) {
            let begin: String = news.chars().take(400).collect();
            return Err(format!("`{text}` does not stand in what is new: {begin}"));
        }
        match self.forbid.0.iter().find(|text| words.contains(*text)) {
            Some(text) => Err(format!("`{text}` stands in the request and must not")),
            None => Ok(()),
        }
    }

    /// Its blocks, with what was taken from the request put in.
    pub(super) fn content(
        &self,
        request: &Request,
        id: impl Fn(usize) -> String,
    ) -> Result<Vec<Value>, Refused> {
        let taken = self.taken(request)?;
        let mut content = Vec::new();
        if let Some(thinking) = &self.thinking {
            let signature = id(usize::MAX);
            content.push(json!({"type": "thinking", "thinking": thinking, "signature": signature}));
        }
        if let Some(text) = &self.text {
            content.push(json!({"type": "text", "text": text}));
        }
        for (at, call) in self.calls.iter().enumerate() {
            let id = call.id.clone().unwrap_or_else(|| id(at));
            let (name, input) = (&call.tool, &call.input);
            content.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
        }
        content.iter_mut().for_each(|block| fill(block, &taken));
        Ok(content)
    }

    fn taken(&self, request: &Request) -> Result<Vec<(String, String)>, Refused> {
        let words = request.words();
        let take = |(name, Expression(expression)): (&String, &Expression)| {
            let found = expression.captures_iter(&words).last();
            let group = found.and_then(|found| found.get(1).or(found.get(0)));
            let text =
                group.ok_or_else(|| script(&format!("nothing in the request is `{name}`")))?;
            Ok((format!("${{{name}}}"), text.as_str().to_owned()))
        };
        self.take.iter().map(take).collect()
    }
}

/// Puts what was taken into every text.
fn fill(value: &mut Value, taken: &[(String, String)]) {
    match value {
        Value::String(text) => {
            for (name, found) in taken {
                *text = text.replace(name, found);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, taken)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill(field, taken)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Failure {
    pub(super) fn refused(&self) -> Refused {
        let message = match self.message.as_str() {
            "" => "scripted: a failure".to_owned(),
            message => format!("scripted: {message}"),
        };
        Refused {
            status: self.status,
            begun: self.begun,
            retry_after: self.retry_after_ms.map(Duration::from_millis),
            ..Refused::new(self.class, message)
        }
    }
}
