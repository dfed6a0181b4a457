//! The loop between a model and its tools. Everything that costs or changes something is an activity of the step, so
//! that a conversation that was cut off goes on at the exact call; what was said is never changed afterwards.

mod handoff;
mod kept;
mod plea;
mod tried;
mod using;

pub(super) use kept::{SAYS, keep_exchange, last_words};
use tried::Tried;
pub(super) use using::number;

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};
use uuid::Uuid;
use workflows::{Journal, StepContext, StepError, definitions::coding::Brief};

use super::{
    Environment, Role,
    call::{self, Called, Line},
    desk::Desk,
    environment::again,
    role::Limits,
    runs::Runs,
    stuck::Watch,
    tools::{self, AskHuman, Finish},
    verdict::Finding,
};
use crate::providers::llm::{
    Message, Reply, Request, Stop, Tool,
    catalogue::{Model, NoModel},
};

/// How a conversation ended.
#[derive(Debug, Clone)]
pub(super) enum Ending {
    /// With a last word in text.
    Said(String),
    /// The coder called `finish`.
    Finished(Finish),
    /// It has a question for a person.
    Asked(AskHuman),
    /// It has used up what it was given, the money or the time; this word is the step's result.
    UsedUp(&'static str),
    /// It got nowhere, for this reason.
    GaveUp(String),
}

/// A conversation of one role in one step.
pub(super) struct Conversation<'a, J: Journal> {
    env: &'a Environment,
    cx: &'a StepContext<J>,
    role: Role,
    limits: Limits,
    line: Line,
    agent_run: Uuid,
    system: String,
    tools: Vec<Tool>,
    /// The words it began with.
    opening: String,
    messages: Vec<Message>,
    /// Blocks of the next message to the model.
    pending: Vec<Value>,
    files: BTreeSet<String>,
    asked: Option<String>,
    /// What did not work, and what the tests said last.
    tried: Tried,
    /// It was put back once to where the fewest tests failed.
    went_back: bool,
    /// What it has run.
    pub(super) ran: Runs,
    /// Of its tools and instructions.
    edition: u16,
    /// What the reviewer has found so far.
    pub(super) findings: Vec<Finding>,
    watch: Watch,
    turn: i32,
    max_tokens: u32,
    /// Tokens that the newest answer and everything before it took.
    length: u64,
    cost: i64,
    told_of_budget: bool,
    nudged: bool,
    /// Another model has taken the place of the first.
    fell_back: bool,
    messages_seen: usize,
    messages_told: Vec<String>,
}

impl<'a, J: Journal> Conversation<'a, J> {
    /// Begins a conversation with these words, or goes on with an earlier one.
    pub(super) async fn open(
        env: &'a Environment,
        cx: &'a StepContext<J>,
        role: Role,
        brief: &Brief,
        opening: String,
    ) -> Result<Self, StepError> {
        let fatal = |error: &dyn std::fmt::Display| StepError::fatal(error.to_string());
        let options = &brief.assignment.options;
        let model = match options.models.get(role.as_str()) {
            Some(id) => match env.catalogue.find(id) {
                Ok(model) => model,
                // It was there when the task was given.
                Err(NoModel::Retired {
                    successor: Some(successor),
                    ..
                }) => env
                    .catalogue
                    .find(&successor)
                    .map_err(|error| fatal(&error))?,
                Err(error) => return Err(fatal(&error)),
            },
            None => Cow::Borrowed(env.catalogue.for_role(role.as_str())),
        };
        let provider = env.providers.get(&model.provider);
        let provider: Arc<_> = provider.map_err(|error| fatal(&error))?;
        let begun = env
            .records
            .begin(cx.run, cx.step_no, role.as_str(), &model.id);
        let agent_run = begun.await.map_err(again)?;
        let mut limits = role.limits(options.limits.get(role.as_str()));
        limits.turns = limits.turns.min(using::TURNS);
        let max_tokens = limits.max_tokens.min(model.output);
        let mut conversation = Self {
            env,
            cx,
            role,
            limits,
            line: Line {
                run: cx.run,
                epoch: cx.epoch,
                agent_run,
                model: model.into_owned(),
                provider,
                budget: brief.budget_usd_micros,
                replaceable: false,
            },
            agent_run,
            system: role.prompt(brief.edition),
            tools: tools::of_role(role, brief.edition),
            opening: env.masked(&opening),
            messages: Vec::new(),
            pending: Vec::new(),
            files: BTreeSet::new(),
            asked: None,
            ran: Runs::default(),
            edition: brief.edition,
            findings: Vec::new(),
            watch: Watch::of(brief.edition),
            tried: Tried::default(),
            went_back: false,
            turn: 0,
            max_tokens,
            length: 0,
            cost: 0,
            told_of_budget: false,
            nudged: false,
            fell_back: false,
            messages_seen: brief.messages_seen,
            messages_told: brief.messages_told.clone(),
        };
        conversation.line.replaceable = conversation.replacement().is_some();
        match &brief.continues {
            Some(kept) => conversation.go_on(kept, brief.answer.as_ref()).await?,
            None => conversation.say(&opening),
        }
        Ok(conversation)
    }

    /// The model to go on with when this one cannot, and who serves it.
    fn replacement(&self) -> Option<Model> {
        let model = self.env.catalogue.fallback(&self.line.model)?;
        let served = self.env.providers.get(&model.provider).is_ok();
        (served && !self.fell_back).then(|| model.into_owned())
    }

    /// Tokens that an answer may have: so many times the usual, as far as the model can say as much.
    fn room(&self, times: u32) -> u32 {
        let most = self.limits.max_tokens.saturating_mul(times);
        most.min(self.line.model.output)
    }

    fn say(&mut self, text: &str) {
        self.pending
            .push(json!({"type": "text", "text": self.env.masked(text)}));
    }

    /// What it has cost so far, in millionths of a dollar.
    pub(super) fn cost(&self) -> i64 {
        self.cost
    }

    /// Ends a conversation that is not the whole of its step.
    pub(super) async fn close(&self, told: &Value) -> crate::error::Result<()> {
        let records = &self.env.records;
        records
            .end(self.agent_run, "succeeded", self.turn, told)
            .await
    }

    /// What every step that holds a conversation returns besides its own.
    pub(super) async fn outcome(
        &self,
        desk: &Desk<'_>,
        mut own: Value,
    ) -> Result<Value, StepError> {
        own["base"] = json!(desk.base);
        own["head"] = desk.head().await.to_json();
        own["cost_usd_micros"] = json!(self.cost);
        own["messages_seen"] = json!(self.messages_seen);
        own["messages_told"] = json!(self.messages_told);
        own["conversation"] = self.keep().await?;
        let closed = self
            .env
            .records
            .end(self.agent_run, "succeeded", self.turn, &own);
        closed.await.map_err(again)?;
        Ok(own)
    }

    /// Says something more and lets the model answer, as after a result that did not fit.
    pub(super) async fn again(&mut self, desk: &Desk<'_>, text: &str) -> Result<Ending, StepError> {
        self.say(text);
        self.hold(desk).await
    }

    /// Talks until there is an end.
    pub(super) async fn hold(&mut self, desk: &Desk<'_>) -> Result<Ending, StepError> {
        loop {
            self.turn += 1;
            if self.turn > self.limits.turns {
                let reason = format!("it took more than {} turns", self.limits.turns);
                return Ok(Ending::GaveUp(reason));
            }
            if self.out_of_time(desk) {
                return Ok(Ending::UsedUp("out_of_time"));
            }
            if self.is_long() {
                let why = "the conversation became long";
                self.hand_off(desk, handoff::BEFORE, why, None).await?;
            }
            self.hear_people().await?;
            let called = self.ask().await?;
            let reply = match called {
                Called::Answered { reply, .. } => reply,
                Called::OutOfBudget { .. } => return Ok(Ending::UsedUp("out_of_budget")),
                Called::Refused { reason } => {
                    let other = self.replacement();
                    self.hand_off(desk, handoff::AFTER, &reason, other).await?;
                    continue;
                }
            };
            if let Some(ending) = self.answer(desk, reply).await? {
                return Ok(ending);
            }
        }
    }

    /// Whether the run has worked for as long as it may. A turn that was begun in time is not looked at again.
    fn out_of_time(&self, desk: &Desk<'_>) -> bool {
        !self.cx.knows(&format!("turn {} model", self.turn)) && desk.left().is_zero()
    }

    /// Asks the model, unless that could cost too much.
    async fn ask(&mut self) -> Result<Called, StepError> {
        if self.cost >= self.limits.usd_micros {
            return Ok(Called::OutOfBudget { spent: self.cost });
        }
        if !self.pending.is_empty() {
            self.messages
                .push(Message::user(std::mem::take(&mut self.pending)));
        }
        let request = Request {
            model: self.line.model.id.clone(),
            role: self.role.to_string(),
            user: self.cx.run.to_string(),
            system: self.system.clone(),
            tools: self.tools.clone(),
            messages: self.messages.clone(),
            max_tokens: self.max_tokens,
            effort: Some(self.role.effort().to_owned()),
        };
        let (env, line, turn) = (self.env, &self.line, self.turn);
        let called = self
            .cx
            .paid(&format!("turn {turn} model"), async || {
                call::call(env, line, turn, &request).await
            })
            .await?;
        let called: Called = serde_json::from_value(called)
            .map_err(|error| StepError::fatal(format!("a recorded answer: {error}")))?;
        if let Called::Answered { reply, cost, spent } = &called {
            let usage = reply.usage;
            self.length = usage.input + usage.cache_read + usage.cache_write + usage.output;
            self.cost += cost;
            let nearly = |used: i64, most: i64| used.saturating_mul(10) >= most.saturating_mul(8);
            let low = nearly(self.cost, self.limits.usd_micros) || nearly(*spent, self.line.budget);
            if low && !std::mem::replace(&mut self.told_of_budget, true) {
                self.say("[budget] 80 % of what you may use is used. Bring this to an end.");
            }
        }
        Ok(called)
    }

    /// Does what the model asks for, or ends.
    async fn answer(&mut self, desk: &Desk<'_>, reply: Reply) -> Result<Option<Ending>, StepError> {
        match &reply.stop {
            // The last block is cut off. Nothing of it counts; once more, with more room.
            Stop::MaxTokens if self.max_tokens < self.room(2) => {
                self.max_tokens = self.room(2);
                return Ok(None);
            }
            Stop::MaxTokens => return Ok(Some(gave_up("its answers were too long"))),
            // Another model may see no harm in it. What was refused is not shown to it. Before the third edition, it was the end.
            Stop::Refusal => {
                let reason = "the model refused";
                let Some(other) = self.replacement().filter(|_| self.edition > 1) else {
                    return Ok(Some(gave_up(reason)));
                };
                self.hand_off(desk, handoff::AFTER, reason, Some(other))
                    .await?;
                return Ok(None);
            }
            Stop::ContextWindow if self.messages.len() > 1 => {
                let reason = "the conversation became too long";
                self.hand_off(desk, handoff::AFTER, reason, None).await?;
                return Ok(None);
            }
            Stop::ContextWindow => return Ok(Some(gave_up("the task is too long for the model"))),
            _ => {}
        }
        self.max_tokens = self.room(1);
        let calls: Vec<Value> = of_type(&reply.content, "tool_use").cloned().collect();
        let text: Vec<&str> = of_type(&reply.content, "text")
            .filter_map(|block| block["text"].as_str())
            .collect();
        let text = text.join("\n");
        // A vendor refuses a conversation in which somebody has said nothing.
        let blank = |block: &Value| {
            let text = block["text"].as_str().filter(|_| block["type"] == "text");
            text.is_some_and(|text| text.trim().is_empty())
        };
        let nothing = match self.edition {
            0 | 1 => reply.content.is_empty(),
            _ => reply.content.iter().all(blank),
        };
        if !nothing {
            self.messages
                .push(Message::assistant(reply.content.clone()));
        }
        if !calls.is_empty() {
            return self.use_tools(desk, &calls).await;
        }
        if reply.stop == Stop::PauseTurn {
            return Ok(None);
        }
        let coder = self.role == Role::Coder;
        if !coder && !text.trim().is_empty() {
            return Ok(Some(Ending::Said(text)));
        }
        if std::mem::replace(&mut self.nudged, true) {
            return Ok(Some(gave_up("it stopped without a result")));
        }
        self.say(if coder {
            "Go on with a tool, or call `finish` if you are done."
        } else {
            "Go on with a tool, or give your result."
        });
        Ok(None)
    }
}

fn gave_up(reason: &str) -> Ending {
    Ending::GaveUp(reason.to_owned())
}

fn of_type<'c>(content: &'c [Value], kind: &'static str) -> impl Iterator<Item = &'c Value> {
    content.iter().filter(move |block| block["type"] == kind)
}

fn result(id: &str, text: &str, is_error: bool) -> Value {
    let mut block = json!({"type": "tool_result", "tool_use_id": id, "content": text});
    if is_error {
        block["is_error"] = json!(true);
    }
    block
}
