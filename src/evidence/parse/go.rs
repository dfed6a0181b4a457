//! `go test -json`: one event a line, between them what the compiler prints.

use std::collections::HashMap;

use serde::Deserialize;

use super::super::id::join;
use super::super::outcome::{Case, Outcome, Status};

#[derive(Deserialize)]
struct Event<'e> {
    #[serde(rename = "Action")]
    action: &'e str,
    #[serde(rename = "Package", alias = "ImportPath", default)]
    package: String,
    #[serde(rename = "Test", default)]
    test: String,
    #[serde(rename = "Elapsed", default)]
    elapsed: Option<f64>,
    #[serde(rename = "Output", default)]
    output: String,
}

#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    places: HashMap<String, usize>,
    /// What each running test printed.
    said: HashMap<String, String>,
    /// Tests that began and have not ended, in order.
    open: Vec<(String, String)>,
    /// What the compiler said.
    build: String,
    events: bool,
    unfinished: bool,
    /// Which test took its package down, and how.
    crash: Option<String>,
}

pub(super) fn parse(output: &str) -> Option<Outcome> {
    let mut reader = Reader::default();
    for line in output.lines() {
        match serde_json::from_str::<Event<'_>>(line) {
            Ok(event) => reader.event(event),
            Err(_) if !line.starts_with('{') => reader.plain(line),
            Err(_) => {}
        }
    }
    reader.finish()
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        self.events = true;
        let key = join([event.package.as_str(), event.test.as_str()]);
        let status = match event.action {
            "pass" | "bench" => Status::Passed,
            "fail" => Status::Failed,
            "skip" => Status::Skipped,
            "run" => return self.open.push((key, event.package)),
            "build-output" => return self.plain(event.output.trim_end()),
            "output" => return self.output(key, &event),
            _ => return,
        };
        if event.test.is_empty() {
            self.package(&event.package, status);
        } else {
            self.open.retain(|(open, _)| *open != key);
            self.push(key, status, event.elapsed);
        }
    }

    fn output(&mut self, key: String, event: &Event<'_>) {
        let line = event.output.trim_start();
        if event.test.is_empty() && line.contains("[build failed]")
            || line.contains("[setup failed]")
        {
            self.unfinished = true;
        }
        let frame = ["=== ", "--- ", "PASS", "FAIL\t"]
            .iter()
            .any(|word| line.starts_with(word));
        let said = self.said.entry(key).or_default();
        if !frame && said.len() < 4000 {
            said.push_str(&event.output);
        }
    }

    fn push(&mut self, key: String, status: Status, elapsed: Option<f64>) {
        let said = self.said.remove(&key).unwrap_or_default();
        let seen = self.places.get(&key).copied();
        if let Some(at) = seen {
            self.cases[at].status = self.cases[at].status.worse(status);
            return;
        }
        self.places.insert(key.clone(), self.cases.len());
        // A panic ends its whole package: what comes after it was not run.
        if status == Status::Failed && said.contains("\ngoroutine ") && said.contains("panic: ") {
            self.unfinished = true;
            self.crash
                .get_or_insert_with(|| format!("{key}: {}", said.trim_start()));
        }
        let mut case = Case::new(key, status).took_ms(elapsed.map(|s| s * 1000.0));
        if status != Status::Passed {
            case.file = failing_file(&said);
            case = case.saying(&said);
        }
        self.cases.push(case);
    }

    /// A package that fails while a test of it is open has crashed in that test.
    fn package(&mut self, package: &str, status: Status) {
        let open = std::mem::take(&mut self.open);
        let (mut here, elsewhere): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(_, of)| of == package);
        self.open = elsewhere;
        if status != Status::Failed {
            return;
        }
        let told = self.said.remove(package).unwrap_or_default();
        let names_one =
            |case: &Case| case.status.is_bad() && case.id.starts_with(&format!("{package} > "));
        if let Some((key, _)) = here.pop() {
            self.unfinished = true;
            self.said.entry(key.clone()).or_insert(told);
            self.push(key, Status::Errored, None);
        } else if !self.cases.iter().any(names_one) {
            // TestMain, init or the build of this package.
            self.said
                .insert(package.to_owned(), format!("{told}{}", self.build));
            self.push(package.to_owned(), Status::Errored, None);
        }
    }

    fn plain(&mut self, line: &str) {
        let broken = line.contains("[build failed]") || line.contains("[setup failed]");
        self.unfinished |= broken;
        // `FAIL  example.com/ring [build failed]`: before Go 1.24 the only word about that package.
        if let Some(package) = line
            .strip_prefix("FAIL")
            .filter(|_| broken)
            .and_then(|rest| rest.split_whitespace().next())
        {
            self.package(package, Status::Failed);
        }
        if self.build.len() < 4000 && !line.trim().is_empty() {
            self.build.push_str(line);
            self.build.push('\n');
        }
    }

    fn finish(self) -> Option<Outcome> {
        let broken = self.unfinished || self.build.contains("go: ");
        if !self.events && !broken {
            return None;
        }
        let cut = !self.open.is_empty();
        let outcome = Outcome::of(self.cases);
        let said = Some(self.build).filter(|build| !build.is_empty());
        Some(if broken {
            let why = self.crash.or(said);
            outcome
                .incomplete(&why.unwrap_or_else(|| "a package did not build or crashed".to_owned()))
        } else if cut {
            outcome.incomplete("it ended before its last test")
        } else {
            outcome
        })
    }
}

/// `    ring_test.go:12: got 1, want 2`.
fn failing_file(said: &str) -> Option<String> {
    let place = |line: &str| {
        let (file, rest) = line.trim_start().split_once(".go:")?;
        let number = rest
            .split(':')
            .next()
            .is_some_and(|n| n.parse::<u32>().is_ok());
        let plain = file
            .chars()
            .all(|c| c.is_alphanumeric() || "_-./".contains(c));
        (number && plain && !file.is_empty()).then(|| format!("{file}.go"))
    };
    said.lines().find_map(place)
}
