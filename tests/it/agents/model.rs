//! The model of a test: says what its scenario says, remembers what it was asked, and can be held up.

use std::sync::{Mutex, PoisonError};

use codegraph::providers::llm::{Delta, ModelProvider, Refused, Reply, Request, Scripted};
use futures::future::BoxFuture;
use serde_json::Value;

use crate::support::Gate;

/// A scripted vendor whose requests are kept.
#[derive(Debug)]
pub(super) struct Told {
    scripted: Scripted,
    requests: Mutex<Vec<Request>>,
    /// The role whose answers wait in front of this gate, from this turn on.
    held: Mutex<Option<(&'static str, usize, Gate)>>,
}

impl Told {
    pub(super) fn new(scenario: &Value) -> Self {
        Self {
            scripted: Scripted::parse(&scenario.to_string())
                .unwrap()
                .standing_in_for("anthropic"),
            requests: Mutex::default(),
            held: Mutex::default(),
        }
    }

    /// Answers of this role wait from this turn on (from 0) until the gate is opened.
    pub(super) fn hold(&self, role: &'static str, turn: usize) -> Gate {
        let gate = Gate::default();
        *self.held.lock().unwrap() = Some((role, turn, gate.clone()));
        gate
    }

    /// What this role was asked, in order.
    pub(super) fn asked(&self, role: &str) -> Vec<Request> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let of_role = requests.iter().filter(|request| request.role == role);
        of_role.cloned().collect()
    }

    /// How often this text stands in a request.
    pub(super) fn times(request: &Request, text: &str) -> usize {
        words(request).matches(text).count()
    }

    /// Replies nobody has asked for.
    pub(super) fn unused(&self) -> Vec<String> {
        self.scripted.unused()
    }
}

/// All that was said in a conversation.
pub(super) fn words(request: &Request) -> String {
    let blocks = request.messages.iter().flat_map(|m| &m.content);
    let texts = blocks.filter_map(|block| block["text"].as_str().or(block["content"].as_str()));
    texts.collect::<Vec<_>>().join("\n")
}

/// What came since the model spoke last.
pub(super) fn news(request: &Request) -> String {
    let spoken = request.messages.iter().rposition(|m| m.role == "assistant");
    let mut request = request.clone();
    request.messages.drain(..spoken.map_or(0, |at| at + 1));
    words(&request)
}

impl ModelProvider for Told {
    fn name(&self) -> &'static str {
        self.scripted.name()
    }

    fn complete<'a>(
        &'a self,
        request: &'a Request,
        hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        self.requests.lock().unwrap().push(request.clone());
        let turn = request
            .messages
            .iter()
            .filter(|m| m.role == "assistant")
            .count();
        let held = self.held.lock().unwrap().clone();
        let held = held.filter(|(role, from, _)| *role == request.role && turn >= *from);
        Box::pin(async move {
            if let Some((.., gate)) = held {
                gate.pass().await;
            }
            self.scripted.complete(request, hear).await
        })
    }
}
