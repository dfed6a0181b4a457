//! A finished run once more, offline: on a throwaway home, with a copy of its repository, with the answers its models
//! gave then. Shows the first thing that today's program does otherwise.

use std::{collections::BTreeSet, path::Path, process::ExitCode, sync::Arc};

use clap::Args;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use workflows::{
    Definition, Definitions, RunId,
    definitions::{
        self,
        coding::{self, Assignment, Deliver, Origin},
    },
};

use super::{
    Failed,
    demo::{Home, with_bundle},
    follow::{Follower, Halt},
    spinner,
};
use crate::{
    agents::{Divergence, Rerun},
    app::App,
    config::Config,
    providers::{
        git::Source,
        llm::{Catalogue, Providers, anthropic, ollama, openai, scripted},
    },
    services::{
        agent_records::{AgentRecords, MESSAGE, RecordedCall},
        replay,
        runs::{self, Start},
        steering,
    },
    telemetry::Redactor,
    worker::{Settings, StepSet, Worker},
};

/// What `codegraph replay` is told.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run, as `run_…`.
    run: RunId,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The run takes another way today.
const DIVERGED: u8 = 2;

pub(super) async fn run(
    config: &Config,
    log: &Redactor,
    arguments: Arguments,
) -> Result<ExitCode, Failed> {
    let app = App::open(config, spinner::tell()).await?;
    let recorded = Recorded::read(&app, arguments.run).await?;
    let home = Home::new("replay")?;
    let mut elsewhere = Config {
        home: home.path().to_owned(),
        ..with_bundle(config).await
    };
    elsewhere.database.url = None;
    let there = App::open(&elsewhere, |_| {}).await?;
    there.prepare(&elsewhere).await?;
    log.register(&there.url(&elsewhere));

    let repository = home.path().join("repository");
    let environment = app.environment(config, log)?;
    recorded
        .copy_repository(&environment.store, &repository)
        .await?;
    let calls = AgentRecords::new(app.db.clone())
        .calls(arguments.run)
        .await?;
    let many = calls.len();
    let assignment = recorded.assignment(&calls, &environment.catalogue, &repository);
    let (rerun, found) = again(&there, &elsewhere, log, &recorded, assignment, calls).await?;
    Ok(tell(&arguments, rerun.answered(), many, found.as_ref()))
}

fn tell(arguments: &Arguments, same: usize, many: usize, found: Option<&Divergence>) -> ExitCode {
    if arguments.json {
        let run = arguments.run;
        println!(
            "{}",
            json!({"run": run, "calls": many, "same": same, "divergence": found})
        );
    } else if let Some(found) = found {
        println!("{same} of {many} model calls are the same. Then:");
        println!("  at   {}: {}", found.place, found.what);
        println!("  then {}", found.recorded);
        println!("  now  {}", found.now);
    } else {
        println!("The same: {same} of {many} model calls, every step, every tree.");
    }
    if found.is_some() {
        ExitCode::from(DIVERGED)
    } else {
        ExitCode::SUCCESS
    }
}

/// A run as it was.
struct Recorded {
    /// In the version that it was done with.
    definition: Definition,
    assignment: Assignment,
    base: String,
    signals: Vec<(String, Value)>,
    outcome: String,
    outputs: Vec<(String, Value)>,
    /// What was given up because workers died in it.
    interrupted: BTreeSet<(i32, String)>,
}

impl Recorded {
    async fn read(app: &App, id: RunId) -> Result<Self, Failed> {
        let run = runs::get(&app.db, id).await?;
        let version = u16::try_from(run.version)?;
        let known = Definitions::of(&[coding::V1, coding::V2, coding::V3]);
        let Ok(definition) = known.find(&run.workflow, version).copied() else {
            let what = format!("`{}` version {version}", run.workflow);
            return Err(format!("{id} is no coding run that this program knows but {what}").into());
        };
        let Some(outcome) = run.outcome else {
            return Err(format!("{id} has not ended").into());
        };
        if !replay::is_plain(&app.db, id).await? {
            let why = "was forked or taken up again from an earlier step; only a run of one piece can be replayed";
            return Err(format!("{id} {why}").into());
        }
        let outputs = replay::outputs(&app.db, id).await?;
        if outputs.iter().any(|(name, _)| name == coding::CHOOSE) {
            let why = "made attempts side by side; only a run of one piece can be replayed";
            return Err(format!("{id} {why}").into());
        }
        let base = outputs
            .iter()
            .find_map(|(_, output)| output["base"].as_str());
        let base = base.ok_or_else(|| format!("{id} ended before its first step did"))?;
        Ok(Self {
            definition,
            assignment: serde_json::from_value(run.input)?,
            base: base.to_owned(),
            signals: replay::signals(&app.db, id).await?,
            outcome,
            outputs,
            interrupted: replay::interrupted(&app.db, id).await?,
        })
    }

    /// A repository that holds what the run began with, from what was fetched for it then.
    async fn copy_repository(
        &self,
        store: &crate::providers::git::Store,
        into: &Path,
    ) -> Result<(), Failed> {
        let source = match &self.assignment.repository {
            Origin::Path(path) => Source::Path(path.into()),
            Origin::Url(url) => Source::Url(url.clone()),
        };
        let mirror = match store.known(&source)? {
            Some(mirror) if mirror.has(&self.base).await? => mirror,
            // Another machine did the run; where it began is asked of the source, as that one did.
            _ => store.mirror(&source).await?,
        };
        if !mirror.has(&self.base).await? {
            let base = &self.base;
            return Err(format!(
                "the repository does not have {base} any more, at which the run began"
            )
            .into());
        }
        Ok(mirror.export(&self.base, into).await?)
    }

    /// The same task on the copy, with the models that answered then.
    fn assignment(
        &self,
        calls: &[RecordedCall],
        catalogue: &Catalogue,
        repository: &Path,
    ) -> Assignment {
        let mut assignment = self.assignment.clone();
        assignment.repository = Origin::Path(repository.to_string_lossy().into_owned());
        assignment.base = Some(self.base.clone());
        // The copy is on no server, and nobody is to see it again.
        assignment.options.deliver = Deliver::Branch;
        for call in calls.iter().rev() {
            if catalogue.row(&call.model).is_some() || catalogue.find(&call.model).is_ok() {
                let models = &mut assignment.options.models;
                models.insert(call.agent.clone(), call.model.clone());
            }
        }
        assignment
    }
}

/// Runs it; answers with what was asked and the first difference.
async fn again(
    app: &App,
    config: &Config,
    log: &Redactor,
    recorded: &Recorded,
    assignment: Assignment,
    calls: Vec<RecordedCall>,
) -> Result<(Rerun, Option<Divergence>), Failed> {
    let db = app.db.clone();
    let speak = Box::new(
        move |run: RunId, text: String, key: String| -> futures::future::BoxFuture<'static, _> {
            let db = db.clone();
            Box::pin(async move {
                let word = json!({"text": text});
                let said = steering::signal(&db, run, MESSAGE, &word, Some(&key)).await;
                said.map_err(|error| error.to_string())
            })
        },
    );
    let rerun = Rerun::new(calls, speak);
    let worker = worker(app, config, log, recorded, &rerun)?;
    let start = Start {
        input: json!(assignment),
        ..Start::default()
    };
    let run = runs::start(&app.db, &recorded.definition, start).await?;
    for text in rerun.first_words() {
        steering::signal(&app.db, run, MESSAGE, &json!({"text": text}), None).await?;
    }
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker.run(stop.clone()));
    let found = attend(app, run, recorded, &rerun).await;
    stop.cancel();
    working.await??;
    Ok((rerun, found?))
}

/// Everything the product can do, with these models.
fn worker(
    app: &App,
    config: &Config,
    log: &Redactor,
    recorded: &Recorded,
    rerun: &Rerun,
) -> Result<Worker, Failed> {
    let mut environment = app.environment(config, log)?;
    environment.interrupted = Arc::new(recorded.interrupted.clone());
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

/// Answers for the people of then, and compares what came of it.
async fn attend(
    app: &App,
    run: RunId,
    recorded: &Recorded,
    rerun: &Rerun,
) -> Result<Option<Divergence>, Failed> {
    let mut signals = recorded.signals.iter();
    let mut follower = Follower::quiet(app.db.clone(), run);
    loop {
        match follower.follow(|_| false).await? {
            Halt::Ended => break,
            Halt::Works(_) => {}
            Halt::Waits(_, awaited) => {
                let Some((_, payload)) = signals.next().filter(|(name, _)| *name == awaited) else {
                    let found = Divergence {
                        place: format!("after {} model calls", rerun.answered()),
                        what: "a wait for people".to_owned(),
                        recorded: "the run did not wait for this".to_owned(),
                        now: format!("it waits for `{awaited}`"),
                    };
                    steering::cancel(&app.db, run).await?;
                    return Ok(Some(rerun.divergence().unwrap_or(found)));
                };
                steering::signal(&app.db, run, &awaited, payload, None).await?;
            }
        }
    }
    let outputs = replay::outputs(&app.db, run).await?;
    let (outcome, end) = follower.end().await?;
    let other_end = || {
        (outcome != recorded.outcome).then(|| Divergence {
            place: "the end".to_owned(),
            what: "the outcome".to_owned(),
            recorded: recorded.outcome.clone(),
            now: format!("{outcome}: {}", end["reason"].as_str().unwrap_or_default()),
        })
    };
    let step = || other_step(&recorded.outputs, &outputs);
    let found = rerun.divergence().or_else(other_end).or_else(step);
    Ok(found.or_else(|| rerun.missing()))
}

/// The first step that returned something else.
fn other_step(then: &[(String, Value)], now: &[(String, Value)]) -> Option<Divergence> {
    for at in 0..then.len().max(now.len()) {
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
                place: format!("step {}", at + 1),
                what: "what it returned".to_owned(),
                recorded,
                now,
            });
        }
    }
    None
}
