//! Words and orders for runs. Each is answered with the run as it stands afterwards.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Desk, Manner,
    failure::Failure,
    ids, logs,
    operations::{self, Operation},
    screen::{Screen, clean},
    wire::Run,
};

/// A run.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The run, or a task for its newest run; the first digits of an id will do.
    run: String,
    #[command(flatten)]
    pub(super) manner: Manner,
}

/// A run, and something to say.
#[derive(Debug, Args)]
pub(crate) struct Words {
    /// The run, or a task for its newest run; the first digits of an id will do.
    run: String,
    /// What is said.
    text: String,
    #[command(flatten)]
    pub(super) manner: Manner,
}

/// A run, and what it is given.
#[derive(Debug, Args)]
pub(crate) struct Raise {
    /// The run, or a task for its newest run; the first digits of an id will do.
    run: String,
    /// Dollars more.
    #[arg(long, required_unless_present = "minutes", value_parser = micros)]
    usd: Option<i64>,
    /// Minutes more.
    #[arg(long)]
    minutes: Option<u32>,
    #[command(flatten)]
    pub(super) manner: Manner,
}

/// A run that has ended, and from where it goes on.
#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// The run, or a task for its newest run; the first digits of an id will do.
    run: String,
    /// The event after which it begins again (where it stopped).
    #[arg(long, value_name = "SEQ")]
    from: Option<u32>,
    #[command(flatten)]
    pub(super) manner: Manner,
}

/// A run, and what another does otherwise.
#[derive(Debug, Args)]
pub(crate) struct Fork {
    /// The run, or a task for its newest run; the first digits of an id will do.
    run: String,
    /// The last event that both share.
    #[arg(long, value_name = "SEQ")]
    from: u32,
    /// Another title.
    #[arg(long)]
    title: Option<String>,
    /// Another description.
    #[arg(long)]
    description: Option<String>,
    /// Another model, for every role.
    #[arg(long)]
    model: Option<String>,
    /// Another budget, in dollars.
    #[arg(long, value_name = "USD", value_parser = micros)]
    budget: Option<i64>,
    #[command(flatten)]
    pub(super) manner: Manner,
}

/// Millionths of so many dollars.
pub(super) fn micros(dollars: &str) -> Result<i64, String> {
    let (whole, part) = dollars.split_once('.').unwrap_or((dollars, ""));
    let number = |digits: &str| {
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|_| plain)
    };
    let micros = (part.len() <= 6).then(|| {
        let part = number(&format!("{part:0<6}"))?;
        number(whole)?.checked_mul(1_000_000)?.checked_add(part)
    });
    let micros = micros.flatten().filter(|micros| *micros > 0);
    micros.ok_or_else(|| "expected dollars, such as 5 or 0.25".to_owned())
}

/// Orders something that needs no more words.
pub(super) async fn now(run: &Named, order: Operation) -> Result<(), Failure> {
    send(&run.manner, &run.run, order, None).await
}

/// Answers a question.
pub(super) async fn answer(words: &Words) -> Result<(), Failure> {
    let body = json!({"text": words.text});
    send(
        &words.manner,
        &words.run,
        operations::ANSWER_RUN,
        Some(body),
    )
    .await
}

/// Says something.
pub(super) async fn message(words: &Words) -> Result<(), Failure> {
    let body = json!({"text": words.text});
    send(
        &words.manner,
        &words.run,
        operations::SEND_MESSAGE,
        Some(body),
    )
    .await
}

/// Gives more money or time.
pub(super) async fn raise(raise: &Raise) -> Result<(), Failure> {
    let body = said([
        ("usd_micros", raise.usd.map(Value::from)),
        ("minutes", raise.minutes.map(Value::from)),
    ]);
    send(
        &raise.manner,
        &raise.run,
        operations::RAISE_BUDGET,
        Some(body),
    )
    .await
}

/// Takes a run up again.
pub(super) async fn retry(retry: &Retry) -> Result<(), Failure> {
    let body = said([("from_seq", retry.from.map(Value::from))]);
    send(&retry.manner, &retry.run, operations::RETRY_RUN, Some(body)).await
}

/// Starts another from one of its events.
pub(super) async fn fork(fork: &Fork) -> Result<(), Failure> {
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let body = said([
        ("from_seq", Some(fork.from.into())),
        ("title", text(&fork.title)),
        ("description", text(&fork.description)),
        ("model", text(&fork.model)),
        ("budget_usd_micros", fork.budget.map(Value::from)),
    ]);
    send(&fork.manner, &fork.run, operations::FORK_RUN, Some(body)).await
}

/// A body of what was said; what was not is left out.
pub(super) fn said<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let fields = fields.into_iter();
    let fields = fields.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect())
}

async fn send(
    manner: &Manner,
    run: &str,
    order: Operation,
    body: Option<Value>,
) -> Result<(), Failure> {
    let desk = Desk::of(manner)?;
    let id = ids::run(&desk.server, run).await?;
    let mut asked = desk.server.ask(order, &[&id]);
    if let Some(body) = body {
        asked = asked.json(body).key(Uuid::now_v7().to_string());
    }
    let answer = asked.send().await?;
    desk.tell(&answer, stands)
}

/// Where a run stands, in a line.
pub(super) fn stands(screen: &Screen, run: &Run) -> io::Result<()> {
    let words = run.status.replace('_', " ");
    let status = screen.status(&words, &run.status);
    writeln!(
        io::stdout(),
        "{}  {status}  {}",
        run.id,
        clean(&run.task.title)
    )?;
    if let Some(hint) = logs::hint(&run.id, &run.status).filter(|_| screen.is_terminal()) {
        writeln!(io::stdout(), "{hint}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_counted_exactly() {
        for (text, wanted) in [("5", 5_000_000), ("0.25", 250_000), ("1.000001", 1_000_001)] {
            assert_eq!(micros(text), Ok(wanted), "{text}");
        }
        for wrong in [
            "",
            "0",
            "-1",
            "1e3",
            "1.0000001",
            "nan",
            "9999999999999999",
            "+1",
            "1,5",
            ".",
        ] {
            assert!(micros(wrong).is_err(), "{wrong}");
        }
    }
}
