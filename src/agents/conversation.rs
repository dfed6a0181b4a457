//! The loop between a model and its tools. Everything that costs or changes something is an activity of the step, so
//! that a conversation that was cut off goes on at the exact call; what was said is never changed afterwards.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use workflows::{Journal, StepContext, StepError, activity::Performed, definitions::coding::Brief};

use super::{
    Environment, Role,
    call::{self, Called, Line, without_nul},
    desk::Desk,
    environment::again,
    role::Limits,
    stuck::{Advice, Watch},
    tools::{self, AskHuman, Call, Effect, Finish, Said},
};
use crate::{
    providers::llm::{Message, Reply, Request, Stop, Tool},
    services::agent_records::NewToolCall,
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
    /// The next call could cost more than is left.
    OutOfBudget,
    /// It got nowhere, for this reason.
    GaveUp(String),
}

/// What is kept of a conversation that may go on in a later step.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    messages: Vec<Message>,
    pending: Vec<Value>,
    files: BTreeSet<String>,
    /// The call that waits for a person's answer.
    asked: Option<String>,
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
    messages: Vec<Message>,
    /// Blocks of the next message to the model.
    pending: Vec<Value>,
    files: BTreeSet<String>,
    asked: Option<String>,
    watch: Watch,
    turn: i32,
    max_tokens: u32,
    cost: i64,
    told_of_budget: bool,
    nudged: bool,
    pub(super) messages_seen: usize,
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
        let model = match brief.assignment.options.models.get(role.as_str()) {
            Some(id) => env.catalogue.find(id).map_err(|error| fatal(&error))?,
            None => env.catalogue.for_role(role.as_str()),
        };
        let provider = env.providers.get(&model.provider);
        let provider: Arc<_> = provider.map_err(|error| fatal(&error))?;
        let begun = env
            .records
            .begin(cx.run, cx.step_no, role.as_str(), &model.id);
        let agent_run = begun.await.map_err(again)?;
        let limits = role.limits();
        let mut conversation = Self {
            env,
            cx,
            role,
            limits,
            line: Line {
                run: cx.run,
                agent_run,
                model: model.clone(),
                provider,
                budget: brief.budget_usd_micros,
            },
            agent_run,
            system: role.prompt(),
            tools: tools::of_role(role),
            messages: Vec::new(),
            pending: Vec::new(),
            files: BTreeSet::new(),
            asked: None,
            watch: Watch::default(),
            turn: 0,
            max_tokens: limits.max_tokens,
            cost: 0,
            told_of_budget: false,
            nudged: false,
            messages_seen: brief.messages_seen,
        };
        match &brief.continues {
            Some(kept) => conversation.go_on(kept, brief.answer.as_ref()).await?,
            None => conversation.say(&opening),
        }
        Ok(conversation)
    }

    /// Puts an earlier conversation back, with the answer it waited for.
    async fn go_on(&mut self, kept: &Value, answer: Option<&Value>) -> Result<(), StepError> {
        let name = kept.as_str().unwrap_or_default();
        let bytes = self.env.records.kept(name).await.map_err(again)?;
        let bytes = bytes.ok_or_else(|| StepError::fatal("the conversation is not kept"))?;
        let kept: Kept = serde_json::from_slice(&bytes)
            .map_err(|error| StepError::fatal(format!("the conversation: {error}")))?;
        self.messages = kept.messages;
        self.pending = kept.pending;
        self.files = kept.files;
        let answer = answer.map(|answer| answer["text"].as_str().unwrap_or_default().to_owned());
        match (kept.asked, answer) {
            // All results of a turn stand in one message, before any words.
            (Some(id), Some(answer)) => self.pending.insert(0, result(&id, &answer, false)),
            (_, Some(answer)) => self.say(&format!("[a person answers]\n{answer}")),
            _ => self.say("[a person has raised the budget] Go on."),
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        self.pending
            .push(json!({"type": "text", "text": self.env.masked(text)}));
    }

    /// Keeps the conversation so that a later step can go on with it; answers with its name.
    pub(super) async fn keep(&self) -> Result<Value, StepError> {
        let kept = Kept {
            messages: self.messages.clone(),
            pending: self.pending.clone(),
            files: self.files.clone(),
            asked: self.asked.clone(),
        };
        let bytes = serde_json::to_vec(&kept)
            .map_err(|error| StepError::fatal(format!("the conversation: {error}")))?;
        let name = self.env.records.keep("application/json", &bytes).await;
        Ok(json!(name.map_err(again)?))
    }

    /// Millionths of a dollar that it has cost.
    pub(super) fn cost(&self) -> i64 {
        self.cost
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
            self.hear_people().await?;
            let Some(reply) = self.ask().await? else {
                return Ok(Ending::OutOfBudget);
            };
            if let Some(ending) = self.answer(desk, reply).await? {
                return Ok(ending);
            }
        }
    }

    /// Writes how it ended.
    pub(super) async fn close(&self, state: &str, outcome: &Value) -> Result<(), StepError> {
        let closed = self
            .env
            .records
            .end(self.agent_run, state, self.turn, outcome);
        closed.await.map_err(again)
    }

    /// What people have said since the last turn goes along with the next message. Once a turn is recorded, what it
    /// was told cannot change.
    async fn hear_people(&mut self) -> Result<(), StepError> {
        let key = format!("turn {} people", self.turn);
        if !self.cx.knows(&key) {
            if self.cx.knows(&format!("turn {} model", self.turn)) {
                return Ok(());
            }
            let heard = self.env.records.messages(self.cx.run, self.messages_seen);
            if heard.await.map_err(again)?.is_empty() {
                return Ok(());
            }
        }
        let (env, run, seen) = (self.env, self.cx.run, self.messages_seen);
        let said = self
            .cx
            .pure(&key, async || {
                Ok(json!(env.records.messages(run, seen).await.map_err(again)?))
            })
            .await?;
        for text in said.as_array().into_iter().flatten() {
            self.messages_seen += 1;
            self.say(&format!(
                "[the person who gave the task says]\n{}",
                text.as_str().unwrap_or_default()
            ));
        }
        Ok(())
    }

    /// Asks the model; nothing comes back when that could cost too much.
    async fn ask(&mut self) -> Result<Option<Reply>, StepError> {
        if self.cost >= self.limits.usd_micros {
            return Ok(None);
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
            effort: None,
            output_schema: None,
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
        let Called::Answered { reply, cost } = called else {
            return Ok(None);
        };
        self.cost += cost;
        if !self.told_of_budget && self.cost * 10 >= self.limits.usd_micros * 8 {
            self.told_of_budget = true;
            self.say("[budget] 80 % of what you may use is used. Bring this to an end.");
        }
        Ok(Some(reply))
    }

    /// Does what the model asks for, or ends.
    async fn answer(&mut self, desk: &Desk<'_>, reply: Reply) -> Result<Option<Ending>, StepError> {
        match &reply.stop {
            // The last block is cut off. Nothing of it counts; once more, with more room.
            Stop::MaxTokens if self.max_tokens == self.limits.max_tokens => {
                self.max_tokens *= 2;
                return Ok(None);
            }
            Stop::MaxTokens => return Ok(Some(gave_up("its answers were too long"))),
            Stop::Refusal => return Ok(Some(gave_up("the model refused"))),
            Stop::ContextWindow => return Ok(Some(gave_up("the conversation became too long"))),
            _ => {}
        }
        self.max_tokens = self.limits.max_tokens;
        let calls: Vec<Value> = of_type(&reply.content, "tool_use").cloned().collect();
        let text: Vec<&str> = of_type(&reply.content, "text")
            .filter_map(|block| block["text"].as_str())
            .collect();
        let text = text.join("\n");
        if !reply.content.is_empty() {
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

    /// Performs the calls of one turn in their order; all results go into one message.
    async fn use_tools(
        &mut self,
        desk: &Desk<'_>,
        calls: &[Value],
    ) -> Result<Option<Ending>, StepError> {
        let before = (desk.head().await, self.files.len());
        let (mut results, mut notes, mut sense) = (Vec::new(), Vec::new(), true);
        let mut ending = None;
        for (ordinal, block) in (0..).zip(calls) {
            let name = block["name"].as_str().unwrap_or_default();
            let id = block["id"].as_str().unwrap_or_default();
            let said = match Call::parse(self.role, name, &block["input"]) {
                Err(wrong) => {
                    sense = false;
                    Said::wrong(wrong)
                }
                Ok(Call::Finish(finish)) if ending.is_none() => {
                    ending = Some(Ending::Finished(finish));
                    Said::well("noted")
                }
                Ok(Call::AskHuman(question)) if ending.is_none() => {
                    self.asked = Some(id.to_owned());
                    ending = Some(Ending::Asked(question));
                    continue;
                }
                Ok(call) => self.use_tool(desk, ordinal, name, &call, block).await?,
            };
            match self.watch.called(name, &block["input"], &said.text) {
                Advice::GoOn => {}
                Advice::Note(note) => notes.push(note),
                Advice::Stop(reason) => ending = ending.or(Some(gave_up(reason))),
            }
            results.push(result(id, &said.text, said.is_error));
        }
        self.pending.splice(0..0, results);
        let progress = before != (desk.head().await, self.files.len());
        match self.watch.turned(progress, sense) {
            Advice::GoOn => {}
            Advice::Note(note) => notes.push(note),
            Advice::Stop(reason) => ending = ending.or(Some(gave_up(reason))),
        }
        for note in notes {
            self.say(&format!("[note] {note}"));
        }
        Ok(ending)
    }

    /// One use of a tool, once, however often the worker dies.
    async fn use_tool(
        &mut self,
        desk: &Desk<'_>,
        ordinal: i16,
        name: &str,
        call: &Call,
        block: &Value,
    ) -> Result<Said, StepError> {
        let key = format!("turn {} tool {ordinal}", self.turn);
        let known = call.file().is_some_and(|file| self.files.contains(file));
        let seq = self.cx.step_no * 10_000 + self.turn * 50 + i32::from(ordinal);
        let record = NewToolCall {
            agent_run: self.agent_run,
            turn: self.turn,
            ordinal,
            tool: name,
            effect: if call.effect() == Effect::Pure {
                "pure"
            } else {
                "workspace"
            },
            arguments: &without_nul(block["input"].clone()),
        };
        let env = self.env;
        let perform = async || {
            let id = env.records.begin_tool(&record).await.map_err(again)?;
            let mut said = call.perform(desk, known).await?;
            said.text = env.masked(&said.text);
            let mut kept = json!({"text": said.text, "is_error": said.is_error});
            if call.effect() == Effect::Workspace {
                let head = desk.record(seq).await?.to_json();
                kept["tree"] = head["tree"].clone();
                kept["commit"] = head["commit"].clone();
            }
            let whole = said.whole.as_deref().map(|whole| env.masked(whole));
            let whole = whole.as_deref().map(str::as_bytes);
            let ended = env
                .records
                .end_tool(id, "finished", &kept, said.is_error, whole);
            ended.await.map_err(again)?;
            Ok(kept)
        };
        let kept = if call.effect() == Effect::Pure {
            self.cx.pure(&key, perform).await?
        } else {
            match self
                .cx
                .workspace(&key, async || desk.restore().await, perform)
                .await?
            {
                Performed::Done(kept) => kept,
                Performed::Interrupted => {
                    json!({"text": "interrupted: the worker died twice while this ran", "is_error": true})
                }
            }
        };
        desk.replayed(&kept).await;
        let is_error = kept["is_error"].as_bool().unwrap_or_default();
        if let Some(file) = call.file().filter(|_| !is_error) {
            self.files.insert(file.to_owned());
        }
        let text = kept["text"].as_str().unwrap_or_default();
        Ok(if is_error {
            Said::wrong(text)
        } else {
            Said::well(text)
        })
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
