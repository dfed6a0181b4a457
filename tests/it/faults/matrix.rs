//! SIGKILL at durable writes of one whole coding run: at every fifth of them, beginning where the seed says. With
//! `CODEGRAPH_FAULTS=all` at each, which takes a quarter of an hour.

use std::env;

use rand::Rng;

use super::scale;

#[tokio::test(flavor = "multi_thread")]
async fn a_coding_run_survives_a_kill_at_every_write() {
    let every = match env::var("CODEGRAPH_FAULTS").as_deref() {
        Ok("all") => 1,
        _ => scale(40, 5),
    };
    let seed: usize = env::var("CODEGRAPH_FAULT_SEED").map_or_else(
        |_| rand::rng().random_range(0..1000),
        |seed| seed.parse().expect("CODEGRAPH_FAULT_SEED is a number"),
    );
    println!("CODEGRAPH_FAULT_SEED={seed}");
    let some = |places: Vec<String>| places.into_iter().skip(seed % every).step_by(every);
    crate::agents::kills::matrix(|places| some(places).collect()).await;
}
