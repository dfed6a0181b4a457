//! What cannot be tried on this machine, and why: said where it happens, and kept for whoever reads the end. A runner
//! shows nothing of a test that passes, so saying it alone would be silence.

use std::{fmt::Display, fs::OpenOptions, io::Write as _, path::Path, thread};

use codegraph::{config::Wall, providers::sandbox::Sandbox};

/// Where it is kept. `make test` and `make e2e` print it in the end.
const FILE: &str = "left-out";

/// This test, or this part of it, is not done, for this reason.
pub(crate) fn left_out(why: impl Display) {
    let test = thread::current().name().unwrap_or("?").to_owned();
    let why = why.to_string().replace('\n', " ");
    let line = format!("SKIPPED, NOT TESTED: {test}: {why}\n");
    eprint!("{line}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(FILE);
    let kept = OpenOptions::new().create(true).append(true).open(file);
    // One write: others append at the same time.
    let kept = kept.and_then(|mut file| file.write_all(line.as_bytes()));
    kept.expect("what is left out is kept");
}

/// The wall that some things need; said when it does not stand here.
pub(crate) async fn bubblewrap() -> Option<Sandbox> {
    let wall = Sandbox::new(Wall::Bubblewrap).await;
    wall.inspect_err(|error| left_out(error)).ok()
}
