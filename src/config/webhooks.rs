//! Whom webhooks may reach.

use serde::Deserialize;

use super::GitHosts;

/// Whom webhooks may reach.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct WebhooksConfig {
    /// `CODEGRAPH_PRIVATE_WEBHOOK_HOSTS`: receivers of webhooks inside the network that may be spoken
    /// to, such as `chat.internal,10.0.0.7:8080` (default none: whoever may add a webhook could
    /// otherwise reach whatever this server reaches).
    #[serde(default)]
    pub private_webhook_hosts: GitHosts,
}
