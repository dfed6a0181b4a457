//! An engine at work: a command behind the wall, with a door to its model and to nobody else.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use workflows::{StepError, definitions::coding::Brief};

use super::door::{Door, Shut};
use crate::{
    agents::{
        Environment, Role, call::Line, desk::Desk, environment::again, tools::cut, voice::tail,
    },
    providers::{
        gate,
        llm::catalogue::{Engine, Filling},
        sandbox::{Command, Exit, Job, Network, Ran},
    },
    services::{agent_records::NewToolCall, recordings::ENGINE},
};

/// The longest argument of a command: the kernel takes 128 KiB.
const ARGUMENT: usize = 120_000;
/// Characters of the output that are shown, and those that are told when it failed.
const SHOWN: usize = 16_000;
const TAIL: usize = 2_000;
/// How long it may go on when it gets no more answers.
const GRACE: Duration = Duration::from_secs(20);
/// Bytes of its last word.
const WORD: usize = 60_000;
/// How much of its output is kept.
const OUTPUT: usize = 8 << 20;

/// An engine and what it is started with.
pub(super) struct Started<'a> {
    pub(super) env: &'a Environment,
    pub(super) engine: &'a Engine,
    pub(super) line: &'a Line,
    pub(super) brief: &'a Brief,
    pub(super) prompt: &'a str,
    /// Under which the tree that it leaves is recorded.
    pub(super) seq: i32,
}

/// How it ended; the form in which the journal keeps it, beside the tree that it left.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Ended {
    /// `done`, or the step's result.
    pub(super) result: String,
    /// Its last word.
    pub(super) said: Option<String>,
    /// Why it is not done, for people.
    pub(super) why: Option<String>,
    /// What its model cost, in millionths of a dollar.
    pub(super) cost: i64,
    /// How often its model was asked.
    pub(super) calls: i32,
}

impl Ended {
    pub(super) fn of(result: &str) -> Self {
        Self {
            result: result.to_owned(),
            ..Self::default()
        }
    }

    fn gave_up(why: String) -> Self {
        Self {
            why: Some(why),
            ..Self::of("gave_up")
        }
    }
}

/// What of it is known when it is gone.
struct Gone {
    /// How it ended; nothing when it was stopped because it got no more answers.
    ran: Option<Ran>,
    /// What it wrote, without secrets.
    output: String,
    /// The same of its standard output alone.
    said: String,
}

impl Started<'_> {
    /// Has it work, and records the tree that it leaves.
    pub(super) async fn perform(&self, desk: &Desk<'_>) -> Result<Value, StepError> {
        let id = self.begin().await?;
        let before = desk.head().await.tree;
        let door = Arc::new(self.open().await?);
        let gone = self.run(desk, &door).await;
        let used = door.close().await?;
        let gone = gone?;
        let head = desk.record(self.seq).await?;
        let ended = match used.shut {
            Some(Shut::Budget) => Ended {
                said: self.engine.last_word.find(&gone.said),
                ..Ended::of("out_of_budget")
            },
            Some(Shut::Calls(most)) => {
                self.failed(&format!("asked its model more than {most} times"))
            }
            None => self.judge(&gone, desk, before != head.tree),
        };
        let ended = Ended {
            cost: used.cost,
            calls: used.calls,
            ..ended
        };
        let failed = ended.result != "done";
        let mut kept = json!(ended);
        kept[ENGINE] = json!(self.engine.id);
        kept["text"] = json!(cut(&gone.output, SHOWN));
        kept["is_error"] = json!(failed);
        for (key, value) in head.to_json().as_object().into_iter().flatten() {
            kept[key] = value.clone();
        }
        let whole = Some(gone.output.as_bytes());
        let records = &self.env.records;
        let ended = records.end_tool(id, "finished", &kept, failed, whole);
        ended.await.map_err(again)?;
        Ok(kept)
    }

    /// Writes that nobody knows how it ended: workers died under it too often. What its calls cost stays paid.
    pub(super) async fn give_up(&self) -> Result<Value, StepError> {
        let id = self.begin().await?;
        let used = self.open().await?.close().await?;
        let engine = &self.engine.id;
        let ended = Ended {
            cost: used.cost,
            calls: used.calls,
            ..Ended::gave_up(format!(
                "The worker died twice while the engine `{engine}` was at work."
            ))
        };
        let told = json!({"text": ended.why, "is_error": true});
        let records = &self.env.records;
        let written = records.end_tool(id, "interrupted", &told, true, None);
        written.await.map_err(again)?;
        Ok(json!(ended))
    }

    /// Writes that it begins; begun again, it is the same one.
    async fn begin(&self) -> Result<Uuid, StepError> {
        let record = NewToolCall {
            agent_run: self.line.agent_run,
            turn: 1,
            ordinal: 0,
            tool: ENGINE,
            effect: "workspace",
            arguments: &json!({ENGINE: self.engine.id, "command": self.engine.shown()}),
        };
        let begun = self.env.records.begin_tool(&record).await;
        begun.map_err(again)
    }

    async fn open(&self) -> Result<Door, StepError> {
        let options = &self.brief.assignment.options;
        let limits = options.limits.get(Role::Coder.as_str());
        Door::open(self.env, self.line, Role::Coder.limits(limits)).await
    }

    /// The command, from its start to its end.
    async fn run(&self, desk: &Desk<'_>, door: &Arc<Door>) -> Result<Gone, StepError> {
        let sandbox = self.env.sandbox().await?;
        if sandbox.wall() != "bubblewrap" {
            return Err(StepError::fatal(format!(
                "an engine runs behind bubblewrap only, where it can be given a door to its model; here stands {} \
                 (`codegraph doctor`)",
                sandbox.wall()
            )));
        }
        if !self.engine.listens() && self.prompt.len() > ARGUMENT {
            return Err(StepError::fatal(format!(
                "the engine `{}` is told more than fits into an argument; without `{{prompt}}` in its command it reads \
                 it from its standard input",
                self.engine.id
            )));
        }
        let job = self.job(desk, door).await?;
        let ran = tokio::select! {
            ran = desk.run(&job) => Some(ran?),
            () = door.shut_for(GRACE) => None,
        };
        let clean = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            self.env.masked(&text.replace(door.pass(), "***"))
        };
        Ok(Gone {
            output: ran
                .as_ref()
                .map(|ran| clean(&ran.output))
                .unwrap_or_default(),
            said: ran.as_ref().map(|ran| clean(&ran.said)).unwrap_or_default(),
            ran,
        })
    }

    async fn job(&self, desk: &Desk<'_>, door: &Arc<Door>) -> Result<Job, StepError> {
        let engine = self.engine;
        let filling = Filling {
            prompt: self.prompt,
            door: gate::ADDRESS,
            pass: door.pass(),
            model: door.model(),
        };
        let mut job = desk.job(Command::Argv(engine.command(filling))).await?;
        job.env.extend(engine.env(filling));
        let options = &self.brief.assignment.options;
        let hosts = match options.network {
            true => self.brief.assignment.hosts.as_slice(),
            false => &[],
        };
        job.network = Network::Hosts(self.env.egress.gate(hosts).with_clerk(door.clone()));
        let there = engine.readable.iter().filter(|path| path.exists());
        job.readable.extend(there.cloned());
        if engine.listens() {
            job.input = self.prompt.as_bytes().to_vec();
        }
        job.apart = true;
        job.limits.output_bytes = OUTPUT;
        job.limits.wall = engine.limit;
        job.limits.cpu_s = job.limits.cpu_s.max(engine.limit.as_secs());
        Ok(job)
    }

    /// What its end means.
    fn judge(&self, gone: &Gone, desk: &Desk<'_>, changed: bool) -> Ended {
        let Some(ran) = &gone.ran else {
            return self.failed("got no more answers from its model");
        };
        let program = self.engine.program();
        let wrote = match tail(gone.output.trim(), TAIL) {
            "" => "It wrote nothing.".to_owned(),
            text => format!("What it wrote last:\n{text}"),
        };
        match ran.exit {
            Exit::Code(0) => {}
            Exit::TimedOut if desk.left().is_zero() => return Ended::of("out_of_time"),
            Exit::TimedOut => {
                let long = self.engine.limit.as_secs();
                return self.failed(&format!("did not come to an end within {long} s. {wrote}"));
            }
            Exit::Code(_) if gone.output.contains(&format!("bwrap: execvp {program}")) => {
                return self.failed(&format!(
                    "was not started: there is no program `{program}` inside the sandbox (`codegraph doctor` shows where \
                     it is looked for)"
                ));
            }
            Exit::Code(code) => {
                return self.failed(&format!("ended with exit code {code}. {wrote}"));
            }
            Exit::Signal(signal) => {
                return self.failed(&format!("was killed by signal {signal}. {wrote}"));
            }
        }
        let said = self.engine.last_word.find(&gone.said);
        if said.is_none() && !changed {
            return self.failed(&format!(
                "ended without a change and without a last word. {wrote}"
            ));
        }
        Ended {
            said: Some(tail(&said.unwrap_or_default(), WORD).to_owned()),
            ..Ended::of("done")
        }
    }

    fn failed(&self, how: &str) -> Ended {
        Ended::gave_up(format!("The engine `{}` {how}", self.engine.id))
    }
}
