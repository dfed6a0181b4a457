//! Answers by operation and status, and how long they took to begin.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use poem::http::StatusCode;

/// Upper ends of the classes of time, in seconds.
const CLASSES: [f64; 10] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Debug, Clone, Copy, Default)]
struct Times {
    classes: [u64; CLASSES.len()],
    all: u64,
    sum: f64,
}

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Requests {
    answers: Mutex<BTreeMap<(&'static str, u16), u64>>,
    times: Mutex<BTreeMap<&'static str, Times>>,
}

impl Requests {
    pub(super) fn add(&self, operation: &'static str, status: StatusCode, took: Duration) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        *answers.entry((operation, status.as_u16())).or_default() += 1;
        drop(answers);
        let took = took.as_secs_f64();
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry(operation).or_default();
        times.all += 1;
        times.sum += took;
        for (class, end) in times.classes.iter_mut().zip(CLASSES) {
            *class += u64::from(took <= end);
        }
    }

    pub(super) fn write(&self, text: &mut String) {
        // A string takes everything that is written to it.
        let _ = writeln!(
            text,
            "# HELP codegraph_http_requests_total Answers by operation and status.\n\
             # TYPE codegraph_http_requests_total counter"
        );
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        for ((operation, status), count) in &*answers {
            let _ = writeln!(
                text,
                "codegraph_http_requests_total{{operation=\"{operation}\",status=\"{status}\"}} {count}"
            );
        }
        drop(answers);
        let name = "codegraph_http_request_seconds";
        let _ = writeln!(
            text,
            "# HELP {name} Until an answer began, by operation.\n# TYPE {name} histogram"
        );
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        for (operation, times) in &*times {
            for (count, end) in times.classes.iter().zip(CLASSES) {
                let _ = writeln!(
                    text,
                    "{name}_bucket{{operation=\"{operation}\",le=\"{end}\"}} {count}"
                );
            }
            let (all, sum) = (times.all, times.sum);
            let _ = writeln!(
                text,
                "{name}_bucket{{operation=\"{operation}\",le=\"+Inf\"}} {all}\n\
                 {name}_sum{{operation=\"{operation}\"}} {sum}\n\
                 {name}_count{{operation=\"{operation}\"}} {all}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_time_hold_all_that_was_quicker() {
        let requests = Requests::default();
        for millis in [1, 4, 300, 60_000] {
            requests.add("getMe", StatusCode::OK, Duration::from_millis(millis));
        }
        let mut text = String::new();
        requests.write(&mut text);
        for line in [
            "codegraph_http_requests_total{operation=\"getMe\",status=\"200\"} 4",
            "codegraph_http_request_seconds_bucket{operation=\"getMe\",le=\"0.002\"} 1",
            "codegraph_http_request_seconds_bucket{operation=\"getMe\",le=\"0.25\"} 2",
            "codegraph_http_request_seconds_bucket{operation=\"getMe\",le=\"1\"} 3",
            "codegraph_http_request_seconds_bucket{operation=\"getMe\",le=\"30\"} 3",
            "codegraph_http_request_seconds_bucket{operation=\"getMe\",le=\"+Inf\"} 4",
            "codegraph_http_request_seconds_count{operation=\"getMe\"} 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
