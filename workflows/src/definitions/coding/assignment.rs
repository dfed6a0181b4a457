//! What a coding run is started with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A task, the repository it is about, and what the person chose.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Assignment {
    /// One line.
    pub title: String,
    /// Everything else the person said.
    pub description: String,
    /// Where the repository is.
    pub repository: Origin,
    /// The branch or revision to begin at; the default branch when nothing is said.
    pub base: Option<String>,
    /// The branch that is delivered; made from the title and the run when nothing is said.
    pub branch: Option<String>,
    /// What to run in the repository, where its people said so.
    pub commands: Commands,
    /// Hosts that commands may reach when the options let them: package registries, as the repository's people named
    /// them. Left out when there are none: so it was written before there was a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// What the person chose.
    pub options: Options,
    /// What one attempt of several is given by the run that began it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
    /// The edition of agents' tools and instructions; the workflow's version says which, and nothing else does.
    #[serde(skip)]
    pub edition: u16,
}

/// One attempt of several: which it is, and what it builds on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    /// Which, from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
    /// The plan that all of them follow.
    pub plan: Option<Value>,
}

/// Commands that people gave for a repository, as a shell reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Commands {
    /// What must run before tests.
    pub setup: Option<String>,
    /// What runs the tests; found out from manifests and CI files when nothing is said.
    pub test: Option<String>,
}

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A folder on the worker's machine.
    Path(String),
    /// An address that git understands.
    Url(String),
}

impl Default for Origin {
    fn default() -> Self {
        Self::Path(String::new())
    }
}

/// How a run goes about its task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Which roles take part.
    pub mode: Mode,
    /// A person decides on the plan before anything is written.
    pub approve_plan: bool,
    /// A person decides before the branch is delivered.
    pub approve_delivery: bool,
    /// Model ids by role, where they differ from the installation's.
    pub models: BTreeMap<String, String>,
    /// The most the run may cost, in millionths of a dollar.
    pub budget_usd_micros: i64,
    /// How often the coder may be sent back by failing tests.
    pub test_rounds: usize,
    /// How often the reviewer may look.
    pub review_rounds: usize,
    /// Whether commands may use the network.
    pub network: bool,
    /// Minutes of work that the run may take, where that differs from the usual; while it waits for a person, no time
    /// goes by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// What one conversation of a role may use, where that differs from the usual.
    pub limits: BTreeMap<String, RoleLimits>,
    /// How many attempts are made side by side, from which the best is chosen; read by version 2.
    #[serde(skip_serializing_if = "is_one")]
    pub attempts: usize,
    /// Whether the tester has a test written that shows the fault. Left out when it has not: so it was written before
    /// there was one.
    #[serde(skip_serializing_if = "is_not")]
    pub reproduce: bool,
    /// As what the work is delivered. Left out when it is a branch: so it was written before there was a choice.
    #[serde(skip_serializing_if = "Deliver::is_branch")]
    pub deliver: Deliver,
}

/// As what the work is delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deliver {
    /// A branch.
    #[default]
    Branch,
    /// A branch, and a pull request that offers it.
    PullRequest,
}

impl Deliver {
    fn is_branch(&self) -> bool {
        *self == Self::Branch
    }
}

/// Options that were stored before there were attempts are the same as these.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "it is what serde calls it with"
)]
fn is_one(attempts: &usize) -> bool {
    *attempts == 1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "it is what serde calls it with"
)]
fn is_not(wanted: &bool) -> bool {
    !*wanted
}

/// Attempts of one run at most.
pub const MOST_ATTEMPTS: usize = 5;

/// What one conversation of a role may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleLimits {
    /// Turns.
    pub turns: Option<i32>,
    /// Millionths of a dollar.
    pub usd_micros: Option<i64>,
}

impl Assignment {
    /// As a workflow with agents of this edition reads it.
    pub(super) fn in_edition(mut self, edition: u16) -> Self {
        self.edition = edition;
        if edition == 0 {
            // Those told every step how long a run may take, also when nobody had said so.
            self.options.minutes.get_or_insert(USUAL_MINUTES);
        }
        self
    }
}

/// Minutes of work that a run may take when nobody says otherwise.
pub const USUAL_MINUTES: u32 = 60;

impl Options {
    /// Minutes of work that the run may take.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.minutes.unwrap_or(USUAL_MINUTES)
    }

    /// With what holds in the repository wherever the task says nothing.
    #[must_use]
    pub fn or(mut self, minutes: Option<u32>, limits: &BTreeMap<String, RoleLimits>) -> Self {
        self.minutes = self.minutes.or(minutes);
        for (role, theirs) in limits {
            let own = self.limits.entry(role.clone()).or_default();
            own.turns = own.turns.or(theirs.turns);
            own.usd_micros = own.usd_micros.or(theirs.usd_micros);
        }
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::Full,
            approve_plan: true,
            approve_delivery: false,
            models: BTreeMap::new(),
            budget_usd_micros: 10_000_000,
            test_rounds: 3,
            review_rounds: 2,
            network: false,
            minutes: None,
            limits: BTreeMap::new(),
            attempts: 1,
            reproduce: false,
            deliver: Deliver::Branch,
        }
    }
}

/// Which roles take part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Plan, code, test, review, deliver.
    #[default]
    Full,
    /// The same without a plan.
    NoPlan,
    /// A plan and nothing else.
    PlanOnly,
}
