//! One call of a model: held back in the ledger, written before it is sent and after it is answered, tried again
//! where that can help. An answer that was recorded is never asked for again.

use std::sync::Arc;

use chrono::Utc;
use rand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use workflows::{RunId, StepError};

use super::{Environment, environment::again, voice::Voice};
use crate::{
    error::Error,
    providers::llm::{Class, Delta, ModelProvider, Reply, Request, catalogue::Model},
    services::agent_records::{AgentRecords, CallPlan, Prepared, Spent},
};

/// Who is called, and who pays.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) run: RunId,
    pub(super) epoch: i32,
    pub(super) agent_run: Uuid,
    pub(super) model: Model,
    pub(super) provider: Arc<dyn ModelProvider>,
    /// The most the run may have cost after the call, in millionths of a dollar.
    pub(super) budget: i64,
    /// Another model could go on in its place.
    pub(super) replaceable: bool,
}

impl Line {
    /// Writes that a call is about to be sent, and holds back the most it can cost. Its tokens are guessed, from above: before
    /// a person is asked for money, whoever can tell is asked by `count` how many they really are.
    pub(super) async fn prepare(
        &self,
        records: &AgentRecords,
        turn: i32,
        request: &Value,
        (guess, max_tokens): (u64, u32),
        count: impl AsyncFnOnce() -> Option<u64>,
    ) -> Result<Prepared, Error> {
        let plan = |prompt| CallPlan {
            run: self.run,
            epoch: self.epoch,
            agent_run: self.agent_run,
            turn,
            provider: self.provider.name(),
            model: &self.model.id,
            request,
            worst_case: self.model.worst_case(prompt, max_tokens, Utc::now()),
            budget: self.budget,
        };
        let prepared = records.prepare_call(&plan(guess)).await?;
        if matches!(prepared, Prepared::OverBudget(_))
            && let Some(prompt) = count().await
        {
            return records.prepare_call(&plan(prompt.min(guess))).await;
        }
        Ok(prepared)
    }
}

/// What came of a call; the form in which the journal keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Called {
    /// An answer, what it cost, and what the run has cost with it, in millionths of a dollar.
    Answered {
        reply: Reply,
        cost: i64,
        #[serde(default)]
        spent: i64,
    },
    OutOfBudget {
        spent: i64,
    },
    /// The model will not answer; another one may.
    Refused {
        reason: String,
    },
}

/// Calls the model once a turn, however often the worker dies.
pub(super) async fn call(
    env: &Environment,
    line: &Line,
    turn: i32,
    request: &Request,
) -> Result<Value, StepError> {
    let record = recorded(request, turn);
    let guess = tokens(request);
    for attempt in 1.. {
        let count = async || line.provider.count_tokens(request).await.ok().flatten();
        let prepared = line.prepare(
            &env.records,
            turn,
            &record,
            (guess, request.max_tokens),
            count,
        );
        let id = match prepared.await.map_err(again)? {
            Prepared::Known(answer) => return Ok(answer),
            Prepared::OverBudget(balance) => {
                return Ok(json!(Called::OutOfBudget {
                    spent: balance.spent
                }));
            }
            Prepared::Send(id) => id,
        };
        let voice = Voice::new(env, line.run, &request.role, turn);
        let hear = |delta: Delta<'_>| voice.hear(delta);
        match voice.until(line.provider.complete(request, &hear)).await {
            Ok(reply) => {
                let settled = settle(&env.records, line.run, &line.model, id, reply).await?;
                return Ok(settled.1);
            }
            Err(refused) => {
                let reason = refused.to_string();
                let records = &env.records;
                let noted = if refused.begun {
                    records.abandon_call(line.run, id, &reason).await
                } else {
                    records.fail_call(line.run, id, &reason).await
                };
                noted.map_err(again)?;
                let Some(pause) = refused.pause(attempt, rand::rng().random()) else {
                    let reason = format!("{} did not answer: {refused}", line.model.id);
                    // A vendor that is overloaded for long, or knows the model no more.
                    if line.replaceable && matches!(refused.class, Class::Passing | Class::Unknown)
                    {
                        return Ok(json!(Called::Refused { reason }));
                    }
                    // Nothing waits in memory for so long: the run is parked, and asks again when it was told to.
                    return Err(match refused.comes_back_after() {
                        after @ Some(_) => StepError::Retry { reason, after },
                        None => StepError::fatal(reason),
                    });
                };
                tracing::warn!(run = %line.run, model = line.model.id, %refused, ?pause, "a model call is tried again");
                tokio::time::sleep(pause).await;
            }
        }
    }
    unreachable!("a call that cannot be tried again has returned")
}

/// Writes what an answer cost; answers with that, and with how the journal keeps it.
pub(super) async fn settle(
    records: &AgentRecords,
    run: RunId,
    model: &Model,
    id: Uuid,
    reply: Reply,
) -> Result<(i64, Value), StepError> {
    let usage = reply.usage;
    let price = model.price(Utc::now(), usage.prompt());
    let cost = price.cost(&usage);
    let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
    let used = Spent {
        input: count(usage.input),
        output: count(usage.output),
        cache_read: count(usage.cache_read),
        cache_write: count(usage.cache_write),
        cost_usd_micros: cost,
        price_version: &price.version,
    };
    let balance = records.balance(run).await.map_err(again)?;
    let spent = balance.spent + cost;
    let answered = without_nul(json!(Called::Answered { reply, cost, spent }));
    let finished = records.finish_call(run, id, &answered, used);
    finished.await.map_err(again)?;
    Ok((cost, answered))
}

/// What a call adds to the conversation, and the hash of the whole: together with the calls before it, all there is.
pub(super) fn recorded(request: &Request, turn: i32) -> Value {
    let whole = serde_json::to_vec(request).unwrap_or_default();
    let after_last_answer = request
        .messages
        .iter()
        .rposition(|message| message.role == "assistant")
        .map_or(0, |at| at + 1);
    let mut record = json!({
        "sha256": format!("{:x}", Sha256::digest(&whole)),
        "prompt_sha256": format!("{:x}", Sha256::digest(request.system.as_bytes())),
        "messages": request.messages.len(),
        "appended": request.messages[after_last_answer..],
        "max_tokens": request.max_tokens,
    });
    if turn == 1 {
        record["system"] = json!(request.system);
        record["tools"] = json!(request.tools);
        record["appended"] = json!(request.messages);
    }
    without_nul(record)
}

/// Tokens of a prompt, guessed from above: no vendor needs more than one for three bytes of code.
fn tokens(request: &Request) -> u64 {
    let bytes = serde_json::to_vec(request).map_or(0, |text| text.len());
    u64::try_from(bytes / 3).unwrap_or(u64::MAX)
}

/// Postgres cannot keep the character NUL; nothing a model says needs it.
pub(super) fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => json!(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key.replace('\0', "\u{fffd}"), without_nul(value)))
            .collect(),
        other => other,
    }
}
