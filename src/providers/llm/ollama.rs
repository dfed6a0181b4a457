//! Ollama, through its layer that speaks the Messages API.
//!
//! Two traps are the server's and cannot be seen from here: its context window is small unless
//! `OLLAMA_CONTEXT_LENGTH` (or the model's `num_ctx`) says otherwise, and what does not fit is cut off silently.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use super::messages::{Dialect, MessagesApi};
use super::passage::{Order, Passed};
use super::{Catalogue, Delta, ModelProvider, NotConfigured, Refused, Reply, Request};
use crate::config::HttpUrl;

/// Its name in the catalogue.
pub const NAME: &str = "ollama";

/// A model may first have to be read from a slow disk, and a long prompt by a slow processor.
const PATIENCE: Duration = Duration::from_secs(600);

/// Models on an Ollama server.
#[derive(Debug)]
pub struct Ollama(MessagesApi);

impl Ollama {
    /// A client of the server at this address.
    pub fn new(base: &HttpUrl, catalogue: Arc<Catalogue>) -> Result<Self, NotConfigured> {
        let dialect = Dialect {
            name: NAME,
            caching: false,
            counting: false,
            patience: PATIENCE,
        };
        MessagesApi::new(base, None, catalogue, dialect).map(Self)
    }
}

impl ModelProvider for Ollama {
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
}
