//! What an agent has run, by the step that is recorded for it: what it says about tests and commands is borne out by one
//! of these, or it is marked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// In what the coder said in the end: the runs that it named, as they were recorded.
pub(super) const VERIFICATION: &str = "verification";

/// Runs by their step.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Runs(BTreeMap<String, Ran>);

/// A command or tests that were run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ran {
    pub(super) tool: String,
    /// The command, or which tests.
    pub(super) about: String,
    /// Whether it ended well.
    pub(super) well: bool,
    /// The tree it left, which for tests is the one that they were run on.
    pub(super) tree: String,
}

impl Runs {
    pub(super) fn add(&mut self, step: String, ran: Ran) {
        self.0.insert(step, ran);
    }

    /// The runs that were named, and those names that no run has.
    pub(super) fn named(&self, names: &[String], tree: &str) -> Value {
        let told = names.iter().map(|name| {
            let step = name
                .trim()
                .trim_start_matches("[step ")
                .trim_start_matches("step ");
            let step = step.trim_end_matches(']');
            match self.0.get(step) {
                Some(ran) => json!({
                    "step": step, "tool": ran.tool, "about": ran.about, "well": ran.well,
                    "current": ran.tree == tree,
                }),
                None => json!({"step": step}),
            }
        });
        told.collect()
    }

    /// For a conversation that takes the place of this one.
    pub(super) fn told(&self) -> Vec<String> {
        let told = self.0.iter().rev().take(10).map(|(step, ran)| {
            let end = if ran.well { "well" } else { "not well" };
            format!("step {step}: {} {}, ended {end}", ran.tool, ran.about)
        });
        told.collect()
    }
}

/// What must be said beside the words of an author whose runs do not bear them out; nothing when they do, or when nobody
/// asked for them.
pub(super) fn doubt(finish: &Value) -> Option<&'static str> {
    let named = finish[VERIFICATION].as_array()?;
    let recorded = || named.iter().filter(|run| run["tool"].is_string());
    if recorded().next().is_none() {
        return Some(
            "Not verified: no recorded run is named for what is said here about tests or commands.",
        );
    }
    if recorded().all(|run| run["current"] == false) {
        return Some("Not verified as it is: what was run for it was run before the last change.");
    }
    if recorded().all(|run| run["well"] == false) {
        return Some("Not verified: none of the runs that are named for it ended well.");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_borne_out_by_a_run_that_is_recorded() {
        let ran = |well, tree: &str| Ran {
            tool: "run_tests".to_owned(),
            about: String::new(),
            well,
            tree: tree.to_owned(),
        };
        let mut runs = Runs::default();
        runs.add("2.1.0".to_owned(), ran(true, "old"));
        runs.add("2.2.0".to_owned(), ran(false, "new"));
        runs.add("2.3.0".to_owned(), ran(true, "new"));
        let doubt_of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            doubt(&json!({ VERIFICATION: runs.named(&names, "new") }))
        };
        assert!(doubt_of(&[]).is_some_and(|said| said.contains("no recorded run")));
        assert!(doubt_of(&["9.9.9"]).is_some_and(|said| said.contains("no recorded run")));
        assert!(doubt_of(&["2.1.0"]).is_some_and(|said| said.contains("before the last change")));
        assert!(doubt_of(&["2.2.0"]).is_some_and(|said| said.contains("ended well")));
        assert_eq!(doubt_of(&["9.9.9", "[step 2.3.0]"]), None);
        // Nobody asked the first edition.
        assert_eq!(doubt(&json!({"summary": "tests pass"})), None);
    }
}
