//! What the steps do, and the world they do it to.

use std::sync::Arc;

use serde_json::{Value, json};
use workflows::{StepContext, StepError, Steps, activity::Found, testing::World};

use super::wire::{Wire, turn};

/// Performs every step the same way: it thinks for money, edits, sends, and sometimes fails.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    pub(crate) world: World,
}

impl Outside {
    /// The outside takes a thing once under its key, as a branch or a pull request is there once.
    fn send(&self, place: &str) -> usize {
        self.world.happen(&format!("tried {place}"));
        let key = format!("sent {place}");
        match self.world.times(&key) {
            0 => self.world.happen(&key),
            times => times,
        }
    }
}

/// The steps of one worker.
#[derive(Debug, Clone)]
pub(crate) struct Hands(pub(crate) Arc<Outside>);

impl Steps<Wire> for Hands {
    async fn call(&self, cx: StepContext<Wire>) -> Result<Value, StepError> {
        let world = &self.0.world;
        let place = format!("{}/{}", cx.run, cx.step_no);
        let think = async || {
            turn().await;
            Ok(json!(world.happen(&format!("paid {place}"))))
        };
        cx.paid("think", think).await?;
        let restore = async || {
            turn().await;
            world.happen(&format!("restored {place}"));
            Ok(())
        };
        let edit = async || {
            turn().await;
            Ok(json!(world.happen(&format!("edited {place}"))))
        };
        cx.workspace("edit", restore, edit).await?;
        let key = format!("sent {place}");
        let lookup = async || {
            turn().await;
            Ok(if world.times(&key) > 0 {
                Found::Yes(json!("sent"))
            } else {
                Found::No
            })
        };
        let send = async || {
            turn().await;
            Ok(json!(self.0.send(&place)))
        };
        cx.external("send", &key, lookup, send).await?;
        if cx.step.input["failures"]
            .as_u64()
            .is_some_and(|failures| u64::from(cx.attempt) <= failures)
        {
            return Err(StepError::retry("asked to fail"));
        }
        Ok(json!({"step": cx.step_no}))
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}
