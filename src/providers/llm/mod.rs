//! Models: one call over the wire, its answer as it was said. What may not live here: conversations, budgets,
//! retries over time (only the rule for them).
//!
//! Requests and replies have the shape of the Messages API, and their blocks stay JSON: what a model said goes
//! back to it as it came, thinking included. Vendors that speak otherwise are translated at their door.

use futures::future::BoxFuture;

use self::passage::{Order, Passed};

pub use self::anthropic::Anthropic;
pub use self::catalogue::Catalogue;
pub use self::configured::{NotConfigured, Providers};
pub use self::ollama::Ollama;
pub use self::openai::OpenAi;
pub use self::refused::{Class, Refused};
pub use self::replay::{Recorder, Recording, Replay};
pub use self::reply::{Reply, Stop, Usage};
pub use self::request::{Message, Request, Tool};
pub use self::scripted::Scripted;

pub mod anthropic;
pub mod catalogue;
mod configured;
mod messages;
pub mod ollama;
pub mod openai;
pub mod passage;
mod refused;
pub mod replay;
mod reply;
mod request;
pub mod scripted;
mod wire;

/// Key under which tool input that is not JSON is kept, so that the model can be told what it wrote.
pub const MALFORMED: &str = "_malformed";

/// What is heard while a model speaks, for people who watch. Never the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delta<'a> {
    /// Words of the answer.
    Text(&'a str),
    /// Words of what it thinks, where the vendor shows them.
    Thinking(&'a str),
    /// A tool it is about to call; the input follows unheard.
    ToolName(&'a str),
}

/// Somebody who is told what a model says while it speaks.
pub type Ear<'a> = dyn Fn(Delta<'_>) + Send + Sync + 'a;

/// A vendor of models.
pub trait ModelProvider: Send + Sync + std::fmt::Debug {
    /// The name models carry in the catalogue.
    fn name(&self) -> &'static str;

    /// Asks once. Retrying is the caller's, by [`Refused::pause`].
    fn complete<'a>(
        &'a self,
        request: &'a Request,
        hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>>;

    /// Sends a call that somebody else has written, with our key, and gives back what is answered, whatever it is.
    fn pass<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Passed, Refused>> {
        let why = format!(
            "{} takes no calls of others ({})",
            self.name(),
            order.way.path()
        );
        Box::pin(std::future::ready(Err(Refused::new(Class::Rejected, why))))
    }

    /// Tokens of the prompt, where the vendor counts them beforehand.
    fn count_tokens<'a>(
        &'a self,
        _request: &'a Request,
    ) -> BoxFuture<'a, Result<Option<u64>, Refused>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}
