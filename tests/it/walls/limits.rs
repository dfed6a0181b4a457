//! What a job may use up.

use std::time::{Duration, Instant};

use codegraph::providers::sandbox::{Command, Exit, Job};

use super::bed::{Bed, processes, said, soon, walls};
use crate::support::left_out;

/// A bomb of at most 511 processes that ends by itself: should the limit fail, the machine is still there
/// afterwards. Root behind Landlock has no namespace that would end with it, so it is not tried there.
#[tokio::test]
async fn a_fork_bomb_is_stopped() {
    let root = rustix::process::geteuid().is_root();
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        if root && name != "bubblewrap" {
            left_out(format_args!("a fork bomb as root behind {name}"));
            continue;
        }
        let word = format!("bomb-{name}-{}", std::process::id());
        let mut job = bed.job(&format!(
            "f() {{ [ $1 -gt 0 ] && {{ f $(($1 - 1)) & f $(($1 - 1)) & }}; sleep 15; }}; f 8; : {word}"
        ));
        job.limits.processes = 100;
        let began = Instant::now();
        let (exit, output) = said(wall.run(&job).await.unwrap());
        assert_eq!(exit, Exit::Signal(9), "{name}: {output}");
        assert!(
            output.contains("[stopped: more than 100 processes"),
            "{name}: {output}"
        );
        let took = began.elapsed();
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
        assert_eq!(processes(&word), [0_u32; 0], "{name}");
    }
}

#[tokio::test]
async fn a_memory_hog_is_stopped() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let mut job = bed.job("perl -e '$x = \"x\" x (512 << 20); print length $x'");
        job.limits.memory_bytes = 128 << 20;
        let (exit, output) = said(wall.run(&job).await.unwrap());
        assert_ne!(exit, Exit::Code(0), "{name}: {output}");
        // Each stays below the limit, all together do not.
        let mut job = bed.job(
            "for i in 1 2 3 4; do perl -e '$x = \"x\" x (60 << 20); sleep 15' & done; wait; echo survived",
        );
        job.limits.memory_bytes = 200 << 20;
        let (exit, output) = said(wall.run(&job).await.unwrap());
        assert_eq!(exit, Exit::Signal(9), "{name}: {output}");
        assert!(
            output.contains("[stopped: more than 200 MiB"),
            "{name}: {output}"
        );
    }
}

/// What lies in file systems in memory is memory, wherever it was put.
#[tokio::test]
async fn what_is_put_into_memory_by_way_of_files_counts() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        if name != "bubblewrap" {
            continue;
        }
        let mut job = bed.job(
            "head -c 70000000 /dev/zero > /tmp/a; head -c 40000000 /dev/zero > $HOME/b; \
             head -c 20000000 /dev/zero > /dev/shm/c; perl -e '$x = \"x\" x (90 << 20); sleep 15'; echo survived",
        );
        job.limits.memory_bytes = 200 << 20;
        let (exit, output) = said(wall.run(&job).await.unwrap());
        assert_eq!(exit, Exit::Signal(9), "{output}");
        assert!(output.contains("[stopped: more than 200 MiB"), "{output}");
        // None of them holds more than its part.
        let mut job = bed.job(
            "for to in /tmp $HOME /dev/shm /var/tmp; do head -c 210000000 /dev/zero > $to/big; done 2>/dev/null; \
             stat -c %s /tmp/big $HOME/big /dev/shm/big /var/tmp/big",
        );
        job.limits.memory_bytes = 200 << 20;
        let (_, output) = said(wall.run(&job).await.unwrap());
        let sizes: Vec<u64> = output
            .lines()
            .filter_map(|line| line.parse().ok())
            .collect();
        assert!(
            sizes.len() == 4 && sizes.iter().sum::<u64>() <= 200 << 20
                || output.contains("[stopped: "),
            "{output}"
        );
    }
}

/// No file is large; all together they are.
#[tokio::test]
async fn a_loop_of_files_does_not_fill_the_disk() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let mut job = bed.job(
            "i=0; while :; do i=$((i + 1)); mkdir -p d$((i % 7)); head -c 4000000 /dev/zero > d$((i % 7))/$i || exit 1; done",
        );
        job.limits.disk_bytes = 64 << 20;
        let (exit, output) = said(wall.run(&job).await.unwrap());
        assert_eq!(exit, Exit::Signal(9), "{name}: {output}");
        assert!(
            output.contains("[stopped: more than 64 MiB were written to disk]"),
            "{name}: {output}"
        );
        // What was there before the command is not its doing.
        let mut job = bed.job("sleep 0.5; echo done");
        job.limits.disk_bytes = 1 << 20;
        assert_eq!(
            said(wall.run(&job).await.unwrap()),
            (Exit::Code(0), "done\n".into()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_file_grows_no_further_than_allowed() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let mut job = bed.job("head -c 4000000 /dev/zero > big");
        job.limits.file_bytes = 1 << 20;
        let exit = wall.run(&job).await.unwrap().exit;
        assert_ne!(exit, Exit::Code(0), "{name}");
        let length = std::fs::metadata(bed.workspace.join("big")).unwrap().len();
        assert_eq!(length, 1 << 20, "{name}");
    }
}

#[tokio::test]
async fn computing_for_too_long_is_stopped() {
    for wall in walls().await {
        let bed = Bed::new();
        let mut job = bed.job("while :; do :; done");
        job.limits.cpu_s = 1;
        let ran = wall.run(&job).await.unwrap();
        // SIGXCPU, or SIGKILL when both limits are the same.
        assert!(
            matches!(ran.exit, Exit::Signal(24 | 9)),
            "{}: {:?}",
            wall.wall(),
            ran.exit
        );
        assert!(ran.duration < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_flood_of_output_leaves_its_ends() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let mut job =
            bed.job("echo first; head -c 5000000 /dev/zero | tr '\\0' x; echo; echo last >&2");
        job.limits.output_bytes = 10_000;
        let ran = wall.run(&job).await.unwrap();
        assert_eq!(ran.output_bytes, 6 + 5_000_000 + 1 + 5, "{name}");
        let (exit, output) = said(ran);
        assert_eq!(exit, Exit::Code(0), "{name}");
        assert!(
            output.starts_with("first\n") && output.ends_with("x\nlast\n"),
            "{name}"
        );
        assert!(
            output.len() < 10_100 && output.contains("bytes left out"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn both_streams_come_in_the_order_they_were_written() {
    for wall in walls().await {
        let bed = Bed::new();
        let (_, output) = bed
            .run(
                &wall,
                "for i in 1 2 3; do echo out $i; echo err $i >&2; done",
            )
            .await;
        assert_eq!(
            output,
            "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n",
            "{}",
            wall.wall()
        );
    }
}

#[tokio::test]
async fn time_is_up_for_those_who_went_away_too() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let word = format!("lingers-{name}-{}", std::process::id());
        let mut job = bed.job(&format!(
            "setsid bash -c 'setsid bash -c \"trap : TERM HUP; while :; do sleep 1; done\" {word} & sleep 100' {word} & \
             echo begun; sleep 100"
        ));
        job.limits.wall = Duration::from_millis(1500);
        let ran = wall.run(&job).await.unwrap();
        assert_eq!(
            (ran.exit, &ran.output[..]),
            (Exit::TimedOut, &b"begun\n"[..]),
            "{name}"
        );
        assert!(
            ran.duration < Duration::from_secs(4),
            "{name}: {:?}",
            ran.duration
        );
        assert!(
            soon(Duration::ZERO, || processes(&word).is_empty()).await,
            "{name}"
        );
    }
}

#[tokio::test]
async fn exits_are_told_apart() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        assert_eq!(bed.run(&wall, "exit 7").await.0, Exit::Code(7), "{name}");
        assert_eq!(
            bed.run(&wall, "kill -15 $$").await.0,
            Exit::Signal(15),
            "{name}"
        );
        let words = ["sh", "-c", "printf %s \"$1\"", "sh", "a b\n'$HOME"].map(str::to_owned);
        let job = Job::new(Command::Argv(words.to_vec()), &bed.workspace);
        assert_eq!(
            said(wall.run(&job).await.unwrap()),
            (Exit::Code(0), "a b\n'$HOME".into()),
            "{name}"
        );
        let job = Job::new(
            Command::Argv(vec!["no-such-program".into()]),
            &bed.workspace,
        );
        let ran = wall.run(&job).await;
        assert!(
            ran.is_err() || ran.is_ok_and(|ran| ran.exit != Exit::Code(0)),
            "{name}"
        );
    }
}
