//! Two of everything: deliveries, workers.

use super::{
    process::Manner,
    scale,
    stage::{Shape, Stage},
};

const SHAPE: Shape = Shape {
    acts: 15,
    work_ms: 30,
};

#[tokio::test(flavor = "multi_thread")]
async fn jobs_delivered_again_and_again_change_nothing() {
    let mut stage = Stage::set().await;
    stage.worker(Manner::default()).await;
    stage.worker(Manner::default()).await;
    for _ in 0..scale(2, 20) {
        stage.drills(5, SHAPE).await;
        for _ in 0..10 {
            // As many as have to be seen off are a lot; more would only be a longer line.
            stage
                .eventually("deliveries are seen off", async |stage| {
                    let jobs: i64 = sqlx::query_scalar("select count(*) from apalis.jobs")
                        .fetch_one(&stage.pool)
                        .await
                        .ok()?;
                    (jobs < 1_000).then_some(())
                })
                .await;
            // Every job there is, under a fresh id and without its key, and what heads say would be next.
            sqlx::raw_sql(
                "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority)
                 select apalis.generate_ulid(), job_type, job, 'Pending', 0, max_attempts, clock_timestamp(), priority
                 from (select * from apalis.jobs limit 50) j, generate_series(1, 3);
                 insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority)
                 select apalis.generate_ulid(), h.lane,
                        convert_to(json_build_object('job', 'advance_run', 'args', json_build_object(
                            'run', 'run_' || replace(h.run_id::text, '-', ''), 'epoch', h.epoch - e, 'lane', h.lane))::text, 'UTF8'),
                        'Pending', 0, 1000, clock_timestamp(), 0
                 from run_heads h, generate_series(0, 2) e;
                 select pg_notify('codegraph_lanes', 'agents checks outbound upkeep')",
            )
            .execute(&stage.pool)
            .await
            .expect("jobs are added");
            stage.a_while(40).await;
        }
    }
    stage.judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_alike_in_everything_share_the_work() {
    let mut stage = Stage::set().await;
    stage.drills(scale(12, 200), SHAPE).await;
    let one = stage.worker(Manner::default()).await;
    let two = stage.worker(Manner::default()).await;
    assert_ne!(one, two, "no two workers are the same");
    stage.judge().await;
}
