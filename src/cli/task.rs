//! One task in the terminal: what agents do, line by line, questions to the person, a branch in the end.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use serde_json::{Value, json};
use workflows::{
    RunId,
    definitions::coding::{self, Assignment, Mode, Options, Origin},
};

use super::{
    Failed,
    follow::{Follower, Halt},
    report, spinner,
};
use crate::{
    app::App,
    client::role_limits::RoleLimits,
    config::Config,
    providers::{
        gate::Host,
        llm::{Catalogue, catalogue::CODER},
    },
    services::{
        runs::{self, Start},
        steering,
    },
    telemetry::Redactor,
};

/// What `codegraph run` is told.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Arguments {
    /// What is to be done. The first line is the title.
    task: String,
    /// The repository: a folder, or an address that git understands.
    #[arg(long, default_value = ".")]
    repo: String,
    /// The branch or revision to begin at.
    #[arg(long)]
    base: Option<String>,
    /// The branch to leave.
    #[arg(long)]
    branch: Option<String>,
    /// The model of every role, or the engine that codes.
    #[arg(long)]
    model: Option<String>,
    /// The most it may cost, in dollars.
    #[arg(long, default_value_t = 10.0)]
    budget: f64,
    /// Do not ask before the plan is followed.
    #[arg(long)]
    yes: bool,
    /// Write no plan.
    #[arg(long, conflicts_with = "plan_only")]
    no_plan: bool,
    /// Write a plan and nothing else.
    #[arg(long)]
    plan_only: bool,
    /// How many attempts are made side by side, each with its share of the budget; the best is delivered.
    #[arg(long, default_value_t = 1, value_name = "N",
          value_parser = clap::value_parser!(u8).range(1..=MOST_ATTEMPTS))]
    attempts: u8,
    /// Commands of agents may use the network: the hosts that are named with --host, or all of it where the operator
    /// has said so (CODEGRAPH_SANDBOX_NETWORK).
    #[arg(long)]
    network: bool,
    /// A host that commands may reach, such as a package registry; several times for several. Implies --network.
    #[arg(long, value_name = "HOST", value_parser = host)]
    host: Vec<String>,
    /// Minutes of work that it may take.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_080))]
    minutes: Option<u32>,
    /// Have a test written that shows the fault, and run it on the code before and after the change.
    #[arg(long)]
    reproduce: bool,
    #[command(flatten)]
    limits: RoleLimits,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

const MOST_ATTEMPTS: i64 = coding::MOST_ATTEMPTS as i64;

/// The run ended well, but not with what was asked for.
const NOT_DONE: u8 = 2;
/// A branch was left, and it was not approved, or its tests do not bear it out.
const NOT_SOUND: u8 = 3;

/// What the command's end says to whoever called it.
const CODES: &str = "Exit codes:
  0    what was asked for is there: a branch that the review approves and its tests bear out, or a plan
  1    the run failed
  2    the run came to another end, or waits for a person and nobody is here
  3    a branch was left, but it is not approved, or its tests do not bear it out: a person has to look
  130  canceled";

pub(super) async fn run(
    config: &Config,
    log: &Redactor,
    arguments: Arguments,
) -> Result<ExitCode, Failed> {
    let mut assignment = assignment(&arguments)?;
    if let Some(model) = &arguments.model {
        let catalogue = Catalogue::configured(&config.models)?;
        if catalogue.engine(model).is_some() {
            assignment.options.models.retain(|role, _| role == CODER);
        } else {
            catalogue
                .find(model)
                .map_err(|error| format!("--model: {error}"))?;
        }
    }
    let app = App::open(config, spinner::tell()).await?;
    app.prepare(config).await?;
    let worker = app.worker(config, log)?;
    let stop = tokio_util::sync::CancellationToken::new();
    let working = tokio::spawn(worker.run(stop.clone()));
    let start = Start {
        input: json!(assignment),
        ..Start::default()
    };
    let run = runs::start(&app.db, &coding::NEWEST, start).await?;
    let mut follower = Follower::new(app.db.clone(), run, arguments.json);
    if !arguments.json {
        println!("run {run}");
    }
    let code = tokio::select! {
        code = attend(&app, run, &mut follower, &arguments) => code,
        _ = tokio::signal::ctrl_c() => {
            drop(steering::cancel(&app.db, run).await);
            eprintln!("canceled");
            Ok(ExitCode::from(130))
        }
    };
    stop.cancel();
    working.await??;
    code
}

/// Follows the run to its end and asks the person whatever it waits for.
async fn attend(
    app: &App,
    run: RunId,
    follower: &mut Follower,
    arguments: &Arguments,
) -> Result<ExitCode, Failed> {
    loop {
        match follower.follow(|_| false).await? {
            Halt::Ended => break,
            Halt::Works(_) => {}
            Halt::Waits(waits, signal) => {
                let Some(answer) = ask(app, waits, &signal, arguments.json).await? else {
                    let question = report::question(&app.db, waits, &signal).await?;
                    eprintln!(
                        "{}\nThe run waits for `{signal}`, and nobody is here to answer. It is kept: {run}",
                        question.trim().trim_end_matches('>').trim_end()
                    );
                    return Ok(ExitCode::from(NOT_DONE));
                };
                steering::signal(&app.db, waits, &signal, &answer, None).await?;
            }
        }
    }
    let (outcome, output) = follower.end().await?;
    if arguments.json {
        println!(
            "{}",
            json!({"type": "end", "outcome": outcome, "output": output, "cost_usd_micros": follower.cost()})
        );
    } else {
        print!("{}", report::of(&app.db, run, &outcome, &output).await?);
    }
    let sound = report::is_sound(&app.db, run, &output).await?;
    Ok(code(&outcome, &output, sound))
}

fn code(outcome: &str, output: &Value, sound: bool) -> ExitCode {
    match (outcome, output["result"].as_str()) {
        ("succeeded", Some("published")) if !sound => ExitCode::from(NOT_SOUND),
        ("succeeded", Some("published" | "planned")) => ExitCode::SUCCESS,
        ("succeeded", _) => ExitCode::from(NOT_DONE),
        _ => ExitCode::FAILURE,
    }
}

/// What the person says to what the run waits for; nothing when nobody can be asked.
async fn ask(app: &App, run: RunId, signal: &str, json: bool) -> Result<Option<Value>, Failed> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let question = report::question(&app.db, run, signal).await?;
    // Where programs read, a question to a person is not among the lines.
    let mut out: Box<dyn Write + Send> = match json {
        true => Box::new(std::io::stderr()),
        false => Box::new(std::io::stdout()),
    };
    write!(out, "{question}")?;
    out.flush()?;
    drop(out);
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .map(|read| (read, line))
    });
    let (read, line) = read.await??;
    if read == 0 {
        return Ok(None);
    }
    let line = line.trim();
    Ok(Some(match signal {
        coding::BUDGET_RAISED => {
            let dollars: f64 = line.parse().unwrap_or(0.0);
            json!({"usd_micros": micros(dollars)})
        }
        coding::ANSWERED => json!({"text": line}),
        _ => match line {
            "" | "y" | "yes" => json!({"decision": "approve"}),
            "n" | "no" => json!({"decision": "reject"}),
            text => json!({"decision": "request_changes", "text": text}),
        },
    }))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a budget beyond nine trillion dollars is none"
)]
fn micros(dollars: f64) -> i64 {
    (dollars * 1e6).round() as i64
}

fn host(text: &str) -> Result<String, &'static str> {
    text.parse::<Host>().map(|_| text.to_lowercase())
}

fn assignment(arguments: &Arguments) -> Result<Assignment, Failed> {
    let (title, description) = arguments
        .task
        .trim()
        .split_once('\n')
        .unwrap_or((arguments.task.trim(), ""));
    if title.is_empty() {
        return Err("say what is to be done".into());
    }
    if !(arguments.budget.is_finite() && arguments.budget > 0.0) {
        return Err("the budget is more than nothing".into());
    }
    let folder = PathBuf::from(&arguments.repo);
    let repository = if folder.exists() {
        Origin::Path(folder.canonicalize()?.to_string_lossy().into_owned())
    } else if arguments.repo.contains(':') {
        Origin::Url(arguments.repo.clone())
    } else {
        return Err(format!("there is no folder {}", arguments.repo).into());
    };
    let mode = match (arguments.no_plan, arguments.plan_only) {
        (true, _) => Mode::NoPlan,
        (_, true) => Mode::PlanOnly,
        _ => Mode::Full,
    };
    let mut options = Options {
        mode,
        approve_plan: !arguments.yes,
        budget_usd_micros: micros(arguments.budget),
        network: arguments.network || !arguments.host.is_empty(),
        minutes: arguments.minutes,
        attempts: arguments.attempts.into(),
        reproduce: arguments.reproduce,
        ..Options::default()
    };
    for role in ["planner", "coder", "tester", "reviewer"] {
        if let Some(model) = &arguments.model {
            options.models.insert(role.to_owned(), model.clone());
        }
    }
    for (role, turns, usd_micros) in arguments.limits.named() {
        let limit = coding::RoleLimits { turns, usd_micros };
        options.limits.insert(role.to_owned(), limit);
    }
    Ok(Assignment {
        title: title.chars().take(300).collect(),
        description: description.trim().to_owned(),
        repository,
        base: arguments.base.clone(),
        branch: arguments.branch.clone(),
        hosts: arguments.host.clone(),
        options,
        ..Assignment::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_that_nobody_approves_is_no_success() {
        let is = |outcome: &str, result: &str, sound: bool| {
            format!("{:?}", code(outcome, &json!({"result": result}), sound))
        };
        let of = |code: ExitCode| format!("{code:?}");
        assert_eq!(is("succeeded", "published", true), of(ExitCode::SUCCESS));
        assert_eq!(is("succeeded", "published", false), of(ExitCode::from(3)));
        assert_eq!(is("succeeded", "planned", false), of(ExitCode::SUCCESS));
        assert_eq!(is("succeeded", "needs_human", true), of(ExitCode::from(2)));
        assert_eq!(is("failed", "", true), of(ExitCode::from(1)));
    }
}
