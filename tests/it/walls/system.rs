//! System calls that are refused, processes that are not seen, an environment that is clean.

use codegraph::providers::sandbox::Exit;

use super::bed::{Bed, said, walls};

#[tokio::test]
async fn calls_that_reach_out_are_refused() {
    let new_user = libc::CLONE_NEWUSER;
    let calls = [
        ("ptrace", libc::SYS_ptrace, "16, 1, 0, 0".to_owned()),
        (
            "mount",
            libc::SYS_mount,
            "\"x\", \"/tmp\", \"tmpfs\", 0, 0".to_owned(),
        ),
        ("umount", libc::SYS_umount2, "\"/tmp\", 0".to_owned()),
        ("unshare", libc::SYS_unshare, new_user.to_string()),
        ("setns", libc::SYS_setns, "0, 0".to_owned()),
        (
            "pivot_root",
            libc::SYS_pivot_root,
            "\"/\", \"/\"".to_owned(),
        ),
        ("chroot", libc::SYS_chroot, "\"/\"".to_owned()),
        ("bpf", libc::SYS_bpf, "0, 0, 0".to_owned()),
        (
            "perf_event_open",
            libc::SYS_perf_event_open,
            "0, 0, 0, 0, 0".to_owned(),
        ),
        (
            "io_uring_setup",
            libc::SYS_io_uring_setup,
            "1, 0".to_owned(),
        ),
        ("keyctl", libc::SYS_keyctl, "0, -3, 1".to_owned()),
        (
            "add_key",
            libc::SYS_add_key,
            "\"user\", \"a\", \"b\", 1, -3".to_owned(),
        ),
        ("userfaultfd", libc::SYS_userfaultfd, "0".to_owned()),
        (
            "clone",
            libc::SYS_clone,
            format!("{}, 0, 0, 0, 0", new_user | libc::SIGCHLD),
        ),
        (
            "socket of a virtual machine",
            libc::SYS_socket,
            "40, 1, 0".to_owned(),
        ),
        ("kill -1", libc::SYS_kill, "-1, 0".to_owned()),
    ];
    for wall in walls().await {
        let bed = Bed::new();
        for (call, number, arguments) in &calls {
            let line = format!(
                "perl -e 'my ($n, @a) = ({number}, {arguments}); $r = syscall($n, @a); print $r, \" \", $!+0'"
            );
            let (_, output) = bed.run(&wall, &line).await;
            assert_eq!(
                output,
                format!("-1 {}", libc::EPERM),
                "{}: {call}",
                wall.wall()
            );
        }
        let line = format!("perl -e 'syscall({}, 0, 0); print $!+0'", libc::SYS_clone3);
        assert_eq!(bed.run(&wall, &line).await.1, libc::ENOSYS.to_string());
        // Threads and processes are made as ever.
        assert_eq!(
            bed.run(&wall, "sh -c 'true & wait' && unshare -U true")
                .await
                .0,
            Exit::Code(1)
        );
    }
}

#[tokio::test]
async fn processes_of_the_machine_are_not_seen_and_not_reached() {
    let own = std::process::id();
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let line = format!("cat /proc/{own}/cmdline /proc/{own}/environ && echo read");
        let (_, output) = bed.run(&wall, &line).await;
        assert!(!output.contains("read\n"), "{name}: {output}");
        let (exit, output) = bed.run(&wall, &format!("kill -0 {own}")).await;
        assert_ne!(exit, Exit::Code(0), "{name}: {output}");
        if name == "bubblewrap" {
            let (_, output) = bed.run(&wall, "ls -d /proc/[0-9]* | wc -l").await;
            assert!(output.trim().parse::<u32>().unwrap() < 8, "{output}");
        }
    }
}

#[tokio::test]
async fn the_environment_is_clean() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let mut job = bed.job("env");
        job.env.insert("ASKED_FOR".into(), "a b\nc".into());
        let (_, output) = said(wall.run(&job).await.unwrap());
        // Cargo sets it for tests; whatever else stands in our environment is of the same kind.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        assert!(!output.contains("CARGO_MANIFEST_DIR"), "{name}: {output}");
        assert!(output.contains("ASKED_FOR=a b\nc\n"), "{name}: {output}");
        for name in ["PATH=", "HOME=", "TMPDIR="] {
            assert!(
                output.lines().any(|line| line.starts_with(name)),
                "{output}"
            );
        }
    }
}

#[tokio::test]
async fn usual_programs_work() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let (exit, output) = bed.run(&wall, "set -e; git --version; cat <(echo piped); echo x | tee /dev/null | wc -l; nproc; id -u >/dev/null; mktemp").await;
        assert_eq!(exit, Exit::Code(0), "{name}: {output}");
        if std::env::home_dir().is_some_and(|home| home.join(".rustup").exists()) {
            let (exit, output) = bed
                .run(
                    &wall,
                    "cargo init -q --name tiny --vcs none . && cargo -q run",
                )
                .await;
            assert_eq!(
                (exit, output.as_str()),
                (Exit::Code(0), "Hello, world!\n"),
                "{name}"
            );
        }
    }
}
