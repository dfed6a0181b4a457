//! From signing in to a delivered branch, command by command.

use std::process::Command;

use serde_json::Value;

use super::port::{Port, Seat, said};
use crate::{agents::wall, api::work::worker, support::eventually};

/// Waits until the run waits for this, as the one who has to decide sees it.
async fn waits(seat: &Seat, run: &str, status: &str) {
    eventually(&format!("{run} is {status}"), async || {
        let list = seat.run(&["approvals", "--json"]).await.json();
        let mut items = list["items"].as_array().unwrap().iter();
        items
            .any(|item| item["id"] == run && item["status"] == status)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_task_is_asked_for_followed_approved_and_delivered() {
    let Some(wall) = wall().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = std::fs::canonicalize(folder.path()).unwrap();
    let port = Port::open(&[("CODEGRAPH_HOME", home.to_str().unwrap())]).await;
    let worker = worker(&port.stage, &home, wall).await;
    let seat = Seat::new();
    seat.log_in(&port.url).await;

    let sample = seat.run(&["repo", "sample", "--json"]).await.json();
    let name = sample["name"].as_str().unwrap();
    let listed = seat.run(&["repo", "list"]).await.expect(0);
    assert!(listed.contains(name) && listed.contains(sample["id"].as_str().unwrap()));

    let text = "The same bolts were sold twice\nWith 10 on the shelf and 7 reserved, 7 more went.";
    let create = [
        "task",
        "create",
        text,
        "--repo",
        name,
        "--approve-delivery",
        "--key",
        "one",
        "--json",
    ];
    let task = seat.run(&create).await.json();
    assert_eq!(
        seat.run(&create).await.json()["id"],
        task["id"],
        "twice is once"
    );
    assert_eq!(
        task["description"],
        "With 10 on the shelf and 7 reserved, 7 more went."
    );
    let task = task["id"].as_str().unwrap();
    let run = seat.run(&["task", "show", task, "--json"]).await.json();
    let run = run["latest_run"]["id"].as_str().unwrap().to_owned();
    let following = seat.begin(&["logs", "-f", task, "--json"]);

    waits(&seat, &run, "awaiting_plan").await;
    let shown = seat.run(&["task", "show", &task[..20]]).await.expect(0);
    assert!(
        shown.contains("\nPlan 1\n") && shown.contains("codegraph approve run_"),
        "{shown}"
    );
    let early = seat.run(&["approve", &run, "--plan", "2"]).await;
    assert_eq!(early.code, 6, "{}", early.err);
    // The first digits are enough.
    let approved = seat
        .run(&["approve", &run[..20], "--plan", "1"])
        .await
        .expect(0);
    assert!(approved.starts_with(&run), "{approved}");

    waits(&seat, &run, "awaiting_delivery").await;
    seat.run(&["approve", task]).await.expect(0);
    let followed = said(following.wait_with_output().await.unwrap()).expect(0);
    whole(&seat, &run, &followed).await;

    let shown = seat.run(&["task", "show", task, "--json"]).await.json();
    assert_eq!(shown["status"], "succeeded");
    let branch = shown["latest_run"]["branch"].as_str().unwrap();
    let people = seat.run(&["task", "list"]).await.expect(0);
    assert!(people.contains("succeeded") && people.contains("The same bolts were sold twice"));
    let change = delivered(&sample, branch);
    assert!(change.contains("inventory/stock.py"), "{change}");

    // A run that has ended is told to its end as well, and people see lines.
    let lines = seat.run(&["logs", "-f", &run]).await.expect(0);
    assert!(lines.ends_with("The run ended: succeeded\n"), "{lines}");
    assert_eq!(lines.lines().count(), followed.lines().count());
    let over = seat.run(&["cancel", &run]).await;
    assert_eq!(over.code, 6, "{}", over.err);
    worker.stop().await;
    port.finish().await;
}

/// What git says of a branch.
fn delivered(repository: &Value, branch: &str) -> String {
    let folder = repository["url"].as_str().unwrap();
    let mut git = Command::new("git");
    let git = git.args(["-C", folder, "show", "--stat", branch]);
    String::from_utf8(git.output().unwrap().stdout).unwrap()
}

/// Everything was told once, in order, and then the end; the journal says the same.
async fn whole(seat: &Seat, run: &str, followed: &str) {
    let frames = followed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let mut frames: Vec<Value> = frames.collect();
    assert_eq!(frames.pop().unwrap()["type"], "end");
    let page = seat.run(&["logs", run, "--json"]).await.json();
    assert_eq!(page["has_more"], false);
    // Who is at work, and with what, may be known better later; what happened, and when, may not.
    let gist = |event: &Value| [&event["seq"], &event["name"], &event["at"]].map(Value::clone);
    let told: Vec<_> = frames.iter().map(|frame| gist(&frame["event"])).collect();
    let items = page["items"].as_array().unwrap().iter();
    assert_eq!(told, items.map(gist).collect::<Vec<_>>());
}
