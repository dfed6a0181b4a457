//! The tools that a model uses in a turn: those that only look, side by side; those that change something, one after
//! the other.

use futures::future::try_join_all;
use serde_json::{Value, json};
use workflows::{Journal, StepError, activity::Performed};

use super::{Conversation, Ending, gave_up, result};
use crate::{
    agents::{
        call::without_nul,
        desk::Desk,
        environment::again,
        stuck::Advice,
        tools::{Call, Effect, Said},
    },
    services::agent_records::NewToolCall,
};

/// Calls that only look, at once.
const ABREAST: usize = 4;

/// A call of a turn, as it came.
struct Use<'c> {
    ordinal: i16,
    block: &'c Value,
    call: Result<Call, String>,
}

impl Use<'_> {
    fn name(&self) -> &str {
        self.block["name"].as_str().unwrap_or_default()
    }

    /// It may be performed beside others of its kind.
    fn looks(&self) -> bool {
        let ends = |call: &Call| matches!(call, Call::Finish(_) | Call::AskHuman(_));
        let looks = |call: &Call| call.effect() == Effect::Pure && !ends(call);
        self.call.as_ref().is_ok_and(looks)
    }
}

impl<J: Journal> Conversation<'_, J> {
    /// Performs the calls of one turn; all results go into one message, in the order of the calls.
    pub(super) async fn use_tools(
        &mut self,
        desk: &Desk<'_>,
        calls: &[Value],
    ) -> Result<Option<Ending>, StepError> {
        let before = (desk.head().await, self.files.len());
        let parse = |(ordinal, block): (i16, _)| Use {
            ordinal,
            block,
            call: self.parse(block),
        };
        let uses: Vec<Use<'_>> = (0..).zip(calls).map(parse).collect();
        let (mut results, mut notes, mut sense) = (Vec::new(), Vec::new(), true);
        let mut ending = None;
        let mut at = 0;
        while at < uses.len() {
            let abreast = uses[at..].iter().take(ABREAST).take_while(|u| u.looks());
            let group = &uses[at..at + abreast.count().max(1)];
            at += group.len();
            let said = match &group[0].call {
                Err(wrong) => {
                    sense = false;
                    vec![Said::wrong(wrong.as_str())]
                }
                Ok(Call::Finish(finish)) if ending.is_none() => {
                    ending = Some(Ending::Finished(finish.clone()));
                    vec![Said::well("noted")]
                }
                Ok(Call::AskHuman(question)) if ending.is_none() => {
                    self.asked = group[0].block["id"].as_str().map(str::to_owned);
                    ending = Some(Ending::Asked(question.clone()));
                    continue;
                }
                Ok(_) => {
                    let this = &*self;
                    let performed = group.iter().map(|one| this.use_tool(desk, one));
                    try_join_all(performed).await?
                }
            };
            for (one, said) in group.iter().zip(said) {
                if let Ok(call) = &one.call
                    && let Some(file) = call.file().filter(|_| !said.is_error)
                {
                    self.files.insert(file.to_owned());
                }
                if let Ok(Call::AddFinding(finding)) = &one.call
                    && !said.is_error
                {
                    self.findings.push(finding.clone());
                }
                match self
                    .watch
                    .called(one.name(), &one.block["input"], &said.text)
                {
                    Advice::Note(note) => notes.push(note),
                    Advice::Stop(reason) => ending = ending.or(Some(gave_up(reason))),
                    Advice::GoOn | Advice::Replace(_) => {}
                }
                let id = one.block["id"].as_str().unwrap_or_default();
                results.push(result(id, &said.text, said.is_error));
            }
        }
        self.pending.splice(0..0, results);
        let progress = before != (desk.head().await, self.files.len());
        match self.watch.turned(progress, sense) {
            Advice::GoOn => {}
            Advice::Note(note) => notes.push(note),
            Advice::Stop(reason) => ending = ending.or(Some(gave_up(reason))),
            Advice::Replace(reason) if ending.is_none() => match self.replacement() {
                Some(other) => self.hand_off(desk, reason, Some(other)).await?,
                None => ending = Some(gave_up(reason)),
            },
            Advice::Replace(_) => {}
        }
        for note in notes {
            self.say(&format!("[note] {note}"));
        }
        Ok(ending)
    }

    fn parse(&self, block: &Value) -> Result<Call, String> {
        let name = block["name"].as_str().unwrap_or_default();
        Call::parse(self.role, name, &block["input"])
    }

    /// One use of a tool, once, however often the worker dies.
    async fn use_tool(&self, desk: &Desk<'_>, one: &Use<'_>) -> Result<Said, StepError> {
        let Ok(call) = &one.call else {
            return Ok(Said::wrong("this call makes no sense"));
        };
        let (ordinal, block) = (one.ordinal, one.block);
        let key = format!("turn {} tool {ordinal}", self.turn);
        let known = call.file().is_some_and(|file| self.files.contains(file));
        let seq = self.cx.step_no * 10_000 + self.turn * 50 + i32::from(ordinal);
        let pure = call.effect() == Effect::Pure;
        let record = NewToolCall {
            agent_run: self.agent_run,
            turn: self.turn,
            ordinal,
            tool: one.name(),
            effect: if pure { "pure" } else { "workspace" },
            arguments: &without_nul(block["input"].clone()),
        };
        let env = self.env;
        let perform = async || {
            let id = env.records.begin_tool(&record).await.map_err(again)?;
            let said = call.perform(desk, known).await?;
            let (text, whole) = said.shown(|text| env.masked(text));
            let mut kept = json!({"text": text, "is_error": said.is_error});
            if !pure {
                let head = desk.record(seq).await?.to_json();
                kept["tree"] = head["tree"].clone();
                kept["commit"] = head["commit"].clone();
            }
            let whole = whole.as_deref().map(str::as_bytes);
            let ended = env
                .records
                .end_tool(id, "finished", &kept, said.is_error, whole);
            ended.await.map_err(again)?;
            Ok(kept)
        };
        let kept = if pure {
            self.cx.pure(&key, perform).await?
        } else {
            match env.workspace(self.cx, desk, &key, perform).await? {
                Performed::Done(kept) => kept,
                Performed::Interrupted => {
                    json!({"text": "interrupted: the worker died twice while this ran", "is_error": true})
                }
            }
        };
        desk.replayed(&kept).await;
        let text = kept["text"].as_str().unwrap_or_default();
        Ok(if kept["is_error"].as_bool().unwrap_or_default() {
            Said::wrong(text)
        } else {
            Said::well(text)
        })
    }
}
