//! Recorded calls in the place of a model: the same request gets the reply it got, any other is refused loudly.
//!
//! A recording is a file with one call a line. Runs are not compared ([`Request::canonical`]), so that a new run
//! can be answered by an old one's recording.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Class, Delta, ModelProvider, Refused, Reply, Request};

/// Its name, unless it stands in for another.
pub const NAME: &str = "replay";

/// As much of a text is shown before the place where two differ, and after it.
const BEFORE: usize = 24;
const AFTER: usize = 72;

/// A call as it was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub reply: Reply,
}

/// A recording cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct BadRecording {
    place: String,
    reason: String,
}

/// A vendor that repeats what was recorded.
#[derive(Debug)]
pub struct Replay {
    name: &'static str,
    recordings: Vec<Recording>,
    /// Fingerprints, and where the recordings stand.
    places: BTreeMap<String, usize>,
    asked: Mutex<BTreeSet<usize>>,
}

impl Replay {
    /// Repeats these calls. Of one request that was recorded twice, the later reply is the one the run went on
    /// with.
    pub fn new(recordings: Vec<Recording>) -> Self {
        let places = recordings.iter().enumerate();
        let places = places.map(|(at, recording)| (recording.request.fingerprint(), at));
        Self {
            name: NAME,
            places: places.collect(),
            recordings,
            asked: Mutex::default(),
        }
    }

    /// Reads a file that a [`Recorder`] wrote.
    pub fn read(file: &Path) -> Result<Self, BadRecording> {
        let bad = |reason| BadRecording {
            place: file.display().to_string(),
            reason,
        };
        let text = std::fs::read_to_string(file).map_err(|cause| bad(cause.to_string()))?;
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty());
        let recordings = lines.map(|(at, line)| {
            serde_json::from_str(line).map_err(|cause| bad(format!("line {}: {cause}", at + 1)))
        });
        Ok(Self::new(recordings.collect::<Result<_, _>>()?))
    }

    /// Answers under the name of another vendor, for its models.
    pub fn standing_in_for(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The recorded calls nobody has repeated.
    pub fn unused(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let unused: BTreeSet<&usize> = self.places.values().collect();
        // In the order in which they were made.
        let unused = unused.into_iter().filter(|at| !asked.contains(at));
        let named = unused.map(|at| {
            let request = &self.recordings[*at].request;
            format!("call {} of {}", request.turn() + 1, request.role)
        });
        named.collect()
    }

    fn repeat(&self, request: &Request) -> Result<Reply, Refused> {
        let Some(at) = self.places.get(&request.fingerprint()) else {
            return Err(self.diverged(request));
        };
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(*at);
        Ok(self.recordings[*at].reply.clone())
    }

    /// The nearest recorded request, and where this one leaves it.
    fn diverged(&self, request: &Request) -> Refused {
        let alike = |recording: &&Recording| {
            let (ours, theirs) = (&request.messages, &recording.request.messages);
            let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
            let further = ours.len().abs_diff(theirs.len());
            (
                recording.request.role == request.role,
                same,
                usize::MAX - further,
            )
        };
        let who = format!("replay: call {} of {}", request.turn() + 1, request.role);
        // Of equally near ones the first.
        let nearest = self.recordings.iter().rev().max_by_key(alike);
        let recorded = nearest.map(|recording| recording.request.canonical());
        let difference = recorded
            .and_then(|recorded| difference(&recorded, &request.canonical(), ""))
            .unwrap_or_else(|| "nothing is recorded".to_owned());
        Refused::new(
            Class::Script,
            format!("{who} was not recorded: {difference}"),
        )
    }
}

/// The first place where two documents differ, as two short lines.
fn difference(recorded: &Value, asked: &Value, path: &str) -> Option<String> {
    match (recorded, asked) {
        (a, b) if a == b => None,
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            names.into_iter().find_map(|name| {
                let (a, b) = (a.get(name), b.get(name));
                let none = Value::Null;
                let path = format!("{path}.{name}");
                difference(a.unwrap_or(&none), b.unwrap_or(&none), &path)
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            let mut both = a.iter().zip(b).enumerate();
            let inside = both.find_map(|(at, (a, b))| difference(a, b, &format!("{path}[{at}]")));
            let (a, b) = (a.len(), b.len());
            inside.or_else(|| Some(format!("{path} has {b} items, recorded are {a}")))
        }
        (a, b) => {
            let (a, b) = (plain(a), plain(b));
            let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
            let (a, b) = (window(&a, same), window(&b, same));
            Some(format!("at {path}\n- {a}\n+ {b}"))
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn window(text: &str, at: usize) -> String {
    let from = at.saturating_sub(BEFORE);
    let shown: String = text.chars().skip(from).take(at - from + AFTER).collect();
    let before = if from > 0 { "\u{2026}" } else { "" };
    let cut = text.chars().count() > at + AFTER;
    let after = if cut { "\u{2026}" } else { "" };
    format!("{before}{}{after}", shown.escape_debug())
}

impl ModelProvider for Replay {
    fn name(&self) -> &'static str {
        self.name
    }

    fn complete<'a>(
        &'a self,
        request: &'a Request,
        _hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        Box::pin(std::future::ready(self.repeat(request)))
    }
}

/// A vendor whose calls are written down as they succeed.
#[derive(Debug)]
pub struct Recorder {
    vendor: Arc<dyn ModelProvider>,
    file: Mutex<std::fs::File>,
}

impl Recorder {
    /// Writes the calls of this vendor to the end of a file.
    pub fn new(vendor: Arc<dyn ModelProvider>, file: &Path) -> std::io::Result<Self> {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)?;
        Ok(Self {
            vendor,
            file: Mutex::new(file),
        })
    }

    async fn record(
        &self,
        request: &Request,
        hear: &(dyn Fn(Delta<'_>) + Send + Sync),
    ) -> Result<Reply, Refused> {
        let reply = self.vendor.complete(request, hear).await?;
        let recording = Recording {
            request: request.clone(),
            reply: reply.clone(),
        };
        let written = serde_json::to_string(&recording)
            .map_err(std::io::Error::from)
            .and_then(|line| {
                let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
                file.write_all(format!("{line}\n").as_bytes())
            });
        let lost = |cause| Refused::new(Class::Script, format!("a call was not recorded: {cause}"));
        written.map_err(lost)?;
        Ok(reply)
    }
}

impl ModelProvider for Recorder {
    fn name(&self) -> &'static str {
        self.vendor.name()
    }

    fn complete<'a>(
        &'a self,
        request: &'a Request,
        hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        Box::pin(self.record(request, hear))
    }

    fn count_tokens<'a>(
        &'a self,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Option<u64>, Refused>> {
        self.vendor.count_tokens(request)
    }
}
