//! What can be read and written.

use std::fs;
use std::os::unix::fs::symlink;

use codegraph::providers::sandbox::{Command, Exit, Job};

use super::bed::{Bed, said, walls};
use super::repository::Site;

#[tokio::test]
async fn the_workspace_is_writable_and_nothing_else_is() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let (exit, output) = bed
            .run(&wall, "pwd; cat kept.txt; mkdir a && echo new > a/b")
            .await;
        assert_eq!(exit, Exit::Code(0), "{name}: {output}");
        assert_eq!(output, format!("{}\nkept", bed.workspace.display()));
        assert_eq!(
            fs::read_to_string(bed.workspace.join("a/b")).unwrap(),
            "new\n"
        );
        for target in ["/usr/canary", "/etc/canary", "/canary", "/opt/canary"] {
            let line = format!("echo x > {target} || mkdir {target}");
            let (exit, output) = bed.run(&wall, &line).await;
            assert_ne!(exit, Exit::Code(0), "{name} wrote {target}: {output}");
        }
        // Where the folder itself is not there it may be made, in memory; on this machine nothing happens.
        let line =
            "mkdir -p OUTSIDE/new; echo x > OUTSIDE/secret; touch OUTSIDE/secret; rm -rf OUTSIDE";
        bed.run(&wall, line).await;
        assert_eq!(fs::read_to_string(bed.outside("secret")).unwrap(), "hush");
        assert!(!bed.outside("new").exists());
    }
}

#[tokio::test]
async fn homes_and_closed_files_cannot_be_read() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let (exit, output) = bed.run(&wall, "cat OUTSIDE/secret").await;
        assert!(
            exit != Exit::Code(0) && !output.contains("hush"),
            "{name}: {output}"
        );
        let home = std::env::home_dir().unwrap();
        for path in [
            "/root/.bashrc",
            "/etc/shadow",
            &format!("{}/.profile", home.display()),
        ] {
            let (exit, output) = bed
                .run(&wall, &format!("cat {path} && test -s {path}"))
                .await;
            assert_ne!(exit, Exit::Code(0), "{name} read {path}: {output}");
        }
        let (_, output) = bed
            .run(
                &wall,
                "ls -A /var/lib /run /srv /mnt /boot 2>/dev/null; true",
            )
            .await;
        assert!(
            !output.contains("dpkg") && !output.contains("lock"),
            "{name}: {output}"
        );
    }
}

#[tokio::test]
async fn links_lead_nowhere() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        symlink(&bed.outside, bed.workspace.join("way")).unwrap();
        let (_, output) = bed
            .run(
                &wall,
                "cat way/secret; echo x > way/new; ln -s OUTSIDE/secret l; cat l",
            )
            .await;
        assert!(!output.contains("hush"), "{name}: {output}");
        assert!(!bed.outside("new").exists(), "{name}");
        let (exit, _) = bed.run(&wall, "ln OUTSIDE/secret hard && cat hard").await;
        assert_ne!(exit, Exit::Code(0), "{name}");
    }
}

#[tokio::test]
async fn the_repository_can_be_read_and_not_changed() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let (exit, _) = bed.run(&wall, "cat .git/config").await;
        assert_eq!(exit, Exit::Code(0), "{name}");
        if name != "bubblewrap" {
            // Its rights reach all the way down, which is why repositories of working trees lie outside of them.
            continue;
        }
        for line in [
            "echo x > .git/hooks/post-checkout",
            "echo x >> .git/config",
            "mv .git away",
            "rm -rf .git",
            "chmod 777 .git/config",
        ] {
            let (exit, output) = bed.run(&wall, line).await;
            assert_ne!(exit, Exit::Code(0), "{line}: {output}");
        }
        assert_eq!(
            fs::read_to_string(bed.workspace.join(".git/config")).unwrap(),
            "[core]\n"
        );
        assert!(
            fs::read_dir(bed.workspace.join(".git/hooks"))
                .unwrap()
                .next()
                .is_none()
        );
    }
}

/// The repository of a working tree lies elsewhere: no wall lets a job write there, and what it makes of the name in
/// the tree is undone before the next one.
#[tokio::test]
async fn the_repository_of_a_working_tree_is_out_of_reach_behind_every_wall() {
    for wall in walls().await {
        let (name, site) = (wall.wall(), Site::new());
        let (workspace, other) = (site.workspace("w").await, site.workspace("other").await);
        fs::write(other.path().join("private"), "hush").unwrap();
        let theirs = other.snapshot("refs/codegraph/other/1").await.unwrap();
        let run = async |line: &str| {
            workspace.mend().unwrap();
            let mut job = Job::new(Command::Shell(line.to_owned()), workspace.path());
            job.readable = workspace.borrowed();
            job.hidden = vec![site.path("mirrors")];
            said(wall.run(&job).await.unwrap())
        };
        let (exit, output) = run("git status --porcelain && git log --format=%s").await;
        assert_eq!(
            (exit, output.as_str()),
            (Exit::Code(0), "first\n"),
            "{name}"
        );
        for line in [
            "git config core.fsmonitor evil",
            "git config core.hooksPath /tmp",
            "echo x > $(git rev-parse --git-dir)/hooks",
            "mkdir $(git rev-parse --git-dir)/hooks",
            "git commit --allow-empty -m x",
            "git update-ref refs/heads/evil HEAD",
            &format!("git cat-file -p {}", theirs.tree),
            &format!("git show {}", theirs.commit),
            "touch $(cat $(git rev-parse --git-dir)/objects/info/alternates)/evil",
        ] {
            let (exit, output) = run(line).await;
            assert_ne!(exit, Exit::Code(0), "{name}: {line}: {output}");
        }
        let evil = "rm -f .git; git init -q . && git config core.fsmonitor evil";
        run(evil).await;
        let (exit, output) = run("git config --get core.fsmonitor; git status --porcelain").await;
        assert_eq!((exit, output.as_str()), (Exit::Code(0), ""), "{name}");
    }
}

#[tokio::test]
async fn a_repository_that_is_a_link_is_refused() {
    for wall in walls().await {
        let bed = Bed::new();
        fs::remove_dir_all(bed.workspace.join(".git")).unwrap();
        symlink(&bed.outside, bed.workspace.join(".git")).unwrap();
        let ran = wall.run(&bed.job("cat .git/secret")).await;
        assert!(ran.is_err(), "{}: {ran:?}", wall.wall());
    }
}

#[tokio::test]
async fn what_a_job_names_is_shown_and_what_it_hides_is_not() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let (lent, cache) = (bed.outside("lent"), bed.outside("cache"));
        fs::create_dir_all(lent.join("private")).unwrap();
        fs::create_dir_all(&cache).unwrap();
        fs::write(lent.join("tool"), "tool").unwrap();
        fs::write(lent.join("private/key"), "hush").unwrap();
        fs::write(bed.workspace.join(".env"), "hush").unwrap();
        let mut job = bed.job(
            "cat OUTSIDE/lent/tool; echo x > OUTSIDE/cache/made && echo written
             echo x > OUTSIDE/lent/tool; cat OUTSIDE/lent/private/key .env OUTSIDE/secret",
        );
        job.readable = vec![lent.clone()];
        job.writable = vec![cache.clone()];
        job.hidden = vec![
            lent.join("private"),
            bed.workspace.join(".env"),
            bed.outside.clone(),
        ];
        let (_, output) = said(wall.run(&job).await.unwrap());
        assert!(output.starts_with("toolwritten\n"), "{name}: {output}");
        assert!(!output.contains("hush"), "{name}: {output}");
        assert_eq!(fs::read_to_string(lent.join("tool")).unwrap(), "tool");
        assert!(cache.join("made").exists());
    }
}

#[tokio::test]
async fn home_and_temporary_files_are_private_and_short_lived() {
    for wall in walls().await {
        let (name, bed) = (wall.wall(), Bed::new());
        let line = "echo x > $HOME/a && echo x > $TMPDIR/a && cd && pwd && ls -A . $TMPDIR";
        let (exit, first) = bed.run(&wall, line).await;
        assert_eq!(exit, Exit::Code(0), "{name}: {first}");
        let (_, output) = bed
            .run(&wall, "test -e $HOME/a -o -e $TMPDIR/a || echo fresh")
            .await;
        assert_eq!(output, "fresh\n", "{name}");
        let (_, output) = bed.run(&wall, "ls -A /tmp").await;
        assert!(!output.contains("codegraph"), "{name}: {output}");
    }
}
