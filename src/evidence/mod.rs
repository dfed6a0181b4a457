//! What tests say: which commands a repository's tests are, what their output means, what changed between two
//! trees, and whether the tests themselves were weakened. Pure: reads files it is shown and text it is given, runs
//! nothing, believes nothing: every name and message in here was written by somebody else's tests.
//!
//! Reading order: `suite` (what to run), `discover` (how it is found), `outcome` (what a run said), `parse` (how it is
//! understood), `compare` (what changed), `record` (what is kept), `weakened` (what the change did to the tests).

mod compare;
mod discover;
mod id;
mod outcome;
mod parse;
mod record;
mod rerun;
mod suite;
#[cfg(test)]
mod tests;
mod text;
mod weakened;

pub use compare::{Comparison, Verdict, compare};
pub use discover::{discover, given};
pub use id::leaf;
pub use outcome::{Case, Counts, Outcome, Status};
pub use parse::parse;
pub use record::{Execution, TestEvidence};
pub use suite::{Framework, Report, Suite};
pub use weakened::{ChangedFile, Side, Weakened, Weakening, weakened};
