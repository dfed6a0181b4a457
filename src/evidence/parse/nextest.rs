//! `cargo nextest run`: one line a test (`PASS [   0.004s] (1/3) calc::it adds`), and the JUnit file of a profile.

use super::super::outcome::{Case, Outcome, Status};
use super::super::text;
use super::cargo::{Places, without_frames};
use super::{compile_error, count_of, junit};

pub(super) fn parse(output: &str, report: Option<&str>) -> Option<Outcome> {
    let told = read(output);
    let filed = report.and_then(|report| junit::parse(report, junit::Naming::Plain));
    // The file holds what ran; that a binary did not build, or that tests were left out, only the output says.
    let (Some(filed), Some(told)) = (&filed, &told) else {
        return filed.or(told);
    };
    let skipped = told
        .cases
        .iter()
        .filter(|case| case.status == Status::Skipped && filed.case(&case.id).is_none());
    let both = Outcome::of(filed.cases.iter().chain(skipped).cloned().collect());
    Some(if told.complete {
        both
    } else {
        both.incomplete(told.note.as_deref().unwrap_or_default())
    })
}

#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    places: Places,
    summary: Option<String>,
    /// The test whose output is being read.
    told: Option<(String, String)>,
}

fn read(output: &str) -> Option<Outcome> {
    let mut reader = Reader::default();
    for line in output.lines() {
        reader.line(line);
    }
    reader.end_message();
    let broken = output.contains("error: could not compile");
    if reader.cases.is_empty() && reader.summary.is_none() && !broken {
        return None;
    }
    let outcome = Outcome::of(reader.cases);
    let Some(summary) = reader.summary.filter(|_| !broken) else {
        let note =
            compile_error(output).unwrap_or_else(|| "it ended before its summary".to_owned());
        return Some(outcome.incomplete(&note));
    };
    // `3/5 tests run`: the rest was cancelled.
    let stopped = summary
        .split_once("tests run")
        .is_some_and(|(ran, _)| ran.contains('/'));
    let stopped = stopped || count_of(&summary, &["timed"]) > 0 && outcome.counts.total() == 0;
    Some(if stopped {
        outcome.incomplete(&format!("stopped early: {}", summary.trim()))
    } else {
        outcome
    })
}

impl Reader {
    fn line(&mut self, line: &str) {
        if let Some(summary) = line.trim_start().strip_prefix("Summary [") {
            self.end_message();
            self.summary = summary.split_once("] ").map(|(_, sums)| sums.to_owned());
        } else if let Some((token, took, id)) = result(line) {
            self.end_message();
            self.push(token, took, id);
        } else if let Some(id) = section(line) {
            self.end_message();
            self.told = Some((id, String::new()));
        } else if let Some((_, said)) = &mut self.told
            && said.len() < 8000
        {
            said.push_str(line);
            said.push('\n');
        }
    }

    fn push(&mut self, token: &str, took: Option<f64>, id: String) {
        let Some(status) = status(token) else { return };
        if let Some(&at) = self.places.get(&id) {
            // The list at the end repeats; a later try decides.
            let case = &mut self.cases[at];
            case.flaky |= case.status.is_bad() && status == Status::Passed;
            if case.status == Status::Passed || token.contains("PASS") || token.starts_with("FLAKY")
            {
                case.status = status;
            }
            return;
        }
        let file = String::new();
        let mut case = Case::new(id.clone(), status).in_file(file).took_ms(took);
        case.flaky = token.starts_with("FLAKY");
        self.places.insert(id.clone(), self.cases.len());
        self.cases.push(case);
        if status.is_bad() {
            self.told = Some((id, String::new()));
        }
    }

    fn end_message(&mut self) {
        if let Some((id, said)) = self.told.take()
            && let Some(&at) = self.places.get(&id)
            && self.cases[at].status.is_bad()
            && !said.trim().is_empty()
        {
            let case = self.cases[at].clone();
            self.cases[at] = case.saying(&tidy(&said));
        }
    }
}

/// The token, the duration and the id of a line of a result.
fn result(line: &str) -> Option<(&str, Option<f64>, String)> {
    let (token, rest) = line.split_once(" [")?;
    let token = token.trim();
    if token.is_empty()
        || !token
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || " -/+".contains(c))
    {
        return None;
    }
    let (took, rest) = rest.split_once(']')?;
    let mut rest = rest.trim();
    if rest.starts_with('(') {
        rest = rest.split_once(')')?.1.trim_start();
    }
    let (binary, name) = rest.split_once(' ')?;
    Some((token, text::duration(took), format!("{binary} > {name}")))
}

fn status(token: &str) -> Option<Status> {
    let word = token.rsplit(' ').next().unwrap_or(token);
    match word {
        "PASS" | "LEAK" => Some(Status::Passed),
        _ if token.starts_with("FLAKY") => Some(Status::Passed),
        "SKIP" => Some(Status::Skipped),
        "FAIL" | "TIMEOUT" | "TMT" | "LEAK-FAIL" | "ABORT" | "FL-CL" | "FLAKY-FAIL" => {
            Some(Status::Failed)
        }
        // Killed by a signal: no assertion said no, the process broke.
        _ if word.starts_with("SIG") => Some(Status::Errored),
        "XFAIL" | "EXECFAIL" => Some(Status::Errored),
        _ => None,
    }
}

/// `--- STDERR:   calc::it adds ---`, the heading of older versions.
fn section(line: &str) -> Option<String> {
    let line = line.trim_matches(['-', '─', '═', ' ']);
    let rest = line
        .strip_prefix("STDERR:")
        .or_else(|| line.strip_prefix("STDOUT:"))?;
    let (binary, name) = rest.trim().split_once(' ')?;
    Some(format!("{binary} > {name}"))
}

/// What a test said, without the frame of the test harness around it: panics go to standard error.
fn tidy(said: &str) -> String {
    let said = said.split_once("stderr ─").map_or(said, |(_, said)| said);
    let frame = |line: &&str| {
        let line = line.trim();
        line.starts_with("stdout ─")
            || line.starts_with("running 1 test")
            || line.chars().all(|c| "─ ".contains(c))
    };
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !frame(line))
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    without_frames(&format!("{}\n", lines.join("\n"))).to_owned()
}
