//! Runs in flight go on as they began: histories recorded with every released version, asked again with today's code.
//! Each answer must still be given, for every beginning of the history. What a step is told may have become more, since
//! old programs read past what they do not know; none of what it was told may be missing or different.
//!
//! A new version brings files of its own: write `workflow`, `version`, `input` and `entries`, then run this test once with
//! `CODEGRAPH_RECORD=1`, which fills in `answers` where there are none. Answers are never written anew.

use std::{fs, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use workflows::{Definitions, Entry, History, Next, Wait, definitions};

#[derive(Debug, Serialize, Deserialize)]
struct Recorded {
    workflow: String,
    version: u16,
    input: Value,
    entries: Vec<Entry>,
    /// What came next after each beginning, the empty one first.
    #[serde(default)]
    answers: Vec<Value>,
}

fn files() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/histories");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|file| file.expect("it can be read").path())
        .collect();
    files.sort();
    files
}

fn told(next: &Next) -> Value {
    match next {
        Next::Run(step) => json!({"run": step.name, "lane": step.lane, "input": step.input}),
        Next::Wait(Wait::Signal { names, timeout }) => {
            json!({"wait": names, "timeout_s": timeout.map(|time| time.as_secs_f64())})
        }
        Next::Wait(Wait::Sleep { name, length }) => {
            json!({"sleep": name, "length_s": length.as_secs_f64()})
        }
        Next::Wait(Wait::Until { name, at }) => json!({"until": name, "at": at}),
        Next::Spawn { name, children } => {
            let child = |child: &workflows::Child| json!({"workflow": child.workflow, "version": child.version, "lane": child.lane, "input": child.input});
            json!({"spawn": name, "children": children.iter().map(child).collect::<Vec<_>>()})
        }
        Next::Finish(output) => json!({"finish": output}),
        Next::Fail(reason) => json!({"fail": reason}),
    }
}

/// Everything that was said is said still.
fn says(now: &Value, then: &Value) -> bool {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => then
            .iter()
            .all(|(key, value)| now.get(key).is_some_and(|now| says(now, value))),
        (Value::Array(now), Value::Array(then)) => {
            now.len() == then.len() && now.iter().zip(then).all(|(now, then)| says(now, then))
        }
        (now, then) => now == then,
    }
}

#[test]
fn every_released_version_answers_its_recorded_histories_as_it_did() {
    let definitions = Definitions::of(&definitions::ALL);
    let recording = std::env::var_os("CODEGRAPH_RECORD").is_some();
    let mut seen = Vec::new();
    for file in files() {
        let text = fs::read_to_string(&file).expect("it can be read");
        let mut recorded: Recorded = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let definition = definitions
            .find(&recorded.workflow, recorded.version)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let answers: Vec<Value> = (0..=recorded.entries.len())
            .map(|many| {
                let entries = recorded.entries[..many].to_vec();
                let history = History::with_entries(recorded.input.clone(), entries);
                told(&(definition.next)(&history))
            })
            .collect();
        if recording && recorded.answers.is_empty() {
            recorded.answers = answers;
            let text = serde_json::to_string_pretty(&recorded).expect("it has a JSON form");
            fs::write(&file, text + "\n").expect("it can be written");
            continue;
        }
        assert_eq!(
            answers.len(),
            recorded.answers.len(),
            "{}: one answer a beginning",
            file.display()
        );
        for (many, (now, then)) in answers.iter().zip(&recorded.answers).enumerate() {
            assert!(
                says(now, then),
                "{} after {many} entries:\nthen {then}\n now {now}",
                file.display()
            );
        }
        seen.push((recorded.workflow, recorded.version));
    }
    for definition in definitions::ALL {
        let known = (definition.name.to_owned(), definition.version);
        assert!(
            recording || seen.contains(&known),
            "no recorded history of {known:?}"
        );
    }
}
