//! A suite that people gave by its command.

use super::super::suite::{Framework, Report, Suite, argv};
use super::plain::simple;

/// Commands whose output is understood, by how they begin.
const KNOWN: [(&[&str], Framework); 11] = [
    (&["cargo", "test"], Framework::CargoTest),
    (&["cargo", "nextest", "run"], Framework::CargoNextest),
    (&["pytest"], Framework::Pytest),
    (&["python", "-m", "pytest"], Framework::Pytest),
    (&["python3", "-m", "pytest"], Framework::Pytest),
    (&["uv", "run", "pytest"], Framework::Pytest),
    (&["python", "-m", "unittest"], Framework::Unittest),
    (&["python3", "-m", "unittest"], Framework::Unittest),
    (&["node", "--test"], Framework::NodeTest),
    (&["go", "test", "-json"], Framework::GoTest),
    (&["npx", "mocha"], Framework::Mocha),
];

/// The suite of a command that a shell reads, at the root of the repository. Of commands whose output is not known, the
/// exit code speaks.
pub fn given(command: &str) -> Suite {
    let words = simple(command).unwrap_or_default();
    let begins =
        |known: &[&str]| words.iter().zip(known).filter(|(a, b)| a == *b).count() == known.len();
    let known = KNOWN.iter().find(|(known, _)| begins(known));
    let (framework, command) = match known {
        Some((_, framework)) => (*framework, words),
        None => (Framework::Other, argv(&["sh", "-c", command])),
    };
    Suite {
        framework,
        dir: String::new(),
        setup: vec![],
        command,
        report: Report::Stdout,
        because: "the repository's profile".to_owned(),
    }
}

impl Suite {
    /// The same, with this run before it, as a shell reads it, unless something has to be anyway.
    #[must_use]
    pub fn after(mut self, setup: &str) -> Self {
        if self.setup.is_empty() {
            self.setup = argv(&["sh", "-c", setup]);
        }
        self
    }
}

#[test]
fn a_command_that_is_known_is_read_and_any_other_is_run() {
    let known = given("python3 -m pytest -q tests");
    assert_eq!(known.framework, Framework::Pytest);
    assert_eq!(known.command, ["python3", "-m", "pytest", "-q", "tests"]);
    let other = given("make test && echo 'done'").after("make deps");
    assert_eq!(other.framework, Framework::Other);
    assert_eq!(other.command, ["sh", "-c", "make test && echo 'done'"]);
    assert_eq!(other.setup, ["sh", "-c", "make deps"]);
    // What a shell has a part in is not taken for the plain command.
    assert_eq!(given("pytest | tail -1").framework, Framework::Other);
    assert_eq!(given("pytest-cov").framework, Framework::Other);
}
