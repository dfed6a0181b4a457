//! Workers whose wall clock is wrong. Only the database's clock decides: when a lease is over, when a timer fires.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use workflows::{Lane, definitions::drill::Act};

use super::{
    process::{Manner, Way},
    scale,
    stage::Stage,
};
use crate::support::left_out;

/// Shifts the wall clock of a program by the seconds that stand in its environment.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static time_t skew(void) { const char *s = getenv("CLOCK_SKEW"); return s ? atol(s) : 0; }
int clock_gettime(clockid_t id, struct timespec *t) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, t);
    if (!result && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) t->tv_sec += skew();
    return result;
}
time_t time(time_t *p) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (p) *p = t.tv_sec;
    return t.tv_sec;
}
int gettimeofday(struct timeval *restrict v, void *restrict zone) {
    struct timespec t;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    v->tv_sec = t.tv_sec;
    v->tv_usec = t.tv_nsec / 1000;
    return 0;
}
"#;

const MANNER: Manner = Manner {
    places: 16,
    lease: 2,
};

const SLEEP_MS: u64 = 700;

/// The compiled shim, where there is a compiler.
fn shim(stage: &Stage) -> Option<PathBuf> {
    let (source, library) = (
        stage.folder().join("skew.c"),
        stage.folder().join("skew.so"),
    );
    fs::write(&source, SHIM).expect("the folder is ours");
    let done = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    match done {
        Ok(status) => {
            assert!(status.success(), "the shim compiles");
            Some(library)
        }
        Err(error) => {
            left_out(format_args!(
                "without a C compiler no clock can be made wrong here: {error}"
            ));
            None
        }
    }
}

fn hour(shim: &Path, seconds: i64) -> Way {
    Way {
        env: vec![
            ("LD_PRELOAD", shim.display().to_string()),
            ("CLOCK_SKEW", seconds.to_string()),
        ],
        ..Way::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_makes_nothing_early_late_or_stolen() {
    let mut stage = Stage::set().await;
    let Some(shim) = shim(&stage) else {
        return stage.judge().await;
    };
    really_wrong(&shim);
    let long = scale(0, 1) == 1;
    for _ in 0..scale(1, 2) {
        stage.worker(MANNER).await;
        let fast = stage.worker_by(MANNER, hour(&shim, 3600)).await;
        let slow = stage.worker_by(MANNER, hour(&shim, -3600)).await;
        wave(&mut stage, 8).await;
        stage.workers.remove(0).stop();
        if long {
            // Those that are wrong have only each other.
            wave(&mut stage, 8).await;
        }
        let living: Vec<i64> = sqlx::query_scalar("select id from workers order by id")
            .fetch_all(&stage.pool)
            .await
            .expect("workers are read");
        // The one that was stopped may be a moment in going.
        assert!(
            living.contains(&fast) && living.contains(&slow),
            "nobody lost its lease: {fast} and {slow} of {living:?}"
        );
        for worker in stage.workers.drain(..) {
            worker.stop();
        }
    }
    let (taken, at): (i64, i64) = sqlx::query_as(
        "select (select count(*) from events where kind = 'run.recovered'),
                (select count(*) from events where at not between now() - interval '10 minutes' and now())",
    )
    .fetch_one(&stage.pool)
    .await
    .expect("events are read");
    assert_eq!(
        (taken, at),
        (0, 0),
        "runs taken away, events at impossible times"
    );
    timers_were_punctual(&stage).await;
    stage.judge().await;
}

/// A shim that changes nothing would show nothing.
fn really_wrong(shim: &Path) {
    let said = Command::new("date")
        .arg("+%s")
        .envs(hour(shim, 3600).env)
        .output()
        .expect("there is a date");
    let said: u64 = String::from_utf8_lossy(&said.stdout)
        .trim()
        .parse()
        .expect("seconds");
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    assert!(
        said.abs_diff(now + 3600) < 5,
        "an hour ahead: {said}, {now}"
    );
}

/// Runs with timers, retries, and a step that takes longer than a lease.
async fn wave(stage: &mut Stage, many: usize) {
    let act = |work_ms, failures| Act::Append {
        lane: Lane::Agents,
        work_ms,
        failures,
    };
    for nth in 0..many {
        let sleep = Act::Sleep { ms: SLEEP_MS };
        let (long, failures) = if nth == 0 { (2200, 0) } else { (40, 1) };
        stage
            .drill(vec![
                act(20, 0),
                sleep.clone(),
                act(long, failures),
                sleep,
                act(5, 0),
            ])
            .await;
    }
    stage
        .eventually("every run ends", async |stage| {
            (stage.living().await == 0).then_some(())
        })
        .await;
}

async fn timers_were_punctual(stage: &Stage) {
    let (timers, earliest, latest): (i64, f64, f64) = sqlx::query_as(
        "select count(*), min(took)::float8, max(took)::float8 from (
             select extract(epoch from f.at - w.at) as took from events f
             join events w on w.run_id = f.run_id and w.seq = f.seq - 1
             where f.kind = 'timer.fired' and w.kind = 'run.waiting') timers",
    )
    .fetch_one(&stage.pool)
    .await
    .expect("events are read");
    println!("{timers} timers of {SLEEP_MS} ms took {earliest:.3} to {latest:.3} s");
    let length = SLEEP_MS as f64 / 1000.0;
    assert!(timers > 0 && earliest >= length && latest < length + 1.0);
}
