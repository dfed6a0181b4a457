//! SIGKILL at every durable write of one whole coding run.

use super::scale;

#[tokio::test(flavor = "multi_thread")]
async fn a_coding_run_survives_a_kill_at_every_write() {
    let every = scale(40, 1);
    crate::agents::kills::matrix(|places| places.into_iter().step_by(every).collect()).await;
}
