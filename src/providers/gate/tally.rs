//! What was refused and how much went through, for whoever reads what came of a command.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Lines that are told; a command that tries thousands of places is not helped by a list of them.
const LINES: usize = 10;

/// Of one command.
#[derive(Debug, Clone, Default)]
pub(in crate::providers) struct Tally(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    moved: AtomicU64,
    refused: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    /// Counts bytes; whether they are still within `most`.
    pub(super) fn moved(&self, bytes: usize, most: u64) -> bool {
        let bytes = bytes as u64;
        self.0.moved.fetch_add(bytes, Ordering::Relaxed) + bytes <= most
    }

    /// Counts a refusal.
    pub(super) fn refused(&self, place: &str, why: &str) {
        tracing::info!(place, why, "a command was not let through to the network");
        let mut refused = self
            .0
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let line = format!("{place}: {why}");
        // Beyond that only the number grows.
        let line = if refused.len() < 1000 {
            line
        } else {
            "others".to_owned()
        };
        *refused.entry(line).or_default() += 1;
    }

    /// How often something was refused.
    pub(in crate::providers) fn count(&self) -> u64 {
        let refused = self
            .0
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        refused.values().sum()
    }

    /// What is put below the output of the command; empty when nothing was refused.
    pub(in crate::providers) fn told(&self) -> String {
        let refused = self
            .0
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut told = String::new();
        for (line, times) in refused.iter().take(LINES) {
            let times = if *times > 1 {
                format!(" ({times} times)")
            } else {
                String::new()
            };
            told.push_str(&format!("\n[network refused: {line}{times}]"));
        }
        if refused.len() > LINES {
            told.push_str(&format!(
                "\n[network refused: {} more places]",
                refused.len() - LINES
            ));
        }
        if !told.is_empty() {
            told.push('\n');
        }
        told
    }
}
