//! The tools that a model uses in a turn: those that only look, side by side; those that change something, one after
//! the other.

use futures::future::try_join_all;
use serde_json::{Value, json};
use workflows::{Journal, StepError, activity::Performed};

use super::{Conversation, Ending, gave_up, handoff::AFTER, result};
use crate::{
    agents::{
        call::without_nul,
        desk::{Desk, Head},
        environment::again,
        runs::Ran,
        stuck::Advice,
        tools::{Call, Effect, Said, gist},
    },
    services::agent_records::NewToolCall,
};

/// Calls that only look, at once.
const ABREAST: usize = 4;

/// Calls of one turn that are performed. What a call records is numbered by its turn and its place in it.
const MOST: i16 = 49;
/// Numbers that the records of one turn take: one for each call, and one for going back.
const OF_TURN: i16 = MOST + 1;
/// Numbers that the records of one step take.
const NUMBERS: i32 = 10_000;
/// Turns of a conversation whose records have numbers of their own.
pub(super) const TURNS: i32 = 199;

/// A call of a turn, as it came.
struct Use<'c> {
    ordinal: i16,
    block: &'c Value,
    call: Result<Call, String>,
}

/// What comes of a turn.
#[derive(Debug, Default)]
struct Turn {
    notes: Vec<&'static str>,
    ending: Option<Ending>,
    /// Why another model is to go on.
    replace: Option<&'static str>,
    /// Why it is to go on from an earlier state.
    back: Option<&'static str>,
    /// A call made no sense.
    nonsense: bool,
}

impl Turn {
    fn heed(&mut self, advice: Advice) {
        match advice {
            Advice::GoOn => {}
            Advice::Note(note) => self.notes.push(note),
            Advice::Stop(reason) => {
                self.ending = self.ending.take().or(Some(gave_up(reason)));
            }
            Advice::Replace(reason) => self.replace = Some(reason),
            Advice::Back(reason) => self.back = Some(reason),
        }
    }
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

/// Whether what was run says that it ended well.
fn ended_well(text: &str) -> bool {
    let exit = text.rfind("[exit code ").map(|at| &text[at + 11..]);
    let bad = ["newly failing:", "  not run: "];
    match exit {
        Some(code) => code.starts_with("0,"),
        None => !bad.iter().any(|word| text.contains(word)),
    }
}

/// The number of what a call records, among all that the run records.
pub(in crate::agents) fn number(step: i32, turn: i32, ordinal: i16) -> i32 {
    step * NUMBERS + turn * i32::from(OF_TURN) + i32::from(ordinal)
}

/// What a model is told about what it leaves behind and nobody will get.
fn told_of(left_out: &[&String]) -> String {
    let some: Vec<&str> = left_out.iter().take(10).map(|name| name.as_str()).collect();
    let more = if left_out.len() > 10 { ", …" } else { "" };
    format!(
        "\n[not recorded, and not delivered: {}{more}: too large, or no file that git keeps]",
        some.join(", ")
    )
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
            call: match ordinal {
                ..MOST => self.parse(block),
                _ => Err(format!(
                    "only the first {MOST} calls of a turn are performed"
                )),
            },
        };
        let uses: Vec<Use<'_>> = (0..).zip(calls).map(parse).collect();
        let mut results = Vec::new();
        let mut turn = Turn::default();
        let mut at = 0;
        while at < uses.len() {
            let abreast = uses[at..].iter().take(ABREAST).take_while(|u| u.looks());
            let group = &uses[at..at + abreast.count().max(1)];
            at += group.len();
            let said = match &group[0].call {
                Err(wrong) => {
                    turn.nonsense = true;
                    vec![Said::wrong(wrong.as_str())]
                }
                Ok(Call::Finish(finish)) if turn.ending.is_none() => {
                    turn.ending = Some(Ending::Finished(finish.clone()));
                    vec![Said::well("noted")]
                }
                Ok(Call::AskHuman(question)) if question.blocking && turn.ending.is_none() => {
                    self.asked = group[0].block["id"].as_str().map(str::to_owned);
                    turn.ending = Some(Ending::Asked(question.clone()));
                    continue;
                }
                Ok(_) => {
                    let this = &*self;
                    let performed = group.iter().map(|one| this.use_tool(desk, one));
                    try_join_all(performed).await?
                }
            };
            for (one, said) in group.iter().zip(said) {
                self.learn(one, &said, &desk.head().await, &mut turn);
                let id = one.block["id"].as_str().unwrap_or_default();
                results.push(result(id, &said.text, said.is_error));
            }
        }
        self.pending.splice(0..0, results);
        let progress = before != (desk.head().await, self.files.len());
        turn.heed(self.watch.turned(progress, !turn.nonsense));
        if turn.ending.is_none() {
            if let Some(reason) = turn.replace {
                match self.replacement() {
                    Some(other) => self.hand_off(desk, AFTER, reason, Some(other)).await?,
                    None => turn.ending = Some(gave_up(reason)),
                }
            } else if let Some(why) = turn.back {
                turn.ending = self.go_back(desk, why).await?;
            }
        }
        for note in turn.notes {
            self.say(&format!("[note] {note}"));
        }
        Ok(turn.ending)
    }

    /// What follows from a call and its result, on the state that it left.
    fn learn(&mut self, one: &Use<'_>, said: &Said, head: &Head, turn: &mut Turn) {
        let (name, input) = (one.name(), &one.block["input"]);
        if let Ok(call) = &one.call {
            if let Some(file) = call.file().filter(|_| !said.is_error) {
                self.files.insert(file.to_owned());
            }
            if call.runs() && self.edition > 0 {
                let ran = Ran {
                    tool: name.to_owned(),
                    about: gist(input),
                    well: !said.is_error && ended_well(&said.text),
                    tree: head.tree.clone(),
                };
                self.ran.add(self.step_of(one.ordinal), ran);
            }
            if let (Call::AddFinding(finding), false) = (call, said.is_error) {
                self.findings.push(finding.clone());
            }
        }
        turn.heed(self.watch.called(name, input, &said.text));
        self.tried.note(name, input, said);
        if name == "run_tests" && !said.is_error {
            turn.heed(self.watch.tested(&said.text, head));
        }
    }

    /// Goes back to the state in which the fewest tests failed, and has another conversation begin there; whoever went
    /// back before gets no further.
    async fn go_back(&mut self, desk: &Desk<'_>, why: &str) -> Result<Option<Ending>, StepError> {
        let Some(best) = self.watch.best().cloned() else {
            return Ok(None);
        };
        if std::mem::replace(&mut self.went_back, true) {
            return Ok(Some(gave_up("the same tests fail whatever it changes")));
        }
        let seq = number(self.cx.step_no, self.turn, MOST);
        let perform = async || Ok(desk.go_back(&best, seq).await?.to_json());
        let key = format!("turn {} back", self.turn);
        if let Performed::Done(kept) = self.env.workspace(self.cx, desk, &key, perform).await? {
            desk.replayed(&kept).await;
        }
        let other = self.replacement();
        let told = format!("{why}; the tree is back in the state in which the fewest tests failed");
        self.hand_off(desk, AFTER, &told, other).await?;
        Ok(None)
    }

    /// By what a run can be named.
    fn step_of(&self, ordinal: i16) -> String {
        format!("{}.{}.{ordinal}", self.cx.step_no, self.turn)
    }

    fn parse(&self, block: &Value) -> Result<Call, String> {
        let name = block["name"].as_str().unwrap_or_default();
        Call::parse(self.role, self.edition, name, &block["input"])
    }

    /// One use of a tool, once, however often the worker dies.
    async fn use_tool(&self, desk: &Desk<'_>, one: &Use<'_>) -> Result<Said, StepError> {
        let Ok(call) = &one.call else {
            return Ok(Said::wrong("this call makes no sense"));
        };
        let (ordinal, block) = (one.ordinal, one.block);
        let key = format!("turn {} tool {ordinal}", self.turn);
        let known = call.file().is_some_and(|file| self.files.contains(file));
        let seq = number(self.cx.step_no, self.turn, ordinal);
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
            let (mut text, whole) = said.shown(|text| env.masked(text));
            if call.runs() && self.edition > 0 {
                text += &format!("\n[step {}]", self.step_of(ordinal));
            }
            let mut kept = json!({"text": text, "is_error": said.is_error});
            if !pure {
                let before = desk.head().await.left_out;
                let head = desk.record(seq).await?;
                let new = |name: &&String| !before.contains(name);
                let left_out: Vec<&String> = head.left_out.iter().filter(new).collect();
                if !left_out.is_empty() {
                    kept["text"] = json!(text + &told_of(&left_out));
                }
                for (key, value) in head.to_json().as_object().into_iter().flatten() {
                    kept[key] = value.clone();
                }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_calls_record_under_one_number() {
        let mut seen = BTreeSet::new();
        for step in 1..4 {
            // Of the first number of a step, a choice makes use.
            assert!(seen.insert(number(step, 0, 0)));
            for turn in 1..=TURNS {
                for ordinal in 0..OF_TURN {
                    assert!(
                        seen.insert(number(step, turn, ordinal)),
                        "{step} {turn} {ordinal}"
                    );
                }
            }
        }
        // As they are stored.
        assert_eq!(number(2, 3, 1), 20_151);
    }
}
