//! What a job is: a payload, a policy, a lane.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use workflows::{Lane, Policy};

/// The payload of a job. Its behaviour is a [handler](crate::Handlers).
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// Stored data: never rename.
    const NAME: &'static str;
    /// Attempts, timeout and backoff.
    const POLICY: Policy;

    /// Where it is worked off.
    fn lane(&self) -> Lane;

    /// While a job with this key is in its lane, dead ones included, another is not added.
    fn key(&self) -> Option<String> {
        None
    }

    /// Higher goes first.
    fn priority(&self) -> i16 {
        0
    }
}

/// How a job is stored: one lane carries jobs of every name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope {
    /// The job's name.
    pub job: String,
    /// Its payload.
    pub args: Value,
}
