//! The Messages API, as more than one vendor speaks it. What may not live here: what is particular to one of
//! them.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use reqwest::Response;
use secrecy::SecretString;
use serde_json::Value;

pub(super) use self::assembly::{Assembly, input};
use super::catalogue::{Catalogue, Thinking};
use super::passage::{Order, Passed};
use super::wire::{self, Broken, KeyHeader, Wire};
use super::{Class, Ear, NotConfigured, Refused, Reply, Request};
use crate::config::HttpUrl;

mod assembly;
mod body;

/// The version of the protocol that is spoken here.
const VERSION: &str = "2023-06-01";

/// A client of the Messages API.
#[derive(Debug)]
pub(super) struct MessagesApi {
    wire: Wire,
    catalogue: Arc<Catalogue>,
    dialect: Dialect,
}

/// What not every server of this API understands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// The vendor's name in the catalogue.
    pub(super) name: &'static str,
    /// Marks up to which the prompt is cached.
    pub(super) caching: bool,
    /// Counting tokens beforehand.
    pub(super) counting: bool,
    /// The longest silence while it speaks.
    pub(super) patience: Duration,
}

/// What the model of a request understands.
#[derive(Debug, Clone, Copy)]
struct Understands {
    caching: bool,
    effort: bool,
    thinking: Thinking,
}

impl MessagesApi {
    pub(super) fn new(
        base: &HttpUrl,
        key: Option<SecretString>,
        catalogue: Arc<Catalogue>,
        dialect: Dialect,
    ) -> Result<Self, NotConfigured> {
        let key = key.map(|key| (key, KeyHeader::ApiKey));
        let wire = Wire::new(dialect.name, root(base), key, dialect.patience)?;
        Ok(Self {
            wire: wire.with("anthropic-version", VERSION),
            catalogue,
            dialect,
        })
    }

    pub(super) async fn complete(
        &self,
        request: &Request,
        hear: &Ear<'_>,
    ) -> Result<Reply, Refused> {
        let body = body::message(request, &self.name(request), self.understands(request));
        let response = self.wire.post("/v1/messages", &request.role, body).await?;
        let id = request_id(&response);
        let reply = self.listen(response, hear).await;
        match reply {
            Ok(mut reply) => {
                reply.request_id = id;
                Ok(reply)
            }
            Err(refused) => Err(self.wire.signed(Refused {
                request_id: refused.request_id.or(id),
                ..refused
            })),
        }
    }

    async fn listen(&self, response: Response, hear: &Ear<'_>) -> Result<Reply, Refused> {
        let bytes = response
            .bytes_stream()
            .map_err(|error| wire::chain(&error.without_url()));
        let mut events = std::pin::pin!(wire::events(bytes));
        let mut assembly = Assembly::default();
        let heard = async {
            while let Some(event) = events.next().await {
                let data = event.map_err(|Broken(how)| Refused::new(Class::Passing, how))?;
                if let Some(reply) = assembly.take(&data, hear)? {
                    return Ok(reply);
                }
            }
            Err(assembly.cut_off())
        };
        let heard = heard.await;
        heard.map_err(|refused| Refused {
            begun: assembly.has_begun(),
            ..refused
        })
    }

    pub(super) async fn count(&self, request: &Request) -> Result<Option<u64>, Refused> {
        if !self.dialect.counting {
            return Ok(None);
        }
        let body = body::count(request, &self.name(request), self.understands(request));
        let path = "/v1/messages/count_tokens";
        let response = self.wire.post(path, &request.role, body).await?;
        let counted: Value = response
            .json()
            .await
            .map_err(|error| self.wire.broken(&wire::chain(&error.without_url())))?;
        Ok(counted.get("input_tokens").and_then(Value::as_u64))
    }

    /// Sends a call that somebody else has written.
    pub(super) async fn pass(&self, order: &Order) -> Result<Passed, Refused> {
        let headers = order.headers();
        let sent = self
            .wire
            .pass(order.way.path(), order.role, headers, order.bytes());
        Ok(Passed::of(sent.await?))
    }

    fn name(&self, request: &Request) -> String {
        self.catalogue.served_as(&request.model)
    }

    /// A model without a row is sent the plainest request.
    fn understands(&self, request: &Request) -> Understands {
        let row = self.catalogue.row(&request.model);
        Understands {
            caching: self.dialect.caching,
            effort: row.is_some_and(|model| model.effort),
            thinking: row.map_or(Thinking::None, |model| model.thinking),
        }
    }
}

fn request_id(response: &Response) -> Option<String> {
    let value = response.headers().get("request-id")?;
    value.to_str().ok().map(str::to_owned)
}

/// Other programs' setting for the address is without the version, some people write it nevertheless.
fn root(base: &HttpUrl) -> HttpUrl {
    base.without_suffix("/v1")
}
