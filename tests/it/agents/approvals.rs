//! Decisions of people, on the plan and on the delivery.

use serde_json::json;
use workflows::definitions::coding::{DELIVERY_DECIDED, Mode, Options, PLAN_DECIDED};

use super::{
    bed::{Bed, git},
    model::words,
    words::{about, approve, calls, conversation, edit, finish, good, plan, plan_text, read, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_plan_is_followed() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let run = bed.start(Options::default()).await;
    bed.waits(run, PLAN_DECIDED).await;
    bed.signal(run, PLAN_DECIDED, json!({"decision": "approve"}))
        .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "published");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_sent_back_is_written_again() {
    let mut said = good();
    said[0] = about(
        "No, the report first",
        "planner",
        &[text(&plan_text("The report first"))],
    );
    said.push(conversation("planner", &[plan()]));
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let run = bed.start(Options::default()).await;
    bed.waits(run, PLAN_DECIDED).await;
    let decision = json!({"decision": "request_changes", "text": "No, the report first"});
    bed.signal(run, PLAN_DECIDED, decision).await;
    bed.db.until(run, "waiting").await;
    bed.waits(run, PLAN_DECIDED).await;
    let second = &bed.model.asked("planner")[1];
    assert!(words(second).contains("Compare with what is available"));
    bed.signal(run, PLAN_DECIDED, json!({"decision": "approve"}))
        .await;
    bed.db.succeeded(run).await;
    let told = words(&bed.model.asked("coder")[0]);
    assert!(told.contains("The report first") && !told.contains("Compare with"));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_plan_is_the_end() {
    let Some(bed) = Bed::with(&[conversation("planner", &[plan()])]).await else {
        return;
    };
    let run = bed.start(Options::default()).await;
    bed.waits(run, PLAN_DECIDED).await;
    bed.signal(run, PLAN_DECIDED, json!({"decision": "reject"}))
        .await;
    assert_eq!(bed.db.succeeded(run).await["result"], "rejected");
    // The tree that the planner was told about is looked at, and nothing of it goes out.
    assert_eq!(bed.steps(run).await, ["plan: planned"]);
    let branches = git(&bed.repository, &["branch", "--format=%(refname:short)"]);
    assert_eq!(branches, "main\n");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_changed_by_a_person_is_the_one_that_counts() {
    let Some(bed) = Bed::with(&good()).await else {
        return;
    };
    let run = bed.start(Options::default()).await;
    bed.waits(run, PLAN_DECIDED).await;
    let mut plan = bed.db.steps(run).await[0].output["plan"].clone();
    plan["items"][0]["title"] = json!("Changed by hand");
    let decision = json!({"decision": "approve", "plan": plan});
    bed.signal(run, PLAN_DECIDED, decision).await;
    bed.db.succeeded(run).await;
    for role in ["coder", "reviewer"] {
        let told = words(&bed.model.asked(role)[0]);
        assert!(told.contains("Changed by hand"), "{role}: {told}");
        assert!(!told.contains("Compare with"), "{role}: {told}");
    }
    bed.finish().await;
}

/// Asks about the delivery, not about a plan.
fn before_delivery() -> Options {
    Options {
        mode: Mode::NoPlan,
        approve_delivery: true,
        ..Options::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_delivery_goes_out_and_a_rejected_one_does_not() {
    let mut said = good();
    said.remove(0);
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    for (decision, result, branches) in [("reject", "rejected", 1), ("approve", "published", 2)] {
        let run = bed.start(before_delivery()).await;
        bed.waits(run, DELIVERY_DECIDED).await;
        assert_eq!(git(&bed.repository, &["branch", "--list"]), "* main\n");
        bed.signal(run, DELIVERY_DECIDED, json!({"decision": decision}))
            .await;
        assert_eq!(bed.db.succeeded(run).await["result"], result);
        let list = git(&bed.repository, &["branch", "--list"]);
        assert_eq!(list.lines().count(), branches, "{list}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_sent_back_is_worked_on_again() {
    let note = calls(&[(
        "write_file",
        json!({"path": "NOTES.md", "content": "More.\n"}),
    )]);
    let said = [
        about("A note, please", "coder", &[note, finish()]),
        conversation("coder", &[read(), edit(), finish()]),
        conversation("reviewer", &[approve()]),
    ];
    let Some(bed) = Bed::with(&said).await else {
        return;
    };
    let run = bed.start(before_delivery()).await;
    bed.waits(run, DELIVERY_DECIDED).await;
    let decision = json!({"decision": "request_changes", "text": "A note, please"});
    bed.signal(run, DELIVERY_DECIDED, decision).await;
    crate::support::eventually("the second review", async || {
        (bed.steps(run).await.len() == 6).then_some(())
    })
    .await;
    bed.waits(run, DELIVERY_DECIDED).await;
    bed.signal(run, DELIVERY_DECIDED, json!({"decision": "approve"}))
        .await;
    let output = bed.db.succeeded(run).await;
    let branch = &output["evidence"]["branch"];
    assert_eq!(bed.on_branch(branch, "NOTES.md"), "More.\n");
    assert!(
        bed.on_branch(branch, "inventory/stock.py")
            .contains(super::words::RIGHT)
    );
    bed.finish().await;
}
