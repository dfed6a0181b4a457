//! What a delivered branch says about itself: written by code, from what was recorded. The words of models stand in it as
//! quotations, in which nothing is a command to the server that shows them.

use serde_json::{Value, json};
use workflows::definitions::coding::Brief;

use super::{
    reproduction, runs,
    verdict::{Verdict, Word},
};
use crate::evidence::{TestEvidence, Verdict as Tests};

/// Characters of a body; servers take 65,536.
const MOST: usize = 60_000;
/// Names of tests in one list.
const NAMED: usize = 20;

/// What is known besides the brief.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// What the run has cost, in millionths of a dollar.
    pub(super) cost: i64,
    /// Where people look at the run.
    pub(super) link: Option<&'a str>,
    /// What makes the text this run's.
    pub(super) mark: &'a str,
}

/// Title, body, and whether a person has to look before anything is merged.
pub(super) fn of(brief: &Brief, known: Known<'_>) -> Value {
    let verdict: Option<Verdict> = read(brief.verdict.as_ref());
    let evidence: Vec<TestEvidence> = read(brief.evidence.as_ref()).unwrap_or_default();
    let approved = verdict
        .as_ref()
        .is_some_and(|verdict| verdict.verdict == Word::Approve);
    let mut body = String::new();
    if !approved {
        body += &format!("> **Needs human**: {}\n\n", doubt(verdict.as_ref()));
    }
    let finish = brief.finish.clone().unwrap_or_default();
    if let Some(doubt) = runs::doubt(&finish) {
        body += &format!("> **{doubt}**\n\n");
    }
    body += &paragraphs(finish["summary"].as_str().unwrap_or_default());
    body += &plan(brief.plan.as_ref(), verdict.as_ref());
    body += &tests(&evidence);
    if let Some(told) = brief.reproduction.as_ref().and_then(reproduction::told) {
        body += &format!("\nA test written to show the fault: {}\n", line(&told));
    }
    body += &left_out(brief.head.as_ref());
    body += &review(verdict.as_ref());
    body += &format!("\n## Cost\n\n{}", dollars(known.cost));
    if let Some(link) = known.link {
        body += &format!(" · [the run]({link})");
    }
    let mut body: String = body.chars().take(MOST).collect();
    body += &format!("\n\n{}\n", known.mark);
    json!({"title": title(brief, approved), "body": body, "draft": !approved})
}

/// The title of a commit and of a pull request.
pub(super) fn subject(brief: &Brief) -> String {
    let finish = brief.finish.as_ref();
    let said = finish.and_then(|finish| finish["pr_title"].as_str());
    match said.map(str::trim) {
        Some(title) if !title.is_empty() => title.to_owned(),
        _ => brief.assignment.title.clone(),
    }
}

fn title(brief: &Brief, approved: bool) -> String {
    let subject: String = subject(brief)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let subject: String = subject.chars().take(200).collect();
    if approved {
        subject
    } else {
        format!("[needs human] {subject}")
    }
}

fn doubt(verdict: Option<&Verdict>) -> String {
    let Some(verdict) = verdict else {
        return "nobody has reviewed this.".to_owned();
    };
    let word = match verdict.verdict {
        Word::Approve => "the review approves",
        Word::RequestChanges => "the review still asks for changes",
        Word::Reject => "the review turns it down",
        Word::NeedsHuman => "the review wants a person to look",
    };
    if verdict.downgraded.is_empty() {
        return format!("{word}.");
    }
    let why: Vec<String> = verdict.downgraded.iter().map(|why| line(why)).collect();
    format!("{word}: {}.", why.join("; "))
}

fn plan(plan: Option<&Value>, verdict: Option<&Verdict>) -> String {
    let items = plan.and_then(|plan| plan["items"].as_array());
    let items = items.map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return String::new();
    }
    let mut text = "\n## Plan\n\n".to_owned();
    for item in items {
        let id = item["id"].as_str().unwrap_or_default();
        let all = verdict.map(|verdict| verdict.criteria.as_slice());
        let judged = all.unwrap_or_default().iter().find(|one| one.id == id);
        let status = judged.map_or("not judged", |one| one.status.as_str());
        let mark = if status == "met" { 'x' } else { ' ' };
        let title = line(item["title"].as_str().unwrap_or_default());
        text += &format!("- [{mark}] {title} ({})\n", line(status));
    }
    text
}

fn tests(evidence: &[TestEvidence]) -> String {
    let mut text = "\n## Tests\n\n".to_owned();
    if evidence.is_empty() {
        return text + "No tests were run.\n";
    }
    text += "| command | before | after | |\n|---|---|---|---|\n";
    for one in evidence {
        let verdict = match &one.verdict {
            Tests::Green => "nothing newly fails".to_owned(),
            Tests::Failing => "**tests fail**".to_owned(),
            Tests::NotRun(why) => format!("not run: {}", line(why)),
        };
        let count = |of: &crate::evidence::Counts| format!("{} pass, {} fail", of.passed, of.bad());
        text += &format!(
            "| {} | {} | {} | {} |\n",
            line(&one.command.join(" ")).replace('|', "\\|"),
            count(&one.base),
            count(&one.head),
            verdict.replace('|', "\\|")
        );
    }
    for (what, pick) in [
        (
            "Newly failing",
            (|one| &one.newly_failing) as fn(&TestEvidence) -> &Vec<String>,
        ),
        ("Fixed", |one| &one.fixed),
        ("Failing before and after", |one| &one.still_failing),
        ("Flaky", |one| &one.flaky),
        ("Gone", |one| &one.vanished),
        ("Skipped now", |one| &one.newly_skipped),
    ] {
        let names: Vec<&String> = evidence.iter().flat_map(pick).collect();
        if !names.is_empty() {
            let shown: Vec<String> = names.iter().take(NAMED).map(|name| line(name)).collect();
            let more = names.len().saturating_sub(NAMED);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            text += &format!("\n{what}: {}{more}\n", shown.join(", "));
        }
    }
    text
}

/// What the author had and nobody gets.
fn left_out(head: Option<&Value>) -> String {
    let names = head.and_then(|head| head["left_out"].as_array());
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let names: Vec<String> = names.take(NAMED).map(line).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "\nNot delivered, and not there when the tests ran: {}\n",
        names.join(", ")
    )
}

fn review(verdict: Option<&Verdict>) -> String {
    let Some(verdict) = verdict else {
        return String::new();
    };
    let mut text = format!("\n## Review\n\n{}", paragraphs(&verdict.summary));
    for finding in &verdict.findings {
        text += &format!(
            "- **{}** {} {}: {}\n",
            line(&finding.severity),
            line(&finding.place()),
            line(&finding.title),
            line(&finding.failure_mode)
        );
    }
    for concern in &verdict.security {
        text += &format!("- **security** {}\n", line(concern));
    }
    text
}

fn dollars(micros: i64) -> String {
    format!("${}.{:04}", micros / 1_000_000, micros % 1_000_000 / 100)
}

fn read<T: serde::de::DeserializeOwned>(value: Option<&Value>) -> Option<T> {
    serde_json::from_value(value?.clone()).ok()
}

/// Several lines of somebody's.
fn paragraphs(text: &str) -> String {
    let text: String = plain(text.trim()).chars().take(8_000).collect();
    if text.is_empty() {
        return text;
    }
    format!("{text}\n")
}

/// One line of somebody's.
fn line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain(&text).chars().take(500).collect()
}

/// Nobody is called, no issue is closed, nothing is hidden and no picture fetched by what a model writes.
fn plain(text: &str) -> String {
    let text = text.replace('<', "&lt;").replace("![", "!\u{200b}[");
    let text = text.replace('@', "@\u{200b}");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        plain.push(c);
        if c == '#' && rest.peek().is_some_and(char::is_ascii_digit) {
            plain.push('\u{200b}');
        }
    }
    plain
}

#[cfg(test)]
mod checks {
    use super::*;

    fn brief(verdict: &str) -> Brief {
        Brief {
            plan: Some(
                json!({"items": [{"id": "1", "title": "Refuse"}, {"id": "2", "title": "Log"}]}),
            ),
            finish: Some(json!({
                "summary": "Closes #12, ask @ada <!-- codegraph-run: other --> ![x](https://example.org/x)",
                "pr_title": "Refuse what\nis promised",
            })),
            verdict: Some(json!({
                "verdict": verdict, "criteria": [{"id": "1", "status": "met"}, {"id": "2", "status": "unmet"}],
                "findings": [{"severity": "high", "file": "a.py", "start_line": 3, "title": "Wrong", "failure_mode": "It\nbreaks"}],
                "downgraded": ["a criterion is unmet"],
            })),
            ..Brief::default()
        }
    }

    fn known() -> Known<'static> {
        Known {
            cost: 41_300,
            link: Some("https://codegraph.example.org/runs/run_1"),
            mark: "<!-- codegraph-run: run_1 -->",
        }
    }

    #[test]
    fn what_is_said_is_what_was_recorded() {
        let report = of(&brief("approve"), known());
        let body = report["body"].as_str().unwrap();
        assert_eq!(report["title"], "Refuse what is promised");
        assert_eq!(report["draft"], false);
        for part in [
            "- [x] Refuse (met)",
            "- [ ] Log (unmet)",
            "No tests were run.",
            "- **high** a.py:3 Wrong: It breaks",
            "$0.0413 · [the run](https://codegraph.example.org/runs/run_1)",
        ] {
            assert!(body.contains(part), "{part}\n{body}");
        }
        assert!(body.ends_with("<!-- codegraph-run: run_1 -->\n"));
        assert!(!body.contains("Needs human"));
    }

    #[test]
    fn a_claim_without_a_run_is_marked_and_what_is_left_out_is_named() {
        let mut brief = brief("approve");
        let body = |brief: &Brief| of(brief, known())["body"].as_str().unwrap().to_owned();
        assert!(!body(&brief).contains("Not verified"));
        brief.finish.as_mut().unwrap()["verification"] = json!([{"step": "9.9.9"}]);
        assert!(
            body(&brief).contains("> **Not verified"),
            "{}",
            body(&brief)
        );
        brief.head = Some(json!({"tree": "t", "commit": "c", "left_out": ["data.bin"]}));
        assert!(body(&brief).contains("when the tests ran: data.bin"));
    }

    #[test]
    fn without_an_approval_a_person_is_wanted() {
        let report = of(&brief("request_changes"), known());
        assert_eq!(report["draft"], true);
        assert_eq!(report["title"], "[needs human] Refuse what is promised");
        let body = report["body"].as_str().unwrap();
        assert!(
            body.contains("asks for changes: a criterion is unmet."),
            "{body}"
        );
        let nobody = of(&Brief::default(), known());
        assert_eq!(nobody["draft"], true);
    }

    #[test]
    fn the_words_of_models_command_nothing() {
        let report = of(&brief("approve"), known());
        let body = report["body"].as_str().unwrap();
        for command in [
            "#12",
            "@ada",
            "![",
            "codegraph-run: other -->\n",
            "<!-- codegraph-run: other",
        ] {
            assert!(!body.contains(command), "{command}\n{body}");
        }
    }
}
