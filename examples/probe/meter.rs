//! The clock and the counters of the probe.

use std::{
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

/// Unix seconds.
pub(crate) fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |d| d.as_secs_f64())
}

pub(crate) fn print(line: &Value) {
    println!("{line}");
}

#[derive(Debug, Default)]
struct Count {
    first: Option<f64>,
    finished: usize,
}

/// Counts finished flows until there are as many as expected.
#[derive(Debug)]
pub(crate) struct Meter {
    expected: usize,
    count: Mutex<Count>,
}

impl Meter {
    pub(crate) fn new(expected: usize) -> Self {
        Self {
            expected,
            count: Mutex::default(),
        }
    }

    pub(crate) fn step_begins(&self) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        count.first.get_or_insert_with(now);
    }

    pub(crate) fn flow_ends(&self) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        count.finished += 1;
        if count.finished == self.expected {
            print(&json!({"e": "done", "t0": count.first, "t1": now(), "n": self.expected}));
        } else if count.finished > self.expected {
            print(&json!({"e": "extra"}));
        }
    }
}
