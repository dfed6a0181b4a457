//! What a repository and its people say about working in it.

use std::fs;

use codegraph::services::runs::Start;
use serde_json::json;
use workflows::definitions::coding::{self, Assignment, Commands, Mode, Options};

use super::{
    bed::{Bed, git},
    model::words,
    words::{approve, conversation, edit, finish, read},
};

/// The tests of the sample, by another way than is found in it; `setup` leaves what they look for.
const TEST: &str = "test -e ready && python3 -m unittest discover -s tests -t . -q";

#[tokio::test(flavor = "multi_thread")]
async fn agents_are_told_how_one_works_here_and_tests_are_run_as_people_said() {
    let said = [
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let guide = bed.repository.join("AGENTS.md");
    fs::write(
        &guide,
        "Names are written in full. The password is hunter22-hunter22.\n",
    )
    .unwrap();
    fs::write(bed.repository.join("CLAUDE.md"), "@AGENTS.md\n").unwrap();
    git(&bed.repository, &["add", "--all"]);
    git(
        &bed.repository,
        &["commit", "--quiet", "--message=How one works"],
    );

    let assignment = Assignment {
        commands: Commands {
            setup: Some("touch ready".to_owned()),
            test: Some(TEST.to_owned()),
        },
        ..bed.assignment(Options {
            mode: Mode::NoPlan,
            ..Options::default()
        })
    };
    let start = Start {
        input: json!(assignment),
        ..Start::default()
    };
    let run = bed.db.start(&coding::V1, start).await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");

    for role in ["coder", "reviewer"] {
        let opening = words(&bed.model.asked(role)[0]);
        let heading = "# How one works in this repository (AGENTS.md)";
        assert!(opening.contains(heading), "{opening}");
        assert!(opening.contains("Names are written in full."));
        assert!(!opening.contains("hunter22"), "a secret is masked");
        assert!(!opening.contains("(CLAUDE.md)"), "it adds nothing");
    }
    let steps = bed.db.steps(run).await;
    let test = steps.iter().find(|step| step.name == "test").unwrap();
    let suite = &test.output["evidence"][0];
    assert_eq!(suite["command"], json!(["sh", "-c", TEST]), "{suite}");
    // Of such a command the exit code is all there is.
    assert_eq!(suite["fixed"], json!(["the command"]), "{suite}");
    bed.finish().await;
}
