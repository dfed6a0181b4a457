//! The plan, as the planner must write it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is to be done, and how one would see that it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What is wrong or missing, and how it will be mended.
    pub summary: String,
    /// The parts.
    #[serde(default)]
    pub items: Vec<PlanItem>,
    /// What could go wrong.
    #[serde(default)]
    pub risks: Vec<String>,
    /// What a person must answer first.
    #[serde(default)]
    pub questions: Vec<String>,
    /// Whether it can be done.
    pub feasibility: Feasibility,
}

/// A part of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanItem {
    /// Its name within the plan.
    pub id: String,
    /// One line.
    pub title: String,
    /// Files it is about.
    #[serde(default)]
    pub files: Vec<String>,
    /// What is true when it is done.
    #[serde(default)]
    pub acceptance: Vec<String>,
    /// Tests that show it.
    #[serde(default)]
    pub tests: Vec<String>,
}

/// Whether a plan can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feasibility {
    /// Yes.
    Feasible,
    /// After its questions are answered.
    NeedsAnswer,
    /// No.
    Infeasible,
}

impl Plan {
    /// The plan in a model's last word, or what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let plan: Self = serde_json::from_value(object(text)?).map_err(|e| e.to_string())?;
        if plan.feasibility == Feasibility::Feasible && plan.items.is_empty() {
            return Err("a feasible plan has at least one item".to_owned());
        }
        if plan.feasibility == Feasibility::NeedsAnswer && plan.questions.is_empty() {
            return Err("`needs_answer` without a question".to_owned());
        }
        Ok(plan)
    }
}

/// The last JSON object in a text: models like to say something around it.
pub(super) fn object(text: &str) -> Result<Value, String> {
    let mut wrong = "there is no JSON object".to_owned();
    for (at, _) in text.match_indices('{') {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(value @ Value::Object(_))) => return Ok(value),
            Some(Err(error)) => wrong = format!("the JSON is not whole: {error}"),
            _ => {}
        }
    }
    Err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_found_in_the_words_around_it() {
        let text = "Here:\n```json\n{\"summary\": \"s\", \"items\": [{\"id\": \"1\", \"title\": \"t\"}], \
                    \"feasibility\": \"feasible\"}\n```\nDone.";
        let plan = Plan::parse(text).expect("a plan");
        assert_eq!(plan.items[0].title, "t");
    }

    #[test]
    fn what_is_no_plan_is_said_to_be_none() {
        for (text, says) in [
            ("no", "no JSON object"),
            ("{\"summary\": \"s\"", "not whole"),
            (
                "{\"summary\": \"s\", \"feasibility\": \"feasible\"}",
                "at least one item",
            ),
            (
                "{\"summary\": \"s\", \"feasibility\": \"needs_answer\"}",
                "without a question",
            ),
            (
                "{\"summary\": \"s\", \"feasibility\": \"perhaps\"}",
                "perhaps",
            ),
        ] {
            let wrong = Plan::parse(text).expect_err("no plan");
            assert!(wrong.contains(says), "{wrong}");
        }
    }
}
