//! Anthropic.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use secrecy::SecretString;

use super::messages::{Dialect, MessagesApi};
use super::passage::{Order, Passed};
use super::{Catalogue, Delta, ModelProvider, NotConfigured, Refused, Reply, Request};
use crate::config::HttpUrl;

/// Its name in the catalogue.
pub const NAME: &str = "anthropic";

/// Where it is, unless a setting says otherwise.
pub const ADDRESS: &str = "https://api.anthropic.com";

/// It sends a sign of life every few seconds, also while a model thinks.
const PATIENCE: Duration = Duration::from_secs(120);

/// Models of Anthropic, or of a server that stands in front of them.
#[derive(Debug)]
pub struct Anthropic(MessagesApi);

impl Anthropic {
    /// A client; without a key only where the server in front adds one.
    pub fn new(
        base: &HttpUrl,
        key: Option<SecretString>,
        catalogue: Arc<Catalogue>,
    ) -> Result<Self, NotConfigured> {
        Self::patient(base, key, catalogue, PATIENCE)
    }

    /// A client that takes the server for dead after this much silence.
    pub fn patient(
        base: &HttpUrl,
        key: Option<SecretString>,
        catalogue: Arc<Catalogue>,
        patience: Duration,
    ) -> Result<Self, NotConfigured> {
        let dialect = Dialect {
            name: NAME,
            caching: true,
            counting: true,
            patience,
        };
        MessagesApi::new(base, key, catalogue, dialect).map(Self)
    }
}

impl ModelProvider for Anthropic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn complete<'a>(
        &'a self,
        request: &'a Request,
        hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        Box::pin(self.0.complete(request, hear))
    }

    fn pass<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Passed, Refused>> {
        Box::pin(self.0.pass(order))
    }

    fn count_tokens<'a>(
        &'a self,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Option<u64>, Refused>> {
        Box::pin(self.0.count(request))
    }
}
