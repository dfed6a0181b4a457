//! An answer on its way to an engine. Its last piece is held back until what it used is written down: who has heard all of
//! it may be gone in the next moment, and everything of it with it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    agents::{
        Environment,
        call::{self, Line},
        environment::again,
    },
    providers::llm::{
        Refused, Reply, Usage,
        passage::{Meter, Order},
    },
};

/// The call that is answered, and who pays.
pub(super) struct Account {
    pub(super) env: Environment,
    pub(super) line: Line,
    pub(super) id: Uuid,
    pub(super) order: Order,
    pub(super) cost: Arc<AtomicI64>,
    pub(super) writing: TaskTracker,
    pub(super) request_id: Option<String>,
}

type Pieces = BoxStream<'static, Result<Vec<u8>, String>>;

/// The answer.
pub(super) struct Relay {
    from: Pieces,
    held: Option<Vec<u8>>,
    /// Until it is settled.
    open: Option<(Meter, Account)>,
}

impl Relay {
    pub(super) fn new(from: Pieces, meter: Meter, account: Account) -> Self {
        Self {
            from,
            held: None,
            open: Some((meter, account)),
        }
    }

    /// The pieces as they came.
    pub(super) fn stream(self) -> Pieces {
        stream::unfold(self, |mut relay| async move {
            let piece = relay.next().await?;
            Some((piece, relay))
        })
        .boxed()
    }

    async fn next(&mut self) -> Option<Result<Vec<u8>, String>> {
        while self.open.is_some() {
            let piece = match self.from.next().await {
                Some(Ok(piece)) => piece,
                end => {
                    let (meter, account) = self.open.take()?;
                    account.write(meter.end()).await;
                    return match end {
                        Some(Err(how)) => Some(Err(how)),
                        _ => self.held.take().map(Ok),
                    };
                }
            };
            if let Some((meter, _)) = &mut self.open {
                meter.hear(&piece);
            }
            if let Some(before) = self.held.replace(piece) {
                return Some(Ok(before));
            }
        }
        None
    }
}

impl Account {
    /// Writes what came of the call, to the end even if nobody waits for it any more.
    async fn write(self, answered: Result<Reply, Refused>) {
        let writing = self.writing.clone();
        drop(writing.spawn(self.settle(answered)).await);
    }

    async fn settle(self, answered: Result<Reply, Refused>) {
        let (records, run) = (&self.env.records, self.line.run);
        let written = match answered {
            Ok(mut reply) => {
                // Nobody says what it used: it is charged with the most it can have been.
                if reply.usage == Usage::default() {
                    reply.usage.input = self.order.tokens();
                    reply.usage.output = self.order.max_tokens.into();
                }
                reply.request_id = self.request_id;
                let settled = call::settle(records, run, &self.line.model, self.id, reply).await;
                settled.map(|(cost, _)| {
                    self.cost.fetch_add(cost, Ordering::Relaxed);
                })
            }
            Err(refused) => {
                let why = refused.to_string();
                records
                    .abandon_call(run, self.id, &why)
                    .await
                    .map_err(again)
            }
        };
        if let Err(error) = written {
            tracing::warn!(%run, %error, "a call of an engine could not be written down");
        }
    }
}
