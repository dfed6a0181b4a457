//! A test that shows the fault, where the task asks for one: written by a model, worth what it does on both trees.

use serde_json::{Value, json};
use workflows::definitions::coding::Options;

use super::{
    bed::{Bed, alone, git},
    model::words,
    replay_parts::same,
    words::{approve, conversation, edit, finish, plan, read, text},
};

/// A test of the repository's kind that expects so many bolts to be refused.
fn test_of(quantity: u32) -> String {
    format!(
        "import unittest\n\nfrom inventory import OutOfStock, Stock\n\n\nclass Twice(unittest.TestCase):\n    \
         def test_it(self):\n        stock = Stock()\n        stock.receive(\"bolt\", 10)\n        \
         stock.reserve(\"bolt\", 8)\n        with self.assertRaises(OutOfStock):\n            \
         stock.reserve(\"bolt\", {quantity})\n"
    )
}

fn writes(path: &str, content: &str) -> Value {
    text(&json!({"path": path, "content": content}).to_string())
}

async fn bed(tester: &[Value]) -> Option<Bed> {
    let said = [
        conversation("planner", &[plan()]),
        conversation("coder", &[read(), edit(), finish()]),
        conversation("tester", tester),
        conversation("reviewer", &[approve()]),
    ];
    Bed::with(&said).await
}

fn wanted() -> Options {
    Options {
        reproduce: true,
        ..alone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_fails_before_and_holds_after_is_evidence() {
    let path = "tests/test_twice.py";
    let Some(bed) = bed(&[text("Wait."), writes(path, &test_of(5))]).await else {
        return;
    };
    let (run, output) = bed.run(wanted()).await;
    let steps = bed.db.steps(run).await;
    let test = steps.iter().find(|step| step.name == "test").unwrap();
    let shown = &test.output["reproduction"];
    assert_eq!(
        (
            &shown["shows"],
            &shown["base"]["failed"],
            &shown["head"]["passed"]
        ),
        (&json!(true), &json!(1), &json!(1)),
        "{shown}"
    );
    // The file is kept, and not delivered.
    let kept = shown["artifact"].as_str().unwrap();
    let kept = bed.environment.records.kept(kept).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(kept).unwrap(), test_of(5));
    let branch = output["evidence"]["branch"].as_str().unwrap();
    let listed = git(&bed.repository, &["ls-tree", "-r", "--name-only", branch]);
    assert!(!listed.contains("test_twice"), "{listed}");
    let reviewer = words(&bed.model.asked("reviewer")[0]);
    let told = format!("{path} fails on the tree as it was and holds on the tree as it is");
    assert!(reviewer.contains(&told), "{reviewer}");
    same(&bed, run, 7);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_shows_nothing_is_said_to_show_nothing() {
    for (path, content, why) in [
        (
            "tests/test_twice.py",
            test_of(11),
            "it does not fail on the tree as it was",
        ),
        (
            "tests/test_twice.py",
            test_of(1),
            "it does not hold on the tree as it is",
        ),
        ("tests/test_stock.py", test_of(5), "is there already"),
        ("../test_twice.py", test_of(5), "has no `..`"),
    ] {
        let Some(bed) = bed(&[writes(path, &content)]).await else {
            return;
        };
        let (run, output) = bed.run(wanted()).await;
        assert_eq!(output["result"], "published");
        let steps = bed.db.steps(run).await;
        let test = steps.iter().find(|step| step.name == "test").unwrap();
        let shown = &test.output["reproduction"];
        assert_eq!(shown["shows"], json!(false), "{shown}");
        assert!(shown["why"].as_str().unwrap().contains(why), "{shown}");
        assert!(!bed.home.join("workspaces/test_twice.py").exists());
        bed.finish().await;
    }
}
