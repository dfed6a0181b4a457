//! How much of the server one caller may use.

use std::time::Duration;

use serde::Deserialize;

use super::text;

/// How much of the server one caller may use.
#[derive(Debug, Clone, Deserialize)]
pub struct LimitsConfig {
    /// `CODEGRAPH_SIGN_INS_PER_MINUTE`: how often one address on the network may try to sign in,
    /// register or refresh (default 30; 0 means no limit, on passwords neither).
    #[serde(
        default = "thirty",
        deserialize_with = "text::number::<_, 0, 1_000_000>"
    )]
    pub sign_ins_per_minute: u32,
    /// `CODEGRAPH_WRITES_PER_MINUTE`: how often one person may change something (default 600; 0
    /// means no limit).
    #[serde(
        default = "six_hundred",
        deserialize_with = "text::number::<_, 0, 1_000_000>"
    )]
    pub writes_per_minute: u32,
    /// `CODEGRAPH_BODY_LIMIT`: the largest request, in KiB (default 2048).
    #[serde(
        default = "two_mib",
        deserialize_with = "text::number::<_, 16, 1_000_000>"
    )]
    pub body_limit: u32,
    /// `CODEGRAPH_REQUEST_TIMEOUT`: seconds until an answer must have begun (default 60).
    #[serde(default = "minute", deserialize_with = "text::seconds::<_, 1, 3600>")]
    pub request_timeout: Duration,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            sign_ins_per_minute: thirty(),
            writes_per_minute: six_hundred(),
            body_limit: two_mib(),
            request_timeout: minute(),
        }
    }
}

fn thirty() -> u32 {
    30
}

fn six_hundred() -> u32 {
    600
}

fn two_mib() -> u32 {
    2048
}

fn minute() -> Duration {
    Duration::from_secs(60)
}
