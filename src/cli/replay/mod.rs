//! A finished run once more, offline: on a throwaway home, with a copy of its repository, with the answers its models
//! gave then. Shows the first thing that today's program does otherwise.

mod again;

use std::{path::Path, process::ExitCode};

use clap::Args;
use serde_json::json;
use workflows::{
    Definition, Definitions, RunId,
    definitions::coding::{self, Assignment, Deliver, Origin},
};

use self::again::Again;
use super::{
    Failed,
    demo::{Home, with_bundle},
    spinner,
};
use crate::{
    agents::Divergence,
    app::App,
    config::{Config, ObjectsConfig},
    providers::{
        git::{Source, Store},
        llm::{Catalogue, catalogue::CODER},
    },
    services::recordings::{self, ENGINE, Recording},
    telemetry::Redactor,
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
    let mut recorded = Recorded::read(&app, arguments.run).await?;
    let home = Home::new("replay")?;
    let mut elsewhere = Config {
        home: home.path().to_owned(),
        // What is made here goes away with the home.
        objects: ObjectsConfig::default(),
        ..with_bundle(config).await
    };
    elsewhere.database.url = None;
    let there = App::open(&elsewhere, |_| {}).await?;
    there.prepare(&elsewhere).await?;
    log.register(&there.url(&elsewhere));

    let repository = home.path().join("repository");
    let environment = app.environment(config, log)?;
    recordings::fetch_trees(&mut recorded.line, &environment.records).await?;
    recorded
        .copy_repository(&environment.store, &repository)
        .await?;
    let assignment =
        |one: &Recording| recorded.assignment(one, &environment.catalogue, &repository);
    let mut again = Again::begin(&there, &elsewhere, log)?;
    let found = again
        .perform(&recorded.definition, &recorded.line, assignment)
        .await;
    let same = again.stop().await?;
    Ok(tell(&arguments, same, &recorded, found?.as_ref()))
}

fn tell(
    arguments: &Arguments,
    same: usize,
    recorded: &Recorded,
    found: Option<&Divergence>,
) -> ExitCode {
    let (many, taken) = (recorded.calls(), recorded.taken());
    if arguments.json {
        let run = arguments.run;
        let mut told = json!({"run": run, "calls": many, "same": same, "divergence": found});
        if !taken.is_empty() {
            told["taken_as_recorded"] = json!(taken);
        }
        println!("{told}");
        return code(found);
    }
    for place in taken {
        println!(
            "Taken as it was recorded, for an installed program cannot be done again: {place}."
        );
    }
    if let Some(found) = found {
        println!("{same} of {many} model calls are the same. Then:");
        println!("  at   {}: {}", found.place, found.what);
        println!("  then {}", found.recorded);
        println!("  now  {}", found.now);
    } else {
        println!("The same: {same} of {many} model calls, every step, every tree.");
    }
    code(found)
}

fn code(found: Option<&Divergence>) -> ExitCode {
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
    /// What it shares with the runs it was forked from, oldest first, and itself.
    line: Vec<Recording>,
    base: String,
}

impl Recorded {
    async fn read(app: &App, id: RunId) -> Result<Self, Failed> {
        let line = recordings::of(&app.db, id).await?;
        let run = line.last().ok_or("the run is not there")?;
        let version = u16::try_from(run.version)?;
        let known = Definitions::of(&[
            coding::V1,
            coding::V2,
            coding::V3,
            coding::V4,
            coding::ATTEMPT_V1,
            coding::ATTEMPT_V2,
            coding::ATTEMPT_V3,
        ]);
        let Ok(definition) = known.find(&run.workflow, version).copied() else {
            let what = format!("`{}` version {version}", run.workflow);
            return Err(format!("{id} is no coding run that this program knows but {what}").into());
        };
        if run.outcome.is_none() {
            return Err(format!("{id} has not ended").into());
        }
        let base = base(&line).ok_or_else(|| format!("{id} ended before its first step did"))?;
        Ok(Self {
            definition,
            base: base.to_owned(),
            line,
        })
    }

    /// A repository that holds what the run began with, from what was fetched for it then.
    async fn copy_repository(&self, store: &Store, into: &Path) -> Result<(), Failed> {
        let task: Assignment = serde_json::from_value(self.line[0].input.clone())?;
        let source = match &task.repository {
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
        recording: &Recording,
        catalogue: &Catalogue,
        repository: &Path,
    ) -> Result<Assignment, Failed> {
        let mut assignment: Assignment = serde_json::from_value(recording.input.clone())?;
        assignment.repository = Origin::Path(repository.to_string_lossy().into_owned());
        assignment.base = Some(self.base.clone());
        // The copy is on no server, and nobody is to see it again.
        assignment.options.deliver = Deliver::Branch;
        let attempts = recording.attempts.iter().flat_map(|one| &one.calls);
        let calls: Vec<_> = recording.calls.iter().chain(attempts).collect();
        for call in calls.into_iter().rev() {
            if catalogue.row(&call.model).is_some() || catalogue.find(&call.model).is_ok() {
                let models = &mut assignment.options.models;
                models.insert(call.agent.clone(), call.model.clone());
            }
        }
        let coded = recording
            .steps
            .iter()
            .find_map(|(_, said)| said[ENGINE].as_str());
        if let Some(engine) = coded {
            let models = &mut assignment.options.models;
            models.insert(CODER.to_owned(), engine.to_owned());
        }
        Ok(assignment)
    }

    /// What engines did.
    fn taken(&self) -> Vec<String> {
        let attempts = self.line.iter().flat_map(|one| &one.attempts);
        let all = self.line.iter().chain(attempts);
        let steps = all.flat_map(|one| {
            let step = |no: &i32| format!("{}, step {no}, what its engine did", one.run);
            one.engines.keys().map(step)
        });
        steps.collect()
    }

    /// How often models answered.
    fn calls(&self) -> usize {
        let attempts = self.line.iter().flat_map(|one| &one.attempts);
        let all = self.line.iter().chain(attempts);
        all.map(|one| one.calls.len()).sum()
    }
}

/// The commit that these began at.
fn base(line: &[Recording]) -> Option<&str> {
    line.iter().find_map(|one| {
        let own = one
            .steps
            .iter()
            .find_map(|(_, output)| output["base"].as_str());
        own.or_else(|| base(&one.attempts))
    })
}
