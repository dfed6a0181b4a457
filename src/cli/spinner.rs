//! What a person sees while a server starts: one line a stage on a terminal, log lines elsewhere.

use std::io::{IsTerminal, Write};

use crate::postgres::Progress;

/// Tells the stages of a start.
pub(super) fn tell() -> impl FnMut(Progress<'_>) + Send + 'static {
    let terminal = std::io::stderr().is_terminal();
    move |stage| {
        if terminal {
            // Progress is a courtesy: a closed terminal must not end the start.
            drop(writeln!(std::io::stderr(), "  · {stage}"));
        } else {
            tracing::info!("{stage}");
        }
    }
}
