//! Repositories that work can be done on.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Desk, Manner,
    failure::{EXIT_CODES, Failure},
    operations,
    screen::{Screen, Table, clean},
    steer::said,
    tasks::more,
    wire::{Page, Repository},
};

/// What can be done with repositories.
#[derive(Debug, Subcommand)]
pub(crate) enum Repositories {
    /// The repositories that you may see, newest first
    #[command(after_help = EXIT_CODES)]
    List(List),
    /// Connect a repository
    #[command(after_help = EXIT_CODES)]
    Add(Add),
    /// Connect a small sample repository with a failing test
    #[command(after_help = EXIT_CODES)]
    Sample(Manner),
}

/// Which repositories.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those with this in their name or address.
    #[arg(short = 'q', long, value_name = "TEXT")]
    search: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Where to go on: `next_cursor` of the page before.
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    manner: Manner,
}

/// What is connected.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its address, or the absolute path of its folder on the server where that is allowed.
    address: String,
    /// What it is called (made from the address).
    #[arg(long)]
    name: Option<String>,
    /// Where work begins (its own default branch).
    #[arg(long)]
    branch: Option<String>,
    /// Everybody may see it, and not only you and maintainers.
    #[arg(long)]
    team: bool,
    #[command(flatten)]
    manner: Manner,
}

impl Repositories {
    pub(super) fn manner(&self) -> &Manner {
        match self {
            Self::List(list) => &list.manner,
            Self::Add(add) => &add.manner,
            Self::Sample(manner) => manner,
        }
    }
}

/// Does what was asked.
pub(super) async fn perform(repositories: Repositories) -> Result<(), Failure> {
    let desk = Desk::of(repositories.manner())?;
    match repositories {
        Repositories::List(list) => self::list(&desk, list).await,
        Repositories::Add(add) => {
            let body = said([
                ("url", Some(json!(add.address))),
                ("name", add.name.map(Value::from)),
                ("default_branch", add.branch.map(Value::from)),
                ("visibility", add.team.then_some(json!("team"))),
            ]);
            let asked = desk.server.ask(operations::CREATE_REPOSITORY, &[]);
            desk.tell(&asked.json(body).send().await?, connected)
        }
        Repositories::Sample(_) => {
            let asked = desk.server.ask(operations::CREATE_SAMPLE, &[]);
            desk.tell(&asked.send().await?, connected)
        }
    }
}

async fn list(desk: &Desk, list: List) -> Result<(), Failure> {
    let mut asked = desk.server.ask(operations::LIST_REPOSITORIES, &[]);
    asked = asked.query("limit", &list.limit);
    if let Some(text) = list.search {
        asked = asked.query("q", &text);
    }
    if let Some(cursor) = list.cursor {
        asked = asked.query("cursor", &cursor);
    }
    desk.tell(&asked.send().await?, |screen, page: &Page<Repository>| {
        let heading = [
            "REPOSITORY",
            "NAME",
            "BRANCH",
            "SEEN BY",
            "TASKS",
            "ADDRESS",
        ];
        let mut table = Table::new(&heading, 5);
        for one in &page.items {
            table.row(&[
                screen.id(&one.id).to_owned(),
                one.name.clone(),
                one.default_branch.clone(),
                one.visibility.clone(),
                one.tasks.to_string(),
                one.url.clone(),
            ]);
        }
        table.show(
            screen,
            "There are no repositories; `codegraph repo sample` connects one.",
        )?;
        more(screen, page.next_cursor.as_deref())
    })
}

fn connected(_: &Screen, one: &Repository) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let (name, branch) = (clean(&one.name), clean(&one.default_branch));
    writeln!(out, "{}  {name} ({branch})", one.id)?;
    match &one.sync_error {
        Some(error) => writeln!(out, "It could not be fetched: {}", clean(error)),
        None => Ok(()),
    }
}
