//! Whoever dies first, nothing of a job is left.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use codegraph::config::Wall;
use codegraph::providers::sandbox::Sandbox;

use super::bed::{Bed, processes, soon, walls};
use crate::support::left_out;

/// Says so to the process that this test starts to be killed.
const VICTIM: &str = "CODEGRAPH_TEST_VICTIM";

/// Grandchildren that leave their session and ignore every signal that can be ignored.
fn stubborn(word: &str) -> String {
    format!(
        "setsid bash -c \"trap '' TERM HUP INT; setsid bash -c 'while :; do sleep 1; done' {word} & \
         while :; do sleep 1; done\" {word} & echo ready > ready; sleep 100; true {word}"
    )
}

#[tokio::test]
async fn dropping_the_future_kills_within_a_second() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let word = format!("dropped-{name}-{}", std::process::id());
        let job = bed.job(&stubborn(&word));
        let task = tokio::spawn(async move { wall.run(&job).await });
        let ready = || processes(&word).len() >= 3;
        assert!(
            soon(Duration::from_secs(10), ready).await,
            "{name} never began"
        );
        task.abort();
        let gone = || processes(&word).is_empty();
        assert!(
            soon(Duration::from_secs(1), gone).await,
            "{name}: {:?}",
            processes(&word)
        );
    }
}

#[tokio::test]
async fn the_end_of_the_command_is_the_end_of_what_it_left_behind() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let word = format!("behind-{name}-{}", std::process::id());
        let line =
            format!("setsid bash -c 'while :; do sleep 1; done' {word} & sleep 0.2; echo done");
        let (_, output) = bed.run(&wall, &line).await;
        assert_eq!(output, "done\n", "{name}");
        assert_eq!(processes(&word), [0_u32; 0], "{name}");
    }
}

#[tokio::test]
async fn a_killed_worker_leaves_nothing_running() {
    if let Ok(told) = std::env::var(VICTIM) {
        return be_killed(&told).await;
    }
    for (wall, name) in [
        (Wall::Bubblewrap, "bubblewrap"),
        (Wall::Landlock, "landlock"),
        (Wall::None, "none"),
    ] {
        if let Err(error) = Sandbox::new(wall).await {
            left_out(error);
            continue;
        }
        let word = format!("orphan-{name}-{}", std::process::id());
        let mut worker = Command::new(std::env::current_exe().unwrap());
        worker.args([
            "--exact",
            "walls::kills::a_killed_worker_leaves_nothing_running",
            "--nocapture",
        ]);
        worker
            .env(VICTIM, format!("{name} {word}"))
            .stdout(Stdio::piped());
        // Not in our group: the kill must be the only thing that reaches it.
        let mut worker = worker.process_group(0).spawn().unwrap();
        let output = BufReader::new(worker.stdout.take().unwrap());
        assert!(
            output
                .lines()
                .map_while(Result::ok)
                .any(|line| line.contains("begins"))
        );
        let ready = || processes(&word).len() >= 3;
        assert!(
            soon(Duration::from_secs(10), ready).await,
            "{name} never began"
        );
        worker.kill().unwrap();
        worker.wait().unwrap();
        let gone = || processes(&word).is_empty();
        assert!(
            soon(Duration::from_secs(2), gone).await,
            "{name}: {:?}",
            processes(&word)
        );
    }
}

/// The worker's part: runs a job that never ends.
async fn be_killed(told: &str) {
    let (name, word) = told.split_once(' ').unwrap();
    let wall = match name {
        "bubblewrap" => Wall::Bubblewrap,
        "landlock" => Wall::Landlock,
        _ => Wall::None,
    };
    let sandbox = Sandbox::new(wall).await.unwrap();
    let bed = Bed::new();
    println!("begins");
    let ran = sandbox.run(&bed.job(&stubborn(word))).await;
    panic!("it ended by itself: {ran:?}");
}
