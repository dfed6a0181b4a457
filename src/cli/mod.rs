//! The commands: each reads the configuration, puts the application together and says what it does in
//! words a person can use. What may not live here: decisions, SQL.

mod demo;
mod follow;
mod node;
mod replay;
mod report;
mod sample;
mod spinner;
mod status;
mod task;

use std::{error::Error, process::ExitCode};

use clap::{CommandFactory, Parser, Subcommand};

use crate::{api, client, config::Config, doctor, telemetry};

type Failed = Box<dyn Error + Send + Sync>;

/// A self-hosted orchestrator of AI coding agents whose work survives any crash.
#[derive(Debug, Parser)]
#[command(name = "codegraph", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process: a private Postgres with pgvector, migrations, API and worker
    Up,
    /// Mend a sample repository on a throwaway home with a scripted model, and survive a kill on the way
    Demo {
        /// Leave the worker alone.
        #[arg(long)]
        no_kill: bool,
        /// Leave the repository, with the branch that is delivered, in this folder.
        #[arg(long, value_name = "FOLDER")]
        keep: Option<std::path::PathBuf>,
    },
    /// One task on a repository, in this terminal; leaves a branch
    Run(task::Arguments),
    /// Do a finished run once more, offline, with the answers its models gave; show the first difference
    Replay(replay::Arguments),
    /// The API alone, for production: stateless, any number of nodes
    Serve,
    /// A worker alone, for production: any number of nodes
    Work,
    /// Bring the database up to date; safe when several nodes do it at once
    Migrate,
    /// Print the OpenAPI document
    Openapi,
    /// Check what this installation stands on, and say how to mend it
    Doctor {
        /// Print one JSON object instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Print the completions of a shell: `codegraph completions bash > …/bash-completion/completions/codegraph`
    Completions {
        /// Which.
        shell: clap_complete::Shell,
    },
    #[command(flatten)]
    Client(client::Command),
}

impl Cli {
    /// Does what was asked.
    pub async fn run(self) -> Result<ExitCode, Failed> {
        // Those need no settings: they are for whoever has a server elsewhere.
        match self.command {
            Command::Openapi => {
                print!("{}", api::spec());
                Ok(ExitCode::SUCCESS)
            }
            Command::Completions { shell } => {
                let mut out = std::io::stdout();
                clap_complete::generate(shell, &mut Self::command(), "codegraph", &mut out);
                Ok(ExitCode::SUCCESS)
            }
            Command::Client(command) => Ok(command.run().await),
            command => local(command).await,
        }
    }
}

/// A command for this machine.
async fn local(command: Command) -> Result<ExitCode, Failed> {
    let config = Config::load()?;
    if let Command::Doctor { json } = command {
        return diagnose(&config, json).await;
    }
    let log = telemetry::init(&config.log, config.secrets())?;
    for name in &config.ignored {
        tracing::warn!(
            name,
            "this variable means nothing here; is it misspelt? (.env.sample lists all)"
        );
    }
    match command {
        Command::Up => node::up(&config, &log).await?,
        Command::Serve => node::serve(&config, &log).await?,
        Command::Work => node::work(&config, &log).await?,
        Command::Migrate => node::migrate(&config).await?,
        Command::Demo { no_kill, keep } => return demo::run(&config, &log, !no_kill, keep).await,
        Command::Run(arguments) => return task::run(&config, &log, arguments).await,
        Command::Replay(arguments) => return replay::run(&config, &log, arguments).await,
        Command::Openapi
        | Command::Doctor { .. }
        | Command::Completions { .. }
        | Command::Client(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn diagnose(config: &Config, json: bool) -> Result<ExitCode, Failed> {
    let report = doctor::run(config).await;
    if json {
        println!("{}", report.json());
    } else {
        report.print(&mut std::io::stdout().lock())?;
    }
    Ok(ExitCode::from(report.exit_code()))
}
