//! A disk without room: what is new is refused in words that say why, and what was taken goes on when there is room.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use codegraph::services::runs::{self, Start};
use serde_json::json;
use tempfile::TempDir;
use workflows::{
    RunId,
    definitions::drill::{self, Drill},
};

use super::{
    process::Manner,
    scale,
    stage::{Shape, Stage},
};
use crate::support::left_out;

const SHAPE: Shape = Shape {
    acts: 12,
    work_ms: 60,
};

/// A small disk of its own. Unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    /// Nothing where this account may not mount.
    fn mount() -> Option<Self> {
        let place = tempfile::tempdir().expect("a temporary directory");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=224m,mode=0755", "tmpfs"])
            .arg(place.path())
            .output();
        match done {
            Ok(done) if done.status.success() => Some(Self(place)),
            Ok(done) => {
                let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
                left_out(format_args!("no small disk can be mounted here: {said}"));
                None
            }
            Err(error) => {
                left_out(format_args!("no small disk can be mounted here: {error}"));
                None
            }
        }
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut filler = File::options()
            .append(true)
            .create(true)
            .open(self.filler())
            .expect("the disk is ours");
        for size in [1 << 20, 4096] {
            while filler.write_all(&vec![7; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.filler()).expect("it is ours");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A test that failed may have left somebody on it.
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_what_is_new_and_loses_nothing() {
    let Some(disk) = Disk::mount() else {
        return;
    };
    let home = home_on(disk.0.path());
    let mut stage = Stage::set_on(Some(home)).await;
    stage.worker(Manner::default()).await;
    stage.worker(Manner::default()).await;
    for _ in 0..scale(1, 3) {
        stage.drills(6, SHAPE).await;
        stage.a_while(300).await;
        disk.fill();
        let began = Instant::now();
        let (mut taken, mut refused) = (0, Vec::new());
        // Long enough for whatever runs to want room, too.
        while refused.len() < 20 || began.elapsed() < Duration::from_millis(1500) {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "nothing is refused"
            );
            let (key, drill) = (uuid::Uuid::new_v4().to_string(), small(&mut stage));
            match submit(&stage, &key, &drill).await {
                Ok(run) => {
                    taken += 1;
                    stage.drills.push((run, drill));
                }
                Err(why) => {
                    refused.push((key, drill, why));
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            disk.fill();
        }
        println!("{taken} taken, {} refused: {}", refused.len(), refused[0].2);
        assert!(
            refused[0].2.contains("disk is full"),
            "it must say why: {}",
            refused[0].2
        );
        disk.free();
        // A server that could not even write its log has to be started again.
        stage
            .eventually("the server is there", async |stage| {
                let server = &mut stage.server;
                tokio::task::block_in_place(|| server.check()).ok()
            })
            .await;
        again(&mut stage, refused).await;
    }
    stage.judge().await;
    drop(disk);
}

/// Whoever was refused asks again, under the same key.
async fn again(stage: &mut Stage, refused: Vec<(String, Drill, String)>) {
    for (key, drill, _) in refused {
        let run = stage
            .eventually("it is taken now", async |stage| {
                submit(stage, &key, &drill).await.ok()
            })
            .await;
        stage.drills.push((run, drill));
    }
}

async fn submit(stage: &Stage, key: &str, drill: &Drill) -> Result<RunId, String> {
    let start = Start {
        input: json!(drill),
        request_key: Some(key.to_owned()),
        ..Start::default()
    };
    let run = runs::start(&stage.pool, &drill::V1, start).await;
    run.map_err(|error| error.to_string())
}

fn small(stage: &mut Stage) -> Drill {
    Drill {
        ledger: stage.ledger().display().to_string(),
        acts: stage.acts(Shape {
            acts: 2,
            work_ms: 10,
        }),
    }
}

/// A folder of the disk that the account of the server can reach.
fn home_on(disk: &Path) -> PathBuf {
    let home = disk.join("home");
    fs::create_dir(&home).expect("the disk is ours");
    for folder in [disk, &home] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
    home
}
