//! Writes that come with a key of the caller's are performed once: the same request again, within a day, gets the answer
//! of the first. A key belongs to a person and an operation.
//!
//! The answer is kept after what was asked for has been committed, so a server that dies in between leaves a key without
//! an answer, and so does one that answers with a fault. Such a key stays taken: nobody knows whether its request was performed, and twice is worse than a question.

use serde_json::Value;

use super::{Db, access::permission_of};
pub use crate::models::request_key::Name;
use crate::{
    error::{Error, Result},
    models::request_key,
};

/// What an operation does with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Its answer is kept, and given again.
    Kept,
    /// Its answer holds a secret, which is never kept: a key is refused.
    Refused,
    /// It keeps the key with what it made, for good.
    Own,
    /// Nobody is signed in to whom a key could belong: it means nothing.
    Ignored,
}

/// Operations whose answers hold secrets, or whose requests do: even the hash of a password is not kept.
const SECRET: &[&str] = &[
    "changePassword",
    "createToken",
    "createInvitation",
    "createWebhook",
    "setRepositorySecret",
];

/// Operations with a place of their own for the key.
const OWN: &[&str] = &["createTask", "sendMessage", "sendReview"];

/// What this operation, which changes something, does with a key.
#[must_use]
pub fn rule_of(operation: &str) -> Rule {
    if permission_of(operation).is_none() {
        Rule::Ignored
    } else if SECRET.contains(&operation) {
        Rule::Refused
    } else if OWN.contains(&operation) {
        Rule::Own
    } else {
        Rule::Kept
    }
}

/// An answer that was given.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Those of its headers that are kept.
    pub headers: Value,
    /// Its body.
    pub body: Vec<u8>,
}

/// Takes a key for a request with this fingerprint; or finds the answer that the same request got before.
pub async fn take(db: &Db, name: &Name, fingerprint: &[u8]) -> Result<Option<Answer>> {
    let mut tx = db.begin().await?;
    request_key::prune(&mut tx).await?;
    let taken = request_key::take(&mut tx, name, fingerprint).await?;
    let earlier = match taken {
        true => None,
        false => request_key::earlier(&mut tx, name).await?,
    };
    tx.commit().await?;
    match earlier {
        _ if taken => Ok(None),
        Some(earlier) if earlier.fingerprint != fingerprint => Err(Error::field(
            "Idempotency-Key",
            "was used for another request",
        )),
        Some(earlier) => match (earlier.status, earlier.body) {
            (Some(status), Some(body)) => Ok(Some(Answer {
                status: u16::try_from(status).unwrap_or_default(),
                headers: earlier.headers,
                body,
            })),
            _ => Err(in_flight()),
        },
        // Given back a moment ago.
        None => Err(in_flight()),
    }
}

fn in_flight() -> Error {
    let message = "a request with this Idempotency-Key is being served, or was when its server stopped or failed: look \
                   whether it was performed before you send it with another key";
    Error::Conflict(message.to_owned())
}

/// Keeps the answer for whoever asks again.
pub async fn keep(db: &Db, name: &Name, answer: &Answer) -> Result<()> {
    let status = i16::try_from(answer.status).unwrap_or_default();
    Ok(request_key::keep(db, name, status, &answer.headers, &answer.body).await?)
}

/// Gives the key back: the request was refused, so nothing was performed.
pub async fn release(db: &Db, name: &Name) -> Result<()> {
    Ok(request_key::release(db, name).await?)
}
