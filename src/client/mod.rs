//! The other side of the API: commands with which people and programs use a server, on this machine or elsewhere.
//!
//! This room knows a server by its documented API alone, as any other client does. It keeps logins, asks, and shows
//! what was answered. What may not live here: anything of a server (the database, services, settings), and decisions
//! that the API has not made.

mod account;
mod credentials;
mod decide;
mod failure;
mod ids;
mod logs;
mod operations;
mod prompt;
mod repositories;
pub(crate) mod role_limits;
pub(crate) mod screen;
mod server;
mod steer;
mod stream;
mod tasks;
mod tokens;
mod wire;

use std::{io::Write, process::ExitCode};

use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;

use self::{
    failure::{EXIT_CODES, Failure},
    screen::Screen,
    server::{Answer, Server},
};

/// What can be asked of a server.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in at a server; other commands then use it
    #[command(after_help = EXIT_CODES)]
    Login(account::Login),
    /// Sign out, and forget the login
    #[command(after_help = EXIT_CODES)]
    Logout(To),
    /// Tasks: what people ask for
    #[command(subcommand, after_help = EXIT_CODES)]
    Task(tasks::Tasks),
    /// What happens in a run; with -f, as it happens and until it ends
    #[command(after_help = EXIT_CODES)]
    Logs(logs::Logs),
    /// What waits for a decision, an answer or money of yours
    #[command(after_help = EXIT_CODES)]
    Approvals(Manner),
    /// Decide on the plan or the delivery of a run, whichever waits
    #[command(after_help = EXIT_CODES)]
    Approve(decide::Approve),
    /// Answer the question of a run
    #[command(after_help = EXIT_CODES)]
    Answer(steer::Words),
    /// Say something to the agent at work
    #[command(after_help = EXIT_CODES)]
    Message(steer::Words),
    /// Give a run more money or more time
    #[command(after_help = EXIT_CODES)]
    Raise(steer::Raise),
    /// End a run now
    #[command(after_help = EXIT_CODES)]
    Cancel(steer::Named),
    /// Let a run stop at the next good moment
    #[command(after_help = EXIT_CODES)]
    Pause(steer::Named),
    /// Let a paused run go on
    #[command(after_help = EXIT_CODES)]
    Resume(steer::Named),
    /// Take an ended run up again from where it stopped, or from after one of its events
    #[command(after_help = EXIT_CODES)]
    Retry(steer::Retry),
    /// Start another run that shares this one up to an event
    #[command(after_help = EXIT_CODES)]
    Fork(steer::Fork),
    /// Repositories that work can be done on
    #[command(subcommand, after_help = EXIT_CODES)]
    Repo(repositories::Repositories),
    /// Tokens for programs that work in your name
    #[command(subcommand, after_help = EXIT_CODES)]
    Tokens(tokens::Tokens),
}

/// Which server.
#[derive(Debug, Args)]
pub(crate) struct To {
    /// The server (the one of the last login, or http://127.0.0.1:8400); CODEGRAPH_TOKEN is shown instead of a login.
    #[arg(
        long,
        value_name = "URL",
        env = "CODEGRAPH_URL",
        hide_env_values = true
    )]
    url: Option<String>,
}

/// Which server, and for whom the answer is.
#[derive(Debug, Args)]
pub(crate) struct Manner {
    #[command(flatten)]
    to: To,
    /// The answer of the API as it came: one JSON document.
    #[arg(long)]
    json: bool,
}

impl Command {
    /// Does what was asked.
    pub(crate) async fn run(self) -> ExitCode {
        let json = self.manner().is_some_and(|manner| manner.json);
        match self.perform().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.tell(json),
        }
    }

    async fn perform(self) -> Result<(), Failure> {
        match self {
            Self::Login(login) => account::log_in(login).await,
            Self::Logout(to) => account::log_out(&to).await,
            Self::Task(tasks) => tasks::perform(tasks).await,
            Self::Logs(logs) => logs::show(&logs).await,
            Self::Approvals(manner) => decide::waiting(&Desk::of(&manner)?).await,
            Self::Approve(approve) => decide::approve(approve).await,
            Self::Answer(words) => steer::answer(&words).await,
            Self::Message(words) => steer::message(&words).await,
            Self::Raise(raise) => steer::raise(&raise).await,
            Self::Cancel(run) => steer::now(&run, operations::CANCEL_RUN).await,
            Self::Pause(run) => steer::now(&run, operations::PAUSE_RUN).await,
            Self::Resume(run) => steer::now(&run, operations::RESUME_RUN).await,
            Self::Retry(retry) => steer::retry(&retry).await,
            Self::Fork(fork) => steer::fork(&fork).await,
            Self::Repo(repositories) => repositories::perform(repositories).await,
            Self::Tokens(tokens) => tokens::perform(tokens).await,
        }
    }

    fn manner(&self) -> Option<&Manner> {
        Some(match self {
            Self::Login(_) | Self::Logout(_) => return None,
            Self::Task(tasks) => tasks.manner(),
            Self::Logs(logs) => &logs.manner,
            Self::Approvals(manner) => manner,
            Self::Approve(approve) => &approve.manner,
            Self::Answer(words) | Self::Message(words) => &words.manner,
            Self::Raise(raise) => &raise.manner,
            Self::Cancel(run) | Self::Pause(run) | Self::Resume(run) => &run.manner,
            Self::Retry(retry) => &retry.manner,
            Self::Fork(fork) => &fork.manner,
            Self::Repo(repositories) => repositories.manner(),
            Self::Tokens(tokens) => tokens.manner(),
        })
    }
}

/// Where a command works: a server, and whoever reads the answer.
struct Desk {
    server: Server,
    screen: Screen,
    json: bool,
}

impl Desk {
    fn of(manner: &Manner) -> Result<Self, Failure> {
        Ok(Self {
            server: Server::of(&manner.to)?,
            screen: Screen::new(),
            json: manner.json,
        })
    }

    /// Shows an answer: to programs as it came, to people what `people` makes of it.
    fn tell<T: DeserializeOwned>(
        &self,
        answer: &Answer,
        people: impl FnOnce(&Screen, &T) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        if self.json {
            return say(answer.text().trim_end());
        }
        Ok(people(&self.screen, &answer.read()?)?)
    }
}

/// A line on standard output.
fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
