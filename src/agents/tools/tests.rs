//! The repository's tests, compared with those of the tree as it was before any change.

use std::time::Duration;

use serde::Deserialize;
use workflows::StepError;

use super::Said;
use crate::agents::{
    desk::Desk,
    tester::{self, Target, Wanted},
};

/// Runs the tests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct RunTests {
    #[serde(default)]
    target: Target,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    filter: Option<String>,
    #[serde(default)]
    timeout_s: Option<u64>,
}

impl RunTests {
    pub(super) async fn perform(&self, desk: &Desk<'_>) -> Result<Said, StepError> {
        if (self.target == Target::Files) == self.files.is_empty() {
            return Ok(Said::wrong(
                "`files` and the target `files` belong together",
            ));
        }
        let wanted = Wanted {
            target: self.target,
            files: &self.files,
            filter: self.filter.as_deref().filter(|filter| !filter.is_empty()),
            timeout: Duration::from_secs(self.timeout_s.unwrap_or(600).clamp(1, 900)),
            anew: false,
        };
        let Some(evidence) = tester::compare_trees(desk, &wanted).await? else {
            return Ok(Said::wrong("the run has worked for as long as it may"));
        };
        if evidence.is_empty() {
            return Ok(Said::wrong(match self.target {
                Target::All => "no tests were found by their manifests; run them with bash",
                Target::Affected => {
                    "no tests were found in what you have changed; run all of them, or use bash"
                }
                Target::Files => "no suite can run these files alone; run all of them, or use bash",
            }));
        }
        Ok(Said::well(tester::told(&evidence)))
    }
}
