//! What a step of a coding run is told: read off the history, so that any worker is told the same.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ANSWERED, ATTEMPTS, BUDGET_RAISED, CHOOSE, CODE, PLAN, PLAN_DECIDED, REVIEW, TEST,
    assignment::Assignment,
};
use crate::history::{Entry, History, Outcome};

/// The input of every step of a coding run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Brief {
    /// What the run was started with.
    pub assignment: Assignment,
    /// The most the run may cost by now, in millionths of a dollar.
    pub budget_usd_micros: i64,
    /// Minutes that the run may work by now.
    pub minutes: u32,
    /// How often this step has been performed before.
    pub round: usize,
    /// The edition of agents' tools and instructions. Left out when it is the first: so it was written before there
    /// was another.
    #[serde(skip_serializing_if = "is_first")]
    pub edition: u16,
    /// The commit the work begins at, once a step has found it.
    pub base: Option<String>,
    /// The newest state of the work: `{"tree", "commit"}`.
    pub head: Option<Value>,
    /// The newest plan, as a person may have changed it.
    pub plan: Option<Value>,
    /// What the coder said when it finished last.
    pub finish: Option<Value>,
    /// What the tests said last.
    pub evidence: Option<Value>,
    /// Why the tests came to no end, when they did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untested: Option<Value>,
    /// What whoever looked into the newest failures says about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triage: Option<Value>,
    /// What came of a test that was to show the fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reproduction: Option<Value>,
    /// What the reviewer said last.
    pub verdict: Option<Value>,
    /// The conversation to go on with.
    pub continues: Option<Value>,
    /// What a person answered or wants changed, when that is why this step runs.
    pub answer: Option<Value>,
    /// How many messages of people earlier steps have passed on.
    pub messages_seen: usize,
    /// Which ones.
    pub messages_told: Vec<String>,
    /// How the attempts ended from which the best is to be chosen, in their order.
    pub candidates: Vec<Outcome>,
}

impl Brief {
    /// What the step of this name is told now.
    pub(super) fn of(h: &History, assignment: &Assignment, step: &str) -> Self {
        let latest = |key: &str| {
            let outputs = h.entries().iter().rev().filter_map(|entry| match entry {
                Entry::Step { output, .. } => output.get(key),
                _ => None,
            });
            let mut outputs = outputs.filter(|value| !value.is_null());
            outputs.next().cloned()
        };
        let of_step = |names: &[&str], key: &str| {
            let newest = h.entries().iter().rev().find_map(|entry| match entry {
                Entry::Step { name, output } if names.contains(&name.as_str()) => Some(output),
                _ => None,
            });
            let value = newest?.get(key)?;
            (!value.is_null()).then(|| value.clone())
        };
        let given = assignment.given.as_ref();
        let candidates = candidates(h);
        Self {
            budget_usd_micros: assignment.options.budget_usd_micros
                + raised(h)
                + candidates.iter().map(raised_by).sum::<i64>(),
            minutes: assignment
                .options
                .minutes()
                .saturating_add(more_minutes(h, assignment)),
            edition: assignment.edition,
            // Work that was taken over was coded before.
            round: h.count(step) + if step == CODE { h.count(CHOOSE) } else { 0 },
            base: latest("base")
                .or_else(|| candidates.iter().find_map(|one| told(one, "base").cloned()))
                .and_then(|base| base.as_str().map(str::to_owned)),
            head: latest("head"),
            plan: decided_plan(h)
                .or_else(|| of_step(&[PLAN], "plan"))
                .or_else(|| given?.plan.clone()),
            finish: of_step(&[CODE, CHOOSE], "finish"),
            evidence: of_step(&[TEST, CHOOSE], "evidence"),
            untested: of_step(&[TEST], "note"),
            triage: of_step(&[TEST], "triage"),
            reproduction: of_step(&[TEST], "reproduction"),
            verdict: of_step(&[REVIEW, CHOOSE], "verdict"),
            continues: continues(h, step),
            answer: match h.last() {
                Some(Entry::Signal { name, payload }) if name != BUDGET_RAISED => {
                    Some(payload.clone())
                }
                _ => None,
            },
            messages_seen: latest("messages_seen")
                .and_then(|seen| seen.as_u64())
                .and_then(|seen| usize::try_from(seen).ok())
                .unwrap_or_default(),
            messages_told: latest("messages_told")
                .and_then(|told| serde_json::from_value(told).ok())
                .unwrap_or_default(),
            candidates,
            assignment: assignment.clone(),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "it is what serde calls it with"
)]
fn is_first(edition: &u16) -> bool {
    *edition == 0
}

/// How the newest attempts ended.
fn candidates(h: &History) -> Vec<Outcome> {
    let newest = h.entries().iter().rev().find_map(|entry| match entry {
        Entry::Children { name, outcomes } if name == ATTEMPTS => Some(outcomes.clone()),
        _ => None,
    });
    newest.unwrap_or_default()
}

/// What an attempt that came to an end of its own says about this.
fn told<'o>(outcome: &'o Outcome, key: &str) -> Option<&'o Value> {
    match outcome {
        Outcome::Succeeded { output } => output["evidence"].get(key),
        Outcome::Failed { .. } | Outcome::Canceled => None,
    }
}

/// What people have added to the budget of an attempt: they have added it to the whole.
fn raised_by(outcome: &Outcome) -> i64 {
    told(outcome, RAISED).and_then(Value::as_i64).unwrap_or(0)
}

/// Under which an attempt says what people have added to its budget.
pub(super) const RAISED: &str = "raised_usd_micros";

/// What the finished steps have cost.
pub(super) fn spent(h: &History) -> i64 {
    let costs = h.entries().iter().filter_map(|entry| match entry {
        Entry::Step { output, .. } => output["cost_usd_micros"].as_i64(),
        _ => None,
    });
    costs.sum()
}

/// What people have added to the budget.
pub(super) fn raised(h: &History) -> i64 {
    let raises = h.entries().iter().filter_map(|entry| match entry {
        Entry::Signal { name, payload } if name == BUDGET_RAISED => payload["usd_micros"].as_i64(),
        _ => None,
    });
    raises.filter(|raise| *raise > 0).sum()
}

/// Whether a person has given the run more of anything.
pub(super) fn raises(payload: &Value) -> bool {
    ["usd_micros", "minutes"]
        .iter()
        .any(|what| payload[*what].as_i64() > Some(0))
}

/// What people have added to the time. Who raises something for a run that is out of time, and names no minutes,
/// gives it as many as it had.
fn more_minutes(h: &History, assignment: &Assignment) -> u32 {
    let pairs = h.entries().windows(2).filter_map(|pair| match pair {
        [Entry::Step { output, .. }, Entry::Signal { name, payload }]
            if name == BUDGET_RAISED && raises(payload) =>
        {
            Some((output, payload))
        }
        _ => None,
    });
    let minutes = pairs.map(|(output, payload)| {
        let named = payload["minutes"].as_u64().filter(|minutes| *minutes > 0);
        let named = named.and_then(|minutes| u32::try_from(minutes).ok());
        let usual =
            (output["result"] == "out_of_time").then_some(assignment.options.minutes().max(1));
        named.or(usual).unwrap_or_default()
    });
    minutes.fold(0, u32::saturating_add)
}

/// A person may send the plan back changed, together with the approval.
fn decided_plan(h: &History) -> Option<Value> {
    let after_plan = h.entries().iter().rev();
    let decided = after_plan
        .take_while(|entry| !matches!(entry, Entry::Step { name, .. } if name == PLAN))
        .find_map(|entry| match entry {
            Entry::Signal { name, payload } if name == PLAN_DECIDED => payload.get("plan"),
            _ => None,
        });
    decided.filter(|plan| !plan.is_null()).cloned()
}

/// A conversation goes on when a person answered its question or paid for more of it; after that it is over.
fn continues(h: &History, step: &str) -> Option<Value> {
    let [
        ..,
        Entry::Step { name, output },
        Entry::Signal { name: signal, .. },
    ] = h.entries()
    else {
        return None;
    };
    (name == step && (signal == ANSWERED || signal == BUDGET_RAISED))
        .then(|| output.get("conversation").cloned())
        .flatten()
}
