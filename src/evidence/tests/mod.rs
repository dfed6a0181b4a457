//! The room's tests: against what real programs printed, and against what they might.

mod comparing;
mod discovery;
mod formats;
mod hostile;
mod reruns;
mod weakening;
