//! What commands say when it does not work, and what they say to programs.

use serde_json::{Value, json};

use super::port::{Port, Seat, http};
use crate::api::seed;

#[tokio::test]
async fn each_failure_has_its_own_code_and_the_servers_words() {
    let port = Port::open(&[]).await;
    let seat = Seat::with_token(&port.url, &port.ada.access);
    let nowhere = format!("run_{}", "0".repeat(32));
    for (arguments, code, words) in [
        (vec!["logs", nowhere.as_str()], 5, "not found"),
        (
            vec!["cancel", "run_0123"],
            5,
            "nothing is called `run_0123`",
        ),
        (vec!["cancel", "bolts"], 2, "not the id of a run"),
        (
            vec!["task", "create", "x", "--repo", "nowhere"],
            5,
            "nothing is called `nowhere`",
        ),
        (vec!["repo", "add", "ftp://x"], 6, "request "),
        (vec!["task", "list", "--status", "odd"], 6, "status"),
        (
            vec!["task", "list", "--url", "example.org"],
            2,
            "not the address of a server",
        ),
        (vec!["raise", &nowhere, "--usd", "0"], 2, "--usd"),
        (vec!["no-such-command"], 2, "no-such-command"),
    ] {
        let said = seat.run(&arguments).await;
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
        assert_eq!(said.out, "", "{arguments:?}");
    }
    let said = seat.run(&["logs", &nowhere, "--json"]).await;
    let problem: Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!((said.code, &problem["status"]), (5, &404.into()));
    assert!(problem["request_id"].is_string());
    port.finish().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let seat = Seat::with_token(&url, "cg_any");
    let run = format!("run_{}", "0".repeat(32));
    for arguments in [vec!["task", "list"], vec!["logs", "-f", &run]] {
        let said = seat.run(&arguments).await;
        assert_eq!(said.code, 3, "{}", said.err);
        assert!(
            said.err.contains(&url) && said.err.contains("refused"),
            "{}",
            said.err
        );
    }
}

#[tokio::test]
async fn programs_get_what_the_api_says_and_people_get_lines() {
    let port = Port::open(&[]).await;
    let seat = Seat::with_token(&port.url, &port.ada.access);
    let run = seed::told(&port.stage, &port.ada, false, 3).await;
    let run = seed::shown("run", run);
    for (arguments, path) in [
        (vec!["task", "list"], "tasks?limit=50".to_owned()),
        (
            vec![
                "task",
                "list",
                "--status",
                "queued",
                "--status",
                "awaiting_answer",
            ],
            "tasks?limit=50&status=queued&status=awaiting_answer".to_owned(),
        ),
        (vec!["repo", "list"], "repositories?limit=50".to_owned()),
        (vec!["approvals"], "approvals".to_owned()),
        (vec!["logs", &run], format!("runs/{run}/events")),
    ] {
        let asked = http().get(format!("{}/api/v1/{path}", port.url));
        let asked = asked.bearer_auth(&port.ada.access).send().await.unwrap();
        let text = asked.text().await.unwrap();
        let json = [arguments.clone(), vec!["--json"]].concat();
        assert_eq!(
            seat.run(&json).await.expect(0).trim_end(),
            text,
            "{arguments:?}"
        );
        let people = seat.run(&arguments).await.expect(0);
        assert!(
            people.lines().count() >= 2 && !people.contains('\x1b'),
            "{people}"
        );
    }
    let said = seat.run(&["answer", &run, "Seven", "--json"]).await.json();
    assert_eq!(said["status"], "queued");
    let again = seat.run(&["answer", &run, "Eight"]).await;
    assert_eq!(again.code, 6, "{}", again.err);
    let hopeless = seat.run(&["approve", &run]).await;
    assert!(
        hopeless
            .err
            .contains("nothing to decide on; its status is queued"),
        "{}",
        hopeless.err
    );
    let canceled = seat.run(&["cancel", &run]).await.expect(0);
    assert!(canceled.contains("canceled"), "{canceled}");
    // Nobody got what they asked for.
    assert_eq!(seat.run(&["logs", "-f", &run]).await.code, 8);
    port.forget().await;
}

#[tokio::test]
async fn a_run_is_steered_word_by_word() {
    let port = Port::open(&[]).await;
    let seat = Seat::with_token(&port.url, &port.ada.access);
    let id = seed::told(&port.stage, &port.ada, false, 3).await;
    let run = seed::shown("run", id);
    let status = async |words: &[&str]| {
        let said = seat.run(&[words, &["--json"]].concat()).await.json();
        (
            said["id"].clone(),
            said["status"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(status(&["pause", &run]).await.1, "paused");
    assert_eq!(status(&["resume", &run]).await.1, "awaiting_answer");
    let said = seat.run(&["message", &run, "Mind the returns"]).await;
    said.expect(0);
    let kept =
        "select data->'payload'->>'text' from events where run_id = $1 and kind = 'signal.received'
                union all select payload->>'text' from signals where run_id = $1";
    let kept: Vec<Option<String>> = sqlx::query_scalar(kept)
        .bind(id)
        .fetch_all(&port.stage.db.pool)
        .await
        .unwrap();
    assert_eq!(kept, [Some("Mind the returns".to_owned())]);
    assert_eq!(status(&["cancel", &run]).await.1, "canceled");
    let too_far = seat.run(&["fork", &run, "--from", "99"]).await;
    assert_ne!(too_far.code, 0);
    assert!(
        too_far.err.contains("99") || too_far.err.contains("event"),
        "{}",
        too_far.err
    );
    let (other, forked) = status(&["fork", &run, "--from", "2"]).await;
    assert_eq!(forked, "queued");
    assert_ne!(other, json!(run));
    // What it may still spend would be missing for the next.
    assert_eq!(
        status(&["cancel", other.as_str().unwrap()]).await.1,
        "canceled"
    );
    let (same, again) = status(&["retry", &run]).await;
    assert_eq!((same, again.as_str()), (json!(run), "queued"));
    port.forget().await;
}

#[tokio::test]
async fn shells_complete_and_the_help_tells_the_codes() {
    let seat = Seat::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = seat.run(&["completions", shell]).await.expect(0);
        assert!(
            script.contains("approve") && script.contains("completions"),
            "{shell}"
        );
    }
    let help = seat.run(&["logs", "--help"]).await.expect(0);
    assert!(help.contains("8  of `logs -f`"), "{help}");
}
