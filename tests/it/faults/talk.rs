//! What is said on one connection to Postgres: which statements write, and which answers say that it is durable.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::Mutex,
};

/// What was written, for people.
type What = &'static str;

/// One question: everything up to a `Sync`, or a simple query.
#[derive(Debug, Default)]
struct Question {
    writes: Option<What>,
    rolls_back: bool,
}

/// A connection, as far as it has been listened to.
#[derive(Debug, Default)]
pub(super) struct Talk {
    greeted: bool,
    asking: Vec<u8>,
    answering: Vec<u8>,
    /// Whole messages of an answer that is not whole.
    held: Vec<u8>,
    statements: HashMap<Vec<u8>, Option<What>>,
    bound: Option<What>,
    now: Question,
    open: VecDeque<Question>,
    /// What the transaction has written so far.
    written: Option<What>,
    failed: bool,
}

/// Something that can be passed on.
#[derive(Debug)]
pub(super) enum Verdict {
    /// An answer that says that this is durable.
    Durable(What, Vec<u8>),
    Other(Vec<u8>),
}

impl Talk {
    /// Listens to the client; says how many questions have become whole.
    pub(super) fn asked(&mut self, bytes: &[u8]) -> usize {
        self.asking.extend_from_slice(bytes);
        if !self.greeted {
            // The greeting has no type.
            let Some(length) = length(&self.asking, 0).filter(|all| self.asking.len() >= *all)
            else {
                return 0;
            };
            self.asking.drain(..length);
            self.greeted = true;
        }
        let mut whole = 0;
        while let Some((kind, body)) = next(&mut self.asking) {
            match kind {
                b'P' => {
                    let (name, rest) = text(&body);
                    let statement = writes(text(rest).0);
                    self.statements.insert(name.to_vec(), statement);
                }
                b'B' => {
                    let (_, rest) = text(&body);
                    self.bound = self.statements.get(text(rest).0).copied().flatten();
                }
                b'E' => self.now.writes = self.now.writes.or(self.bound),
                b'Q' => {
                    let sql = text(&body).0;
                    self.now.writes = writes(sql);
                    self.now.rolls_back = sql.starts_with(b"ROLLBACK");
                    self.open.push_back(std::mem::take(&mut self.now));
                    whole += 1;
                }
                b'S' => {
                    self.open.push_back(std::mem::take(&mut self.now));
                    whole += 1;
                }
                _ => {}
            }
        }
        whole
    }

    /// Listens to the server; answers with what can be passed on now.
    pub(super) fn answered(&mut self, bytes: &[u8]) -> Vec<Verdict> {
        self.answering.extend_from_slice(bytes);
        let mut verdicts = Vec::new();
        while let Some(length) = length(&self.answering, 1)
            .map(|length| length + 1)
            .filter(|all| self.answering.len() >= *all)
        {
            let message: Vec<u8> = self.answering.drain(..length).collect();
            self.failed |= message[0] == b'E';
            self.held.extend_from_slice(&message);
            if message[0] == b'Z' {
                let question = self.open.pop_front().unwrap_or_default();
                let whole = std::mem::take(&mut self.held);
                verdicts.push(match self.ended(&question, message[5]) {
                    Some(what) => Verdict::Durable(what, whole),
                    None => Verdict::Other(whole),
                });
            }
        }
        if self.open.is_empty() && !self.held.is_empty() {
            verdicts.push(Verdict::Other(std::mem::take(&mut self.held)));
        }
        verdicts
    }

    /// What has become durable with the end of a question.
    fn ended(&mut self, question: &Question, status: u8) -> Option<What> {
        self.written = self.written.or(question.writes);
        if status != b'I' {
            return None;
        }
        let failed = std::mem::take(&mut self.failed);
        self.written
            .take()
            .filter(|_| !failed && !question.rolls_back)
    }
}

/// The length of the message whose length stands there.
fn length(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

/// Takes the first whole message with a type.
fn next(bytes: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let all = length(bytes, 1)? + 1;
    if bytes.len() < all {
        return None;
    }
    let message: Vec<u8> = bytes.drain(..all).collect();
    Some((message[0], message[5..].to_vec()))
}

/// A text that ends with a zero, and what comes after it.
fn text(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

fn writes(sql: &[u8]) -> Option<What> {
    let sql = String::from_utf8_lossy(sql).to_lowercase();
    let has = |words: &str| sql.contains(words);
    [
        ("a claim", "'running', owner"),
        ("a step", "insert into steps"),
        ("a step", "set seq = e.seq + 1, step_no"),
        ("an event", "insert into events"),
        ("a lease", "update workers"),
        ("a run", "insert into runs"),
        ("an effect", "into effects"),
        ("a transition", "update run_heads"),
        ("a job", "apalis.jobs"),
    ]
    .into_iter()
    .find(|(_, sign)| has(sign) && (has("insert into ") || has("update ") || has("delete from ")))
    .map(|(what, _)| what)
    .or_else(|| {
        let other =
            has("insert into ") || has("delete from ") || has("update ") && !has("for update");
        other.then_some("something else")
    })
}

/// Answers that were lost.
#[derive(Debug, Default)]
pub(super) struct Lost(Mutex<BTreeMap<What, usize>>);

impl Lost {
    pub(super) fn add(&self, what: What) {
        *self
            .0
            .lock()
            .expect("nobody panics with it")
            .entry(what)
            .or_default() += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().expect("nobody panics with it").values().sum()
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = self.0.lock().expect("nobody panics with it");
        f.debug_map().entries(lost.iter()).finish()
    }
}
