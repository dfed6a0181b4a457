//! What a run's output means. One file a format; each takes plain text (see `text::plain`) and answers nothing when it
//! understood nothing. No parser panics, whatever it is given, and none needs more than one pass.

mod cargo;
mod go;
mod jest;
mod json;
mod junit;
mod mocha;
mod nextest;
mod pytest;
mod spec;
mod tap;
mod unittest;

use super::outcome::{Case, Outcome, Status};
use super::suite::Framework;
use super::text;

/// Understands one run: what it printed, the file it left (if it leaves one, and it is there), and how it ended;
/// no exit code means that it was killed.
pub fn parse(
    framework: Framework,
    output: &str,
    report: Option<&str>,
    exit: Option<i32>,
) -> Outcome {
    let output = text::plain(output);
    let understood = match framework {
        Framework::CargoTest => cargo::parse(&output),
        Framework::CargoNextest => nextest::parse(&output, report),
        Framework::Pytest => pytest::parse(&output, report),
        Framework::Unittest => unittest::parse(&output),
        Framework::Jest | Framework::Vitest => jest::parse(&output, report),
        Framework::NodeTest => tap::parse(&output).or_else(|| spec::parse(&output)),
        Framework::Mocha => mocha::parse(&output, report),
        Framework::GoTest => go::parse(&output),
        Framework::Other => report
            .and_then(|report| junit::parse(report, junit::Naming::Plain))
            .or_else(|| only_exit(&output, exit)),
    };
    let outcome = understood.unwrap_or_else(|| Outcome::unfinished(&unknown(&output)));
    settle(outcome, &output, exit)
}

/// Nothing is believed that the exit code contradicts.
fn settle(outcome: Outcome, output: &str, exit: Option<i32>) -> Outcome {
    let said = outcome.note.clone().unwrap_or_default();
    match exit {
        None => outcome.incomplete(&format!("killed before it ended\n{said}")),
        Some(code) if code != 0 && outcome.complete && outcome.counts.bad() == 0 => {
            let why = format!("exit code {code}, though no test failed\n");
            outcome.incomplete(&(why + &last_lines(output)))
        }
        Some(_) => outcome,
    }
}

/// A command that says nothing we can read is one test: it holds when the command succeeds.
fn only_exit(output: &str, exit: Option<i32>) -> Option<Outcome> {
    let case = match exit? {
        0 => Case::new(COMMAND, Status::Passed),
        _ => Case::new(COMMAND, Status::Failed).saying(&last_lines(output)),
    };
    Some(Outcome::of(vec![case]))
}

/// The id of the only test of a suite whose command's exit code is all there is.
const COMMAND: &str = "the command";

fn unknown(output: &str) -> String {
    let said = last_lines(output);
    if said.is_empty() {
        return "it printed nothing".to_owned();
    }
    compile_error(output).unwrap_or(said)
}

/// The head of what a compiler complained about.
fn compile_error(output: &str) -> Option<String> {
    let complains = |line: &str| {
        let line = line.trim_start();
        line.starts_with("error[") || line.starts_with("error: ") || line.contains("Error: ")
    };
    let from = output.lines().position(complains)?;
    let lines: Vec<&str> = output.lines().skip(from).take(20).collect();
    Some(lines.join("\n"))
}

/// Where programs that fail tend to say why.
fn last_lines(output: &str) -> String {
    let mut lines: Vec<&str> = output.trim_end().lines().rev().take(15).collect();
    lines.reverse();
    // The end of the last line says more than its beginning when it is endless.
    let text = lines.join("\n");
    let skip = text.chars().count().saturating_sub(900);
    text.chars().skip(skip).collect()
}

/// `3 passed` anywhere among parts such as `2 failed; 3 passed; 1 ignored`.
fn count_of(parts: &str, words: &[&str]) -> u32 {
    let mut before = "";
    let mut sum = 0_u32;
    for word in parts.split(|c: char| !c.is_alphanumeric()) {
        if words.contains(&word) {
            sum = sum.saturating_add(before.parse().unwrap_or(0));
        }
        if !word.is_empty() {
            before = word;
        }
    }
    sum
}
