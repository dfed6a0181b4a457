//! Go: one suite for each module.

use super::super::suite::{Framework, Report, Suite, argv};
use super::tree::{Tree, join};

pub(super) fn suites(tree: &Tree) -> Vec<Suite> {
    let tested = |dir: &&str| {
        tree.below(dir)
            .any(|(_, folder)| folder.files.iter().any(|name| name.ends_with("_test.go")))
    };
    let modules = tree.with("go.mod").filter(tested);
    let suites = modules.map(|dir| Suite {
        framework: Framework::GoTest,
        dir: dir.to_owned(),
        setup: vec![],
        // A cached result is not a run.
        command: argv(&["go", "test", "-json", "-count=1", "./..."]),
        report: Report::Stdout,
        because: join(dir, "go.mod"),
    });
    suites.collect()
}
