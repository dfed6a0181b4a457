//! A finished run once more: its models say what they said then, everything else is done by the program of today.
//! What the program asks is compared with what it asked then; the first difference is kept, and ends it. A run with
//! attempts, or one that was forked from another, is several: each has a script of its own.

mod compare;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;
use workflows::RunId;

use self::compare::{place, said_before};
use super::{call::Called, changing::Changing};
use crate::{
    providers::llm::{Class, Delta, ModelProvider, Refused, Reply, Request},
    services::{agent_records::RecordedCall, recordings::Trees},
};

/// What is different, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// Where in the run.
    pub place: String,
    /// What of it.
    pub what: String,
    /// As it was.
    pub recorded: String,
    /// As it is now.
    pub now: String,
}

/// Sends a run a word of the person who gave the task, under a key: the same word twice is one word.
pub type Speak =
    dyn Fn(RunId, String, String) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// What was answered in one run, and what nobody can bring about again.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Which run of several it is, as it stands before a place; nothing for the only one.
    pub of: String,
    /// The answers.
    pub calls: Vec<RecordedCall>,
    /// Steps and activities that were given up then because workers died in them. They are given up again, for what
    /// followed was said about that.
    pub given_up: BTreeSet<(i32, String)>,
    /// What a step was told of earlier runs: where it is done once more, others came before it.
    pub past: BTreeMap<i32, String>,
    /// What came of engines, by their steps: what they did is not done again, for nobody knows what they would ask.
    pub engines: BTreeMap<i32, Value>,
    /// The trees that were recorded then, where there is one of an engine among them.
    pub trees: Arc<Trees>,
    /// What whoever asks for more is told.
    pub beyond: Beyond,
}

/// What is beyond the last answer of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Beyond {
    /// Nobody asked for more: whoever does has taken another way.
    #[default]
    Difference,
    /// Somebody ended it here, or another run went on from here: there is no answer.
    Silence,
    /// It failed, as it may have done because a model refused.
    Refusal,
}

/// The recorded answers of runs, in the place of one vendor.
#[derive(Clone)]
pub struct Rerun {
    vendor: &'static str,
    told: Arc<Told>,
}

struct Told {
    changing: Changing,
    speak: Box<Speak>,
    played: Mutex<BTreeMap<RunId, Played>>,
    another: Notify,
}

/// How far a run has come.
#[derive(Default)]
struct Played {
    script: Script,
    /// The call that comes next.
    at: usize,
    /// Its model was refused once, as it may have been then.
    refused: bool,
    /// It has asked for more where there is silence.
    over: bool,
    divergence: Option<Divergence>,
}

impl Rerun {
    /// People say what they said through `speak`.
    pub fn new(speak: Box<Speak>) -> Self {
        let told = Told {
            changing: Changing::new(),
            speak,
            played: Mutex::default(),
            another: Notify::new(),
        };
        Self {
            vendor: "",
            told: Arc::new(told),
        }
    }

    /// The same answers under the name of this vendor.
    #[must_use]
    pub fn standing_in_for(&self, vendor: &'static str) -> Self {
        Self {
            vendor,
            told: Arc::clone(&self.told),
        }
    }

    fn played(&self) -> MutexGuard<'_, BTreeMap<RunId, Played>> {
        self.told
            .played
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a run its script, after what people had said before its first call. Until then its steps do not begin.
    pub async fn play(&self, run: RunId, script: Script) -> Result<(), String> {
        let said = script.calls.first().map(said_before).unwrap_or_default();
        for (word, text) in said.into_iter().enumerate() {
            (self.told.speak)(run, text, format!("said:first:{word}")).await?;
        }
        let played = Played {
            script,
            ..Played::default()
        };
        self.played().insert(run, played);
        self.told.another.notify_waiters();
        Ok(())
    }

    /// Waits until the run has its script.
    pub async fn begins(&self, run: RunId) {
        loop {
            let another = self.told.another.notified();
            if self.played().contains_key(&run) {
                return;
            }
            another.await;
        }
    }

    /// Whether workers died in this activity then, so that it was given up.
    pub fn gave_up(&self, run: RunId, step_no: i32, key: &str) -> bool {
        let given_up =
            |played: &Played| played.script.given_up.contains(&(step_no, key.to_owned()));
        self.played().get(&run).is_some_and(given_up)
    }

    /// What a step was told of earlier runs then.
    pub fn remembered(&self, run: RunId, step_no: i32) -> String {
        let played = self.played();
        let told = played
            .get(&run)
            .and_then(|played| played.script.past.get(&step_no));
        told.cloned().unwrap_or_default()
    }

    /// What came of the engine in this step then, and the trees of that run.
    pub(super) fn engine(&self, run: RunId, step_no: i32) -> Option<(Value, Arc<Trees>)> {
        let played = self.played();
        let script = &played.get(&run)?.script;
        let came = script.engines.get(&step_no)?.clone();
        Some((came, Arc::clone(&script.trees)))
    }

    /// The first difference in what a run asked.
    pub fn divergence(&self, run: RunId) -> Option<Divergence> {
        self.played().get(&run)?.divergence.clone()
    }

    /// The first call of a run that was made then and not now. Whatever ended the run before it says more.
    pub fn missing(&self, run: RunId) -> Option<Divergence> {
        let played = self.played();
        let played = played.get(&run)?;
        let call = played.script.calls.get(played.at)?;
        Some(Divergence {
            place: played.place(call),
            what: "the call".to_owned(),
            recorded: format!("{} was asked", call.model),
            now: "nobody is asked".to_owned(),
        })
    }

    /// Whether a run has asked for more where there is silence.
    pub fn is_over(&self, run: RunId) -> bool {
        self.played().get(&run).is_some_and(|played| played.over)
    }

    /// How many calls were answered as they were then, in all runs.
    pub fn answered(&self) -> usize {
        self.played().values().map(|played| played.at).sum()
    }

    /// The recorded answer; nothing when none is to come; or the first difference.
    fn next(&self, run: RunId, request: &Request) -> Result<Option<Answered>, Refused> {
        let mut played = self.played();
        let nobody = || Refused::new(Class::Script, "the run has no script");
        let played = played.get_mut(&run).ok_or_else(nobody)?;
        let diverged = || Refused::new(Class::Script, "the run has taken another way");
        if played.divergence.is_some() {
            return Err(diverged());
        }
        let differs = |at: usize| {
            let call = played.script.calls.get(at)?;
            Some(self.told.changing.compare(&played.script.of, call, request))
        };
        let found = differs(played.at);
        // The newest answered call is asked for once more when whoever asked has died before the answer was written
        // down, or the run was taken from it.
        if !matches!(found, Some(None))
            && let Some(newest) = played.at.checked_sub(1)
            && let Some(None) = differs(newest)
        {
            return played.answer(newest).map(Some);
        }
        let Some(call) = played.script.calls.get(played.at) else {
            match played.script.beyond {
                Beyond::Difference => {}
                Beyond::Silence => {
                    played.over = true;
                    return Ok(None);
                }
                Beyond::Refusal => {
                    return Err(Refused::new(Class::Script, "nobody answered then"));
                }
            }
            played.divergence = Some(Divergence {
                place: format!(
                    "{}{}, after the last recorded call",
                    played.script.of, request.role
                ),
                what: "the call".to_owned(),
                recorded: "the run had ended".to_owned(),
                now: format!("{} is asked once more", request.model),
            });
            return Err(diverged());
        };
        if call.agent == request.role && call.model != request.model && !played.refused {
            played.refused = true;
            return Err(Refused::new(Class::Unknown, "another model answered then"));
        }
        if let Some(found) = found.flatten() {
            played.divergence = Some(found);
            return Err(diverged());
        }
        let answered = played.answer(played.at)?;
        played.at += 1;
        played.refused = false;
        Ok(Some(answered))
    }
}

impl Played {
    fn answer(&self, at: usize) -> Result<Answered, Refused> {
        let calls = &self.script.calls;
        let response = calls.get(at).and_then(|call| call.response.clone());
        let Ok(Called::Answered { reply, .. }) =
            serde_json::from_value(response.unwrap_or_default())
        else {
            return Err(Refused::new(Class::Script, "the record cannot be read"));
        };
        let said = calls.get(at + 1).map(said_before).unwrap_or_default();
        Ok(Answered { at, reply, said })
    }

    fn place(&self, call: &RecordedCall) -> String {
        place(&self.script.of, call)
    }
}

/// What was answered.
struct Answered {
    /// The call.
    at: usize,
    reply: Reply,
    /// What people said after it.
    said: Vec<String>,
}

impl ModelProvider for Rerun {
    fn name(&self) -> &'static str {
        self.vendor
    }

    fn complete<'a>(
        &'a self,
        request: &'a Request,
        _hear: &'a (dyn Fn(Delta<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, Refused>> {
        Box::pin(async move {
            let run = request.user.parse();
            let run = run.map_err(|_| Refused::new(Class::Script, "the run has no name"))?;
            let Some(Answered { at, reply, said }) = self.next(run, request)? else {
                return std::future::pending().await;
            };
            for (word, text) in said.into_iter().enumerate() {
                let spoken = (self.told.speak)(run, text, format!("said:{at}:{word}")).await;
                spoken.map_err(|error| Refused::new(Class::Script, error))?;
            }
            Ok(reply)
        })
    }

    /// As many as the recorded answer says there were.
    fn count_tokens<'a>(
        &'a self,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<Option<u64>, Refused>> {
        let run = request.user.parse().ok();
        let played = self.played();
        let next = run.and_then(|run| played.get(&run));
        let answer = next.and_then(|played| played.answer(played.at).ok());
        let tokens = answer.map(|answer| {
            let usage = answer.reply.usage;
            usage.input + usage.cache_read + usage.cache_write
        });
        Box::pin(std::future::ready(Ok(tokens)))
    }
}

impl fmt::Debug for Rerun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rerun")
            .field("vendor", &self.vendor)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        agents::call,
        providers::llm::{Message, Stop, Usage},
    };

    fn request(run: RunId, said: &[(&'static str, &str)]) -> Request {
        let message = |(role, text): &(&str, &str)| {
            let content = vec![serde_json::json!({"type": "text", "text": text})];
            if *role == "user" {
                Message::user(content)
            } else {
                Message::assistant(content)
            }
        };
        Request {
            model: "a-model".to_owned(),
            role: "coder".to_owned(),
            user: run.to_string(),
            system: "Be good.".to_owned(),
            tools: Vec::new(),
            messages: said.iter().map(message).collect(),
            max_tokens: 100,
            effort: None,
        }
    }

    fn answered(request: &Request, turn: i32, text: &str) -> RecordedCall {
        let reply = Reply {
            content: vec![serde_json::json!({"type": "text", "text": text})],
            stop: Stop::EndTurn,
            usage: Usage::default(),
            request_id: None,
            model: "a-model".to_owned(),
        };
        let called = Called::Answered {
            reply,
            cost: 0,
            spent: 0,
        };
        RecordedCall {
            step_no: 1,
            generation: 0,
            agent: "coder".to_owned(),
            turn,
            model: "a-model".to_owned(),
            request: call::recorded(request, turn),
            response: Some(serde_json::json!(called)),
        }
    }

    fn silent() -> Rerun {
        let speak = |_, _, _| -> BoxFuture<'static, _> { Box::pin(async { Ok(()) }) };
        Rerun::new(Box::new(speak))
    }

    #[tokio::test]
    async fn a_call_whose_answer_was_lost_is_answered_once_more() {
        let run = RunId::new();
        let first = request(run, &[("user", "go")]);
        let second = request(run, &[("user", "go"), ("assistant", "one"), ("user", "on")]);
        let script = Script {
            calls: vec![answered(&first, 1, "one"), answered(&second, 2, "two")],
            ..Script::default()
        };
        let rerun = silent();
        rerun.play(run, script).await.unwrap();
        for (request, text) in [
            (&first, "one"),
            (&first, "one"),
            (&second, "two"),
            (&second, "two"),
        ] {
            let reply = rerun.complete(request, &|_| {}).await.unwrap();
            assert_eq!(reply.content[0]["text"], text);
        }
        assert_eq!(rerun.answered(), 2);
        assert_eq!(rerun.divergence(run), None);
        // Older ones are not asked again by anybody who does as was done then.
        assert!(rerun.complete(&first, &|_| {}).await.is_err());
        assert!(rerun.divergence(run).is_some());
    }

    #[tokio::test]
    async fn whoever_was_cut_hears_no_more_and_others_are_not_concerned() {
        let (cut, other) = (RunId::new(), RunId::new());
        let rerun = silent();
        for (run, beyond) in [(cut, Beyond::Silence), (other, Beyond::Difference)] {
            let script = Script {
                of: "attempt 1, ".to_owned(),
                calls: vec![answered(&request(run, &[("user", "go")]), 1, "one")],
                beyond,
                ..Script::default()
            };
            rerun.play(run, script).await.unwrap();
            rerun.begins(run).await;
        }
        let more = [("user", "go"), ("assistant", "one"), ("user", "on")];
        for run in [cut, other] {
            let first = request(run, &[("user", "go")]);
            assert!(rerun.complete(&first, &|_| {}).await.is_ok());
        }
        let more = (request(cut, &more), request(other, &more));
        assert!(futures::poll!(rerun.complete(&more.0, &|_| {})).is_pending());
        assert!(rerun.is_over(cut) && rerun.divergence(cut).is_none());
        assert!(rerun.complete(&more.1, &|_| {}).await.is_err());
        let found = rerun.divergence(other).unwrap();
        assert_eq!(
            found.place,
            "attempt 1, coder, after the last recorded call"
        );
    }
}
