//! The repository's tests, compared with those of the tree as it was before any change.

use std::time::Duration;

use serde::Deserialize;
use workflows::StepError;

use super::Said;
use crate::agents::{desk::Desk, tester};

/// Runs the tests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::agents) struct RunTests {
    #[serde(default)]
    filter: Option<String>,
    #[serde(default)]
    timeout_s: Option<u64>,
}

impl RunTests {
    pub(super) async fn perform(&self, desk: &Desk<'_>) -> Result<Said, StepError> {
        let timeout = Duration::from_secs(self.timeout_s.unwrap_or(600).clamp(1, 900));
        let filter = self.filter.as_deref().filter(|filter| !filter.is_empty());
        let evidence = tester::compare_trees(desk, filter, timeout).await?;
        // What the tests left behind is no part of the work.
        desk.restore().await?;
        if evidence.is_empty() {
            return Ok(Said::wrong(
                "no tests were found by their manifests; run them with bash",
            ));
        }
        Ok(Said::well(tester::told(&evidence)))
    }
}
