//! Runs as they were, done once more on a throwaway database: those that others were forked from up to there, attempts
//! side by side, and people who say what they said.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use workflows::{
    Definition, Definitions, RunId,
    definitions::{self, coding::Assignment},
};

use super::Failed;
use crate::{
    agents::{Beyond, Divergence, Rerun, Script},
    app::App,
    config::Config,
    providers::llm::{Providers, anthropic, ollama, openai, scripted},
    services::{
        agent_records::MESSAGE,
        recordings::{self, Recording},
        replay::{self, Stage},
        runs::{self, Start},
        steering,
    },
    telemetry::Redactor,
    worker::{Settings, StepSet, Worker},
};

/// Pause between looks.
const LOOK: Duration = Duration::from_millis(100);

/// A worker whose models say what they said then.
pub(super) struct Again<'a> {
    app: &'a App,
    rerun: Rerun,
    stop: CancellationToken,
    working: JoinHandle<crate::error::Result<()>>,
}

/// A run as it was, and the one that is it now.
struct Pair<'r> {
    then: &'r Recording,
    now: RunId,
    /// Which it is, as it stands before a place.
    of: String,
    /// How many of its people's words were said.
    said: usize,
    /// It waited for a word that nobody said then.
    stuck: Option<Divergence>,
    attempts: Vec<Pair<'r>>,
}

impl<'r> Pair<'r> {
    fn new(then: &'r Recording, now: RunId, of: String) -> Self {
        Self {
            then,
            now,
            of,
            said: 0,
            stuck: None,
            attempts: Vec::new(),
        }
    }

    /// Nobody let it come to an end: it is compared as far as it went.
    fn is_cut(&self) -> bool {
        self.beyond() == Beyond::Silence
    }

    fn beyond(&self) -> Beyond {
        match self.then.outcome.as_deref() {
            _ if self.then.until.is_some() => Beyond::Silence,
            Some("succeeded") => Beyond::Difference,
            Some("failed") => Beyond::Refusal,
            _ => Beyond::Silence,
        }
    }

    fn script(&self) -> Script {
        Script {
            of: self.of.clone(),
            calls: self.then.calls.clone(),
            given_up: self.then.given_up.clone(),
            past: self.then.past.clone(),
            engines: self.then.engines.clone(),
            trees: Arc::clone(&self.then.trees),
            beyond: self.beyond(),
        }
    }
}

impl<'a> Again<'a> {
    /// A worker at work, with nothing to do yet.
    pub(super) fn begin(app: &'a App, config: &Config, log: &Redactor) -> Result<Self, Failed> {
        let db = app.db.clone();
        let speak = Box::new(
            move |run: RunId,
                  text: String,
                  key: String|
                  -> futures::future::BoxFuture<'static, _> {
                let db = db.clone();
                Box::pin(async move {
                    let word = json!({"text": text});
                    let said = steering::signal(&db, run, MESSAGE, &word, Some(&key)).await;
                    said.map_err(|error| error.to_string())
                })
            },
        );
        let rerun = Rerun::new(speak);
        let stop = CancellationToken::new();
        let worker = worker(app, config, log, &rerun)?;
        Ok(Self {
            app,
            rerun,
            working: tokio::spawn(worker.run(stop.clone())),
            stop,
        })
    }

    /// Ends the worker; answers with how many calls were the same.
    pub(super) async fn stop(self) -> Result<usize, Failed> {
        self.stop.cancel();
        self.working.await??;
        Ok(self.rerun.answered())
    }

    /// Does them all, each from where it was forked from the one before; answers with the first difference.
    pub(super) async fn perform(
        &mut self,
        definition: &Definition,
        line: &[Recording],
        assignment: impl Fn(&Recording) -> Result<Assignment, Failed>,
    ) -> Result<Option<Divergence>, Failed> {
        let db = &self.app.db;
        let mut forked = None;
        for (at, then) in line.iter().enumerate() {
            let input = json!(assignment(then)?);
            let now = match forked {
                Some((of, seq)) => {
                    let fork = steering::fork(db, of, seq, Some(input)).await?;
                    // It may have ended by itself.
                    drop(steering::cancel(db, of).await);
                    fork
                }
                None => {
                    let start = Start {
                        input,
                        ..Start::default()
                    };
                    runs::start(db, definition, start).await?
                }
            };
            let of = match line.get(at + 1) {
                Some(_) => format!("{}, ", then.run),
                None => String::new(),
            };
            let mut pair = Pair::new(then, now, of);
            self.rerun.play(now, pair.script()).await?;
            let found = self.attend(&mut pair).await?;
            if let Some(found) = self.compare(&pair).await? {
                return Ok(Some(found));
            }
            if pair.then.until.is_some() && found.is_none() {
                return Ok(Some(Divergence {
                    place: format!("{}the place where it was forked", pair.of),
                    what: "the way to it".to_owned(),
                    recorded: "it came there".to_owned(),
                    now: "it does not".to_owned(),
                }));
            }
            forked = found.map(|seq| (now, seq));
        }
        Ok(None)
    }

    /// Answers for the people of then, until the run has ended or come to where another was forked from it: that row.
    async fn attend(&self, pair: &mut Pair<'_>) -> Result<Option<i32>, Failed> {
        let db = &self.app.db;
        loop {
            self.meet(pair).await?;
            // In this order: what it has done before it asked for more is written.
            let over = self.rerun.is_over(pair.now);
            if let Some(place) = &pair.then.until {
                let found = recordings::find(db, pair.now, place).await?;
                if found.is_some() || over {
                    return Ok(found);
                }
            }
            let attempts = pair.attempts.iter().map(|one| one.now);
            for run in std::iter::once(pair.now).chain(attempts) {
                if self.rerun.is_over(run) {
                    // As somebody did then.
                    drop(steering::cancel(db, run).await);
                }
            }
            match replay::stage(db, pair.now).await? {
                Stage::Ended => return Ok(None),
                Stage::Waits { run, signal } => self.answer(pair, run, &signal).await?,
                Stage::Held { .. } | Stage::Between => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// Gives attempts that have begun their scripts.
    async fn meet(&self, pair: &mut Pair<'_>) -> Result<(), Failed> {
        let begun = recordings::begun(&self.app.db, pair.now).await?;
        for (at, now) in begun.into_iter().enumerate().skip(pair.attempts.len()) {
            let of = format!("{}attempt {}, ", pair.of, at + 1);
            let Some(then) = pair.then.attempts.get(at) else {
                // There was none: whatever it asks is a difference.
                let script = Script {
                    of,
                    ..Script::default()
                };
                self.rerun.play(now, script).await?;
                continue;
            };
            let attempt = Pair::new(then, now, of);
            self.rerun.play(now, attempt.script()).await?;
            pair.attempts.push(attempt);
        }
        Ok(())
    }

    /// Says what was said to this run then.
    async fn answer(&self, pair: &mut Pair<'_>, run: RunId, signal: &str) -> Result<(), Failed> {
        let db = &self.app.db;
        let asked = match pair.attempts.iter_mut().find(|one| one.now == run) {
            Some(attempt) => attempt,
            None => pair,
        };
        let word = asked.then.signals.get(asked.said);
        if let Some((_, payload)) = word.filter(|(name, _)| name == signal) {
            asked.said += 1;
            steering::signal(db, run, signal, payload, None).await?;
            return Ok(());
        }
        if asked.then.outcome.as_deref() != Some("canceled") {
            asked.stuck = Some(Divergence {
                place: format!("{}the end of its newest step", asked.of),
                what: "a wait for people".to_owned(),
                recorded: "the run did not wait for this".to_owned(),
                now: format!("it waits for `{signal}`"),
            });
        }
        Ok(steering::cancel(db, run).await?)
    }

    /// The first difference in this run and its attempts.
    async fn compare(&self, pair: &Pair<'_>) -> Result<Option<Divergence>, Failed> {
        for attempt in &pair.attempts {
            // Those of a run that others were forked from may have been left before they had ended.
            let found = match pair.then.until {
                Some(_) => self.rerun.divergence(attempt.now),
                None => self.compare_one(attempt).await?,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        let found = self.compare_one(pair).await?;
        let fewer = || {
            let more = pair.then.attempts.get(pair.attempts.len())?;
            let missing = pair.then.until.is_none().then_some(more)?;
            Some(Divergence {
                place: format!("{}attempt {}", pair.of, pair.attempts.len() + 1),
                what: "the attempt".to_owned(),
                recorded: missing.run.to_string(),
                now: "it is not made".to_owned(),
            })
        };
        Ok(found.or_else(fewer))
    }

    async fn compare_one(&self, pair: &Pair<'_>) -> Result<Option<Divergence>, Failed> {
        let asked = self.rerun.divergence(pair.now);
        if let Some(found) = asked.or_else(|| pair.stuck.clone()) {
            return Ok(Some(found));
        }
        let run = runs::get(&self.app.db, pair.now).await?;
        let (then, now) = (pair.then.outcome.clone(), run.outcome.unwrap_or_default());
        if !pair.is_cut() && then.as_ref() != Some(&now) {
            let reason = run.failure.unwrap_or_default();
            return Ok(Some(Divergence {
                place: format!("{}the end", pair.of),
                what: "the outcome".to_owned(),
                recorded: then.unwrap_or_default(),
                now: format!("{now}: {}", reason["reason"].as_str().unwrap_or_default()),
            }));
        }
        let mut steps = replay::outputs(&self.app.db, pair.now).await?;
        if pair.is_cut() {
            steps.truncate(pair.then.steps.len());
        }
        let found = other_step(pair, &steps);
        Ok(found.or_else(|| self.rerun.missing(pair.now)))
    }
}

/// The first step that returned something else.
fn other_step(pair: &Pair<'_>, now: &[(String, Value)]) -> Option<Divergence> {
    let then = &pair.then.steps;
    for (number, at) in (pair.then.first_step..).zip(0..then.len().max(now.len())) {
        let gist = |steps: &[(String, Value)]| match steps.get(at) {
            Some((name, output)) => {
                let word = output["result"].as_str().unwrap_or_default();
                let tree = output["head"]["tree"].as_str().unwrap_or_default();
                format!("{name}: {word} {tree}").trim_end().to_owned()
            }
            None => "nothing".to_owned(),
        };
        let (recorded, now) = (gist(then), gist(now));
        if recorded != now {
            return Some(Divergence {
                place: format!("{}step {number}", pair.of),
                what: "what it returned".to_owned(),
                recorded,
                now,
            });
        }
    }
    None
}

/// Everything the product can do, with these models.
fn worker(app: &App, config: &Config, log: &Redactor, rerun: &Rerun) -> Result<Worker, Failed> {
    let mut environment = app.environment(config, log)?;
    environment.rerun = Some(rerun.clone());
    let mut providers = Providers::none();
    for vendor in [anthropic::NAME, openai::NAME, ollama::NAME, scripted::NAME] {
        providers.insert(Arc::new(rerun.standing_in_for(vendor)));
    }
    environment.providers = Arc::new(providers);
    let lanes = workflows::Lane::ALL.map(|lane| jobs::Width { lane, places: 2 });
    let settings = Settings {
        lanes: lanes.to_vec(),
        lease: config.worker.lease,
        grace: config.worker.shutdown_grace,
        connections: config.database.connections,
    };
    Ok(Worker::new(
        settings,
        app.options.clone(),
        Definitions::of(&definitions::ALL),
        StepSet::product().with_agents(&environment),
    ))
}
