//! People steer while workers die: cancels, pauses, resumes, retries and forks at random moments, between kills.

use codegraph::{Error, services::steering};
use rand::Rng;
use sqlx::Row;
use workflows::{RunId, definitions::drill::Act};

use super::{
    process::Manner,
    scale,
    stage::{Shape, Stage},
};

const SHAPE: Shape = Shape {
    acts: 12,
    work_ms: 40,
};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_people_do_while_workers_die_every_run_can_be_brought_to_its_end() {
    let mut stage = Stage::set().await;
    for _ in 0..2 {
        stage.worker(Manner::default()).await;
    }
    let mut done = [0; 5];
    for deed in 0..scale(40, 200) {
        if deed % 8 == 0 {
            drill(&mut stage).await;
        }
        if deed % 10 == 9 {
            let victim = stage.chance.random_range(0..stage.workers.len());
            stage.workers.swap_remove(victim).kill();
            stage.worker(Manner::default()).await;
        }
        stage.a_while(40).await;
        let what = stage.chance.random_range(0..done.len());
        // A few runs are tried: of a kind to be resumed or retried there may be few.
        for _ in 0..8 {
            if steer(&mut stage, what).await {
                done[what] += 1;
                break;
            }
        }
    }
    println!("canceled, paused, resumed, retried, forked: {done:?}");
    assert!(done.iter().all(|times| *times > 0), "{done:?}");
    put_right(&mut stage).await;
    stage.judge().await;
}

/// Without branches: those that a cancel ends have written their lines, and those of the retry write their own.
async fn drill(stage: &mut Stage) {
    let acts = stage.acts(SHAPE).into_iter().map(|act| match act {
        Act::FanOut { work_ms, .. } => Act::Sleep { ms: work_ms },
        act => act,
    });
    let acts = acts.collect();
    stage.drill(acts).await;
}

/// Does one of five things to some run; says whether it was of a kind to be done to that one now.
async fn steer(stage: &mut Stage, what: usize) -> bool {
    let which = stage.chance.random_range(0..stage.drills.len());
    let (run, drill) = stage.drills[which].clone();
    let db = &stage.pool;
    let steered = match what {
        0 => steering::cancel(db, run).await,
        1 => steering::pause(db, run).await,
        2 => steering::resume(db, run).await,
        3 => steering::retry(db, run, None).await,
        // From the beginning, so that it does all that a drill of its own does.
        _ => match steering::fork(db, run, 0, None).await {
            Ok(fork) => {
                stage.drills.push((fork, drill));
                Ok(())
            }
            Err(error) => Err(error),
        },
    };
    match steered {
        Ok(()) => true,
        Err(Error::Conflict(_)) => false,
        Err(error) => panic!("{run}: {error}\n{}", stage.log()),
    }
}

/// Lets everything go on that was stopped, until nothing is left to be done.
async fn put_right(stage: &mut Stage) {
    stage
        .eventually("every run has succeeded", async |stage| {
            let open = sqlx::query(
                "select r.id, r.outcome, coalesce(h.paused, false) as paused
                 from runs r left join run_heads h on h.run_id = r.id
                 where r.outcome is distinct from 'succeeded'",
            )
            .fetch_all(&stage.pool)
            .await
            .ok()?;
            for row in &open {
                let run = RunId(row.get("id"));
                let ended: Option<String> = row.get("outcome");
                let steered = match (ended, row.get::<bool, _>("paused")) {
                    (Some(_), _) => steering::retry(&stage.pool, run, None).await,
                    (None, true) => steering::resume(&stage.pool, run).await,
                    (None, false) => Ok(()),
                };
                assert!(
                    matches!(steered, Ok(()) | Err(Error::Conflict(_))),
                    "{run}: {steered:?}"
                );
            }
            open.is_empty().then_some(())
        })
        .await;
}
