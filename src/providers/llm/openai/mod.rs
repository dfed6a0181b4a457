//! Chat Completions, as OpenAI and many other servers speak them (vLLM, llama.cpp, OpenRouter and so on). What
//! may not live here: what the rest of the program calls things; both directions are translated.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt};
use reqwest::Response;
use secrecy::SecretString;

pub(super) use self::assembly::Assembly;
use super::passage::{Order, Passed};
use super::wire::{self, Broken, KeyHeader, Wire};
use super::{Catalogue, Class, Delta, Ear, ModelProvider, NotConfigured, Refused, Reply, Request};
use crate::config::HttpUrl;

mod assembly;
mod body;

/// Its name in the catalogue.
pub const NAME: &str = "openai";

/// Where it is, unless a setting says otherwise.
pub const ADDRESS: &str = "https://api.openai.com/v1";

/// A model of one's own may first have to be loaded.
const PATIENCE: Duration = Duration::from_secs(600);

/// Models of OpenAI or of a server that speaks like it.
#[derive(Debug)]
pub struct OpenAi {
    wire: Wire,
    catalogue: Arc<Catalogue>,
}

impl OpenAi {
    /// A client of the server at this address, which ends in `/v1` more often than not.
    pub fn new(
        base: &HttpUrl,
        key: Option<SecretString>,
        catalogue: Arc<Catalogue>,
    ) -> Result<Self, NotConfigured> {
        let key = key.map(|key| (key, KeyHeader::Bearer));
        Ok(Self {
            wire: Wire::new(NAME, base.clone(), key, PATIENCE)?,
            catalogue,
        })
    }

    async fn ask(&self, request: &Request, hear: &Ear<'_>) -> Result<Reply, Refused> {
        let row = self.catalogue.row(&request.model);
        let manner = body::Manner {
            own: self.wire.base().as_str() == ADDRESS,
            effort: row.is_some_and(|model| model.effort),
        };
        let name = self.catalogue.served_as(&request.model);
        let body = body::completion(request, &name, manner);
        let response = self
            .wire
            .post("/chat/completions", &request.role, body)
            .await?;
        let id = request_id(&response);
        let reply = listen(response, request.turn(), hear).await;
        match reply {
            Ok(mut reply) => {
                reply.request_id = id;
                Ok(reply)
            }
            Err(refused) => Err(self.wire.signed(Refused {
                request_id: id,
                ..refused
            })),
        }
    }
}

async fn listen(response: Response, turn: usize, hear: &Ear<'_>) -> Result<Reply, Refused> {
    let bytes = response
        .bytes_stream()
        .map_err(|error| wire::chain(&error.without_url()));
    let mut events = std::pin::pin!(wire::events(bytes));
    let mut assembly = Assembly::new(turn);
    let mut begun = false;
    let heard = async {
        while let Some(event) = events.next().await {
            let data = event.map_err(|Broken(how)| Refused::new(Class::Passing, how))?;
            if let Some(reply) = assembly.take(&data, hear)? {
                return Ok(reply);
            }
            begun = true;
        }
        Err(assembly.cut_off())
    };
    let heard = heard.await;
    heard.map_err(|refused| Refused { begun, ..refused })
}

fn request_id(response: &Response) -> Option<String> {
    let value = response.headers().get("x-request-id")?;
    value.to_str().ok().map(str::to_owned)
}

impl ModelProvider for OpenAi {
    fn name(&self) -> &'static str {
        NAME
    }

    fn complete<'a>(
        &'a self,
        request: &'a Request,
        hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        Box::pin(self.ask(request, hear))
    }

    fn pass<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Passed, Refused>> {
        Box::pin(async move {
            let path = order.way.path().trim_start_matches("/v1");
            let headers = order.headers();
            let sent = self.wire.pass(path, order.role, headers, order.bytes());
            Ok(Passed::of(sent.await?))
        })
    }
}
