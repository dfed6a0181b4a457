//! The tools as they are described to models. The list of a role never changes within a conversation: vendors
//! cache it, and thinking is bound to it.

use serde_json::{Value, json};

use crate::{
    agents::{role::Role, verdict::SEVERITIES},
    providers::llm::Tool,
};

/// The names of the tools of a role.
pub(super) fn names(role: Role) -> &'static [&'static str] {
    match role {
        Role::Coder => &[
            "bash",
            "read_file",
            "edit_file",
            "write_file",
            "grep",
            "glob",
            "run_tests",
            "update_plan",
            "ask_human",
            "finish",
        ],
        Role::Planner => &["read_file", "grep", "glob", "ask_human"],
        Role::Reviewer => &["read_file", "grep", "glob", "add_finding"],
        Role::Tester | Role::Reproducer | Role::Chooser => &["read_file", "grep", "glob"],
    }
}

/// The tools of a role in an edition.
pub(in crate::agents) fn of_role(role: Role, edition: u16) -> Vec<Tool> {
    let tool = |name: &&str| {
        let (mut description, mut properties, mut required) = described(name);
        if edition > 0 {
            second(name, &mut description, &mut properties, &mut required);
        }
        Tool {
            name: (*name).to_owned(),
            description: description.to_owned(),
            input_schema: json!({
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            }),
        }
    };
    names(role).iter().map(tool).collect()
}

/// What every description of a tool says and not every type of its input does: nothing is there that has no name in it, and
/// what is meant for one line is one.
pub(super) fn check(name: &str, input: &Value) -> Result<(), String> {
    let (mut description, mut properties, mut required) = described(name);
    second(name, &mut description, &mut properties, &mut required);
    for (key, value) in input.as_object().into_iter().flatten() {
        let Some(property) = properties.get(key) else {
            return Err(format!("the input does not fit: there is no `{key}`"));
        };
        let most = property["maxLength"].as_u64();
        let long = value.as_str().map_or(0, |text| text.chars().count() as u64);
        if let Some(most) = most.filter(|most| long > *most) {
            return Err(format!("`{key}` has at most {most} characters"));
        }
    }
    Ok(())
}

/// What the second edition says otherwise, or more. The first stays as it is: conversations were begun with it.
fn second(
    name: &str,
    description: &mut &'static str,
    properties: &mut Value,
    required: &mut Vec<&'static str>,
) {
    let texts =
        |about: &str| json!({"type": "array", "items": {"type": "string"}, "description": about});
    match name {
        "bash" => {
            *description = "Runs a command in a fresh shell in the root of the repository. Answers with its exit code, its \
                            output and the step to name it by.";
            properties["description"]["maxLength"] = json!(120);
        }
        "run_tests" => {
            *description = "Runs the repository's tests on what would be delivered and compares them with those of the tree \
                            as it was before any change. Answers with the step to name the run by.";
            properties["target"] = json!({"type": "string", "enum": ["affected", "all", "files"],
                "description": "The packages that you have changed, all, or only `files`."});
            properties["files"] =
                texts("Files of tests, from the root of the repository; with the target `files`.");
            required.push("target");
        }
        "edit_file" | "write_file" => {
            properties["allow_syntax_errors"] = json!({"type": "boolean",
                "description": "Leave the change in place although the file cannot be parsed any more."});
        }
        "ask_human" => {
            *description = "Asks the person who gave the task. With `blocking` the work waits until they have answered; \
                            without, it goes on, and the answer comes when there is one.";
            properties["options"]["minItems"] = json!(2);
            properties["options"]["maxItems"] = json!(5);
            properties["blocking"] = json!({"type": "boolean",
                "description": "Whether nothing sensible can be done before the answer."});
            required.push("blocking");
        }
        "finish" => {
            properties["verification"] =
                texts("The steps of the runs that bear out what you say, such as `2.7.0`.");
            required.push("verification");
        }
        _ => {}
    }
}

fn text(about: &str) -> Value {
    json!({"type": "string", "description": about})
}

fn number(least: u64, most: u64, about: &str) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": most, "description": about})
}

fn described(name: &str) -> (&'static str, Value, Vec<&'static str>) {
    match name {
        "bash" | "run_tests" => running(name),
        "read_file" | "edit_file" | "write_file" => on_files(name),
        "grep" | "glob" => searching(name),
        _ => speaking(name),
    }
}

fn running(name: &str) -> (&'static str, Value, Vec<&'static str>) {
    match name {
        "bash" => (
            "Runs a command in a fresh shell in the root of the repository. Answers with its exit code and output.",
            json!({
                "command": text("The command."),
                "timeout_s": number(1, 900, "Seconds it may take; 120 when nothing is said."),
                "description": text("What it is for, in a few words."),
            }),
            vec!["command"],
        ),
        _ => (
            "Runs the repository's tests and compares them with those of the tree as it was before any change.",
            json!({
                "filter": text("Only tests whose name or file contains this."),
                "timeout_s": number(1, 900, "Seconds they may take; 600 when nothing is said."),
            }),
            vec![],
        ),
    }
}

fn on_files(name: &str) -> (&'static str, Value, Vec<&'static str>) {
    let path = text("Path from the root of the repository.");
    match name {
        "read_file" => (
            "Reads a file, with line numbers; at most 2,000 lines at once. A path that begins with `output:` opens the \
             whole output of an earlier call.",
            json!({
                "path": path,
                "start_line": number(1, 10_000_000, "The first line to show."),
                "end_line": number(1, 10_000_000, "The last line to show."),
            }),
            vec!["path"],
        ),
        "edit_file" => (
            "Replaces text in a file that you have read. The old text must be there exactly once.",
            json!({
                "path": path,
                "old_string": text("The text to replace, with enough around it to be found once."),
                "new_string": text("What takes its place."),
                "replace_all": json!({"type": "boolean", "description": "Replace every occurrence."}),
            }),
            vec!["path", "old_string", "new_string"],
        ),
        _ => (
            "Writes a whole file; the folders on the way are made.",
            json!({
                "path": path,
                "content": text("All of the file."),
                "overwrite": json!({"type": "boolean", "description": "Replace a file that is there."}),
            }),
            vec!["path", "content"],
        ),
    }
}

fn searching(name: &str) -> (&'static str, Value, Vec<&'static str>) {
    let below = text("Only below this folder, or in this file.");
    let limit = number(1, 1000, "The most to show; 100 when nothing is said.");
    match name {
        "grep" => (
            "Searches the files of the repository for a regular expression. Ignored files are left out.",
            json!({
                "pattern": text("A regular expression."),
                "path": below,
                "glob": text("Only files whose path fits, such as `**/*.rs`."),
                "mode": json!({"type": "string", "enum": ["content", "files", "count"],
                               "description": "Lines, names of files, or how many lines in each; files when nothing is said."}),
                "context": number(0, 5, "Lines around each that fits."),
                "limit": limit,
            }),
            vec!["pattern"],
        ),
        _ => (
            "Lists the files of the repository whose path fits, newest first. Ignored files are left out.",
            json!({
                "pattern": text("Such as `src/**/*.py`."),
                "path": below,
                "limit": limit,
            }),
            vec!["pattern"],
        ),
    }
}

fn speaking(name: &str) -> (&'static str, Value, Vec<&'static str>) {
    let texts =
        |about: &str| json!({"type": "array", "items": {"type": "string"}, "description": about});
    match name {
        "update_plan" => (
            "Says how far the plan's items are; exactly one is active while any is open.",
            json!({"items": {"type": "array", "items": {
                "type": "object",
                "properties": {
                    "id": text("The item's id."),
                    "status": {"type": "string", "enum": ["pending", "active", "done", "dropped"]},
                    "note": text("A word about it."),
                },
                "required": ["id", "status"],
                "additionalProperties": false,
            }}}),
            vec!["items"],
        ),
        "ask_human" => (
            "Asks the person who gave the task. The work waits until they have answered.",
            json!({
                "question": text("The question, with what is needed to answer it."),
                "options": texts("Two to five answers to choose from."),
            }),
            vec!["question"],
        ),
        "add_finding" => (
            "Reports something that is wrong with the change. It names changed lines and how they fail.",
            json!({
                "severity": {"type": "string", "enum": SEVERITIES},
                "category": text("A word for it, such as `correctness`."),
                "file": text("Path from the root of the repository."),
                "start_line": number(1, 10_000_000, "The first line, as the file is now."),
                "end_line": number(1, 10_000_000, "The last line."),
                "title": text("One line, at most 120 characters."),
                "failure_mode": text("What goes wrong, and when."),
                "fix_hint": text("How it might be mended."),
                "blocking": json!({"type": "boolean", "description": "The change must not go out with it."}),
            }),
            vec!["severity", "file", "start_line", "title", "failure_mode"],
        ),
        _ => (
            "Ends the work.",
            json!({
                "status": {"type": "string", "enum": ["done", "blocked", "infeasible"]},
                "summary": text("What was done, or what stands in the way."),
                "risks": texts("What a reviewer should look at."),
                "pr_title": text("One line in the imperative, at most 72 characters."),
                "pr_body": text("What changed and why, for somebody who has not seen the task."),
            }),
            vec!["status", "summary", "pr_title", "pr_body"],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_name_or_is_too_long_for_a_line_does_not_fit() {
        let finding = json!({"severity": "low", "file": "a", "start_line": 1, "title": "t", "failure_mode": "f"});
        assert_eq!(check("add_finding", &finding), Ok(()));
        let mut strange = finding;
        strange["confidence"] = json!(0.5);
        assert!(
            check("add_finding", &strange)
                .unwrap_err()
                .contains("`confidence`")
        );
        let described = |many| json!({"command": "ls", "description": "ä".repeat(many)});
        assert_eq!(check("bash", &described(120)), Ok(()));
        assert!(
            check("bash", &described(121))
                .unwrap_err()
                .contains("at most 120")
        );
        let later = json!({"command": "ls", "timeout_s": 3});
        assert_eq!(check("bash", &later), Ok(()));
        let tests = json!({"target": "files", "files": ["a"]});
        assert_eq!(check("run_tests", &tests), Ok(()));
    }
}
