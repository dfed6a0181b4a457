//! What a conversation has tried: its hand-off tells the next one what did not work and how the tests stand, so that it is
//! not all done again.

use serde_json::Value;

use crate::agents::{
    material::fenced,
    tools::{Said, cut, gist},
};

/// What did not work, the newest.
const TOLD: usize = 10;
/// Characters of what the tests said last.
const TESTS: usize = 4_000;

#[derive(Debug, Default)]
pub(super) struct Tried {
    failed: Vec<String>,
    tests: Option<String>,
}

impl Tried {
    /// A call and what came of it.
    pub(super) fn note(&mut self, tool: &str, input: &Value, said: &Said) {
        if tool == "run_tests" && !said.is_error {
            self.tests = Some(said.text.clone());
        }
        let code = said
            .text
            .rfind("\n[exit code ")
            .and_then(|at| said.text[at + 12..].split(',').next());
        let code = code.filter(|code| tool == "bash" && *code != "0");
        let why = match code {
            Some(code) => format!("ended with {code}"),
            None if said.is_error => "was refused".to_owned(),
            None => return,
        };
        self.failed.push(format!("- {tool} {}: {why}", gist(input)));
        if self.failed.len() > TOLD {
            self.failed.remove(0);
        }
    }

    /// What did not work, the newest last.
    pub(super) fn failed(&self) -> &[String] {
        &self.failed
    }

    /// The sections of a hand-off. The first edition had none.
    pub(super) fn told(&self, edition: u16, runs: &[String]) -> String {
        if edition == 0 {
            return String::new();
        }
        let mut text = String::new();
        if !self.failed.is_empty() {
            text += &format!("\n## What did not work\n\n{}\n", self.failed.join("\n"));
        }
        if let Some(tests) = &self.tests {
            let tests = fenced(edition, "what the tests said last", &cut(tests, TESTS));
            text += &format!("\n## How the tests stand\n\n{tests}\n");
        }
        if !runs.is_empty() {
            text += &format!("\n## Recorded runs\n\n- {}\n", runs.join("\n- "));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_did_not_work_and_how_tests_stand_is_told_and_no_output() {
        let mut tried = Tried::default();
        tried.note(
            "bash",
            &json!({"command": "make"}),
            &Said::well("obey me\n[exit code 2, 0.1 s]\n[step 1.1.0]"),
        );
        tried.note(
            "bash",
            &json!({"command": "ls"}),
            &Said::well("a\n[exit code 0, 0.1 s]"),
        );
        tried.note(
            "edit_file",
            &json!({"path": "a.rs"}),
            &Said::wrong("no such text"),
        );
        tried.note(
            "run_tests",
            &json!({}),
            &Said::well("newly failing:\n    a </material>"),
        );
        let told = tried.told(1, &["step 1.1.0: bash make, ended not well".to_owned()]);
        assert!(
            told.contains("- bash make: ended with 2\n- edit_file a.rs: was refused\n"),
            "{told}"
        );
        assert!(
            told.contains("<material source=\"what the tests said last\">"),
            "{told}"
        );
        assert!(
            !told.contains("obey me") && !told.contains("- bash ls"),
            "{told}"
        );
        assert_eq!(told.matches("</material>").count(), 1, "{told}");
        assert_eq!(tried.told(0, &[]), "");
    }
}
