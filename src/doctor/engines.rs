//! Whether the programs of engines are found where they would run: behind the wall, with what the wall lets them see.

use super::report::Finding;
use crate::{
    config::Config,
    providers::{
        llm::{Catalogue, Providers, catalogue::Engine},
        sandbox::{Command, Exit, Job, Sandbox},
    },
};

const NAME: &str = "engines";

/// Finds nothing out where there is no engine; a catalogue that cannot be read is the models' affair.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let Ok(catalogue) = Catalogue::configured(&config.models) else {
        return Vec::new();
    };
    if catalogue.engines().is_empty() {
        return Vec::new();
    }
    let sandbox = match Sandbox::new(config.sandbox.wall).await {
        Ok(sandbox) if sandbox.wall() == "bubblewrap" => sandbox,
        Ok(sandbox) => {
            let wall = sandbox.wall();
            return vec![none(&format!("the wall that stands here is {wall}"))];
        }
        Err(error) => return vec![none(&error.reason)],
    };
    let providers = Providers::new(&config.models);
    let mut found = Vec::new();
    for engine in catalogue.engines() {
        found.push(look(engine, &catalogue, &providers, &sandbox).await);
    }
    found
}

fn none(why: &str) -> Finding {
    Finding::warn(NAME, "none can run here")
        .detail(format!(
            "{why}; an engine needs bubblewrap, behind which it can be given a door to its model"
        ))
        .remedy("see the line of bubblewrap")
}

async fn look(
    engine: &Engine,
    catalogue: &Catalogue,
    providers: &Providers,
    sandbox: &Sandbox,
) -> Finding {
    let (id, program) = (&engine.id, engine.program());
    let place = match find(engine, sandbox).await {
        Ok(Some(place)) => place,
        Ok(None) => {
            return Finding::warn(NAME, format!("{id}: there is no `{program}` inside the sandbox"))
                .detail("programs of the system and of ~/.local/bin are there, other folders when `readable` names them")
                .remedy("install it for all accounts, or name its folder in `readable` and its whole path in `command`");
        }
        Err(why) => return Finding::warn(NAME, format!("{id}: {why}")),
    };
    let served = catalogue
        .find(&engine.model)
        .map_err(|error| error.to_string())
        .and_then(|model| {
            providers
                .get(&model.provider)
                .map_err(|error| error.to_string())
        });
    match served {
        Ok(_) => Finding::ok(NAME, format!("{id}: {place}, with {}", engine.model)),
        Err(why) => Finding::warn(NAME, format!("{id}: its model cannot be asked")).detail(why),
    }
}

/// Where its program is, as a command behind the wall finds it.
async fn find(engine: &Engine, sandbox: &Sandbox) -> Result<Option<String>, String> {
    let folder = std::env::temp_dir().join(format!("codegraph-doctor-{}", std::process::id()));
    let made = std::fs::create_dir_all(&folder);
    made.map_err(|error| format!("no folder can be made for it: {error}"))?;
    let script = "command -v -- \"$1\"".to_owned();
    let words = [
        "sh".to_owned(),
        "-c".to_owned(),
        script,
        "sh".to_owned(),
        engine.program(),
    ];
    let mut job = Job::new(Command::Argv(words.to_vec()), &folder);
    job.readable = engine
        .readable
        .iter()
        .filter(|path| path.exists())
        .cloned()
        .collect();
    let ran = sandbox.run(&job).await;
    drop(std::fs::remove_dir(&folder));
    let ran = ran.map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&ran.output).trim().to_owned();
    Ok((ran.exit == Exit::Code(0)).then_some(said))
}
