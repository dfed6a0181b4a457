//! Tasks: asking for something, and seeing what came of it.

use std::io::{self, Read, Write};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Desk, Manner, decide,
    failure::{EXIT_CODES, Failure},
    ids, logs, operations,
    role_limits::RoleLimits,
    screen::{Screen, Table, clean, clean_lines, usd},
    steer::{micros, said},
    wire::{Page, Run, Task},
};

/// What can be done with tasks.
#[derive(Debug, Subcommand)]
pub(crate) enum Tasks {
    /// Ask for something to be done; its first run begins at once
    #[command(after_help = EXIT_CODES)]
    Create(Create),
    /// The tasks that you may see, newest first
    #[command(after_help = EXIT_CODES)]
    List(List),
    /// A task with its runs and what it waits for
    #[command(after_help = EXIT_CODES)]
    Show(Show),
}

/// What is to be done.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// One line; further lines are the description.
    text: String,
    /// The repository: its name or its id.
    #[arg(long)]
    repo: String,
    /// Everything else, in Markdown; `-` reads it from standard input.
    #[arg(long)]
    description: Option<String>,
    /// The branch to begin at (the repository's default branch).
    #[arg(long)]
    base: Option<String>,
    /// The most that its runs may cost together, in dollars.
    #[arg(long, value_name = "USD", value_parser = micros)]
    budget: Option<i64>,
    /// Which roles take part.
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// Do not ask before the plan is followed.
    #[arg(long)]
    yes: bool,
    /// Ask before the branch is delivered.
    #[arg(long)]
    approve_delivery: bool,
    /// Commands of agents may use the network: the hosts that the profile of the repository names.
    #[arg(long)]
    network: bool,
    /// Minutes of work that a run may take.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_080))]
    minutes: Option<u32>,
    /// How many attempts a run makes side by side, to deliver the best.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    attempts: Option<u8>,
    /// The model of every role.
    #[arg(long)]
    model: Option<String>,
    #[command(flatten)]
    limits: RoleLimits,
    /// A task that has to succeed before this one begins; several times for several.
    #[arg(long, value_name = "TASK")]
    after: Vec<String>,
    /// Only write it down.
    #[arg(long)]
    no_start: bool,
    /// A key of your choice: the same request again with the same key is the same task.
    #[arg(long)]
    key: Option<String>,
    /// Follow its run until it ends.
    #[arg(short, long, conflicts_with_all = ["no_start", "json"])]
    follow: bool,
    #[command(flatten)]
    manner: Manner,
}

/// Which roles take part.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// Plan, code, test, review, deliver.
    Full,
    /// The same without a plan.
    NoPlan,
    /// A plan and nothing else.
    PlanOnly,
}

/// Which tasks.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that stand there, such as running or awaiting_plan; several times for several.
    #[arg(long)]
    status: Vec<String>,
    /// Only those on this repository: its name or its id.
    #[arg(long)]
    repo: Option<String>,
    /// Only those with this in their title or description.
    #[arg(short = 'q', long, value_name = "TEXT")]
    search: Option<String>,
    /// Those that were put away, instead of the others.
    #[arg(long)]
    archived: bool,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Where to go on: `next_cursor` of the page before.
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    manner: Manner,
}

/// Which task.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The task; the first digits of its id will do.
    task: String,
    #[command(flatten)]
    manner: Manner,
}

impl Tasks {
    pub(super) fn manner(&self) -> &Manner {
        match self {
            Self::Create(create) => &create.manner,
            Self::List(list) => &list.manner,
            Self::Show(show) => &show.manner,
        }
    }
}

/// Does what was asked.
pub(super) async fn perform(tasks: Tasks) -> Result<(), Failure> {
    match tasks {
        Tasks::Create(create) => self::create(create).await,
        Tasks::List(list) => self::list(list).await,
        Tasks::Show(show) => self::show(&show).await,
    }
}

async fn create(create: Create) -> Result<(), Failure> {
    let desk = Desk::of(&create.manner)?;
    let repository = ids::repository(&desk.server, &create.repo).await?;
    let mut body = body(&create, &repository)?;
    let mut after = Vec::new();
    for task in &create.after {
        after.push(ids::task(&desk.server, task).await?);
    }
    if !after.is_empty() {
        body["depends_on"] = json!(after);
    }
    let key = create.key.unwrap_or_else(|| Uuid::now_v7().to_string());
    let asked = desk.server.ask(operations::CREATE_TASK, &[]).json(body);
    let answer = asked.key(key).send().await?;
    let mut run = None;
    desk.tell(&answer, |screen, task: &Task| {
        run = task.latest_run.as_ref().map(|run| run.id.clone());
        let mut out = io::stdout().lock();
        writeln!(out, "{}  {}", task.id, clean(&task.title))?;
        match &run {
            Some(run) if screen.is_terminal() && !create.follow => {
                writeln!(out, "{run}  (codegraph logs -f {})", screen.id(run))
            }
            Some(run) => writeln!(out, "{run}"),
            None => Ok(()),
        }
    })?;
    match run {
        Some(run) if create.follow => logs::follow(&desk, &run, 0).await,
        _ => Ok(()),
    }
}

fn body(create: &Create, repository: &str) -> Result<Value, Failure> {
    let text = create.text.trim();
    let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
    let description = match create.description.as_deref() {
        Some("-") => {
            let mut read = String::new();
            io::stdin().read_to_string(&mut read)?;
            read
        }
        Some(said) => said.to_owned(),
        None => rest.trim().to_owned(),
    };
    let mode = create.mode.map(|mode| match mode {
        Mode::Full => "full",
        Mode::NoPlan => "no_plan",
        Mode::PlanOnly => "plan_only",
    });
    let models = create
        .model
        .as_ref()
        .map(|model| json!({"planner": model, "coder": model, "tester": model, "reviewer": model}));
    let limits = create.limits.named().into_iter().map(|(role, turns, usd)| {
        let limit = said([
            ("turns", turns.map(Value::from)),
            ("usd_micros", usd.map(Value::from)),
        ]);
        (role.to_owned(), limit)
    });
    let limits: serde_json::Map<String, Value> = limits.collect();
    let options = said([
        ("mode", mode.map(Value::from)),
        ("approve_plan", create.yes.then_some(json!(false))),
        (
            "approve_delivery",
            create.approve_delivery.then_some(json!(true)),
        ),
        ("network", create.network.then_some(json!(true))),
        ("minutes", create.minutes.map(Value::from)),
        ("attempts", create.attempts.map(Value::from)),
        ("models", models),
        ("limits", (!limits.is_empty()).then(|| limits.into())),
    ]);
    let description = Some(description).filter(|text| !text.is_empty());
    Ok(said([
        ("repository_id", Some(json!(repository))),
        ("title", Some(json!(title.trim()))),
        ("description", description.map(Value::from)),
        ("base_branch", create.base.clone().map(Value::from)),
        ("budget_usd_micros", create.budget.map(Value::from)),
        ("options", Some(options)),
        ("start", create.no_start.then_some(json!(false))),
    ]))
}

async fn list(list: List) -> Result<(), Failure> {
    let desk = Desk::of(&list.manner)?;
    let mut asked = desk.server.ask(operations::LIST_TASKS, &[]);
    asked = asked.query("limit", &list.limit);
    for status in list.status {
        asked = asked.query("status", &status);
    }
    if let Some(repository) = &list.repo {
        asked = asked.query(
            "repository_id",
            &ids::repository(&desk.server, repository).await?,
        );
    }
    if let Some(text) = list.search {
        asked = asked.query("q", &text);
    }
    if list.archived {
        asked = asked.query("archived", &true);
    }
    if let Some(cursor) = list.cursor {
        asked = asked.query("cursor", &cursor);
    }
    let answer = asked.send().await?;
    desk.tell(&answer, |screen, page: &Page<Task>| {
        let mut table = Table::new(
            &["TASK", "STATUS", "TITLE", "REPOSITORY", "COST", "CREATED"],
            2,
        );
        for task in &page.items {
            table.row(&[
                screen.id(&task.id).to_owned(),
                task.status.replace('_', " "),
                task.title.clone(),
                task.repository.name.clone(),
                usd(task.cost_usd_micros),
                screen.moment(task.created_at),
            ]);
        }
        table.show(screen, "There are no tasks.")?;
        more(screen, page.next_cursor.as_deref())
    })
}

/// Says how a list goes on.
pub(super) fn more(screen: &Screen, cursor: Option<&str>) -> io::Result<()> {
    match cursor {
        Some(cursor) if screen.is_terminal() => {
            writeln!(io::stdout(), "There are more: --cursor {cursor}")
        }
        _ => Ok(()),
    }
}

async fn show(show: &Show) -> Result<(), Failure> {
    let desk = Desk::of(&show.manner)?;
    let id = ids::task(&desk.server, &show.task).await?;
    let answer = desk.server.ask(operations::GET_TASK, &[&id]).send().await?;
    desk.tell(&answer, head)?;
    if desk.json {
        return Ok(());
    }
    let answer = desk
        .server
        .ask(operations::LIST_TASK_RUNS, &[&id])
        .query("limit", &200)
        .send()
        .await?;
    let page: Page<Run> = answer.read()?;
    runs(&desk.screen, &page.items)?;
    let Some(newest) = page.items.first() else {
        return Ok(());
    };
    if newest.status == "awaiting_plan" {
        decide::show(&decide::newest(&desk, &newest.id).await?)?;
    }
    // A list does not say what a run asks.
    let newest: Run = desk
        .server
        .ask(operations::GET_RUN, &[&newest.id])
        .send()
        .await?
        .read()?;
    Ok(foot(&desk.screen, &newest)?)
}

fn head(screen: &Screen, task: &Task) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let words = task.status.replace('_', " ");
    let (repository, branch) = (clean(&task.repository.name), clean(&task.base_branch));
    writeln!(out, "{}  {}", task.id, clean(&task.title))?;
    writeln!(out, "  status      {}", screen.status(&words, &task.status))?;
    writeln!(out, "  repository  {repository} ({branch})")?;
    let (who, when) = (clean(&task.created_by.name), screen.moment(task.created_at));
    writeln!(out, "  asked by    {who}, {when}")?;
    let (cost, budget) = (usd(task.cost_usd_micros), usd(task.budget_usd_micros));
    writeln!(out, "  cost        {cost} of {budget}")?;
    if !task.description.is_empty() {
        writeln!(out, "\n{}", clean_lines(&task.description))?;
    }
    Ok(())
}

fn runs(screen: &Screen, runs: &[Run]) -> io::Result<()> {
    writeln!(io::stdout())?;
    let mut table = Table::new(&["RUN", "STATUS", "STEP", "BRANCH", "COST", "STARTED"], 3);
    for run in runs {
        table.row(&[
            screen.id(&run.id).to_owned(),
            run.status.replace('_', " "),
            run.step.clone().unwrap_or_default(),
            run.branch.clone().unwrap_or_default(),
            usd(run.usage.cost_usd_micros),
            screen.moment(run.created_at),
        ]);
    }
    table.show(screen, "It has no run yet.")
}

/// How the newest run ended, or what it waits for.
fn foot(screen: &Screen, run: &Run) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if let Some(failure) = &run.failure {
        writeln!(out, "\nIt failed: {}", clean_lines(&failure.reason))?;
    }
    if let Some(result) = run
        .result
        .as_deref()
        .filter(|result| *result != "published")
    {
        writeln!(out, "\nIt ended: {}", result.replace('_', " "))?;
    }
    if let Some(question) = &run.question {
        writeln!(out, "\nIt asks: {}", clean_lines(&question.text))?;
        for option in &question.options {
            writeln!(out, "  - {}", clean(option))?;
        }
    }
    if let Some(hint) = logs::hint(screen.id(&run.id), &run.status) {
        writeln!(out, "\n{hint}")?;
    }
    Ok(())
}
