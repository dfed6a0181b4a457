//! Decisions of people on what a run has planned or done.

use std::io::{self, Write};

use clap::Args;
use serde_json::json;

use super::{
    Desk, Manner,
    failure::Failure,
    ids, logs, operations,
    screen::{Screen, Table, clean, clean_lines, usd},
    steer,
    wire::{Page, PlanVersion, Run},
};

/// What is decided, and on what.
#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The run, or a task for its newest run; the first digits of an id will do.
    run: String,
    /// Have it done again: what is to be otherwise.
    #[arg(long, value_name = "TEXT", conflicts_with = "reject")]
    changes: Option<String>,
    /// Turn it down; the run ends.
    #[arg(long)]
    reject: bool,
    /// The version of the plan that you read; refused when there is a newer one.
    #[arg(long, value_name = "VERSION")]
    plan: Option<u32>,
    #[command(flatten)]
    pub(super) manner: Manner,
}

/// Decides on the plan or the delivery, whichever waits.
pub(super) async fn approve(approve: Approve) -> Result<(), Failure> {
    let desk = Desk::of(&approve.manner)?;
    let run = ids::run(&desk.server, &approve.run).await?;
    let decision = match (&approve.changes, approve.reject) {
        (Some(text), _) => json!({"decision": "request_changes", "text": text}),
        (None, true) => json!({"decision": "reject"}),
        (None, false) => json!({"decision": "approve"}),
    };
    let stands: Run = desk
        .server
        .ask(operations::GET_RUN, &[&run])
        .send()
        .await?
        .read()?;
    let asked = match stands.status.as_str() {
        "awaiting_plan" => {
            let version = match approve.plan {
                Some(version) => version,
                None => newest(&desk, &run).await?.version,
            };
            let version = version.to_string();
            let asked = desk.server.ask(operations::DECIDE_PLAN, &[&run, &version]);
            asked.json(decision).send().await?
        }
        "awaiting_delivery" if approve.plan.is_some() => {
            let message = format!("{run} waits for a decision on its delivery, not on a plan");
            return Err(Failure::NotNow(message));
        }
        "awaiting_delivery" => {
            let asked = desk.server.ask(operations::DECIDE_DELIVERY, &[&run]);
            asked.json(decision).send().await?
        }
        other => {
            let words = other.replace('_', " ");
            let mut message = format!("{run} has nothing to decide on; its status is {words}");
            if let Some(hint) = logs::hint(&run, other) {
                message = format!("{message}\n  {hint}");
            }
            return Err(Failure::NotNow(message));
        }
    };
    desk.tell(&asked, steer::stands)
}

/// The newest plan of a run.
pub(super) async fn newest(desk: &Desk, run: &str) -> Result<PlanVersion, Failure> {
    let answer = desk
        .server
        .ask(operations::LIST_PLANS, &[run])
        .query("limit", &200)
        .send()
        .await?;
    let mut page: Page<PlanVersion> = answer.read()?;
    let newest = page.items.pop();
    newest.ok_or_else(|| Failure::NotNow(format!("{run} has no plan")))
}

/// A plan for people.
pub(super) fn show(plan: &PlanVersion) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let PlanVersion { version, plan } = plan;
    writeln!(out, "\nPlan {version}\n  {}", indented(&plan.summary))?;
    for (number, item) in plan.items.iter().enumerate() {
        let files = item.files.iter().map(|file| clean(file));
        let files: Vec<String> = files.collect();
        writeln!(
            out,
            "  {}. {}  {}",
            number + 1,
            clean(&item.title),
            files.join(" ")
        )?;
    }
    for (word, list) in [("risk", &plan.risks), ("question", &plan.questions)] {
        for one in list {
            writeln!(out, "  {word}: {}", clean(one))?;
        }
    }
    Ok(())
}

fn indented(text: &str) -> String {
    clean_lines(text).replace('\n', "\n  ")
}

/// Shows what waits for whoever asks.
pub(super) async fn waiting(desk: &Desk) -> Result<(), Failure> {
    let answer = desk
        .server
        .ask(operations::LIST_APPROVALS, &[])
        .query("limit", &200)
        .send()
        .await?;
    desk.tell(&answer, |screen: &Screen, page: &Page<Run>| {
        let heading = ["RUN", "STATUS", "TASK", "REPOSITORY", "COST", "WAITS SINCE"];
        let mut table = Table::new(&heading, 2);
        for run in &page.items {
            table.row(&[
                screen.id(&run.id).to_owned(),
                run.status.replace('_', " "),
                run.task.title.clone(),
                run.repository.name.clone(),
                usd(run.usage.cost_usd_micros),
                screen.moment(run.since.unwrap_or(run.created_at)),
            ]);
        }
        table.show(screen, "Nothing waits for you.")
    })
}
