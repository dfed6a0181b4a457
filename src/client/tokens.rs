//! Tokens for programs that work in somebody's name.

use std::io::{self, Write};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{
    Desk, Manner,
    failure::{EXIT_CODES, Failure},
    operations, say,
    screen::Table,
    steer::said,
    tasks::more,
    wire::{MadeToken, Page, Token},
};

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Tokens {
    /// Make a token; it is printed this once
    #[command(after_help = EXIT_CODES)]
    Create(Create),
    /// Your own tokens, newest first
    #[command(after_help = EXIT_CODES)]
    List(Manner),
    /// Revoke a token: it opens nothing from then on
    #[command(after_help = EXIT_CODES)]
    Revoke(Revoke),
}

/// What is wanted.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What it is called.
    name: String,
    /// What it may do.
    #[arg(long, value_enum, default_value_t = Scope::Write)]
    scope: Scope,
    /// In how many days it ends (never).
    #[arg(long)]
    days: Option<u32>,
    #[command(flatten)]
    manner: Manner,
}

/// What a token may do; each includes the one before.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scope {
    /// Reading.
    Read,
    /// Work: repositories, tasks, runs.
    Write,
    /// Everything you may do.
    Admin,
}

/// Which token.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Its name, its id, or the first digits of it.
    token: String,
    #[command(flatten)]
    manner: Manner,
}

impl Tokens {
    pub(super) fn manner(&self) -> &Manner {
        match self {
            Self::Create(create) => &create.manner,
            Self::List(manner) => manner,
            Self::Revoke(revoke) => &revoke.manner,
        }
    }
}

/// Does what was asked.
pub(super) async fn perform(tokens: Tokens) -> Result<(), Failure> {
    let desk = Desk::of(tokens.manner())?;
    match tokens {
        Tokens::Create(create) => self::create(&desk, create).await,
        Tokens::List(_) => list(&desk).await,
        Tokens::Revoke(revoke) => self::revoke(&desk, &revoke.token).await,
    }
}

async fn create(desk: &Desk, create: Create) -> Result<(), Failure> {
    let scope = match create.scope {
        Scope::Read => "read",
        Scope::Write => "write",
        Scope::Admin => "admin",
    };
    let body = said([
        ("name", Some(json!(create.name))),
        ("scope", Some(json!(scope))),
        ("expires_in_days", create.days.map(Value::from)),
    ]);
    let asked = desk.server.ask(operations::CREATE_TOKEN, &[]).json(body);
    desk.tell(&asked.send().await?, |_, made: &MadeToken| {
        // The token alone on standard output, so that it can be piped to where it is kept.
        eprintln!("{}  it is shown this once:", made.token.id);
        writeln!(io::stdout(), "{}", made.secret)
    })
}

async fn list(desk: &Desk) -> Result<(), Failure> {
    let asked = desk.server.ask(operations::LIST_TOKENS, &[]);
    let answer = asked.query("limit", &200).send().await?;
    desk.tell(&answer, |screen, page: &Page<Token>| {
        let heading = [
            "TOKEN", "NAME", "BEGINS", "SCOPE", "CREATED", "USED", "ENDS",
        ];
        let mut table = Table::new(&heading, 1);
        for token in &page.items {
            let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
            let used = token.last_used_at.map(|at| screen.moment(at));
            table.row(&[
                screen.id(&token.id).to_owned(),
                token.name.clone(),
                token.hint.clone(),
                token.scope.clone(),
                day(token.created_at),
                used.unwrap_or_else(|| "never".to_owned()),
                token.expires_at.map_or_else(|| "never".to_owned(), day),
            ]);
        }
        table.show(screen, "You have no tokens.")?;
        more(screen, page.next_cursor.as_deref())
    })
}

async fn revoke(desk: &Desk, text: &str) -> Result<(), Failure> {
    let asked = desk.server.ask(operations::LIST_TOKENS, &[]);
    let page: Page<Token> = asked.query("limit", &200).send().await?.read()?;
    let meant = page.items.into_iter().filter(|token| {
        token.name == text || (text.starts_with("token_") && token.id.starts_with(text))
    });
    let meant: Vec<Token> = meant.collect();
    let [token] = meant.as_slice() else {
        let message = format!("`{text}` names {} of your tokens", meant.len());
        return Err(if meant.is_empty() {
            Failure::NoSuch(message)
        } else {
            Failure::NotNow(message)
        });
    };
    let asked = desk.server.ask(operations::REVOKE_TOKEN, &[&token.id]);
    asked.send().await?;
    if desk.json {
        return Ok(());
    }
    say(&format!("{} opens nothing any more.", token.id))
}
