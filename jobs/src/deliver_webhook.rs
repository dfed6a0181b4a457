//! The job that sends one message to one receiver. The delivery's row says what, where to, and whether it is done.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workflows::{Lane, Policy};

use crate::job::Job;

/// Send this, unless it was taken or given up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeliverWebhook {
    /// The row of the delivery.
    pub delivery: Uuid,
}

impl DeliverWebhook {
    /// Tries of a delivery, over some forty minutes; then it is given up, in its own row.
    pub const TRIES: i16 = 9;
}

impl Job for DeliverWebhook {
    const NAME: &'static str = "deliver_webhook";
    /// More tries than a delivery has: that one is counted in its row, and a job that dies would be in the way of
    /// another with its key.
    const POLICY: Policy = Policy {
        attempts: 100,
        timeout: Duration::from_secs(30),
        backoff: Duration::from_secs(10),
        backoff_cap: Duration::from_secs(3600),
    };

    fn lane(&self) -> Lane {
        Lane::Outbound
    }

    fn key(&self) -> Option<String> {
        Some(self.delivery.to_string())
    }
}
