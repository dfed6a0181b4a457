//! The door between an engine and its model. It lets through what the engine's row names and nothing else, puts the real
//! key in the place of a pass that is worth nothing elsewhere, and writes each call down before it is sent and after it is
//! answered, as calls of ours are.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, future::BoxFuture};
use http::{Method, StatusCode, header};
use rand::Rng as _;
use serde_json::Value;
use tokio::sync::{Mutex, Notify};
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use workflows::StepError;

use super::relay::{Account, Relay};
use crate::{
    agents::{Environment, Role, call::Line, environment::again, role::Limits},
    providers::{
        gate::{Answer, Clerk, Errand},
        llm::passage::{Meter, Order, Passed, Terms, Turned, Way},
    },
    services::agent_records::Prepared,
};

/// As much is passed on of what is no answer of a model.
const SHORT: usize = 64 << 10;

/// Why no more calls are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shut {
    /// There is no money for another one.
    Budget,
    /// There were as many as there may be.
    Calls(i32),
}

/// What went through.
#[derive(Debug)]
pub(super) struct Used {
    pub(super) cost: i64,
    pub(super) calls: i32,
    pub(super) shut: Option<Shut>,
}

/// The door of one engine at work.
pub(super) struct Door {
    env: Environment,
    line: Line,
    limits: Limits,
    served_as: String,
    pass: String,
    state: Mutex<State>,
    /// What was settled, in millionths of a dollar, and for how many calls.
    cost: Arc<AtomicI64>,
    /// What must be written down to its end, whoever has hung up.
    writing: TaskTracker,
    /// It was shut.
    closed: Notify,
}

struct State {
    /// The newest call's.
    turn: i32,
    shut: Option<Shut>,
}

impl Door {
    /// Opens it. What an earlier engine of the same step had asked and nobody heard may have been charged.
    pub(super) async fn open(
        env: &Environment,
        line: &Line,
        limits: Limits,
    ) -> Result<Self, StepError> {
        let records = &env.records;
        let left = records.abandon_sent(line.run, line.epoch);
        left.await.map_err(again)?;
        let used = records.used(line.agent_run).await.map_err(again)?;
        let pass: [u8; 24] = rand::rng().random();
        Ok(Self {
            env: env.clone(),
            line: line.clone(),
            limits,
            served_as: env.catalogue.served_as(&line.model.id),
            pass: pass.iter().map(|byte| format!("{byte:02x}")).collect(),
            state: Mutex::new(State {
                turn: used.turns,
                shut: None,
            }),
            cost: Arc::new(AtomicI64::new(used.cost)),
            writing: TaskTracker::new(),
            closed: Notify::new(),
        })
    }

    /// What is shown at it.
    pub(super) fn pass(&self) -> &str {
        &self.pass
    }

    /// What the model is called at it.
    pub(super) fn model(&self) -> &str {
        &self.served_as
    }

    /// Waits until it has been shut for so long.
    pub(super) async fn shut_for(&self, long: Duration) {
        self.closed.notified().await;
        tokio::time::sleep(long).await;
    }

    /// Nobody is behind it any more: what is being written is written, and what was not answered to its end may be charged.
    pub(super) async fn close(&self) -> Result<Used, StepError> {
        self.writing.close();
        self.writing.wait().await;
        let records = &self.env.records;
        let left = records.abandon_sent(self.line.run, self.line.epoch);
        left.await.map_err(again)?;
        let state = self.state.lock().await;
        Ok(Used {
            cost: self.cost.load(Ordering::Relaxed),
            calls: state.turn,
            shut: state.shut,
        })
    }

    fn vendor(&self) -> &'static str {
        self.line.provider.name()
    }

    async fn answer(&self, errand: Errand) -> Result<Answer, Turned> {
        if !self.admits(&errand) {
            return Err(Turned::stranger());
        }
        let path = errand.target.split('?').next().unwrap_or_default();
        let way = Way::of(path, self.vendor()).filter(|_| errand.method == Method::POST);
        let way = way.ok_or_else(|| {
            let path: String = path.chars().take(100).collect();
            Turned::unknown(format!("{} {path} is not let through here", errand.method))
        })?;
        let order = self.read(way, errand).await?;
        if way == Way::Count {
            let passed = self.line.provider.pass(&order).await;
            let passed = passed.map_err(|refused| Turned::away(refused.to_string()))?;
            return Ok(self.told(passed).await.0);
        }
        let id = self.prepare(&order).await?;
        let passed = match self.line.provider.pass(&order).await {
            Ok(passed) => passed,
            Err(refused) => {
                self.failed(id, &refused.to_string()).await;
                return Err(Turned::away(refused.to_string()));
            }
        };
        if !passed.status.is_success() {
            return Ok(self.refused(id, passed).await);
        }
        let account = Account {
            env: self.env.clone(),
            line: self.line.clone(),
            id,
            order: order.clone(),
            cost: self.cost.clone(),
            writing: self.writing.clone(),
            request_id: passed.id(),
        };
        let (status, headers) = (passed.status, passed.headers);
        let meter = Meter::new(way, passed.streams);
        Ok(Answer {
            status,
            headers,
            body: Relay::new(passed.body, meter, account).stream(),
            refused: None,
        })
    }

    /// Whether the pass is shown, wherever this kind of client shows a key.
    fn admits(&self, errand: &Errand) -> bool {
        let text = |name: &str| {
            errand
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let bearer = text(header::AUTHORIZATION.as_str());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
        bearer.or_else(|| text("x-api-key")) == Some(self.pass())
    }

    /// Long calls take a while to read.
    async fn read(&self, way: Way, errand: Errand) -> Result<Order, Turned> {
        let (env, model) = (self.env.clone(), self.line.model.clone());
        let (served_as, user) = (self.served_as.clone(), self.line.run.to_string());
        let read = tokio::task::spawn_blocking(move || {
            let terms = Terms {
                model: &model,
                served_as: &served_as,
                user: &user,
            };
            let role = Role::Coder.as_str();
            let mask = |text: &str| env.masked(text);
            Order::read(way, role, &errand.headers, &errand.body, terms, &mask)
        });
        read.await
            .map_err(|_| Turned::away("the request could not be read"))?
    }

    /// Writes that it is sent, if there is money for it.
    async fn prepare(&self, order: &Order) -> Result<Uuid, Turned> {
        let mut state = self.state.lock().await;
        if state.shut.is_none() && state.turn >= self.limits.turns {
            self.shut(&mut state, Shut::Calls(self.limits.turns));
        } else if self.cost.load(Ordering::Relaxed) >= self.limits.usd_micros {
            self.shut(&mut state, Shut::Budget);
        }
        if let Some(why) = state.shut {
            return Err(unpaid(why));
        }
        let turn = state.turn + 1;
        let record = crate::agents::call::without_nul(order.recorded(turn == 1));
        let most = (order.tokens(), order.max_tokens);
        let count = async || self.count(order).await;
        let prepared = self
            .line
            .prepare(&self.env.records, turn, &record, most, count);
        match prepared
            .await
            .map_err(|error| Turned::away(error.to_string()))?
        {
            Prepared::Send(id) => {
                state.turn = turn;
                Ok(id)
            }
            // Turns of this door are new ones.
            Prepared::Known(_) => Err(Turned::away("this call was answered before")),
            Prepared::OverBudget(_) => {
                self.shut(&mut state, Shut::Budget);
                Err(unpaid(Shut::Budget))
            }
        }
    }

    fn shut(&self, state: &mut State, why: Shut) {
        state.shut = Some(why);
        self.closed.notify_one();
    }

    async fn count(&self, order: &Order) -> Option<u64> {
        let order = order.count(self.vendor())?;
        let passed = self.line.provider.pass(&order).await.ok()?;
        let body = passed_body(passed, SHORT).await;
        let counted: Value = serde_json::from_slice(&body).ok()?;
        counted["input_tokens"].as_u64()
    }

    async fn failed(&self, id: Uuid, why: &str) {
        let noted = self.env.records.fail_call(self.line.run, id, why).await;
        if let Err(error) = noted {
            tracing::warn!(run = %self.line.run, %error, "a refused call of an engine could not be written down");
        }
    }

    /// The vendor's own refusal: it is for the engine to try again.
    async fn refused(&self, id: Uuid, passed: Passed) -> Answer {
        let status = passed.status;
        let (answer, body) = self.told(passed).await;
        let gist: String = body.chars().take(600).collect();
        self.failed(id, &format!("{} {gist}", status.as_u16()))
            .await;
        answer
    }

    /// A short answer as it came, unless something of ours is repeated in it.
    async fn told(&self, passed: Passed) -> (Answer, String) {
        let (status, headers) = (passed.status, passed.headers.clone());
        let body = passed_body(passed, SHORT).await;
        let body = self.env.masked(&String::from_utf8_lossy(&body));
        let answer = Answer {
            headers,
            ..Answer::json(status, body.clone().into_bytes())
        };
        (answer, body)
    }
}

/// Without the pass.
impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Clerk for Door {
    fn attend(&self, errand: Errand) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            match self.answer(errand).await {
                Ok(answer) => answer,
                Err(turned) => {
                    let body = turned.body(self.vendor());
                    let mut answer = Answer::json(turned.status, body);
                    // Clients of both vendors heed it.
                    let never = (
                        header::HeaderName::from_static("x-should-retry"),
                        header::HeaderValue::from_static("false"),
                    );
                    if turned.status != StatusCode::BAD_GATEWAY {
                        answer.headers.push(never);
                    }
                    answer.refused = Some(turned.message);
                    answer
                }
            }
        })
    }
}

fn unpaid(why: Shut) -> Turned {
    Turned::unpaid(match why {
        Shut::Budget => "what this run may cost is used up; a person is asked".to_owned(),
        Shut::Calls(most) => {
            format!("the model was asked {most} times, which is as often as it may be")
        }
    })
}

/// All of a body, as far as it is no longer than that.
async fn passed_body(passed: Passed, most: usize) -> Vec<u8> {
    let mut body = passed.body;
    let mut whole = Vec::new();
    while let Some(Ok(piece)) = body.next().await {
        whole.extend(piece);
        if whole.len() >= most {
            whole.truncate(most);
            break;
        }
    }
    whole
}
