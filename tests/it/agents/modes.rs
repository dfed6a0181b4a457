//! Which roles take part.

use serde_json::json;
use workflows::definitions::coding::{Mode, Options};

use super::{
    bed::{Bed, alone, git},
    words::{self, approve, calls, conversation, edit, finish, plan, read, text, verdict},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_task_becomes_a_tested_and_reviewed_branch() {
    let Some(bed) = Bed::with(&words::good()).await else {
        return;
    };
    let (run, output) = bed.run(alone()).await;
    assert_eq!(output["result"], "published");
    assert_eq!(
        bed.steps(run).await,
        [
            "plan: planned",
            "code: done",
            "test: green",
            "review: approve",
            "publish: published"
        ]
    );
    let branch = &output["evidence"]["branch"];
    assert!(
        bed.on_branch(branch, "inventory/stock.py")
            .contains(words::RIGHT)
    );
    let name = branch.as_str().unwrap();
    assert_eq!(
        git(&bed.repository, &["rev-list", "--count", name]).trim(),
        "2"
    );
    let message = git(&bed.repository, &["log", "-1", "--format=%B", name]);
    assert!(message.contains(&format!("Codegraph-Run: {run}")));
    // Nobody has touched what the person has checked out.
    assert_eq!(git(&bed.repository, &["status", "--porcelain"]), "");
    let evidence = &bed.db.steps(run).await[2].output["evidence"][0];
    assert_eq!(
        evidence["fixed"][0],
        "tests.test_stock.Reserving.test_nothing_is_promised_twice"
    );
    // Five calls of 1,000 tokens in and 100 out: three at the price of the deep tier's models and two of the other's.
    let balance = bed.balance(run).await;
    assert!(balance.spent > 0 && balance.reserved == 0 && balance.possible == 0);
    let rows: i64 = sqlx::query_scalar(
        "select coalesce(sum(cost_usd_micros), 0)::bigint from model_calls where state = 'finished'",
    )
    .fetch_one(&bed.db.pool)
    .await
    .unwrap();
    assert_eq!(rows, balance.spent);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_plan_the_coder_begins() {
    let replies = [read(), edit(), finish()];
    let said = [
        conversation("coder", &replies),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let options = Options {
        mode: Mode::NoPlan,
        // Nobody is asked about a plan that is not written.
        ..Options::default()
    };
    let (run, output) = bed.run(options).await;
    assert_eq!(output["result"], "published");
    assert_eq!(bed.steps(run).await[0], "code: done");
    assert_eq!(bed.steps(run).await.len(), 4);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_may_be_all_that_is_wanted() {
    let Some(bed) = Bed::with(&[conversation("planner", &[read(), plan()])]).await else {
        return;
    };
    let options = Options {
        mode: Mode::PlanOnly,
        ..alone()
    };
    let (run, output) = bed.run(options).await;
    assert_eq!(output["result"], "planned");
    assert_eq!(output["evidence"]["items"][0]["id"], "1");
    assert_eq!(bed.steps(run).await, ["plan: planned"]);
    assert_eq!(git(&bed.repository, &["branch", "--list"]), "* main\n");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_about_the_difference_and_stop_an_approval() {
    let finding = |line: u32, file: &str| {
        let input = json!({"severity": "high", "file": file, "start_line": line, "title": "Off by one",
                           "failure_mode": "The last bolt cannot be sold.", "blocking": true});
        ("add_finding", input)
    };
    let mut elsewhere = text(&verdict("approve", &[]));
    elsewhere["expect_new"] = json!([
        "noted",
        "is not in the difference",
        "are not in the difference"
    ]);
    let review = calls(&[
        finding(45, "inventory/stock.py"),
        finding(45, "README.md"),
        finding(4_000, "inventory/stock.py"),
    ]);
    let said = [
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[review, elsewhere]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let options = Options {
        mode: Mode::NoPlan,
        review_rounds: 1,
        ..Options::default()
    };
    let (run, output) = bed.run(options).await;
    assert_eq!(bed.steps(run).await[2], "review: request_changes");
    let review = bed.db.steps(run).await[2].output["verdict"].clone();
    assert_eq!(
        review["findings"].as_array().map(Vec::len),
        Some(1),
        "{review}"
    );
    assert_eq!(review["downgraded"][0], "inventory/stock.py: Off by one");
    // Out of rounds, it is delivered as what it is: not approved.
    assert_eq!(output["evidence"]["approved"], false);
    bed.finish().await;
}
